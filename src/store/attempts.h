/* Attempts: on disk before the request leaves, closed with what it came to. */
#ifndef REMESA_STORE_ATTEMPTS_H
#define REMESA_STORE_ATTEMPTS_H

#include "base/clock.h"
#include "model/outcome.h"
#include "store/store.h"

/* Records attempt `number` and moves the job queued -> sending. Inside a transaction; the
 * request may leave only after its commit. */
int store_attempt_open(struct store *s, int64_t run_id, int64_t job_id, int number,
                       struct wall now, struct err *err);

struct attempt_end {
    int64_t job_id;
    enum outcome outcome;
    int sends;
    int http_status; /* 0: none */
    int transport_code;
    int64_t elapsed_us;
    const char *request_id; /* NULL: none; so for error */
    const char *error;
};
/* Closes the job's open attempt; the job's move is a call of its own (store_move), in the
 * same transaction. */
int store_attempt_close(struct store *s, const struct attempt_end *end, struct wall now,
                        struct err *err);

/* After a crash an open attempt is all there is to know. Closes every one as in doubt;
 * its job is queued again when its action may be repeated, and in doubt otherwise. Never
 * by time. In a transaction of its own; the counts are for the log. */
typedef bool repeat_safe_fn(void *ctx, const char *action, const char *params);
struct recovery {
    int64_t in_doubt;
    int64_t queued;
};
int store_recover(struct store *s, repeat_safe_fn *repeat_safe, void *ctx,
                  struct wall now, struct recovery *out, struct err *err);

/* Runs: one row per start of the engine; its beginning in a transaction of its own. */
int store_run_begin(struct store *s, const char *base_url, struct wall now,
                    int64_t *run_id, struct err *err);
/* `counts`: the jobs that it was about, by state, for the record; NULL: they are not known. */
int store_run_end(struct store *s, int64_t run_id, int exit_status, const int64_t *counts,
                  struct wall now, struct err *err);

#endif
