/* Caps: what has been sent, or may have been, is added up where the attempt is opened.
 *
 * Sums live in the writer's connection: made at the start, kept up to date by triggers of that connection
 * with every move of a job, in its transaction, so that a transaction that is undone undoes them, and 100,000
 * jobs are added up once. With no cap set nothing of this is there. */
#ifndef REMESA_STORE_CAPS_H
#define REMESA_STORE_CAPS_H

#include "base/buf.h"
#include "base/clock.h"
#include "model/caps.h"
#include "store/store.h"

/* Before the first attempt of a run. Outside of a transaction. */
int store_caps_begin(struct store *s, const struct caps *caps, struct wall now,
                     struct err *err);

/* May this job be sent now? 1: yes; 0: `why` says which cap it would pass; -1. A job that was released from
 * a cap passes that one until it has been sent. Inside the transaction that opens its attempt. */
int store_caps_allow(struct store *s, const struct caps *caps, int64_t job_id,
                     struct wall now, struct buf *why, struct err *err);

/* Without a run: what the caps would hold of all that is queued, taken in the order of its import and as if
 * each of the others were sent `now`. Kept in the connection (table held_soon), for the views of a plan; with
 * no cap set nothing is in it. A reader's connection will do. */
int store_caps_foresee(struct store *s, const struct caps *caps, struct wall now,
                       struct err *err);

#endif
