/* What may start, and what follows from a job's move.
 *
 * A job is ready when it needs nothing any more and it is its lane's turn. Lanes are kept
 * here, not in the memory of a run: that a user's jobs go one at a time is an index of
 * the database (job_lane_turn), so it holds after a crash and for every program that
 * opens the file. */
#ifndef REMESA_STORE_QUEUE_H
#define REMESA_STORE_QUEUE_H

#include "base/clock.h"
#include "model/job.h"
#include "store/store.h"

/* A job that may start now. The texts belong to whoever was given it; queued_job_close
 * frees them. */
struct queued_job {
    int64_t id;
    int attempts; /* made so far */
    int doubts;   /* those of them that ended in doubt */
    char *ref;
    char *action;
    char *on_behalf_of; /* NULL: the master */
    char *params;       /* JSON, the form of params_read */
};
void queued_job_close(struct queued_job *j);

/* Up to `limit` jobs: those whose retry time has come, then those never tried, in order
 * of import. Those that `skip` wants to be passed over are, but no more than QUEUE_PASSED_MAX of
 * each sort: what a LOAD costs must not grow with the queue. Returns how many, or -1.
 * `*next_due` becomes the earliest time in the future at which a job is due (0: none). */
#define QUEUE_PASSED_MAX 10000
struct queue_candidate {
    int64_t id;
    int attempts;
    const char *action; /* valid during the call */
};
typedef bool queue_skip_fn(void *ctx, const struct queue_candidate *job);
int store_load(struct store *s, struct wall now, int limit, queue_skip_fn *skip,
               void *ctx, struct queued_job *out, struct wall *next_due, struct err *err);

/* What another job got, for '@ref': borrowed until the next call. False: no such job, or
 * nothing yet. */
bool store_job_result(struct store *s, const char *ref, const char **remote_id,
                      const char **answer);

/* A move of the table in model/job.h, and everything that follows from it: dependants
 * freed or skipped, the lane's next job given its turn. Inside a transaction. */
struct job_move {
    int64_t id;
    enum job_state from, to;
    struct wall due;       /* to queued: not before; 0: at once */
    const char *remote_id; /* NULL: as it was; so for the texts below */
    const char *remote_state;
    const char *answer;
    const char *request_id;
    const char *error; /* NULL: none any more */
    int http_status;   /* 0: as it was */
};
struct move_effect {
    int64_t freed;   /* jobs that may start now and could not before */
    int64_t skipped; /* jobs that never will */
};
int store_move(struct store *s, const struct job_move *m, struct wall now,
               struct move_effect *effect, struct err *err);

#endif
