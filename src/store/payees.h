/* Payees of the jobs of an import, and those of them that look as if they were paid before. For this floor
 * and its import. */
#ifndef REMESA_STORE_PAYEES_H
#define REMESA_STORE_PAYEES_H

#include "base/clock.h"
#include "model/action.h"
#include "store/store.h"

/* Writes who is paid by each job of the batch that moves money. Needs are known by then. */
int payees_fill(struct store *s, int64_t batch_id, const struct catalogue *c,
                struct err *err);

/* Holds each queued job whose payee, amount and currency are those of an earlier one of this batch, or of one
 * that was imported since then and has not been lost. The later one is held, not the first. */
int payees_hold_duplicates(struct store *s, int64_t batch_id, struct wall since,
                           struct wall now, int64_t *held, struct err *err);

#endif
