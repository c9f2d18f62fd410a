/* What a run that begins now would send, for a person to look at before it does. */
#ifndef REMESA_STORE_OUTGOING_H
#define REMESA_STORE_OUTGOING_H

#include "model/money.h"
#include "store/store.h"

struct outgoing {
    int64_t jobs;  /* that are queued and not held, those that wait for others too */
    int64_t inbox; /* rows that would be taken in */
    struct money *totals; /* of the jobs, by the name of the currency */
    size_t total_count;
};

/* To be closed in any case. */
int store_outgoing(struct store *s, struct outgoing *out, struct err *err);
/* All jobs of one batch and their totals, sent or not; `jobs` is the caller's to fill in. */
int outgoing_of_batch(struct store *s, int64_t batch, struct outgoing *out,
                      struct err *err);
void outgoing_close(struct outgoing *out);

#endif
