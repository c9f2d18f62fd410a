/* A job: one action to carry out once, named by a ref that a caller chose; and the states
 * it can be in.
 *
 *                      +--------------- not sent, not processed, safe to repeat --+
 *                      v                                                          |
 *   import ------> queued ---- attempt opened ----> sending ----------------------+
 *                   |  |  |                          |  |  |
 *     a need failed |  |  | no request               |  |  +--> in_doubt  (nobody may repeat it)
 *                   v  |  | can be made of it        |  +-----> following (accepted, not final yet)
 *             skipped  |  +-----> failed             +--------> succeeded | failed
 *                      v
 *                  cancelled (operator)
 *
 * in_doubt leaves by evidence or by a person: to following, succeeded, failed or queued.
 * following leaves to succeeded or failed. A person may queue failed, skipped and
 * cancelled jobs again. Where a queued job waits, and for what: its needs (`unmet`), its
 * lane's turn (`ready`), a retry time
 * (`due_at`), then in memory for a token of the limiter. */
#ifndef REMESA_MODEL_JOB_H
#define REMESA_MODEL_JOB_H

#include <stdbool.h>

#include "base/span.h"

#define JOB_STATES(X)                                                                    \
    X(QUEUED, "queued")                                                                  \
    X(SENDING, "sending")                                                                \
    X(FOLLOWING, "following")                                                            \
    X(IN_DOUBT, "in_doubt")                                                              \
    X(SUCCEEDED, "succeeded")                                                            \
    X(FAILED, "failed")                                                                  \
    X(SKIPPED, "skipped")                                                                \
    X(CANCELLED, "cancelled")

enum job_state {
#define X(name, text) JOB_##name,
    JOB_STATES(X)
#undef X
        JOB_STATE_COUNT
};

const char *job_state_name(enum job_state state);
bool job_state_parse(struct span text, enum job_state *out);

bool job_state_is_final(enum job_state state);

/* The one table of allowed moves. The database's `job_move` holds the same pairs for its
 * trigger; a test compares the two. */
bool job_may_move(enum job_state from, enum job_state to);

#endif
