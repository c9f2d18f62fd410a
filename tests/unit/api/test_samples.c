/* The catalogue that the program carries, entry by entry: what a sample row of it sends, and that nothing which
 * changes something on the other side is repeated without a reason that is written down here. */
#include "lib/check.h"

#include <cjson/cJSON.h>

#include "api/request.h"
#include "base/buf.h"
#include "base/json.h"
#include "unit/api/built_in.h"

static char key_bytes[] = "0123456789abcdef";
static const struct key key = {.text = key_bytes};

/* Every field, or those of the shortest good row; the tag, which an import fills, in both. Of one_of only the
 * first, either way. */
static bool is_filled(const struct action *a, const struct action_field *f, bool all)
{
    if (a->tag && strcmp(a->tag, f->name) == 0)
        return true;
    if (action_is_one_of(a, f->name) || !all)
        return action_field_is_shown(a, f);
    return !(strcmp(f->name, "body") == 0 && f->place == FIELD_REQUEST);
}

static int build_sample(struct http_request *r, const struct action *a, bool all,
                        struct err *err)
{
    struct params params;
    params_init(&params);
    for (size_t i = 0; i < a->field_count; i++) {
        const struct action_field *f = &a->fields[i];
        if (is_filled(a, f, all))
            params_add(&params, span_of(f->name), span_of(action_field_sample(f)));
    }
    const struct request_job job = {a, &params, a->actor == ACTOR_USER ? "#594" : NULL};
    int rc = request_build(r, &job, &key, NULL, NULL, err);
    params_close(&params);
    return rc;
}

/* ---- JSON:API 1.0, "Document Structure" and "Creating Resources" ---- */

static bool is_named(const cJSON *json, const char *name)
{
    return cJSON_IsString(cJSON_GetObjectItemCaseSensitive(json, name));
}

static bool are_relationships(const cJSON *relationships)
{
    const cJSON *one;
    cJSON_ArrayForEach(one, relationships)
    {
        const cJSON *data = cJSON_GetObjectItemCaseSensitive(one, "data");
        if (!is_named(data, "type") || !is_named(data, "id") || one->child->next)
            return false;
    }
    return cJSON_IsObject(relationships);
}

static bool member_is_good(const struct action *a, const cJSON *member)
{
    const char *name = member->string;
    if (strcmp(name, "type") == 0)
        return cJSON_IsString(member) &&
               strcmp(member->valuestring, a->resource_type) == 0;
    if (strcmp(name, "id") == 0)
        return cJSON_IsString(member) && strcmp(a->method, "PATCH") == 0;
    if (strcmp(name, "attributes") == 0)
        return cJSON_IsObject(member) && member->child;
    return strcmp(name, "relationships") == 0 && are_relationships(member);
}

static bool is_document(const struct action *a, const cJSON *document)
{
    const cJSON *data = cJSON_GetObjectItemCaseSensitive(document, "data"), *member;
    if (!is_named(data, "type") || document->child->next)
        return false;
    cJSON_ArrayForEach(member, data)
    {
        if (!member_is_good(a, member))
            return false;
    }
    return strcmp(a->method, "PATCH") != 0 || is_named(data, "id") ||
           !action_field(a, span_of("id"));
}

/* NULL: good. */
static const char *fault_of_body(const struct action *a, const struct http_request *r)
{
    struct err err;
    bool reads = strcmp(r->method, "GET") == 0 || strcmp(r->method, "DELETE") == 0;
    if (reads || a->bare_body || !a->resource_type)
        return r->body.len ? "a body that nobody wants" : NULL;
    if (json_check(buf_span(&r->body), &err))
        return "a body that is not clean JSON";
    cJSON *document = cJSON_Parse(r->body.data);
    bool good = is_document(a, document);
    cJSON_Delete(document);
    return good ? NULL : "a body that is no JSON:API document";
}

static const char *fault_of(const struct action *a, const struct http_request *r)
{
    bool header = strstr(r->headers[0].value, "; user=594") != NULL;
    bool body = r->body.data && strstr(r->body.data, "\"user\":{\"data\":{\"type\":"
                                                     "\"users\",\"id\":\"594\"}}");
    if (a->method && strcmp(a->method, r->method) != 0)
        return "another method";
    if (r->path[0] != '/' || strpbrk(r->path, "{} "))
        return "a path that is none";
    if (a->version && strcmp(r->headers[1].value, a->version) != 0)
        return "another version";
    if (a->actor == ACTOR_USER &&
        (header == a->actor_in_body || body != a->actor_in_body))
        return "the user is not where on_behalf says";
    return fault_of_body(a, r);
}

static void a_sample_of_every_action_makes_a_good_request(void **state)
{
    (void)state;
    struct table t = {0};
    for (size_t i = 0; i < 2 * built_in.count; i++) {
        const struct action *a = &built_in.actions[i / 2];
        struct http_request r;
        struct err err = {0};
        if (build_sample(&r, a, i % 2, &err)) {
            table_want(&t, false, "%s: %s", a->name, err.text);
            continue;
        }
        const char *fault = fault_of(a, &r);
        table_want(&t, !fault, "%s: %s: %s %s %s", a->name, fault, r.method, r.path,
                   r.body.data ? r.body.data : "");
        http_request_close(&r);
    }
    table_end(&t);
}

static void every_sample_is_a_good_cell(void **state)
{
    (void)state;
    struct table t = {0};
    for (size_t i = 0; i < built_in.count; i++)
        for (size_t f = 0; f < built_in.actions[i].field_count; f++) {
            const struct action_field *field = &built_in.actions[i].fields[f];
            const char *want = "";
            table_want(
                &t,
                action_field_accepts(field, span_of(action_field_sample(field)), &want),
                "%s: %s: wanted %s", built_in.actions[i].name, field->name, want);
        }
    table_end(&t);
}

