#include "api/classify.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/answer.h"
#include "api/echo.h"
#include "api/retry_after.h"
#include "base/json.h"
#include "base/jsonw.h"
#include "base/mem.h"

static void judge(struct verdict *v, enum outcome outcome, char *error)
{
    v->outcome = outcome;
    v->error = error;
}

static void judge_systemic(struct verdict *v, enum systemic why, char *error)
{
    judge(v, OUTCOME_SYSTEMIC, error);
    v->systemic = why;
}

static void judge_doubt(struct verdict *v, const struct http_response *r,
                        const char *what)
{
    judge(v, OUTCOME_IN_DOUBT, mem_printf("HTTP %d, but %s", r->status, what));
}

/* ---- without a whole answer ---- */

static char *transport_words(const char *what, const struct http_response *r)
{
    char *text = mem_printf("%s (%d %s)", what, r->transport_code,
                            r->transport_text[0] ? r->transport_text : "no reason given");
    char *line = answer_line(span_of(text));
    free(text);
    return line;
}

static void judge_unsent(struct verdict *v, const struct http_response *r)
{
    if (r->hopeless)
        judge_systemic(v, SYSTEMIC_SETUP, transport_words("nothing can be sent", r));
    else
        judge(v, OUTCOME_NOT_SENT, transport_words("not sent", r));
}

static void judge_torn(struct verdict *v, const struct http_response *r)
{
    char torn[64];
    const char *what = "sent, and no answer came";
    snprintf(torn, sizeof(torn), "sent, and the answer was torn after HTTP %d",
             r->status);
    if (r->sends != 1)
        what = "sent, lost, and a second sending was refused";
    else if (r->status)
        what = torn;
    judge(v, OUTCOME_IN_DOUBT, transport_words(what, r));
}

/* ---- 2xx ---- */

static void take_answer(struct verdict *v, struct span json)
{
    if (json.len <= CLASSIFY_ANSWER_MAX)
        v->answer = mem_span(json);
    else if (v->remote_id)
        v->answer = answer_kept(json, v->remote_id);
}

static char *state_of(const struct action *action, struct span resource)
{
    return action->state_pointer ? answer_text_at(resource, action->state_pointer) : NULL;
}

static void judge_resource(struct verdict *v, const struct attempt_facts *facts,
                           struct span data)
{
    const struct action *action = facts->action;
    const struct http_response *r = facts->response;
    char *mismatch = echo_mismatch(action, buf_span(&facts->sent->body), data);
    if (json_type_of(data) != JSON_OBJECT) {
        judge_doubt(v, r, "the answer has no resource");
    } else if (action->resource_type && !answer_is_of_type(data, action->resource_type)) {
        judge_doubt(v, r, "the answer is of another type");
    } else if (mismatch) {
        judge(v, OUTCOME_IN_DOUBT, mem_text(mismatch));
    } else if (!(v->remote_id = answer_id(data))) {
        judge_doubt(v, r, "the answer has no id");
    } else {
        v->outcome = OUTCOME_ACCEPTED;
        v->remote_state = state_of(action, data);
        take_answer(v, data);
    }
    free(mismatch);
}

static void judge_list(struct verdict *v, const struct http_response *r, struct span data)
{
    if (json_type_of(data) != JSON_ARRAY) {
        judge_doubt(v, r, "the answer has no list");
        return;
    }
    v->outcome = OUTCOME_ACCEPTED;
    take_answer(v, data);
}

/* The generic request: the resource when there is one, else the whole document. */
static void judge_any(struct verdict *v, const struct attempt_facts *facts,
                      struct span data)
{
    v->outcome = OUTCOME_ACCEPTED;
    if (json_type_of(data) == JSON_OBJECT) {
        v->remote_id = answer_id(data);
        v->remote_state = state_of(facts->action, data);
    }
    take_answer(v, data);
}

