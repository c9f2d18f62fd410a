/* Reading for a report of many jobs: sums and lists that are bounded whatever the size of
 * the database. Rows as in store/read.h. */
#ifndef REMESA_STORE_DIGEST_H
#define REMESA_STORE_DIGEST_H

#include "base/clock.h"
#include "store/read.h"

/* What it is about. With a run: the batches that the run asked for, and of the attempts
 * its own. */
struct digest_scope {
    const char *batch; /* NULL: all */
    int64_t run;       /* 0: all */
};

enum digest {
    DIGEST_BATCHES, /* batch */
    DIGEST_STATES,  /* state, jobs, payments (those with an amount) */
    DIGEST_REASONS, /* why jobs failed, the commonest first: jobs, action, state,
                       http_status, reason, refs (some, parted by blanks) */
    DIGEST_LATENCY, /* action, elapsed_ms, attempts: by action, the shortest first */
    DIGEST_JOBS,    /* in the order of import */
    DIGEST_TROUBLE, /* those in doubt, then held, failed, skipped */
    DIGEST_OTHERS,  /* the others, the newest first */
};

#define DIGEST_REFS 5 /* of each reason */

/* `limit` 0: all. */
int digest_read(struct store *s, enum digest what, const struct digest_scope *scope,
                int64_t limit, view_row_fn *each, void *ctx, struct err *err);

/* First and last thing that attempts tell of; false in *any: there are none. */
struct digest_span {
    bool any;
    struct wall first, last;
};
int digest_span(struct store *s, const struct digest_scope *scope,
                struct digest_span *out, struct err *err);

/* How much was asked and answered, in steps of `width_ms` from `from` on: `slot`, `what`
 * ("asked", or the outcome of an answer), `n`. What was before is left out. */
struct digest_steps {
    struct wall from;
    int64_t width_ms;
};
int digest_tempo(struct store *s, const struct digest_scope *scope,
                 const struct digest_steps *steps, view_row_fn *each, void *ctx,
                 struct err *err);

/* *number, 0 for the last one, becomes that of a run. ERR_NOINPUT: there is none. */
int digest_find_run(struct store *s, int64_t *number, struct err *err);

/* The run with that number, or the last one that there is (0): run, started_at, ended_at,
 * exit_status, base_url. No row: none. */
int digest_run(struct store *s, int64_t number, view_row_fn *each, void *ctx,
               struct err *err);

#endif
