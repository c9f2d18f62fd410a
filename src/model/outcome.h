/* What an attempt came to. `api/classify` finds it from the response; retry policy looks
 * only at it. */
#ifndef REMESA_MODEL_OUTCOME_H
#define REMESA_MODEL_OUTCOME_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"
#include "model/http.h"

#define OUTCOMES(X)                                                                      \
    X(ACCEPTED, "accepted") /* it took effect, and we know its id */                     \
    X(REJECTED, "rejected") /* it did not and never will as it stands */                 \
    X(SYSTEMIC,                                                                          \
      "rejected_systemic") /* it did not, and neither would any other job now */         \
    X(NOT_PROCESSED,                                                                     \
      "not_processed")      /* the server turned it away before doing anything */        \
    X(NOT_SENT, "not_sent") /* it never went on the wire */                              \
    X(IN_DOUBT, "in_doubt") /* it may or may not have taken effect */

enum outcome {
#define X(name, text) OUTCOME_##name,
    OUTCOMES(X)
#undef X
};

const char *outcome_name(enum outcome outcome);

/* Why every job has to wait, for OUTCOME_SYSTEMIC. */
enum systemic {
    SYSTEMIC_NONE,
    SYSTEMIC_KEY,     /* the key is refused, or lacks a permission: 401, 403 */
    SYSTEMIC_BLOCKED, /* a proxy's or firewall's page instead of the API */
    SYSTEMIC_FUNDS,   /* 402 */
    SYSTEMIC_SETUP,   /* certificate or URL: nothing can be sent at all */
};

struct verdict {
    enum outcome outcome;
    enum systemic systemic;
    int64_t retry_after_ms; /* what the server asked for; -1: nothing */
    char *remote_id;        /* ACCEPTED; NULL where the action has none */
    char *remote_state;     /* the API's own word, where the action has one; else NULL */
    char *answer;           /* ACCEPTED: the JSON text of the resource; else NULL */
    char *error; /* for a person: pointer and message, or what was torn; NULL: none */
};

void verdict_init(struct verdict *v);
void verdict_close(struct verdict *v);

#endif
