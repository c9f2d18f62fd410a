/* What a person decides about a job, recorded with who and when, in the transaction that carries it out.
 *
 * Each is refused (ERR_USAGE, with the state in the text) for a job whose state does not allow it, and
 * ERR_NOINPUT when there is no such ref; then nothing has changed.
 *
 * What is said of a doubt takes two persons where `four_eyes` says so (NULL: never): ERR_TEMPFAIL when the first has
 * said it, and it is kept (proposals.h). */
#ifndef REMESA_STORE_DECISIONS_H
#define REMESA_STORE_DECISIONS_H

#include "base/clock.h"
#include "model/action.h"
#include "model/four_eyes.h"
#include "store/store.h"

/* What a person found out about a job in doubt. */
struct found_out {
    const char *ref;
    const char *remote_id; /* NULL: it has none, or nobody knows it */
    const char *reason;
    const struct four_eyes *four_eyes; /* NULL: one person is enough */
    const struct catalogue
        *catalogue; /* tells what is asked about until it is final; NULL: nothing is */
};

/* It took effect: it has succeeded, or, where the API tells of one with an id whether it is final, it is accepted and
 * will be asked about. An id may be missing only when no other job needs this one: whoever needs it needs its
 * id. */
int store_decide_succeeded(struct store *s, const struct found_out *found,
                           struct wall now, struct err *err);

/* It did not take effect: it is queued again. The reason is required. */
int store_decide_not_sent(struct store *s, const struct found_out *found, struct wall now,
                          struct err *err);

/* A failed job is queued again, and with it what was skipped because of it. *queued counts both. */
int store_decide_retry(struct store *s, const char *ref, const char *reason,
                       struct wall now, int64_t *queued, struct err *err);
/* Every failed job; of one batch when `batch` is not NULL (ERR_NOINPUT: no such batch). */
int store_decide_retry_failed(struct store *s, const char *batch, const char *reason,
                              struct wall now, int64_t *queued, struct err *err);

/* A queued job is not to be carried out; what needs it is skipped. *cancelled counts the first. */
int store_decide_cancel(struct store *s, const char *ref, const char *reason,
                        struct wall now, int64_t *cancelled, struct err *err);
int store_decide_cancel_batch(struct store *s, const char *batch, const char *reason,
                              struct wall now, int64_t *cancelled, struct err *err);

#endif
