#include "sandbox/transfer.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/jsonw.h"
#include "sandbox/amount.h"
#include "sandbox/kinds.h"
#include "sandbox/machine.h"
#include "sandbox/resource.h"

static bool is_user(struct sandbox *s, int64_t id)
{
    struct buf hold;
    struct resource r;
    buf_init(&hold, 1 << 16);
    bool found = resource_get(&s->sql, KIND_USERS, id, &hold, &r);
    buf_close(&hold);
    return found;
}

static void write_attributes(struct sandbox *s, const struct transfer *t,
                             struct decimal amount, int64_t now_us, struct buf *out)
{
    struct jsonw w;
    struct buf text;
    buf_init(&text, 256);
    jsonw_init(&w, out);
    jsonw_open(&w, NULL, '{');
    amount_print(amount, &text);
    jsonw_raw(&w, "amount", buf_span(&text));
    jsonw_span(&w, "currency", t->currency);
    buf_clear(&text);
    machine_time(s, span_of(KIND_SENT), now_us, &text);
    jsonw_raw(&w, "created_at", buf_span(&text));
    jsonw_close(&w, '}');
    buf_close(&text);
}

static int64_t keep(struct sandbox *s, const char *kind, int64_t whose, int64_t now_us,
                    struct span attributes)
{
    char owner[96];
    snprintf(owner, sizeof(owner),
             "{\"user\":{\"data\":{\"type\":\"users\",\"id\":\"%" PRId64 "\"}}}", whose);
    struct resource r = {
        .kind = span_of(kind),
        .user_id = whose,
        .created_us = now_us,
        .attributes = attributes,
        .relationships = span_of(owner),
    };
    resource_add(&s->sql, &r);
    return r.id;
}

bool transfer_make(struct sandbox *s, struct transfer *t, int64_t now_us)
{
    struct decimal amount;
    struct buf attributes;
    if (!is_user(s, t->from) || !is_user(s, t->to) || t->currency.len == 0 ||
        !amount_read(t->amount, &amount) || amount.units <= 0)
        return false;
    buf_init(&attributes, 4096);
    write_attributes(s, t, amount, now_us, &attributes);
    t->sent = keep(s, KIND_SENT, t->from, now_us, buf_span(&attributes));
    t->received = keep(s, KIND_RECEIVED, t->to, now_us, buf_span(&attributes));
    buf_close(&attributes);
    return true;
}
