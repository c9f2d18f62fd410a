#include "base/json.h"
#include "base/jsonw.h"
#include "sandbox/handlers.h"
#include "sandbox/list.h"

#define LABEL_MAX (1 << 16)

static bool find_own(struct call *c, struct buf *hold, struct resource *r)
{
    int64_t id = call_id(c);
    if (id > 0 && resource_get(&c->sandbox->sql, KIND_INSTRUCTIONS, id, hold, r) &&
        r->user_id == c->user)
        return true;
    answer_not_found(c->answer);
    return false;
}

/* The body is echoed as it came, unvalidated: bad combinations are for people to reject.
 */
static struct span read_body(struct call *c)
{
    struct span raw;
    if (!call_raw(c, "body", &raw))
        return span_of("null");
    if (json_type_of(raw) != JSON_OBJECT)
        c->malformed = true;
    return raw;
}

static void write_attributes(struct call *c, struct buf *label, struct buf *out)
{
    struct jsonw w;
    struct buf method;
    bool labelled = call_text(c, "label", label);
    buf_init(&method, LABEL_MAX);
    jsonw_init(&w, out);
    jsonw_open(&w, NULL, '{');
    jsonw_text(&w, "label", labelled ? label->data : NULL);
    jsonw_text(&w, "schema", "bitex");
    if (call_text(c, "payment_method_type", &method))
        jsonw_span(&w, "payment_method_type", buf_span(&method));
    jsonw_raw(&w, "body", read_body(c));
    jsonw_close(&w, '}');
    buf_close(&method);
}

void instructions_create(struct call *c)
{
    struct buf label, attributes;
    int64_t owner;
    if (!call_is(c, KIND_INSTRUCTIONS) || !call_owner(c, &owner))
        return;
    buf_init(&label, LABEL_MAX);
    buf_init(&attributes, 1 << 24);
    write_attributes(c, &label, &attributes);
    if (!call_refused(c)) {
        struct resource r = {
            .kind = span_of(KIND_INSTRUCTIONS),
            .user_id = owner,
            .reference = label.len ? buf_span(&label) : (struct span){0},
            .attributes = buf_span(&attributes),
        };
        call_create(c, &r, (struct span){0});
    }
    buf_close(&attributes);
    buf_close(&label);
}

void instructions_list(struct call *c)
{
    list_show(c,
              &(struct resource_filter){.kind = KIND_INSTRUCTIONS, .user_id = c->user});
}

void instructions_show(struct call *c)
{
    struct buf hold;
    struct resource r;
    buf_init(&hold, 1 << 24);
    if (find_own(c, &hold, &r))
        call_show(c, &r);
    buf_close(&hold);
}

void instructions_delete(struct call *c)
{
    struct buf hold;
    struct resource r;
    buf_init(&hold, 1 << 24);
    if (find_own(c, &hold, &r)) {
        call_show(c, &r);
        if (fault_applies(c->fault)) {
            resource_delete(&c->sandbox->sql, r.kind, r.id);
            call_effect(c, &r, KIND_INSTRUCTIONS "/delete", (struct span){0});
        }
        answer_clear(c->answer);
        c->answer->status = 204;
    }
    buf_close(&hold);
}
