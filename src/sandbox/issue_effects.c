/* What a decision about a person sets off. */
#include "base/json.h"
#include "sandbox/effects.h"
#include "sandbox/fields.h"
#include "sandbox/kinds.h"

struct search {
    const char *pointer;
    struct buf *text;
};

static void take_text(void *ctx, const struct resource *r)
{
    struct search *s = ctx;
    json_text_at(r->attributes, s->pointer, s->text);
}

/* The docket's last name is the mark. */
enum fate issue_fate(struct sandbox *s, const struct resource *issue)
{
    struct buf name;
    buf_init(&name, 1 << 16);
    struct search search = {"/last_name", &name};
    resource_each_child(&s->sql, KIND_DOCKETS, issue->id, take_text, &search);
    bool reject = span_is(buf_span(&name), "REJECT");
    bool observe = span_is(buf_span(&name), "OBSERVE");
    buf_close(&name);
    if (reject)
        return FATE_REJECT;
    return observe ? FATE_OBSERVE : FATE_ANY;
}

static void set_compliance(const struct moment *m, const char *news)
{
    machine_set(m->sandbox, KIND_USERS, m->of->user_id, span_of(news));
}

void issue_approved(const struct moment *m)
{
    set_compliance(m, "{\"kyc_accepted\":true,\"compliance_state\":\"enabled\"}");
    sqlite3_stmt *st = sql_write(&m->sandbox->sql, SQL_WAKE_OUTPUTS_OF_PAYEE);
    char payee[24];
    sql_bind_int(st, 1, m->now_us);
    sqlite3_snprintf(sizeof(payee), payee, "%lld", (long long)m->of->user_id);
    sql_bind_text(st, 2, span_of(payee));
    sql_run(&m->sandbox->sql, st);
}

void issue_rejected(const struct moment *m)
{
    set_compliance(m, "{\"compliance_state\":\"rejected\"}");
}

void issue_observed(const struct moment *m)
{
    struct buf attributes, relationships;
    buf_init(&attributes, 4096);
    buf_init(&relationships, 4096);
    buf_add_text(&attributes, "{\"note\":\"Falta un dato.\",\"scope\":\"client\","
                              "\"reply\":null,\"created_at\":");
    machine_time(m->sandbox, span_of(KIND_OBSERVATIONS), m->now_us, &attributes);
    buf_add_char(&attributes, '}');
    buf_printf(&relationships,
               "{\"issue\":{\"data\":{\"type\":\"issues\",\"id\":\"%lld\"}}}",
               (long long)m->of->id);
    struct resource r = {
        .kind = span_of(KIND_OBSERVATIONS),
        .user_id = m->of->user_id,
        .created_us = m->now_us,
        .attributes = buf_span(&attributes),
        .relationships = buf_span(&relationships),
        .related_id = m->of->id,
    };
    resource_add(&m->sandbox->sql, &r);
    buf_close(&relationships);
    buf_close(&attributes);
}