static void judge_document(struct verdict *v, const struct attempt_facts *facts)
{
    struct span body = buf_span(&facts->response->body), data = {"null", 4};
    bool found = json_at(body, "/data", &data);
    switch (facts->action->answer) {
    case ANSWER_RESOURCE:
        judge_resource(v, facts, data);
        return;
    case ANSWER_LIST:
        judge_list(v, facts->response, data);
        return;
    case ANSWER_NOTHING:
        v->outcome = OUTCOME_ACCEPTED;
        return;
    case ANSWER_ANY:
        if (!found)
            json_at(body, "", &data);
        judge_any(v, facts, data);
        return;
    }
}

static void judge_success(struct verdict *v, const struct attempt_facts *facts,
                          enum answer_kind kind)
{
    enum action_answer want = facts->action->answer;
    if (kind == ANSWER_IS_EMPTY && (want == ANSWER_NOTHING || want == ANSWER_ANY))
        v->outcome = OUTCOME_ACCEPTED;
    else if (kind != ANSWER_IS_DOCUMENT)
        judge(v, OUTCOME_IN_DOUBT, answer_words(facts->response, kind));
    else if (answer_has_errors(facts->response))
        judge_doubt(v, facts->response, "the answer has errors in it");
    else
        judge_document(v, facts);
}

/* ---- by status ---- */

enum rule {
    RULE_SUCCESS,
    RULE_REJECTED,     /* by the API's own error document */
    RULE_MAYBE_REJECT, /* the same, for a status nobody listed */
    RULE_KEY,
    RULE_PROXY,
    RULE_FUNDS,
    RULE_NOT_PROCESSED,
    RULE_LIMITED,
    RULE_DOUBT,
};

/* docs/judging.md, 4; "not processed" is RFC 9110 15.5.18 and 15.5.20, RFC 8470, RFC
 * 6585. 408 comes also from proxies that had sent the request on; 409 may mean that it
 * took effect before. */
static const struct {
    int from, to;
    enum rule rule;
} rules[] = {
    {200, 299, RULE_SUCCESS},       {400, 400, RULE_REJECTED},
    {401, 401, RULE_KEY},           {402, 402, RULE_FUNDS},
    {403, 403, RULE_KEY},           {404, 406, RULE_REJECTED},
    {407, 407, RULE_PROXY},         {408, 409, RULE_DOUBT},
    {410, 411, RULE_REJECTED},      {413, 415, RULE_REJECTED},
    {417, 417, RULE_NOT_PROCESSED}, {421, 421, RULE_NOT_PROCESSED},
    {422, 422, RULE_REJECTED},      {423, 424, RULE_DOUBT},
    {425, 425, RULE_NOT_PROCESSED}, {428, 428, RULE_REJECTED},
    {429, 429, RULE_LIMITED},       {431, 431, RULE_REJECTED},
    {451, 451, RULE_REJECTED},      {400, 499, RULE_MAYBE_REJECT},
};

static enum rule rule_of(int status)
{
    for (size_t i = 0; i < sizeof(rules) / sizeof(*rules); i++)
        if (status >= rules[i].from && status <= rules[i].to)
            return rules[i].rule;
    return RULE_DOUBT;
}

static void judge_rejection(struct verdict *v, enum rule rule, enum answer_kind kind,
                            char *words)
{
    if (kind == ANSWER_IS_ERRORS)
        judge(v, OUTCOME_REJECTED, words);
    else if (kind == ANSWER_IS_FOREIGN && rule == RULE_REJECTED)
        judge_systemic(v, SYSTEMIC_BLOCKED, words);
    else
        judge(v, OUTCOME_IN_DOUBT, words);
}

static enum systemic systemic_of(enum rule rule, enum answer_kind kind)
{
    bool json = kind == ANSWER_IS_ERRORS || kind == ANSWER_IS_DOCUMENT;
    if (rule == RULE_FUNDS && kind != ANSWER_IS_FOREIGN)
        return SYSTEMIC_FUNDS;
    return rule == RULE_KEY && json ? SYSTEMIC_KEY : SYSTEMIC_BLOCKED;
}

