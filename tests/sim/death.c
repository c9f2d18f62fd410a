#include "sim/death.h"

#include "sim/trace.h"

static const char *const names[] = {
    [DEATH_AT_DISK] = "disk",
    [DEATH_AT_SEND] = "send",
    [DEATH_AT_TURN] = "turn",
};

static struct death_plan plan;
static int64_t steps;
static bool dead;

void death_plan(const struct death_plan *p)
{
    plan = *p;
    steps = 0;
    dead = false;
}

static bool dies(enum death_step step)
{
    trace_say("dies %s step %lld (%s)", plan.after ? "after" : "before",
              (long long)plan.number, names[step]);
    return dead = true;
}

bool death_before(enum death_step step)
{
    if (dead || step != plan.step || ++steps != plan.number || plan.after)
        return dead;
    return dies(step);
}

bool death_after(enum death_step step)
{
    if (dead || step != plan.step || steps != plan.number || !plan.after)
        return dead;
    return dies(step);
}

bool death_came(void)
{
    return dead;
}
