#include "engine/core/evidence.h"

/* So many times the wanted lists are looked at in vain for a control before a person is asked. */
#define PATIENCE 3

int64_t evidence_wait_ms(const struct evidence_rules *rules, int look_ups)
{
    int64_t wait = rules->first_ms;
    for (int i = 0; i < look_ups && wait < EVIDENCE_WAIT_MAX_MS; i++)
        wait *= 2;
    return wait < EVIDENCE_WAIT_MAX_MS ? wait : EVIDENCE_WAIT_MAX_MS;
}

enum evidence_verdict evidence_weigh(const struct evidence *e,
                                     const struct evidence_rules *rules, int64_t *wait_ms)
{
    /* Both ends of the time are cut to the millisecond: it may be one shorter than it looks. */
    int64_t to_settle = rules->settle_ms + 1 - e->since_end_ms;
    bool enough = e->negatives >= rules->tries && to_settle <= 0;
    bool fresh = e->control_seen || !e->control_exists;
    if (enough && fresh)
        return e->resend ? EVIDENCE_ABSENT : EVIDENCE_ASK;
    if (enough && e->negatives >= rules->tries * PATIENCE)
        return EVIDENCE_ASK;
    *wait_ms = evidence_wait_ms(rules, e->look_ups);
    if (to_settle > 0 && e->negatives + 1 >= rules->tries && *wait_ms > to_settle)
        *wait_ms = to_settle;
    return EVIDENCE_LOOK_AGAIN;
}
