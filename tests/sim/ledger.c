#include "sim/ledger.h"

#include <stdio.h>
#include <stdlib.h>

#include "sim/hours.h"

#define FIRST_ID 1000

struct ledger ledger;

void ledger_begin(void)
{
    ledger = (struct ledger){.next_id = FIRST_ID};
}

struct effect *ledger_add(int job)
{
    if (ledger.count == EFFECTS_MAX)
        abort();
    struct effect *e = &ledger.effects[ledger.count++];
    *e = (struct effect){.job = job};
    snprintf(e->id, sizeof(e->id), "%d", ledger.next_id++);
    return e;
}

int ledger_done(int job)
{
    int count = 0;
    for (int i = 0; i < ledger.count; i++)
        count +=
            ledger.effects[i].job == job && ledger.effects[i].at_us <= hours_now_us();
    return count;
}

int ledger_coming(int job)
{
    int count = 0;
    for (int i = 0; i < ledger.count; i++)
        count += ledger.effects[i].job == job && ledger.effects[i].at_us > hours_now_us();
    return count;
}

const struct effect *ledger_effect_of(int job)
{
    for (int i = 0; i < ledger.count; i++)
        if (ledger.effects[i].job == job)
            return &ledger.effects[i];
    return NULL;
}

int64_t ledger_quiet_us(void)
{
    int64_t quiet = 0;
    for (int i = 0; i < ledger.count; i++)
        if (ledger.effects[i].visible_us > quiet)
            quiet = ledger.effects[i].visible_us;
    return quiet;
}
