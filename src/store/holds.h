/* Held jobs: queued, and not sent before a named person has released them.
 *
 * What follows from a hold (readiness, the lane's turn) is done by the triggers of the table, as for
 * every other program; that no attempt is opened for a held job is one of them. */
#ifndef REMESA_STORE_HOLDS_H
#define REMESA_STORE_HOLDS_H

#include "base/buf.h"
#include "base/clock.h"
#include "model/four_eyes.h"
#include "store/store.h"

/* Rows of hold_kind: a new kind is a row of a migration, with the command that lifts it. */
#define HOLD_DUPLICATE "duplicate"
#define HOLD_CAP       "cap"
#define HOLD_APPROVAL  "approval"

/* Inside a transaction. Of a job that is under way: an error. */
int store_hold_job(struct store *s, int64_t job_id, const char *kind, const char *reason,
                   struct wall now, struct err *err);

/* Every queued job of the batch that is not held for that already. Adds to *held. Inside a transaction. */
int store_hold_batch(struct store *s, int64_t batch_id, const char *kind,
                     const char *reason, struct wall now, int64_t *held, struct err *err);

/* What an approval of the batch lifts; who may is the caller's to judge. Adds to *lifted. Inside a transaction. */
int store_lift_approval(struct store *s, const char *batch, struct wall now,
                        int64_t *lifted, struct err *err);

/* Open holds of queued jobs: of one job or of one batch, of one kind or (NULL) of every kind that
 * `remesa release` lifts. */
struct hold_lift {
    const char *ref; /* NULL: of `batch` */
    const char *batch;
    const char *kind;
    const char *reason;
    const struct four_eyes *four_eyes; /* NULL: one person is enough */
};

/* `remesa release`, in a transaction of its own. ERR_NOINPUT: no such job or batch; ERR_USAGE: nothing of
 * it is held, or it is another command that lifts what is; ERR_TEMPFAIL: some of it takes a second person, and is kept
 * for one (proposals.h), the rest is lifted. */
int store_decide_release(struct store *s, const struct hold_lift *lift, struct wall now,
                         int64_t *lifted, struct err *err);

/* Jobs of the scope of the run (read.h) that are held, and by kind in words: "2 cap, 1 duplicate". */
int store_scope_held(struct store *s, int64_t *jobs, struct buf *kinds, struct err *err);

#endif
