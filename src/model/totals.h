/* Control totals: how many lines a file has and what its money comes to, as its sender says; held against what
 * was read. */
#ifndef REMESA_MODEL_TOTALS_H
#define REMESA_MODEL_TOTALS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "model/money.h"

struct totals {
    int64_t rows;       /* lines of data; 0: nothing is said of them */
    struct money *sums; /* each currency once; NULL at first */
    int count;
};

void totals_close(struct totals *t);
bool totals_are_declared(const struct totals *t); /* anything at all */
struct money *totals_find(const struct totals *t, const char *currency); /* NULL: none */

/* To its currency's sum; false: it does not fit, and nothing is added. */
bool totals_add(struct totals *t, struct money m);

/* One "ars=1082998.10" more; ERR_USAGE, also for a currency that is there already. */
int totals_take(struct totals *t, const char *text, struct err *err);

/* The text of a side file: lines "rows = 412" and "total = ars 1082998.10", empty ones, and what stands behind a
 * '#' passed over. ERR_INPUT with the line. *t: empty before; to be closed in any case. */
int totals_parse(struct totals *t, struct span text, struct err *err);

/* What `file` says, added to `typed`. ERR_INPUT where both say something, and not the same. */
int totals_merge(struct totals *typed, const struct totals *file, struct err *err);

/* Each thing in which `got` is not as it was declared, in a sentence. With any total declared every currency of `got`
 * has to be. `is_partial`: rows that were complained of are missing from the sums of `got`. */
typedef void totals_fn(void *ctx, const char *text);
void totals_judge(const struct totals *declared, const struct totals *got,
                  bool is_partial, totals_fn *each, void *ctx);

#endif
