/* Does the money balance? Of each batch: it has as many jobs as were imported, and in each currency what was declared
 * is what was imported, and that is what its jobs come to. So the parts of the view `money` add up, too: they are
 * the same jobs by state. */
#ifndef REMESA_STORE_BALANCE_H
#define REMESA_STORE_BALANCE_H

#include "base/buf.h"
#include "store/store.h"

/* Two numbers that should be one. Texts: exact, good for the call. */
struct imbalance {
    const char *batch;
    const char *currency; /* NULL: jobs are counted */
    const char
        *kind; /* "declared" (and imported), "imported" (and what the jobs come to) */
    const char *wanted, *found; /* NULL: more than a total can hold */
    const char *difference;     /* found - wanted, with a sign; NULL: the same */
};
typedef void imbalance_fn(void *ctx, const struct imbalance *i);

/* "batch july.csv: imported 5.00 ars, its jobs come to 5.01: 0.01 more" */
void imbalance_describe(struct buf *out, const struct imbalance *i);

/* One pass over the jobs. Of the run's scope (read.h), or with `everything` of one batch, NULL: all. */
struct balance_scope {
    bool everything;
    const char *batch;
};
/* How many jobs that pass would be over, of the run's scope. */
int store_scope_size(struct store *s, int64_t *jobs, struct err *err);

int store_balance(struct store *s, const struct balance_scope *scope, imbalance_fn *each,
                  void *ctx, struct err *err);

/* ERR_INPUT: the first thing that does not balance, in words. */
int store_balance_check(struct store *s, const struct balance_scope *scope,
                        struct err *err);

#endif
