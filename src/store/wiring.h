/* The second half of an import: what the new jobs need of each other, and which may
 * start. Set by set, not row by row, so that a million rows cost a handful of statements.
 * For this floor only. */
#ifndef REMESA_STORE_WIRING_H
#define REMESA_STORE_WIRING_H

#include "base/clock.h"
#include "model/row.h"
#include "store/store.h"

int wiring_begin(struct store *s, struct err *err);
int wiring_add(struct store *s, int64_t job_id, const struct row *row, struct err *err);

/* Refs become edges. Complains of refs that nobody has and of circles. */
int wiring_resolve(struct store *s, int64_t batch_id, complain_fn *complain, void *ctx,
                   struct err *err);

/* Of needs from earlier batches that are failed, skipped or cancelled. */
int wiring_tell_lost(struct store *s, complain_fn *complain, void *ctx, struct err *err);

/* Counts what each new job waits for, skips those that wait in vain, and gives the lanes
 * their turns. */
int wiring_release(struct store *s, int64_t batch_id, struct wall now, struct err *err);

#endif
