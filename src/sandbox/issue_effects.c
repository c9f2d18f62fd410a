/* What a decision about a person sets off. */
#include "base/json.h"
#include "sandbox/compliance.h"
#include "sandbox/effects.h"
#include "sandbox/kinds.h"

static void take_name(void *ctx, const struct resource *docket)
{
    json_text_at(docket->attributes, "/last_name", ctx);
}

/* Asked back as often as the mark wants it. */
static bool asks_back(struct sandbox *s, const struct resource *issue, struct span name)
{
    int64_t asked = resource_count_children(&s->sql, KIND_OBSERVATIONS, issue->id);
    return (span_is(name, "OBSERVE") && asked < 1) ||
           (span_is(name, "OBSERVE TWICE") && asked < 2);
}

/* The docket's last name is the mark. */
enum fate issue_fate(struct sandbox *s, const struct resource *issue)
{
    static const struct {
        const char *mark;
        enum fate fate;
    } marks[] = {
        {"REJECT", FATE_REJECT},
        {"DISMISS", FATE_DISMISS},
        {"ABANDON", FATE_ABANDON},
    };
    struct buf name;
    enum fate fate = FATE_ANY;
    buf_init(&name, 1 << 16);
    resource_each_child(&s->sql, KIND_DOCKETS, issue->id, take_name, &name);
    for (size_t i = 0; i < sizeof(marks) / sizeof(*marks); i++)
        if (span_is(buf_span(&name), marks[i].mark))
            fate = marks[i].fate;
    if (asks_back(s, issue, buf_span(&name)))
        fate = FATE_OBSERVE;
    buf_close(&name);
    return fate;
}

void issue_approved(const struct moment *m)
{
    compliance_move(m->sandbox, m->of->user_id, span_of("enabled"), m->now_us);
}

/* It may be about one who is enabled: that is revoked. */
void issue_rejected(const struct moment *m)
{
    int64_t user = m->of->user_id;
    if (!compliance_move(m->sandbox, user, span_of("rejected"), m->now_us))
        compliance_move(m->sandbox, user, span_of("disabled"), m->now_us);
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
