/* Orders in bulk: both kinds at once, bids and asks. */
#include "sandbox/filter.h"
#include "sandbox/handlers.h"
#include "sandbox/thing.h"

static void cancel_one(void *ctx, const struct resource *r)
{
    struct call *c = ctx;
    struct resource order = *r;
    thing_cancel(c, &order);
}

static void cancel_kind(struct call *c, const char *kind)
{
    struct filter f;
    c->kind = kind_find(span_of(kind));
    filter_init(&f, c, kind);
    filter_read_field(&f, c, c->kind->filter);
    f.rows.until_us = INT64_MAX;
    f.rows.most = -1;
    resource_each(&c->sandbox->sql, &f.rows, cancel_one, c);
    filter_close(&f);
}

/* 204, whether there was anything to cancel or not. */
void orders_cancel(struct call *c)
{
    cancel_kind(c, KIND_BIDS);
    cancel_kind(c, KIND_ASKS);
    c->answer->status = 204;
}
