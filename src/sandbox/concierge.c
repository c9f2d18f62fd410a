/* CrossBorder: a request, the outputs that it pays, and its quote. */
#include <stdio.h>

#include "base/json.h"
#include "base/jsonw.h"
#include "sandbox/amount.h"
#include "sandbox/handlers.h"
#include "sandbox/machine.h"
#include "sandbox/thing.h"

/* ---- requests ---- */

void requests_create(struct call *c)
{
    if (!c->on_behalf && call_related(c, "user") == 0)
        call_problem(c, KIND_REQUESTS, "user", PROBLEM_BLANK);
    things_create(c);
}

static bool is_among(struct span state, const char *const states[3])
{
    for (int i = 0; i < 3 && states[i]; i++)
        if (span_is(state, states[i]))
            return true;
    return false;
}

static void step(struct call *c, const char *const from[3], const char *to,
                 const char *name)
{
    struct buf hold;
    struct resource r;
    buf_init(&hold, 1 << 24);
    if (thing_find(c, KIND_REQUESTS, call_id(c), &hold, &r)) {
        if (is_among(r.state, from))
            thing_step(c, &r, to, name, false);
        else
            thing_refuse(c, PROBLEM_TRANSITION);
    }
    buf_close(&hold);
}

void requests_ask_quote(struct call *c)
{
    step(c, (const char *const[3]){"draft"}, "quote_requested", "request_quote");
}

void requests_accept_quote(struct call *c)
{
    step(c, (const char *const[3]){"quoted"}, "quote_accepted", "accept_quote");
}

void requests_cancel(struct call *c)
{
    step(c, (const char *const[3]){"draft", "quoted", "quote_accepted"}, "cancelled",
         "cancel");
}

/* ---- outputs ---- */

/* What an output points to; the texts lie in the buffers. */
struct links {
    struct buf request_hold, instruction_hold, payee_hold;
    struct resource request, instruction, payee;
};

static void links_init(struct links *l)
{
    buf_init(&l->request_hold, 1 << 24);
    buf_init(&l->instruction_hold, 1 << 24);
    buf_init(&l->payee_hold, 1 << 16);
}

static void links_close(struct links *l)
{
    buf_close(&l->request_hold);
    buf_close(&l->instruction_hold);
    buf_close(&l->payee_hold);
}

/* All three, and the instruction must be the payee's. False: answered. */
static bool links_find(struct call *c, struct links *l)
{
    static const char *const names[] = {"request", "withdrawal_instruction", "user"};
    struct sql *s = &c->sandbox->sql;
    for (size_t i = 0; i < 3; i++)
        if (call_related(c, names[i]) == 0)
            call_problem(c, KIND_OUTPUTS, names[i], PROBLEM_BLANK);
    if (call_refused(c) || !thing_find(c, KIND_REQUESTS, call_related(c, "request"),
                                       &l->request_hold, &l->request))
        return false;
    if (resource_get(s, KIND_USERS, call_related(c, "user"), &l->payee_hold, &l->payee) &&
        resource_get(s, KIND_INSTRUCTIONS, call_related(c, "withdrawal_instruction"),
                     &l->instruction_hold, &l->instruction) &&
        l->instruction.user_id == l->payee.id)
        return true;
    answer_not_found(c->answer);
    return false;
}

/* One of amount and budget, and not both; only while the request is a draft. */
static void judge_output(struct call *c, const struct resource *request)
{
    struct span raw;
    bool amount = call_raw(c, "amount", &raw), budget = call_raw(c, "budget", &raw);
    if (!span_is(request->state, "draft"))
        call_problem(c, KIND_OUTPUTS, "base", PROBLEM_TRANSITION);
    if (!amount && !budget)
        call_problem(c, KIND_OUTPUTS, "amount", PROBLEM_BLANK);
    if (amount && budget)
        call_problem(c, KIND_OUTPUTS, "budget", PROBLEM_INVALID);
}

static void count_outputs(struct call *c, int64_t request)
{
    int64_t count = resource_count_children(&c->sandbox->sql, KIND_OUTPUTS, request);
    char news[64];
    snprintf(news, sizeof(news), "{\"outputs_count\":%lld}", (long long)count);
    machine_set(c->sandbox, KIND_REQUESTS, request, span_of(news));
}

static void add_output(struct call *c, const struct links *l)
{
    char relationships[384];
    snprintf(relationships, sizeof(relationships),
             "{\"request\":{\"data\":{\"type\":\"concierge_requests\",\"id\":\"%lld\"}},"
             "\"user\":{\"data\":{\"type\":\"users\",\"id\":\"%lld\"}},"
             "\"withdrawal_instruction\":{\"data\":{\"type\":\"withdrawal_instructions\","
             "\"id\":\"%lld\"}},\"failures\":{\"data\":[]}}",
             (long long)l->request.id, (long long)l->payee.id,
             (long long)l->instruction.id);
    judge_output(c, &l->request);
    thing_create(c, &(struct thing){.owner = l->request.user_id,
                                    .related_id = l->request.id,
                                    .relationships = span_of(relationships)});
    count_outputs(c, l->request.id);
}

void outputs_create(struct call *c)
{
    struct links l;
    links_init(&l);
    if (call_is(c, KIND_OUTPUTS) && links_find(c, &l))
        add_output(c, &l);
    links_close(&l);
}

/* ---- estimates ---- */

static bool add_wanted(struct span output, struct decimal *total)
{
    struct buf text;
    struct decimal one;
    buf_init(&text, 1 << 16);
    bool good = (json_text_at(output, "/budget", &text) ||
                 json_text_at(output, "/amount", &text)) &&
                amount_read(buf_span(&text), &one) && one.units > 0 &&
                decimal_add(*total, one, total);
    buf_close(&text);
    return good;
}

static bool add_all(struct call *c, struct decimal *total)
{
    struct json_cursor at = {0};
    struct span list, key, output;
    if (!call_raw(c, "outputs", &list) || json_type_of(list) != JSON_ARRAY)
        return false;
    while (json_next(list, &at, &key, &output))
        if (json_type_of(output) != JSON_OBJECT || !add_wanted(output, total))
            return false;
    return true;
}

/* Nothing is kept; every rate is 1, as in a quote. */
void estimates_create(struct call *c)
{
    struct decimal total = {0, 0};
    struct buf printed;
    if (!call_is(c, "concierge_estimates"))
        return;
    if (!add_all(c, &total))
        call_problem(c, "concierge_estimates", "outputs", PROBLEM_INVALID);
    if (call_refused(c))
        return;
    buf_init(&printed, 256);
    amount_print(total, &printed);
    buf_printf(&c->answer->body,
               "{\"data\":{\"id\":\"1\",\"type\":\"concierge_estimates\",\"attributes\":{"
               "\"total_to_spend\":%s,\"all_in_rate\":1.0,\"fee_and_cost\":0.0,"
               "\"hint_token\":\"sandbox-hint\"}}}",
               printed.data);
    buf_close(&printed);
}
