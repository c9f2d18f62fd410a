/* What the decisions share: decisions.c, and decisions_doubt.c for what was found out about a job in doubt. Not for
 * others. */
#ifndef REMESA_STORE_DECISIONS_PARTS_H
#define REMESA_STORE_DECISIONS_PARTS_H

#include "store/decisions.h"
#include "store/internal.h"

struct decision_subject {
    int64_t id;
    enum job_state state;
    int64_t attempt;
    struct money sum; /* no currency: it moves none */
    bool is_needed;   /* by a job that has not come to its end */
    bool is_polled;   /* the API tells whether it is final */
};

struct decision_verdict {
    const char *ref, *verb, *reason, *remote_id; /* the last two may be NULL */
};

struct decision_act {
    const char *ref, *batch, *remote_id, *reason;
    const struct four_eyes *four_eyes;
    const struct catalogue *catalogue;
    struct wall now;
    int64_t count;
    bool waits; /* for a second person */
};

/* ERR_NOINPUT: no job has that ref. */
int decision_find(struct store *s, const char *ref, struct decision_subject *out,
                  struct err *err);
/* ERR_USAGE: it is not; `verb` is what only such a job can be ("retried"). */
int decision_must_be(const struct decision_subject *job, const char *ref,
                     enum job_state state, const char *verb, struct err *err);
/* With its row of the trail. */
int decision_record(struct store *s, const struct decision_subject *job,
                    const struct decision_verdict *v, struct wall now, struct err *err);
int decision_move(struct store *s, const struct decision_subject *job, enum job_state to,
                  const char *remote_id, struct wall now, struct err *err);

/* Runs `carry_out` in a transaction of its own; ERR_TEMPFAIL when that is kept for a second person. */
int decision_in_transaction(struct store *s,
                            int (*carry_out)(struct store *, struct decision_act *,
                                             struct err *),
                            struct decision_act *a, struct err *err);

#endif
