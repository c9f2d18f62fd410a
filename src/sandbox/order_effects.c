/* What the states of orders and bots set off. */
#include "sandbox/effects.h"
#include "sandbox/kinds.h"
#include "sandbox/mark.h"

/* Funds are looked at after the 2xx: these have none. */
enum fate order_fate(const struct resource *order)
{
    return mark_ends(order->amount, "13") ? FATE_REJECT : FATE_ANY;
}

static void set(const struct moment *m, const char *news)
{
    machine_set(m->sandbox, kind_find(m->of->kind)->name, m->of->id, span_of(news));
}

void bot_to_cancel(const struct moment *m)
{
    set(m, "{\"to_cancel\":true}");
}

void bot_cancelled(const struct moment *m)
{
    set(m, "{\"executing\":false}");
}