/* A limiter stands in front of the API: it says nothing, shows its page, or an error. What is none of
 * these may come from behind it. */
static enum outcome limited(enum answer_kind kind)
{
    bool from_behind = kind == ANSWER_IS_DOCUMENT || kind == ANSWER_IS_BROKEN;
    return from_behind ? OUTCOME_IN_DOUBT : OUTCOME_NOT_PROCESSED;
}

/* A wrong code is a 401, as a refused key is, and in what words is not known: but those of the key are (docs/bitex-api.md,
 * 1.6). */
static bool is_about_the_key(const struct http_response *r)
{
    return strstr(r->body.data, "Invalid Api Key") ||
           strstr(r->body.data, "Not enough permissions");
}

static char *words_about_code(const struct attempt_facts *facts, enum answer_kind kind)
{
    static const char *const hints[] = {
        [CODE_NONE] = "perhaps it wants a one-time password: set otp_secret_file",
        [CODE_OF_ROW] =
            "the one-time password of this row was refused; in a new row give "
            "one of now",
        [CODE_OF_SECRET] =
            "perhaps for the one-time password: is otp_secret_file of this "
            "account, and is the clock right?",
    };
    char *words = answer_words(facts->response, kind);
    char *text = mem_printf("%s (%s)", words, hints[facts->code]);
    free(words);
    return text;
}

/* A row's own code is that row's matter; without one, or with that of the secret, the next would fare no better. */
static void judge_key(struct verdict *v, const struct attempt_facts *facts,
                      enum answer_kind kind)
{
    const struct http_response *r = facts->response;
    bool json = kind == ANSWER_IS_ERRORS || kind == ANSWER_IS_DOCUMENT;
    if (r->status != 401 || !json || !action_one_time(facts->action) ||
        is_about_the_key(r))
        judge_systemic(v, systemic_of(RULE_KEY, kind), answer_words(r, kind));
    else if (facts->code == CODE_OF_ROW)
        judge(v, OUTCOME_REJECTED, words_about_code(facts, kind));
    else
        judge_systemic(v, SYSTEMIC_KEY, words_about_code(facts, kind));
}

static void judge_status(struct verdict *v, const struct attempt_facts *facts)
{
    const struct http_response *r = facts->response;
    enum answer_kind kind = answer_kind(r);
    enum rule rule = rule_of(r->status);
    switch (rule) {
    case RULE_SUCCESS:
        judge_success(v, facts, kind);
        return;
    case RULE_REJECTED:
    case RULE_MAYBE_REJECT:
        judge_rejection(v, rule, kind, answer_words(r, kind));
        return;
    case RULE_KEY:
        judge_key(v, facts, kind);
        return;
    case RULE_PROXY:
    case RULE_FUNDS:
        judge_systemic(v, systemic_of(rule, kind), answer_words(r, kind));
        return;
    case RULE_NOT_PROCESSED:
        judge(v, OUTCOME_NOT_PROCESSED, answer_words(r, kind));
        return;
    case RULE_LIMITED:
        judge(v, limited(kind), answer_words(r, kind));
        return;
    case RULE_DOUBT:
        judge(v, OUTCOME_IN_DOUBT, answer_words(r, kind));
        return;
    }
}

void classify(struct verdict *out, const struct attempt_facts *facts)
{
    const struct http_response *r = facts->response;
    verdict_init(out);
    if (r->sends == 0) {
        judge_unsent(out, r);
        return;
    }
    if (r->headers_complete)
        out->retry_after_ms = retry_after_ms(r, facts->now);
    if (r->sends == 1 && r->headers_complete && r->complete)
        judge_status(out, facts);
    else
        judge_torn(out, r);
}