/* ---- what may be done twice, and what nobody can look up ---- */

static bool is_among(const char *const *names, const char *name)
{
    while (*names && strcmp(*names, name) != 0)
        names++;
    return *names != NULL;
}

/* A second time changes nothing more (docs/bitex-api.md 1.5, 2.2, 2.5, 2.6); PATCH sets what it says. */
static const char *const harmless_twice[] = {
    "complete_current_issue", "create_concierge_estimate", "cancel_bid", "cancel_ask",
    "cancel_buying_bot",      "cancel_selling_bot",        NULL};

/* Of these the API lists nothing by which one could be told from another: a person is asked. */
static const char *const nobody_can_look_up[] = {"create_cash_deposit",
                                                 "cancel_orders",
                                                 "create_buying_bot",
                                                 "create_selling_bot",
                                                 "create_webhook",
                                                 "create_support_ticket",
                                                 "delete_withdrawal_instruction",
                                                 "request",
                                                 NULL};

/* Proved absent, these are sent again: no money moves by them, or the API takes them from one state only. */
static const char *const sent_again[] = {"create_user",
                                         "create_withdrawal_instruction",
                                         "create_concierge_request",
                                         "request_quote",
                                         "cancel_concierge_request",
                                         "create_issue",
                                         "complete_issue",
                                         NULL};

static bool is_form(const struct action *a)
{
    return strcmp(a->path, "/attachments") == 0 || strstr(a->path, "_seeds") != NULL;
}

/* NULL: good. */
static const char *fault_of_repeat(const struct action *a)
{
    bool reads = a->method && strcmp(a->method, "GET") == 0;
    bool sets = a->method && strcmp(a->method, "PATCH") == 0;
    if (reads || sets)
        return a->repeat_safe ? NULL : "is not repeated, and could be";
    if (a->repeat_safe)
        return is_among(harmless_twice, a->name) ? NULL : "is repeated without a reason";
    if (!a->find.path != is_among(nobody_can_look_up, a->name))
        return a->find.path ? "can be looked up after all" : "cannot be looked up";
    if (a->find.resend && !is_among(sent_again, a->name) && !is_form(a))
        return "is sent again without a reason";
    if (a->find.resend && (a->amount_field || strcmp(a->name, "accept_quote") == 0))
        return "moves money and is sent again";
    return NULL;
}

static void nothing_is_done_twice_without_a_reason(void **state)
{
    (void)state;
    struct table t = {0};
    for (size_t i = 0; i < built_in.count; i++) {
        const char *fault = fault_of_repeat(&built_in.actions[i]);
        table_want(&t, !fault, "%s: %s", built_in.actions[i].name, fault);
    }
    table_end(&t);
    const char *const *lists[] = {harmless_twice, nobody_can_look_up, sent_again};
    for (size_t l = 0; l < COUNT_OF(lists); l++)
        for (const char *const *name = lists[l]; *name; name++)
            built_in_action(*name); /* fails where there is none */
}

/* What moves money is counted: a payment without money in the totals would be missed by a person. */
static void payments_count_in_the_totals(void **state)
{
    (void)state;
    static const char *const names[] = {"create_cash_withdrawal",
                                        "create_coin_withdrawal",
                                        "create_concierge_request_output",
                                        "create_bid",
                                        "create_ask",
                                        "create_buying_bot",
                                        "create_selling_bot",
                                        NULL};
    struct table t = {0};
    for (size_t i = 0; i < built_in.count; i++) {
        const struct action *a = &built_in.actions[i];
        table_want(&t, is_among(names, a->name) == (a->amount_field != NULL), "%s",
                   a->name);
    }
    table_end(&t);
}

/* ---- words for a person ---- */

static void every_summary_fits_a_line_of_the_list(void **state)
{
    (void)state;
    struct table t = {0};
    for (size_t i = 0; i < built_in.count; i++) {
        const char *s = built_in.actions[i].summary;
        size_t n = strlen(s);
        bool fits = n > 5 && n <= 85 && !strchr(s, '\n') && s[n - 1] != '.' &&
                    s[0] >= 'A' && s[0] <= 'Z';
        table_want(&t, fits, "%s: %s", built_in.actions[i].name, s);
        for (size_t k = 0; k < i; k++)
            table_want(&t, strcmp(s, built_in.actions[k].summary) != 0,
                       "%s: says the same as %s", built_in.actions[i].name,
                       built_in.actions[k].name);
    }
    table_end(&t);
}

/* Each file is a family, and its actions stand together. */
static void families_stand_together(void **state)
{
    (void)state;
    static const char *const order[] = {"users",       "compliance", "wallets",
                                        "withdrawals", "concierge",  "trading",
                                        "deposits",    "support",    "generic"};
    size_t at = 0;
    for (size_t i = 0; i < built_in.count; i++) {
        while (at < COUNT_OF(order) && strcmp(built_in.actions[i].family, order[at]) != 0)
            at++;
        if (at == COUNT_OF(order))
            fail_msg("%s: family %s", built_in.actions[i].name,
                     built_in.actions[i].family);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sample_of_every_action_makes_a_good_request),
        cmocka_unit_test(every_sample_is_a_good_cell),
        cmocka_unit_test(nothing_is_done_twice_without_a_reason),
        cmocka_unit_test(payments_count_in_the_totals),
        cmocka_unit_test(every_summary_fits_a_line_of_the_list),
        cmocka_unit_test(families_stand_together),
    };
    return cmocka_run_group_tests(tests, open_built_in, close_built_in);
}
