/* What core.c, start.c and answers.c share: the core's memory. Not for other floors. */
#ifndef REMESA_CORE_INTERNAL_H
#define REMESA_CORE_INTERNAL_H

#include "base/idmap.h"
#include "base/rng.h"
#include "engine/core/core.h"
#include "engine/core/limiter.h"
#include "engine/core/sends.h"

struct core {
    struct core_config config;
    struct limiter limiter;
    struct rng rng;

    struct idmap held; /* every job in memory, by id */
    struct sends sends;
    struct line questions[CORE_JOB_KINDS]; /* look-ups, follows; that of sends is empty */
    int passed_over
        [CORE_JOB_KINDS]; /* starts of other kinds since the last one of this */
    struct line opened;   /* their OPEN is out, their commit is not in */
    int in_flight;        /* opened ones too */

    bool unwritten; /* an OPEN or RECORD is out, its commit is not in: it may free jobs */
    bool loading;   /* a LOAD is out */
    bool more;      /* the store may have jobs that could start now */
    bool kept_back; /* it has some for which there was no room */
    int64_t next_due;    /* on the monotonic clock; -1: none */
    int64_t next_follow; /* the same of what is to be asked about */
    int64_t idle_since;  /* there has been nothing but questions to do; -1: there is */
    bool asked_last;     /* what earlier runs have left has been asked about */
    struct mono paused_until; /* by a setback */
    struct mono held_until;   /* by a quota that is used up */
    int64_t paused_us;        /* up to the end of the latest pause */
    int setbacks;             /* in a row; above 0 one request at a time goes out */
    int doubts;               /* in a row */
    bool stopping;
    bool finished;
    enum core_end end;

    struct core_action *actions;
    int action_count;
    int action_room;
};

/* core.c */
struct core_action *core_act(struct core *c, enum core_action_type type);
void core_end_with(struct core *c,
                   enum core_end end); /* no new sends; the first reason counts */

/* start.c: what starts now, and in which order. */
void core_line_up(struct core *c, struct held *h);
struct mono core_opens_at(const struct core *c); /* pauses are over */
int core_questions(const struct core *c);        /* that wait */
int core_waiting(const struct core *c);          /* in all lines */
struct mono core_due(const struct core *c);      /* of them, by the limiters and pauses */
void core_pause_counts(struct core *c, struct mono now, struct mono until);
void core_start_what_may(struct core *c, struct mono now);

/* answers.c: what an attempt came to, and what follows from it. */
void core_on_answered(struct core *c, const struct core_event *e, struct mono now);
void core_on_unsendable(struct core *c, int64_t job_id);
void core_on_withheld(struct core *c, int64_t job_id);
void core_on_looked(struct core *c, const struct core_event *e, struct mono now);

#endif
