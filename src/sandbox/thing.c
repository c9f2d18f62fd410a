#include "sandbox/thing.h"

#include <stdio.h>

#include "base/json.h"
#include "sandbox/filter.h"
#include "sandbox/list.h"
#include "sandbox/machine.h"

static bool may_see(const struct call *c, const struct resource *r)
{
    const struct kind *k = kind_find(r->kind);
    return r->user_id == c->user || (k && k->shared && !c->on_behalf);
}

bool thing_find(struct call *c, const char *kind, int64_t id, struct buf *hold,
                struct resource *r)
{
    if (id > 0 && resource_get(&c->sandbox->sql, kind, id, hold, r) && may_see(c, r))
        return true;
    answer_not_found(c->answer);
    return false;
}

void thing_refuse(struct call *c, enum problem problem)
{
    call_problem(c, c->kind->name, "base", problem);
    call_refused(c);
}

/* ---- creating ---- */

static void add_times(struct call *c, bool both, struct buf *out)
{
    if (both) {
        buf_add_text(out, "\"created_at\":");
        machine_time(c->sandbox, span_of(c->kind->name), c->now_us, out);
        buf_add_char(out, ',');
    }
    buf_add_text(out, "\"updated_at\":");
    machine_time(c->sandbox, span_of(c->kind->name), c->now_us, out);
}

/* What it has before the document is looked at. */
static void begin(struct call *c, const struct thing *t, struct buf *out)
{
    struct buf times, fixed;
    buf_init(&times, 256);
    buf_init(&fixed, 1 << 16);
    buf_add_char(&times, '{');
    add_times(c, true, &times);
    buf_add_char(&times, '}');
    fields_merge(span_of(c->kind->fixed ? c->kind->fixed : "{}"), buf_span(&times),
                 &fixed);
    fields_merge(buf_span(&fixed), t->extra.ptr ? t->extra : span_of("{}"), out);
    buf_close(&fixed);
    buf_close(&times);
}

static struct span text_or_none(const struct buf *b)
{
    return b->len ? buf_span(b) : (struct span){0};
}

static void read_named(const struct fields *f, const char *name, struct buf *out)
{
    char pointer[64];
    snprintf(pointer, sizeof(pointer), "/%s", name ? name : "");
    if (name)
        json_text_at(buf_span(&f->attributes), pointer, out);
}

static void keep(struct call *c, const struct thing *t, struct fields *f)
{
    struct buf reference, currency;
    buf_init(&reference, 1 << 24);
    buf_init(&currency, 1 << 16);
    read_named(f, c->kind->reference, &reference);
    read_named(f, c->kind->currency, &currency);
    struct resource r = {
        .kind = span_of(c->kind->name),
        .user_id = t->owner,
        .reference = text_or_none(&reference),
        .amount = text_or_none(&f->amount),
        .attributes = buf_span(&f->attributes),
        .relationships = t->relationships,
        .related_id = t->related_id,
        .state = span_of(c->kind->state),
    };
    call_create(c, &r, text_or_none(&currency));
    c->answer->status = c->kind->created ? 201 : 200;
    buf_close(&currency);
    buf_close(&reference);
}

void thing_create(struct call *c, const struct thing *t)
{
    struct fields f;
    struct buf base;
    fields_init(&f);
    buf_init(&base, 1 << 20);
    begin(c, t, &base);
    fields_read(c, c->kind, buf_span(&base), &f);
    if (!call_refused(c))
        keep(c, t, &f);
    buf_close(&base);
    fields_close(&f);
}

void things_create(struct call *c)
{
    struct thing t = {0};
    char relationships[128];
    if (!call_is(c, c->kind->name) || !call_owner(c, &t.owner))
        return;
    snprintf(relationships, sizeof(relationships),
             "{\"user\":{\"data\":{\"type\":\"users\",\"id\":\"%lld\"}}}",
             (long long)t.owner);
    t.relationships = span_of(relationships);
    thing_create(c, &t);
}

/* ---- reading ---- */

void things_list(struct call *c)
{
    struct filter f;
    filter_init(&f, c, c->kind->name);
    f.rows.everyone = c->kind->shared && !c->on_behalf;
    filter_read_field(&f, c, c->kind->filter);
    filter_read_parent(&f, c, c->kind->parent);
    if (c->kind->dated)
        filter_read_from(&f, c);
    list_show(c, &f.rows);
    filter_close(&f);
}

void things_show(struct call *c)
{
    struct buf hold;
    struct resource r;
    buf_init(&hold, 1 << 24);
    if (thing_find(c, c->kind->name, call_id(c), &hold, &r))
        call_show(c, &r);
    buf_close(&hold);
}

/* ---- changing ---- */

static void store(struct call *c, struct resource *r, const struct fields *f)
{
    struct buf news, whole, reference;
    buf_init(&news, 256);
    buf_init(&whole, 1 << 24);
    buf_init(&reference, 1 << 24);
    buf_add_char(&news, '{');
    add_times(c, false, &news);
    buf_add_char(&news, '}');
    fields_merge(buf_span(&f->attributes), buf_span(&news), &whole);
    read_named(f, c->kind->reference, &reference);
    r->attributes = buf_span(&whole);
    r->reference = text_or_none(&reference);
    if (fault_applies(c->fault))
        resource_set(&c->sandbox->sql, c->kind->name, r->id, r->reference, r->attributes);
    call_show(c, r);
    buf_close(&reference);
    buf_close(&whole);
    buf_close(&news);
}

void thing_change(struct call *c, struct resource *r)
{
    struct fields f;
    fields_init(&f);
    fields_read(c, c->kind, r->attributes, &f);
    if (!call_refused(c))
        store(c, r, &f);
    fields_close(&f);
}

void things_update(struct call *c)
{
    struct buf hold;
    struct resource r;
    buf_init(&hold, 1 << 24);
    if (thing_find(c, c->kind->name, call_id(c), &hold, &r) && call_is(c, c->kind->name))
        thing_change(c, &r);
    buf_close(&hold);
}

void thing_step(struct call *c, struct resource *r, const char *state, const char *step,
                bool silent)
{
    char name[96];
    struct buf hold;
    buf_init(&hold, 1 << 24);
    bool applies = fault_applies(c->fault);
    if (applies)
        machine_enter(c->sandbox, c->kind->name, r->id, state, c->now_us);
    resource_get(&c->sandbox->sql, c->kind->name, r->id, &hold, r);
    r->state = span_of(state);
    call_show(c, r);
    snprintf(name, sizeof(name), "%s/%s", c->kind->name, step);
    if (applies)
        call_effect(c, r, name, (struct span){0});
    if (silent) {
        answer_clear(c->answer);
        c->answer->status = 204;
    }
    buf_close(&hold);
}

void thing_cancel(struct call *c, struct resource *r)
{
    if (span_is(r->state, "pending") || span_is(r->state, "executing"))
        thing_step(c, r, "to_cancel", "cancel", true);
    c->answer->status = 204;
}

void things_cancel(struct call *c)
{
    struct buf hold;
    struct resource r;
    buf_init(&hold, 1 << 24);
    if (thing_find(c, c->kind->name, call_id(c), &hold, &r))
        thing_cancel(c, &r);
    buf_close(&hold);
}
