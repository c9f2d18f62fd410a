/* The canonical row of a job, and the digest of a batch over those of its jobs in order: what was
 * imported, as it can be computed again from what is there now. */
#ifndef REMESA_STORE_CANONICAL_H
#define REMESA_STORE_CANONICAL_H

#include "base/buf.h"
#include "base/sha256.h"
#include "store/store.h"

struct canonical {
    const char *ref, *action, *on_behalf_of, *needs; /* on_behalf_of may be NULL */
    struct span params;                              /* JSON, sorted */
};

/* The fields as a JSON array on a line of its own. */
void canonical_write(const struct canonical *row, struct buf *out);

struct batch_digest {
    char rows[SHA256_HEX_MAX]; /* what batch.sha256 was at the import */
    char all[SHA256_HEX_MAX];  /* and the money and the payee of each, and the totals */
};

/* What does not fit a row's limits has no digest: ERR_INPUT. */
int store_batch_digest(struct store *s, int64_t batch, struct batch_digest *out,
                       struct err *err);

#endif
