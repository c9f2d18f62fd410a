/* What run.c and turn.c share. */
#ifndef REMESA_RUN_INTERNAL_H
#define REMESA_RUN_INTERNAL_H

#include <uv.h>

#include "base/idmap.h"
#include "engine/run/flight.h"
#include "engine/run/lookup.h"
#include "engine/run/poll.h"
#include "engine/run/run.h"

struct run {
    struct run_options options;
    uv_loop_t *loop;
    const struct transport *transport;
    void (*ended)(void *ctx);
    void *ended_ctx;

    struct core *core;
    struct idmap flights; /* by job id */
    struct idmap lookups; /* by the job id of their first member */
    struct idmap doubts;  /* the look-up that a job in doubt is a member of, by job id */
    struct idmap polls;   /* by the job id of their first member */
    struct idmap polled;  /* the poll that an accepted job is a member of, by job id */
    int64_t run_id;

    struct core_action
        *pending; /* what the core asked for since the last turn, in order */
    int pending_count;
    int pending_room;
    struct core_action *working; /* the ones that the turn is carrying out */
    int working_room;

    uv_prepare_t before_sleep; /* runs the turn */
    uv_idle_t stay_awake;      /* while a turn has left something to do */
    uv_timer_t wake;           /* the core's SLEEP */
    uv_timer_t look_around;    /* for rows of other programs */
    uv_timer_t deadline;
    int open_handles;

    bool has_caps;
    int64_t
        *withheld; /* jobs of this turn's transaction that are held instead of opened */
    int withheld_count;

    struct run_counts counts;
    bool aborted; /* nothing goes out any more, opened or not */
    bool over;    /* FINISH came, or the store failed */
    enum core_end end;
    bool failed;
    struct err err;
};

/* The time of the run: the system's, or what is foreseen (foresee.h). */
struct wall run_wall(const struct run *r);
struct mono run_mono(const struct run *r);

bool run_may_repeat(void *options, const char *action, const char *params);
struct wall run_first_look(const struct run *r); /* {0}: nothing is looked up */
void run_step(struct run *r, const struct core_event *event);
void run_turn(struct run *r);
struct flight *flight_of(struct run *r, int64_t job_id); /* of a job that was loaded */
/* Of these actions, what is to be written: in one transaction, after which the core is told. -1: r->err is set, and
 * nothing was written. */
int run_commit(struct run *r, const struct core_action *actions, int count);
int run_load(struct run *r, int want, bool last);         /* answers CORE_LOAD */
void run_answered(struct run *r, const struct flight *f); /* it was judged */
/* An answer to CORE_LOOK; page NULL: it was not sent. */
void run_looked(struct run *r, int64_t id, const struct find_page *page, bool more);
/* When a job that has come to FOLLOWING is to be asked about first; {0}: nobody can. */
struct wall run_first_poll(const struct run *r, const struct action *a, struct wall now);
#define ENDED_FIRST "the run was ended first"
request_lookup_fn
    run_look_up; /* what another job got, from the store; the run is its context */
void run_finish(struct run *r);
void run_fail(struct run *r); /* r->err is set */

#endif
