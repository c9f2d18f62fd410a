#include "sandbox/call.h"

#include "base/json.h"
#include "base/jsonw.h"
#include "base/scan.h"
#include "sandbox/kinds.h"
#include "sandbox/ledger.h"
#include "sandbox/machine.h"
#include "sandbox/view.h"

/* ---- reading the document ---- */

static bool at(const struct call *c, const char *before, const char *name,
               const char *after, struct span *raw)
{
    struct buf pointer;
    buf_init(&pointer, 256);
    buf_printf(&pointer, "/data/%s/%s%s", before, name, after);
    bool found = json_at(c->body, pointer.data, raw);
    buf_close(&pointer);
    return found;
}

bool call_raw(const struct call *c, const char *name, struct span *raw)
{
    return at(c, "attributes", name, "", raw) && json_type_of(*raw) != JSON_NULL;
}

static bool add_scalar(struct span raw, struct buf *out)
{
    if (json_type_of(raw) == JSON_NUMBER)
        return buf_add_span(out, raw);
    return json_type_of(raw) == JSON_STRING && json_unquote(raw, out);
}

bool call_text(struct call *c, const char *name, struct buf *out)
{
    struct span raw;
    if (!call_raw(c, name, &raw))
        return false;
    if (add_scalar(raw, out))
        return true;
    c->malformed = true;
    return false;
}

static int64_t read_id(struct span text)
{
    int64_t id;
    return scan_is_digits(text) && scan_int(text, 1, INT64_MAX, &id) ? id : -1;
}

int64_t call_related(const struct call *c, const char *name)
{
    struct span raw;
    struct buf text;
    if (!at(c, "relationships", name, "/data/id", &raw))
        return 0;
    buf_init(&text, 64);
    int64_t id = add_scalar(raw, &text) ? read_id(buf_span(&text)) : -1;
    buf_close(&text);
    return id;
}

static const struct otp_secret *secret_of(const struct options *o, int64_t user)
{
    const struct otp_secret *common = NULL;
    for (size_t i = 0; i < o->otp_count; i++) {
        if (o->otp_secrets[i].user == user)
            return &o->otp_secrets[i];
        if (o->otp_secrets[i].user == 0)
            common = &o->otp_secrets[i];
    }
    return common;
}

bool call_is_sure(struct call *c, int64_t user)
{
    const struct otp_secret *secret = secret_of(c->sandbox->options, user);
    if (!secret || otp_good(secret, c->password, c->seconds))
        return true;
    answer_text_error(c->answer, 401, "Invalid One Time Password");
    return false;
}

int64_t call_id(const struct call *c)
{
    return read_id(c->id);
}

bool call_owner(struct call *c, int64_t *user)
{
    struct buf hold;
    struct resource r;
    int64_t id = c->on_behalf ? 0 : call_related(c, "user");
    *user = id ? id : c->user;
    if (id == 0)
        return true;
    buf_init(&hold, 1 << 16);
    bool found = resource_get(&c->sandbox->sql, KIND_USERS, id, &hold, &r);
    buf_close(&hold);
    if (!found)
        answer_not_found(c->answer);
    return found;
}

/* ---- answering ---- */

void call_problem(struct call *c, const char *kind, const char *attribute,
                  enum problem problem)
{
    static const char *const texts[] = {
#define X(name, text, code) text,
        PROBLEMS(X)
#undef X
    };
    static const char *const codes[] = {
#define X(name, text, code) code,
        PROBLEMS(X)
#undef X
    };
    if (c->problems.len > 0)
        buf_add_char(&c->problems, ',');
    buf_printf(&c->problems,
               "{\"status\":422,\"title\":\"%s\",\"detail\":\"%s\",\"code\":\"%s\","
               "\"meta\":{\"type\":\"%s\"},"
               "\"source\":{\"pointer\":\"/data/attributes/%s\"}}",
               texts[problem], texts[problem], codes[problem], kind, attribute);
}

bool call_refused(struct call *c)
{
    if (c->malformed) {
        answer_page(c->answer, 500, "We're sorry, but something went wrong");
        return true;
    }
    if (c->problems.len == 0)
        return false;
    answer_clear(c->answer);
    c->answer->status = 422;
    buf_printf(&c->answer->body, "{\"errors\":[%s]}", c->problems.data);
    return true;
}

bool call_is(struct call *c, const char *kind)
{
    struct buf type;
    buf_init(&type, 256);
    bool same =
        json_text_at(c->body, "/data/type", &type) && span_is(buf_span(&type), kind);
    buf_close(&type);
    if (same)
        return true;
    call_problem(c, kind, "base", PROBLEM_INVALID);
    call_refused(c);
    return false;
}

void call_effect(struct call *c, const struct resource *r, const char *kind,
                 struct span currency)
{
    struct span body;
    bool own = span_is(r->kind, KIND_USERS) || r->user_id == MASTER_ID;
    json_at(buf_span(&c->answer->body), "/data", &body);
    ledger_add_effect(&c->sandbox->sql, &(struct ledger_effect){
                                            .request_id = c->request_id,
                                            .kind = kind ? span_of(kind) : r->kind,
                                            .resource_id = r->id,
                                            .user_id = own ? 0 : r->user_id,
                                            .reference = r->reference,
                                            .amount = r->amount,
                                            .currency = currency,
                                            .body = body,
                                        });
}

void call_create(struct call *c, struct resource *r, struct span currency)
{
    struct sql *s = &c->sandbox->sql;
    r->created_us = c->now_us;
    resource_add(s, r);
    call_show(c, r);
    if (!fault_applies(c->fault)) {
        resource_delete(s, r->kind, r->id);
        return;
    }
    call_effect(c, r, NULL, currency);
    if (r->state.ptr)
        machine_enter(c->sandbox, c->kind->name, r->id, r->state.ptr, c->now_us);
}

/* The instruction of a withdrawal is shown beside it, deleted or not. */
static void add_instruction(struct call *c, const struct resource *r, struct jsonw *w)
{
    struct buf hold;
    struct resource related;
    buf_init(&hold, 1 << 24);
    if (span_is(r->kind, KIND_CASH_WITHDRAWALS) &&
        resource_get_ever(&c->sandbox->sql, KIND_INSTRUCTIONS, r->related_id, &hold,
                          &related))
        view_write(c, w, NULL, &related, w);
    buf_close(&hold);
}

void call_show(struct call *c, const struct resource *r)
{
    struct jsonw w, beside;
    struct buf included;
    buf_init(&included, 1 << 26);
    jsonw_init(&w, &c->answer->body);
    jsonw_init(&beside, &included);
    jsonw_open(&w, NULL, '{');
    view_write(c, &w, "data", r, &beside);
    add_instruction(c, r, &beside);
    if (included.len > 0) {
        jsonw_open(&w, "included", '[');
        buf_add_span(w.out, buf_span(&included));
        jsonw_close(&w, ']');
    }
    jsonw_close(&w, '}');
    buf_close(&included);
}
