#include "model/outcome.h"

#include <stdlib.h>

const char *outcome_name(enum outcome outcome)
{
    static const char *const names[] = {
#define X(name, text) [OUTCOME_##name] = text,
        OUTCOMES(X)
#undef X
    };
    return names[outcome];
}

void verdict_init(struct verdict *v)
{
    *v = (struct verdict){.retry_after_ms = -1};
}

void verdict_close(struct verdict *v)
{
    free(v->remote_id);
    free(v->remote_state);
    free(v->answer);
    free(v->error);
    *v = (struct verdict){.retry_after_ms = -1};
}
