/* What takes two: one person says it, and it is carried out when another one says the same. */
#ifndef REMESA_STORE_PROPOSALS_H
#define REMESA_STORE_PROPOSALS_H

#include "base/clock.h"
#include "model/four_eyes.h"
#include "store/store.h"

struct proposal {
    const char *ref;
    int64_t job_id, attempt;
    int64_t hold_id;       /* 0: it is about the attempt */
    const char *verb;      /* a decision's, or "release" */
    const char *remote_id; /* may be NULL, as the reason */
    const char *reason;
    struct money sum; /* no currency: no money */
};

/* 1: it may be carried out: one person is enough, or another one has said the same. 0: it is kept, and waits for
 * one. Inside a transaction. `four_eyes`: the setting; NULL: off. */
int proposal_may(struct store *s, const struct four_eyes *four_eyes,
                 const struct proposal *p, struct wall now, struct err *err);

/* ERR_TEMPFAIL: `ref` (or so many jobs) waits for a second person. */
int proposal_tell(const char *ref, int64_t jobs, struct err *err);

#endif
