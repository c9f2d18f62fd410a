/* Four eyes over a batch: nothing of it leaves before another system user than its importer has approved it,
 * and nothing once a byte of it is another than what was approved.
 *
 * A batch whose importer is not known (other programs wrote its rows into the inbox) takes two persons. Until
 * then its jobs are held (holds.h); who else may lift such a hold is nobody. */
#ifndef REMESA_STORE_APPROVALS_H
#define REMESA_STORE_APPROVALS_H

#include "base/clock.h"
#include "base/sha256.h"
#include "model/four_eyes.h"
#include "store/outgoing.h"
#include "store/store.h"

/* Jobs of a batch that was just taken in and waits for approval are held; *held is added to. Inside the transaction
 * of the import. */
int approvals_hold_new(struct store *s, int64_t batch, const struct four_eyes *four_eyes,
                       struct wall now, int64_t *held, struct err *err);

/* Before a run sends anything: ERR_INPUT, naming the batch, when one that was approved is not what was approved any
 * more; what has come to need an approval, by the setting, is held. A transaction of its own. */
int store_approvals_enforce(struct store *s, const struct four_eyes *four_eyes,
                            struct wall now, struct err *err);

/* What a person looks at before: all of the batch, sent or not. ERR_NOINPUT: there is none. To be closed. */
struct approval_look {
    char *source, *importer, *imported_at;
    char sha256[SHA256_HEX_MAX];
    struct outgoing sums;
    int64_t duplicates; /* held as such; an approval leaves them held */
};
int store_approval_look(struct store *s, const char *batch, struct approval_look *out,
                        struct err *err);
void approval_look_close(struct approval_look *look);

struct approved {
    char sha256[SHA256_HEX_MAX];
    int64_t freed;      /* jobs that this lets go */
    bool wants_another; /* one more person has to approve it */
    bool was_already;   /* approved by enough: nothing has changed */
};

/* `sha256`: that of the batch as the person has seen it, in lower case; NULL: whatever it is. ERR_NOPERM: the one who
 * imported it, or approved it before, may be this one; ERR_INPUT: it is not what was imported, seen, or
 * approved; ERR_NOINPUT: no such batch; ERR_USAGE: nothing of it waits. */
int store_approve(struct store *s, const char *batch, const char *sha256, struct wall now,
                  struct approved *out, struct err *err);

/* Of the batches of the run's scope (read.h): what waits for an approval. */
typedef void unapproved_fn(void *ctx, const char *batch, int64_t jobs,
                           const char *command);
int store_scope_unapproved(struct store *s, int64_t *jobs, unapproved_fn *each, void *ctx,
                           struct err *err);

#endif
