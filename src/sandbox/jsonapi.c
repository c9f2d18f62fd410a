#include "sandbox/jsonapi.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "sandbox/kinds.h"
#include "sandbox/mark.h"

static void write_id(struct jsonw *w, int64_t id)
{
    char text[24];
    snprintf(text, sizeof(text), "%" PRId64, id);
    jsonw_text(w, "id", text);
}

const char *jsonapi_status(struct span kind, struct span amount, int64_t age_us,
                           int64_t settle_ms)
{
    bool cash = span_is(kind, KIND_CASH_WITHDRAWALS);
    if (!cash && !span_is(kind, KIND_COIN_WITHDRAWALS))
        return NULL;
    if (settle_ms == 0 || age_us < settle_ms * MS_US / 2)
        return "received";
    if (age_us < settle_ms * MS_US)
        return "pending";
    if (mark_ends(amount, "13"))
        return "cancelled";
    return cash ? "settled" : "done";
}

/* The stored object with its state put in front. */
static void write_attributes(struct jsonw *w, const struct resource *r,
                             const char *status)
{
    const struct kind *kind = kind_find(r->kind);
    const char *key = kind ? kind->state_key : "status"; /* none: a withdrawal */
    struct span state = status ? span_of(status) : r->state;
    jsonw_raw(w, "attributes", span_of(""));
    if (!state.ptr || !key) {
        buf_add_span(w->out, r->attributes);
        return;
    }
    buf_printf(w->out, "{\"%s\":\"%.*s\"%s", key, SPAN_ARG(state),
               r->attributes.len > 2 ? "," : "");
    buf_add(w->out, r->attributes.ptr + 1, r->attributes.len - 1);
}

void jsonapi_resource(struct jsonw *w, const char *key, const struct resource *r,
                      int64_t now_us, int64_t settle_ms)
{
    int64_t age_us = now_us - r->created_us;
    jsonw_open(w, key, '{');
    write_id(w, r->id);
    jsonw_span(w, "type", r->kind);
    write_attributes(w, r, jsonapi_status(r->kind, r->amount, age_us, settle_ms));
    if (r->relationships.ptr)
        jsonw_raw(w, "relationships", r->relationships);
    jsonw_close(w, '}');
}

void jsonapi_relate(struct jsonw *w, const char *name, const char *type, int64_t id)
{
    jsonw_open(w, name, '{');
    jsonw_open(w, "data", '{');
    jsonw_text(w, "type", type);
    write_id(w, id);
    jsonw_close(w, '}');
    jsonw_close(w, '}');
}
