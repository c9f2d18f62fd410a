/* What core.c and answers.c share: the core's memory. Not for other floors. */
#ifndef REMESA_CORE_INTERNAL_H
#define REMESA_CORE_INTERNAL_H

#include "base/idmap.h"
#include "base/rng.h"
#include "engine/core/core.h"
#include "engine/core/limiter.h"

/* A job in memory: waiting for its turn to be sent, or in flight (opened and not yet
 * answered). */
struct held {
    struct core_job job;
    struct held *
        next; /* in the line of those waiting, or of those opened and not yet committed */
};

struct line {
    struct held *first;
    struct held **last;
    int count;
};

struct core {
    struct core_config config;
    struct limiter limiter;
    struct rng rng;

    struct idmap held; /* every job in memory, by id */
    struct line waiting;
    struct line look_ups; /* waiting to read their next page */
    int sends_since_look;
    struct line opened; /* their OPEN is out, their commit is not in */
    int in_flight;      /* opened ones too */

    bool unwritten; /* an OPEN or RECORD is out, its commit is not in: it may free jobs */
    bool loading;   /* a LOAD is out */
    bool more;      /* the store may have jobs that could start now */
    int64_t next_due; /* on the monotonic clock; -1: none */
    struct mono paused_until;
    int setbacks; /* in a row; above 0 one request at a time goes out */
    int doubts;   /* in a row */
    bool stopping;
    bool finished;
    enum core_end end;

    struct core_action *actions;
    int action_count;
    int action_room;
};

/* core.c */
void line_init(struct line *l);
void line_add(struct line *l, struct held *h);
struct held *line_take(struct line *l); /* NULL: it is empty */
struct core_action *core_act(struct core *c, enum core_action_type type);
void core_end_with(struct core *c,
                   enum core_end end); /* no new sends; the first reason counts */

/* answers.c: what an attempt came to, and what follows from it. */
void core_on_answered(struct core *c, const struct core_event *e, struct mono now);
void core_on_unsendable(struct core *c, int64_t job_id);
void core_on_looked(struct core *c, const struct core_event *e, struct mono now);

#endif
