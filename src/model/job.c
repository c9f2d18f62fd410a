#include "model/job.h"

static const char *const names[] = {
#define X(name, text) [JOB_##name] = text,
    JOB_STATES(X)
#undef X
};

#define TO(state) (1u << JOB_##state)

static const unsigned moves[JOB_STATE_COUNT] = {
    [JOB_QUEUED] = TO(SENDING) | TO(FAILED) | TO(SKIPPED) | TO(CANCELLED),
    [JOB_SENDING] =
        TO(QUEUED) | TO(FOLLOWING) | TO(IN_DOUBT) | TO(SUCCEEDED) | TO(FAILED),
    [JOB_FOLLOWING] = TO(SUCCEEDED) | TO(FAILED),
    [JOB_IN_DOUBT] = TO(QUEUED) | TO(FOLLOWING) | TO(SUCCEEDED) | TO(FAILED),
    [JOB_SUCCEEDED] = 0,
    [JOB_FAILED] = TO(QUEUED),
    [JOB_SKIPPED] = TO(QUEUED),
    [JOB_CANCELLED] = TO(QUEUED),
};

const char *job_state_name(enum job_state state)
{
    return names[state];
}

bool job_state_parse(struct span text, enum job_state *out)
{
    for (int i = 0; i < JOB_STATE_COUNT; i++)
        if (span_is(text, names[i])) {
            *out = (enum job_state)i;
            return true;
        }
    return false;
}

bool job_state_is_final(enum job_state state)
{
    return state >= JOB_SUCCEEDED;
}

bool job_may_move(enum job_state from, enum job_state to)
{
    return (moves[from] >> to) & 1u;
}
