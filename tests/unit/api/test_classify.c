/* Holds docs/judging.md, 2 to 4, as literal tables, written apart from the code. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/classify.h"
#include "base/buf.h"
#include "base/json.h"
#include "lib/check.h"
#include "unit/api/built_in.h"

#define JSON_TYPE "application/vnd.api+json; charset=utf-8"

/* ---- one letter per verdict ---- */

static char letter(const struct verdict *v)
{
    static const char systemic[] = {[SYSTEMIC_NONE] = '?',
                                    [SYSTEMIC_KEY] = 'K',
                                    [SYSTEMIC_BLOCKED] = 'B',
                                    [SYSTEMIC_FUNDS] = 'F',
                                    [SYSTEMIC_SETUP] = 'S'};
    static const char outcome[] = {
        [OUTCOME_ACCEPTED] = 'A', [OUTCOME_REJECTED] = 'R',
        [OUTCOME_SYSTEMIC] = '?', [OUTCOME_NOT_PROCESSED] = 'N',
        [OUTCOME_NOT_SENT] = 'U', [OUTCOME_IN_DOUBT] = 'D'};
    if (v->outcome == OUTCOME_SYSTEMIC)
        return systemic[v->systemic];
    return v->systemic == SYSTEMIC_NONE ? outcome[v->outcome] : '?';
}

/* What holds for every verdict, whatever its outcome. */
static void check_shape(const struct verdict *v)
{
    bool accepted = v->outcome == OUTCOME_ACCEPTED;
    assert_int_equal(v->error == NULL, accepted);
    if (v->error) {
        assert_true(strlen(v->error) > 0 && strlen(v->error) <= 500);
        for (const char *p = v->error; *p; p++)
            assert_true((unsigned char)*p >= ' ' && *p != 0x7f);
    }
    if (!accepted) {
        assert_null(v->remote_id);
        assert_null(v->remote_state);
        assert_null(v->answer);
    }
    assert_true(v->retry_after_ms >= -1 && v->retry_after_ms <= 3600 * 1000);
}

struct exchange {
    const char *action;
    const char *sent;
    int status;
    const char *type; /* content type */
    struct span body;
    enum code_origin code;
};

static void judge(struct verdict *v, const struct exchange *x)
{
    struct http_request sent;
    struct http_response r;
    http_request_init(&sent);
    http_response_init(&r);
    buf_add_text(&sent.body, x->sent ? x->sent : "");
    r.sends = 1;
    r.headers_complete = r.complete = true;
    r.status = x->status;
    snprintf(r.content_type, sizeof(r.content_type), "%s", x->type ? x->type : "");
    assert_true(buf_add_span(&r.body, x->body));
    const struct attempt_facts facts = {.action = built_in_action(x->action),
                                        .sent = &sent,
                                        .response = &r,
                                        .code = x->code,
                                        .now = (struct wall){0}};
    classify(v, &facts);
    check_shape(v);
    http_request_close(&sent);
    http_response_close(&r);
}

static char judged(const char *action, const char *sent, int status, const char *type,
                   const char *body)
{
    struct verdict v;
    const struct exchange x = {action, sent, status, type, span_of(body), CODE_NONE};
    judge(&v, &x);
    char c = letter(&v);
    verdict_close(&v);
    return c;
}

#define CASH_SENT                                                                        \
    "{\"data\":{\"type\":\"cash_withdrawals\",\"attributes\":{\"amount\":100.10,"        \
    "\"fiat_code\":\"ARS\"},\"relationships\":{\"withdrawal_instruction\":{\"data\":"    \
    "{\"type\":\"withdrawal_instructions\",\"id\":\"77\"}}}}}"
#define CASH_DATA                                                                        \
    "{\"id\":\"9\",\"type\":\"cash_withdrawals\",\"attributes\":{\"status\":"            \
    "\"received\",\"amount\":100.1,\"fiat_code\":\"ars\"},\"relationships\":{"           \
    "\"withdrawal_instruction\":{\"data\":{\"id\":\"77\","                               \
    "\"type\":\"withdrawal_instructions\"}}}}"
#define CASH_GOOD "{\"data\":" CASH_DATA "}"

/* ---- 2.3: by libcurl result and phase ---- */

/* A: before PREREQ. B: after it, no complete header. C: headers complete, body torn.
 * 'U' not sent, 'S' set-up (hopeless), 'D' in doubt, '-' cannot be. */
static const struct {
    int code;
    char a, b, c;
} phases[] = {
    {0, '-', 'D', 'D'},  {1, 'S', 'D', '-'},   {2, 'S', '-', '-'},
    {3, 'S', '-', '-'},  {4, 'S', '-', '-'},   {43, 'S', '-', '-'},
    {48, 'S', '-', '-'}, {5, 'U', '-', '-'},   {6, 'U', '-', '-'},
    {7, 'U', 'D', '-'},  {8, '-', 'D', 'D'},   {9, '-', '-', 'D'},
    {22, '-', '-', 'D'}, {16, 'U', 'D', 'D'},  {18, '-', 'D', 'D'},
    {23, '-', 'D', 'D'}, {26, 'U', 'D', 'D'},  {65, 'U', 'D', 'D'},
    {27, 'U', 'D', 'D'}, {28, 'U', 'D', 'D'},  {35, 'U', 'D', 'D'},
    {51, 'S', 'D', 'D'}, {60, 'S', 'D', 'D'},  {53, 'S', 'D', 'D'},
    {54, 'S', 'D', 'D'}, {58, 'S', 'D', 'D'},  {59, 'S', 'D', 'D'},
    {66, 'S', 'D', 'D'}, {77, 'S', 'D', 'D'},  {80, 'S', 'D', 'D'},
    {82, 'S', 'D', 'D'}, {83, 'S', 'D', 'D'},  {90, 'S', 'D', 'D'},
    {91, 'S', 'D', 'D'}, {42, 'U', 'D', 'D'},  {47, '-', 'D', 'D'},
    {52, '-', 'D', '-'}, {55, 'U', 'D', 'D'},  {56, 'U', 'D', 'D'},
    {61, '-', '-', 'D'}, {81, 'U', '-', '-'},  {89, 'U', '-', '-'},
    {92, '-', 'D', 'D'}, {94, 'U', 'D', 'D'},  {95, 'U', 'D', 'D'},
    {96, 'U', 'D', 'D'}, {97, 'U', 'D', 'D'},  {98, 'U', 'D', 'D'},
    {99, 'U', 'D', 'D'}, {100, 'U', 'D', 'D'}, {12345, 'U', 'D', 'D'},
};

static char judge_torn(const struct http_response *r)
{
    struct http_request sent;
    struct verdict v;
    http_request_init(&sent);
    const struct attempt_facts facts = {.action =
                                            built_in_action("create_cash_withdrawal"),
                                        .sent = &sent,
                                        .response = r,
                                        .now = (struct wall){0}};
    classify(&v, &facts);
    check_shape(&v);
    char c = letter(&v);
    verdict_close(&v);
    http_request_close(&sent);
    return c;
}

static void expect_phase(int code, char phase, char want, int status)
{
    if (want == '-')
        return;
    struct http_response r;
    http_response_init(&r);
    r.transport_code = code;
    r.sends = phase != 'A';
    r.hopeless = want == 'S';
    r.headers_complete = phase == 'C';
    r.status = status;
    if (phase == 'C')
        buf_add_text(&r.body, CASH_GOOD);
    strcpy(r.content_type, JSON_TYPE);
    char got = judge_torn(&r);
    if (got != want)
        fail_msg("code %d phase %c status %d: %c, want %c", code, phase, status, got,
                 want);
    http_response_close(&r);
}

static void a_torn_exchange_is_judged_by_its_phase_never_by_its_code(void **state)
{
    (void)state;
    static const int statuses[] = {200, 201, 204, 400, 401, 404, 422, 429, 500, 503};
    for (size_t i = 0; i < sizeof(phases) / sizeof(*phases); i++) {
        expect_phase(phases[i].code, 'A', phases[i].a, 0);
        expect_phase(phases[i].code, 'B', phases[i].b, 0);
        for (size_t s = 0; s < sizeof(statuses) / sizeof(*statuses); s++) {
            expect_phase(phases[i].code, 'B', phases[i].b, statuses[s]);
            expect_phase(phases[i].code, 'C', phases[i].c, statuses[s]);
        }
    }
}

/* sends, headers, complete, hopeless: every combination, with a good answer lying there.
 */
static void the_facts_are_asked_in_order(void **state)
{
    (void)state;
    for (int sends = -1; sends <= 3; sends++)
        for (int bits = 0; bits < 8; bits++) {
            bool headers = bits & 1, complete = bits & 2, hopeless = bits & 4;
            struct http_response r;
            http_response_init(&r);
            r.sends = sends;
            r.headers_complete = headers;
            r.complete = complete;
            r.hopeless = hopeless;
            r.status = 200;
            strcpy(r.content_type, JSON_TYPE);
            buf_add_text(&r.body, CASH_GOOD);
            char want = 'D';
            if (sends == 0)
                want = hopeless ? 'S' : 'U';
            if (sends == 1 && headers && complete)
                want = 'A';
            if (judge_torn(&r) != want)
                fail_msg("sends %d bits %d: want %c", sends, bits, want);
            http_response_close(&r);
        }
}

static void what_was_torn_is_told_with_the_librarys_reason(void **state)
{
    (void)state;
    static const struct {
        int sends, status, code;
        bool hopeless;
        const char *reason, *want;
    } rows[] = {
        {0, 0, 7, false, "refused", "not sent (7 refused)"},
        {0, 0, 60, true, "bad certificate", "nothing can be sent (60 bad certificate)"},
        {1, 0, 28, false, "timed out", "sent, and no answer came (28 timed out)"},
        {1, 201, 18, false, "",
         "sent, and the answer was torn after HTTP 201 "
         "(18 no reason given)"},
        {2, 0, 42, false, "a\nb",
         "sent, lost, and a second sending was refused "
         "(42 a\\x0ab)"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct http_request sent = {0};
        struct http_response r;
        struct verdict v;
        http_response_init(&r);
        r.sends = rows[i].sends;
        r.status = rows[i].status;
        r.transport_code = rows[i].code;
        r.hopeless = rows[i].hopeless;
        snprintf(r.transport_text, sizeof(r.transport_text), "%s", rows[i].reason);
        const struct attempt_facts facts = {.action = built_in_action("create_user"),
                                            .sent = &sent,
                                            .response = &r,
                                            .now = (struct wall){0}};
        classify(&v, &facts);
        assert_string_equal(v.error, rows[i].want);
        verdict_close(&v);
        http_response_close(&r);
    }
}

/* ---- 2.4: by status, for every kind of body ---- */

static const struct {
    const char *name, *type, *body;
} bodies[] = {
    {"errors[]", JSON_TYPE,
     "{\"errors\":[{\"status\":422,\"title\":\"T\",\"detail\":\"La orden es muy "
     "peque\xc3\xb1"
     "a\",\"source\":{\"pointer\":\"/data/attributes/base\"}}]}"},
    {"error string", JSON_TYPE, "{\"error\":\"Invalid Api Key\"}"},
    {"HTML", "text/html; charset=UTF-8", "<html><body>Attention Required!</body></html>"},
    {"empty", JSON_TYPE, ""},
    {"truncated", JSON_TYPE, "{\"data\":{\"id\":\"9\",\"type\":\"cash_withd"},
    {"wrong type", JSON_TYPE, "{\"data\":{\"id\":\"9\",\"type\":\"users\"}}"},
    {"good", JSON_TYPE, CASH_GOOD},
};
#define BODY_COUNT (sizeof(bodies) / sizeof(*bodies))

/* One letter per body above, in its order. */
static const struct {
    int from, to;
    const char *want;
} statuses[] = {
    {100, 199, "DDDDDDD"}, {200, 299, "DDDDDDA"}, {300, 399, "DDDDDDD"},
    {400, 400, "RRBDDDD"}, {401, 401, "KKBBBKK"}, {402, 402, "FFBFFFF"},
    {403, 403, "KKBBBKK"}, {404, 406, "RRBDDDD"}, {407, 407, "BBBBBBB"},
    {408, 409, "DDDDDDD"}, {410, 411, "RRBDDDD"}, {412, 412, "RRDDDDD"},
    {413, 415, "RRBDDDD"}, {416, 416, "RRDDDDD"}, {417, 417, "NNNNNNN"},
    {418, 420, "RRDDDDD"}, {421, 421, "NNNNNNN"}, {422, 422, "RRBDDDD"},
    {423, 424, "DDDDDDD"}, {425, 425, "NNNNNNN"}, {426, 427, "RRDDDDD"},
    {428, 428, "RRBDDDD"}, {429, 429, "NNNNDDD"}, {430, 430, "RRDDDDD"},
    {431, 431, "RRBDDDD"}, {432, 450, "RRDDDDD"}, {451, 451, "RRBDDDD"},
    {452, 499, "RRDDDDD"}, {500, 599, "DDDDDDD"},
};

static void every_status_with_every_body_is_judged(void **state)
{
    (void)state;
    int next = 100, count = 0;
    for (size_t i = 0; i < sizeof(statuses) / sizeof(*statuses); i++) {
        assert_int_equal(statuses[i].from, next);
        next = statuses[i].to + 1;
        for (int status = statuses[i].from; status <= statuses[i].to; status++)
            for (size_t b = 0; b < BODY_COUNT; b++, count++) {
                char got = judged("create_cash_withdrawal", CASH_SENT, status,
                                  bodies[b].type, bodies[b].body);
                if (got != statuses[i].want[b])
                    fail_msg("%d with %s: %c, want %c", status, bodies[b].name, got,
                             statuses[i].want[b]);
            }
    }
    assert_int_equal(next, 600);
    assert_int_equal(count, 500 * (int)BODY_COUNT);
}

/* ---- a refused key, or a refused one-time password ---- */

#define NO_KEY   "{\"error\":\"Invalid Api Key\"}"
#define NO_RIGHT "{\"errors\":[{\"code\":\"Not enough permissions\",\"detail\":null}]}"
#define NO_CODE  "{\"errors\":[{\"detail\":\"Invalid OTP\"}]}"
#define PAGE     "<html>Attention Required!</html>"
#define OF_ROW   "the one-time password of this row was refused"
#define OF_NONE  "set otp_secret_file"
#define OF_OURS  "is the clock right?"
#define NO_WORD  "one-time" /* must not be there */

/* The words of the key are known, those of a wrong code are not; only an action that takes codes can have one refused,
 * and only a row's own code is that row's matter. */
static const struct {
    const char *action;
    enum code_origin code;
    int status;
    const char *body;
    char want;
    const char *words;
} refused[] = {
    {"create_cash_withdrawal", CODE_NONE, 401, NO_CODE, 'K', OF_NONE},
    {"create_cash_withdrawal", CODE_OF_ROW, 401, NO_CODE, 'R', OF_ROW},
    {"create_cash_withdrawal", CODE_OF_SECRET, 401, NO_CODE, 'K', OF_OURS},
    {"create_cash_withdrawal", CODE_NONE, 401, NO_KEY, 'K', NO_WORD},
    {"create_cash_withdrawal", CODE_OF_ROW, 401, NO_KEY, 'K', NO_WORD},
    {"create_cash_withdrawal", CODE_OF_SECRET, 401, NO_KEY, 'K', NO_WORD},
    {"create_cash_withdrawal", CODE_OF_ROW, 401, NO_RIGHT, 'K', NO_WORD},
    {"create_cash_withdrawal", CODE_OF_SECRET, 401, NO_RIGHT, 'K', NO_WORD},
    {"create_cash_withdrawal", CODE_OF_ROW, 401, "{\"message\":\"no\"}", 'R', OF_ROW},
    {"create_cash_withdrawal", CODE_OF_ROW, 401, PAGE, 'B', NO_WORD},
    {"create_cash_withdrawal", CODE_OF_SECRET, 401, PAGE, 'B', NO_WORD},
    {"create_cash_withdrawal", CODE_OF_ROW, 401, "", 'B', NO_WORD},
    {"create_cash_withdrawal", CODE_OF_ROW, 401, "{\"errors\":[{", 'B', NO_WORD},
    {"create_cash_withdrawal", CODE_NONE, 403, NO_CODE, 'K', NO_WORD},
    {"create_cash_withdrawal", CODE_OF_ROW, 403, NO_CODE, 'K', NO_WORD},
    {"create_cash_withdrawal", CODE_OF_SECRET, 403, NO_CODE, 'K', NO_WORD},
    {"create_cash_withdrawal", CODE_OF_ROW, 407, NO_CODE, 'B', NO_WORD},
    {"create_cash_withdrawal", CODE_OF_ROW, 422, NO_CODE, 'R', NO_WORD},
    {"create_user", CODE_NONE, 401, NO_CODE, 'K', NO_WORD},
    {"create_user", CODE_NONE, 401, NO_KEY, 'K', NO_WORD},
    {"create_user", CODE_NONE, 403, NO_RIGHT, 'K', NO_WORD},
    {"get_user", CODE_NONE, 401, NO_CODE, 'K', NO_WORD},
};

static void a_refused_code_is_told_from_a_refused_key(void **state)
{
    (void)state;
    struct table t = {0};
    for (size_t i = 0; i < COUNT_OF(refused); i++) {
        struct verdict v;
        const char *type = strcmp(refused[i].body, PAGE) == 0 ? "text/html" : JSON_TYPE;
        const struct exchange x = {refused[i].action,        NULL,
                                   refused[i].status,        type,
                                   span_of(refused[i].body), refused[i].code};
        judge(&v, &x);
        bool wants_words = refused[i].words[0] && strcmp(refused[i].words, NO_WORD) != 0;
        table_want(&t, letter(&v) == refused[i].want, "row %zu: %c, %s", i, letter(&v),
                   v.error);
        table_want(&t, (strstr(v.error, refused[i].words) != NULL) == wants_words,
                   "row %zu: %s", i, v.error);
        verdict_close(&v);
    }
    table_end(&t);
}

static void a_status_that_is_none_is_doubt(void **state)
{
    (void)state;
    static const int odd[] = {0, 1, 99, 600, 999, -200};
    for (size_t i = 0; i < sizeof(odd) / sizeof(*odd); i++)
        for (size_t b = 0; b < BODY_COUNT; b++)
            assert_int_equal(judged("create_cash_withdrawal", CASH_SENT, odd[i],
                                    bodies[b].type, bodies[b].body),
                             'D');
}

/* ---- what a 2xx must carry ---- */

#define USER_SENT                                                                        \
    "{\"data\":{\"type\":\"users\",\"attributes\":{\"email\":\"Ana+1@x.com\"}}}"
#define LABEL_SENT                                                                       \
    "{\"data\":{\"type\":\"withdrawal_instructions\",\"attributes\":{\"label\":"         \
    "\"pay-\\u00e9\",\"body\":{\"currency\":\"ARS\",\"name\":\"Ana\"}}}}"

static const struct {
    const char *name, *action, *sent,
        *attributes; /* of the answer, and more after them */
    bool mismatch;
} echoes[] = {
#define CASH(name, attributes, mismatch)                                                 \
    {                                                                                    \
        name, "create_cash_withdrawal", CASH_SENT, attributes, mismatch                  \
    }
    CASH("same digits", "{\"amount\":100.10,\"fiat_code\":\"ARS\"}", false),
    CASH("same value", "{\"amount\":100.1,\"fiat_code\":\"ars\"}", false),
    CASH("as a text", "{\"amount\":\"100.100000\",\"fiat_code\":\"Ars\"}", false),
    CASH("with an exponent", "{\"amount\":1.001e2}", false),
    CASH("as a float", "{\"amount\":100.10000000}", false),
    CASH("not carried", "{}", false),
    CASH("other attributes", "{\"gross_amount\":5,\"fee\":1,\"label\":\"x\"}", false),
    CASH("a cent more", "{\"amount\":100.11}", true),
    CASH("a hundred times", "{\"amount\":10010}", true),
    CASH("whole part", "{\"amount\":100}", true),
    CASH("negative", "{\"amount\":-100.10}", true),
    CASH("float dust", "{\"amount\":100.10000000000001}", true),
    CASH("too long to read", "{\"amount\":100.09999999999999431565811391919851}", true),
    CASH("null", "{\"amount\":null}", true),
    CASH("an object", "{\"amount\":{\"value\":100.10}}", true),
    CASH("true", "{\"amount\":true}", true),
    CASH("a word", "{\"amount\":\"much\"}", true),
    CASH("other currency", "{\"amount\":100.10,\"fiat_code\":\"usd\"}", true),
    CASH("no currency", "{\"fiat_code\":\"\"}", true),
    CASH("same instruction",
         "{},\"relationships\":{\"withdrawal_instruction\":{\"data\":{\"id\":\"77\"}}}",
         false),
    CASH("instruction as a number",
         "{},\"relationships\":{\"withdrawal_instruction\":{\"data\":{\"id\":77}}}",
         false),
    CASH("another instruction",
         "{},\"relationships\":{\"withdrawal_instruction\":{\"data\":{\"id\":\"78\"}}}",
         true),
    CASH("instruction not told",
         "{},\"relationships\":{\"withdrawal_instruction\":{\"links\":{}}}", false),
#undef CASH
    {"same e-mail", "create_user", USER_SENT, "{\"email\":\"Ana+1@x.com\"}", false},
    {"e-mail in lower case", "create_user", USER_SENT, "{\"email\":\"ana+1@x.com\"}",
     false},
    {"other e-mail", "create_user", USER_SENT, "{\"email\":\"ana+2@x.com\"}", true},
    {"no e-mail", "create_user", USER_SENT, "{\"email\":null}", true},
    {"same label", "create_withdrawal_instruction", LABEL_SENT,
     "{\"label\":\"pay-\xc3\xa9\"}", false},
    {"label in other case", "create_withdrawal_instruction", LABEL_SENT,
     "{\"label\":\"PAY-\xc3\xa9\"}", true},
    {"label with a blank", "create_withdrawal_instruction", LABEL_SENT,
     "{\"label\":\"pay-\xc3\xa9 \"}", true},
    {"nested currency", "create_withdrawal_instruction", LABEL_SENT,
     "{\"body\":{\"currency\":\"ars\",\"name\":\"Anna\"}}", false},
    {"other nested currency", "create_withdrawal_instruction", LABEL_SENT,
     "{\"body\":{\"currency\":\"usd\"}}", true},
};

static void what_came_back_must_be_what_was_sent(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(echoes) / sizeof(*echoes); i++) {
        struct verdict v;
        char *body = NULL;
        assert_true(
            asprintf(&body, "{\"data\":{\"id\":\"5\",\"type\":\"%s\",\"attributes\":%s}}",
                     built_in_action(echoes[i].action)->resource_type,
                     echoes[i].attributes) > 0);
        const struct exchange x = {echoes[i].action, echoes[i].sent, 200,
                                   JSON_TYPE,        span_of(body),  CODE_NONE};
        judge(&v, &x);
        if (letter(&v) != (echoes[i].mismatch ? 'D' : 'A'))
            fail_msg("%s: %c %s", echoes[i].name, letter(&v), v.error ? v.error : "");
        if (echoes[i].mismatch && strncmp(v.error, "echo mismatch: ", 15) != 0)
            fail_msg("%s: %s", echoes[i].name, v.error);
        verdict_close(&v);
        free(body);
    }
}

static void the_mismatch_names_field_and_both_values(void **state)
{
    (void)state;
    struct verdict v;
    const struct exchange x = {
        "create_cash_withdrawal",
        CASH_SENT,
        200,
        JSON_TYPE,
        span_of("{\"data\":{\"id\":\"5\",\"type\":\"cash_withdrawals\","
                "\"attributes\":{\"amount\":1e9}}}"),
        CODE_NONE};
    judge(&v, &x);
    assert_string_equal(v.error,
                        "echo mismatch: amount was sent as 100.10 and came back as 1e9");
    verdict_close(&v);
}

static const struct {
    const char *data; /* of a cash withdrawal's answer */
    const char *id;   /* NULL: doubt */
} ids[] = {
    {"\"id\":\"594\"", "594"},
    {"\"id\":594", "594"},
    {"\"id\":\"usd\"", "usd"},
    {"\"id\":\"a-b_C9\"", "a-b_C9"},
    {"\"id\":\""
     "0123456789012345678901234567890123456789012345678901234567890123"
     "\"",
     "0123456789012345678901234567890123456789012345678901234567890123"},
    {"\"id\":\""
     "01234567890123456789012345678901234567890123456789012345678901234"
     "\"",
     NULL},
    {"\"id\":\"\"", NULL},
    {"\"id\":null", NULL},
    {"\"id\":true", NULL},
    {"\"id\":[1]", NULL},
    {"\"id\":{\"x\":1}", NULL},
    {"\"id\":-5", NULL},
    {"\"id\":1.5", NULL},
    {"\"id\":1e3", NULL},
    {"\"id\":\"1/2\"", NULL},
    {"\"id\":\"..\"", NULL},
    {"\"id\":\"1\\r\\nX: y\"", NULL},
    {"\"id\":\"1; user=2\"", NULL},
    {"\"id\":\"\xc3\xa9\"", NULL},
    {"\"ID\":\"5\"", NULL},
};

static void an_id_counts_only_when_it_may_go_into_a_path(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(ids) / sizeof(*ids); i++) {
        struct verdict v;
        char *body = NULL;
        assert_true(asprintf(&body, "{\"data\":{\"type\":\"cash_withdrawals\",%s}}",
                             ids[i].data) > 0);
        const struct exchange x = {"create_cash_withdrawal",
                                   CASH_SENT,
                                   201,
                                   JSON_TYPE,
                                   span_of(body),
                                   CODE_NONE};
        judge(&v, &x);
        if (letter(&v) != (ids[i].id ? 'A' : 'D'))
            fail_msg("%s: %c", ids[i].data, letter(&v));
        if (ids[i].id)
            assert_string_equal(v.remote_id, ids[i].id);
        verdict_close(&v);
        free(body);
    }
}

static const struct {
    const char *action;
    int status;
    const char *type, *body;
    char want;
} documents[] = {
    {"create_cash_withdrawal", 200, "application/json", CASH_GOOD, 'A'},
    {"create_cash_withdrawal", 200, "APPLICATION/JSON", CASH_GOOD, 'A'},
    {"create_cash_withdrawal", 202, JSON_TYPE, CASH_GOOD, 'A'},
    {"create_cash_withdrawal", 200, "text/html", CASH_GOOD, 'D'},
    {"create_cash_withdrawal", 200, "", CASH_GOOD, 'D'},
    {"create_cash_withdrawal", 200, JSON_TYPE, CASH_GOOD " x", 'D'},
    {"create_cash_withdrawal", 200, JSON_TYPE, "{\"data\":" CASH_DATA ",\"data\":{}}",
     'D'},
    {"create_cash_withdrawal", 200, JSON_TYPE, "{\"data\":[" CASH_DATA "]}", 'D'},
    {"create_cash_withdrawal", 200, JSON_TYPE, "{\"data\":null}", 'D'},
    {"create_cash_withdrawal", 200, JSON_TYPE, "{\"data\":\"9\"}", 'D'},
    {"create_cash_withdrawal", 200, JSON_TYPE, "{}", 'D'},
    {"create_cash_withdrawal", 200, JSON_TYPE, "[]", 'D'},
    {"create_cash_withdrawal", 200, JSON_TYPE, "7", 'D'},
    {"create_cash_withdrawal", 200, JSON_TYPE, CASH_DATA, 'D'},
    {"create_cash_withdrawal", 200, JSON_TYPE, "{\"data\":{\"id\":\"9\"}}", 'D'},
    {"create_cash_withdrawal", 200, JSON_TYPE, "{\"data\":{\"id\":\"9\",\"type\":null}}",
     'D'},
    {"create_cash_withdrawal", 200, JSON_TYPE,
     "{\"data\":" CASH_DATA ",\"errors\":[{\"detail\":\"x\"}]}", 'D'},
    {"create_cash_withdrawal", 200, JSON_TYPE, "{\"data\":" CASH_DATA ",\"error\":\"x\"}",
     'D'},
    {"create_cash_withdrawal", 200, JSON_TYPE, "{\"data\":" CASH_DATA ",\"errors\":null}",
     'A'},
    {"create_cash_withdrawal", 204, "", "", 'D'},
    /* an error document needs the API's own shape */
    {"create_cash_withdrawal", 422, JSON_TYPE, "{\"errors\":[]}", 'D'},
    {"create_cash_withdrawal", 422, JSON_TYPE, "{\"errors\":[\"x\"]}", 'D'},
    {"create_cash_withdrawal", 422, JSON_TYPE, "{\"errors\":{}}", 'D'},
    {"create_cash_withdrawal", 422, JSON_TYPE, "{\"error\":{}}", 'D'},
    {"create_cash_withdrawal", 422, JSON_TYPE, "{\"message\":\"no\"}", 'D'},
    {"create_cash_withdrawal", 422, JSON_TYPE, "{\"error\":\"x\",\"data\":" CASH_DATA "}",
     'D'},
    {"create_cash_withdrawal", 422, JSON_TYPE, "{\"error\":\"x\",\"data\":null}", 'R'},
    {"create_cash_withdrawal", 404, JSON_TYPE,
     "{\"errors\":[{\"code\":null,\"detail\":null}]}", 'R'},
    {"create_cash_withdrawal", 422, "text/html", "{\"error\":\"x\"}", 'B'},
    {"create_cash_withdrawal", 404, "text/html", " \r\n", 'D'},
    {"create_cash_withdrawal", 403, JSON_TYPE, "{\"message\":\"no\"}", 'K'},
    /* reads are judged like anything else */
    {"get_user", 200, JSON_TYPE, "{\"data\":{\"id\":\"5\",\"type\":\"users\"}}", 'A'},
    {"get_user", 200, JSON_TYPE, "{\"data\":{\"id\":\"5\",\"type\":\"people\"}}", 'D'},
    {"get_user", 500, "text/html", "<html>", 'D'},
    {"get_user", 404, JSON_TYPE, "{\"errors\":[{\"detail\":null}]}", 'R'},
    /* lists */
    {"list_coin_wallets", 200, JSON_TYPE, "{\"data\":[]}", 'A'},
    {"list_coin_wallets", 200, JSON_TYPE, "{\"data\":[{\"id\":\"1\"}]}", 'A'},
    {"list_coin_wallets", 200, JSON_TYPE, "{\"data\":{}}", 'D'},
    {"list_coin_wallets", 200, JSON_TYPE, "[]", 'D'},
    {"list_coin_wallets", 204, "", "", 'D'},
    /* the generic request: any whole 2xx that is not somebody's page */
    {"request", 200, JSON_TYPE, "{\"data\":{\"id\":\"5\",\"type\":\"bids\"}}", 'A'},
    {"request", 200, "application/json", "[1,2]", 'A'},
    {"request", 200, JSON_TYPE, "{\"data\":{\"id\":\"no good\"}}", 'A'},
    {"request", 204, "", "", 'A'},
    {"request", 200, "text/html", " ", 'A'},
    {"request", 200, "text/html", "<html>", 'D'},
    {"request", 200, JSON_TYPE, "{\"data\":", 'D'},
    {"request", 200, JSON_TYPE, "{\"errors\":[{}]}", 'D'},
    {"request", 422, JSON_TYPE, "{\"errors\":[{}]}", 'R'},
};

static void a_document_counts_only_in_the_shape_the_action_expects(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(documents) / sizeof(*documents); i++) {
        char got = judged(documents[i].action, NULL, documents[i].status,
                          documents[i].type, documents[i].body);
        if (got != documents[i].want)
            fail_msg("%s %d %s: %c, want %c", documents[i].action, documents[i].status,
                     documents[i].body, got, documents[i].want);
    }
}

static void an_action_without_answer_takes_any_whole_one(void **state)
{
    (void)state;
    static const struct {
        const char *type, *body;
        char want;
    } rows[] = {{"", "", 'A'},
                {JSON_TYPE, "{\"data\":{\"id\":\"1\"}}", 'A'},
                {JSON_TYPE, "{\"errors\":[{}]}", 'D'},
                {JSON_TYPE, "{\"da", 'D'},
                {"text/html", "<html>", 'D'}};
    const struct action cancel = {.name = (char *)(uintptr_t) "cancel",
                                  .answer = ANSWER_NOTHING};
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct http_request sent;
        struct http_response r;
        struct verdict v;
        http_request_init(&sent);
        http_response_init(&r);
        r.sends = 1;
        r.headers_complete = r.complete = true;
        r.status = 204;
        strcpy(r.content_type, rows[i].type);
        buf_add_text(&r.body, rows[i].body);
        const struct attempt_facts facts = {
            .action = &cancel, .sent = &sent, .response = &r, .now = (struct wall){0}};
        classify(&v, &facts);
        check_shape(&v);
        assert_int_equal(letter(&v), rows[i].want);
        assert_null(v.answer);
        verdict_close(&v);
        http_request_close(&sent);
        http_response_close(&r);
    }
}

/* ---- what is kept of an accepted answer ---- */

static void id_state_and_resource_are_kept_as_they_came(void **state)
{
    (void)state;
    struct verdict v;
    const struct exchange x = {"create_cash_withdrawal",
                               CASH_SENT,
                               200,
                               JSON_TYPE,
                               span_of("{ \"included\": [], \"data\" : " CASH_DATA " }"),
                               CODE_NONE};
    judge(&v, &x);
    assert_string_equal(v.remote_id, "9");
    assert_string_equal(v.remote_state, "received");
    assert_string_equal(v.answer, CASH_DATA);
    verdict_close(&v);
}

static void a_final_bad_state_is_still_accepted_here(void **state)
{
    (void)state;
    struct verdict v;
    const struct exchange x = {
        "create_cash_withdrawal",
        CASH_SENT,
        200,
        JSON_TYPE,
        span_of("{\"data\":{\"id\":1,\"type\":\"cash_withdrawals\","
                "\"attributes\":{\"status\":\"cancelled\"}}}"),
        CODE_NONE};
    judge(&v, &x);
    assert_int_equal(letter(&v), 'A');
    assert_string_equal(v.remote_state, "cancelled");
    verdict_close(&v);
}

static void an_answer_without_its_state_is_accepted_without_one(void **state)
{
    (void)state;
    struct verdict v;
    const struct exchange x = {
        "create_cash_withdrawal",
        CASH_SENT,
        200,
        JSON_TYPE,
        span_of("{\"data\":{\"id\":1,\"type\":\"cash_withdrawals\","
                "\"attributes\":{\"status\":{}}}}"),
        CODE_NONE};
    judge(&v, &x);
    assert_int_equal(letter(&v), 'A');
    assert_null(v.remote_state);
    verdict_close(&v);
}

/* `before`, blanks up to `len` bytes of value in all, `after`. */
static void judge_padded(struct verdict *v, const char *action, const char *before,
                         const char *after, size_t len)
{
    struct buf body;
    buf_init(&body, HTTP_BODY_MAX);
    buf_add_text(&body, "{\"data\":");
    buf_add_text(&body, before);
    for (size_t n = strlen(before) + strlen(after); n < len; n++)
        buf_add_char(&body, ' ');
    buf_add_text(&body, after);
    buf_add_char(&body, '}');
    const struct exchange x = {action, NULL, 200, JSON_TYPE, buf_span(&body), CODE_NONE};
    judge(v, &x);
    assert_int_equal(letter(v), 'A');
    buf_close(&body);
}

static void a_large_resource_keeps_only_type_and_id(void **state)
{
    (void)state;
    struct verdict v;
    judge_padded(&v, "get_user", "{\"id\":5,\"type\":\"users\"", "}",
                 CLASSIFY_ANSWER_MAX);
    assert_int_equal(strlen(v.answer), CLASSIFY_ANSWER_MAX);
    verdict_close(&v);
    judge_padded(&v, "get_user", "{\"id\":5,\"type\":\"users\"", "}",
                 CLASSIFY_ANSWER_MAX + 1);
    assert_string_equal(v.answer, "{\"type\":\"users\",\"id\":\"5\"}");
    verdict_close(&v);
}

static void a_list_is_kept_whole_or_not_at_all(void **state)
{
    (void)state;
    struct verdict v;
    judge_padded(&v, "list_coin_wallets", "[", "1]", 2);
    assert_string_equal(v.answer, "[1]");
    assert_null(v.remote_id);
    verdict_close(&v);
    judge_padded(&v, "list_coin_wallets", "[", "]", CLASSIFY_ANSWER_MAX + 1);
    assert_null(v.answer);
    verdict_close(&v);
}

static void the_generic_request_keeps_the_resource_or_the_whole(void **state)
{
    (void)state;
    static const struct {
        const char *body, *answer, *id;
    } rows[] = {
        {"{\"data\":{\"id\":\"5\"}}", "{\"id\":\"5\"}", "5"},
        {"{\"id\":\"5\",\"x\":1}", "{\"id\":\"5\",\"x\":1}", "5"},
        {"{\"data\":[1]}", "[1]", NULL},
        {"[ 1 ]", "[ 1 ]", NULL},
        {"{\"data\":{\"id\":\"no good\"}}", "{\"id\":\"no good\"}", NULL},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct verdict v;
        const struct exchange x = {"request", NULL, 200, JSON_TYPE, span_of(rows[i].body),
                                   CODE_NONE};
        judge(&v, &x);
        assert_string_equal(v.answer, rows[i].answer);
        assert_int_equal(v.remote_id == NULL, rows[i].id == NULL);
        if (rows[i].id)
            assert_string_equal(v.remote_id, rows[i].id);
        verdict_close(&v);
    }
}

static void a_wait_is_told_with_any_answer_whose_headers_came(void **state)
{
    (void)state;
    static const struct {
        int sends;
        bool headers, complete;
        int64_t want;
    } rows[] = {{1, true, true, 7000},
                {1, true, false, 7000},
                {1, false, false, -1},
                {0, false, false, -1},
                {2, true, false, 7000}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct http_request sent;
        struct http_response r;
        struct verdict v;
        http_request_init(&sent);
        http_response_init(&r);
        r.sends = rows[i].sends;
        r.headers_complete = rows[i].headers;
        r.complete = rows[i].complete;
        r.status = 429;
        strcpy(r.retry_after, "7");
        const struct attempt_facts facts = {.action = built_in_action("create_user"),
                                            .sent = &sent,
                                            .response = &r,
                                            .now = (struct wall){0}};
        classify(&v, &facts);
        assert_int_equal(v.retry_after_ms, rows[i].want);
        verdict_close(&v);
        http_request_close(&sent);
        http_response_close(&r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_torn_exchange_is_judged_by_its_phase_never_by_its_code),
        cmocka_unit_test(the_facts_are_asked_in_order),
        cmocka_unit_test(what_was_torn_is_told_with_the_librarys_reason),
        cmocka_unit_test(every_status_with_every_body_is_judged),
        cmocka_unit_test(a_refused_code_is_told_from_a_refused_key),
        cmocka_unit_test(a_status_that_is_none_is_doubt),
        cmocka_unit_test(what_came_back_must_be_what_was_sent),
        cmocka_unit_test(the_mismatch_names_field_and_both_values),
        cmocka_unit_test(an_id_counts_only_when_it_may_go_into_a_path),
        cmocka_unit_test(a_document_counts_only_in_the_shape_the_action_expects),
        cmocka_unit_test(an_action_without_answer_takes_any_whole_one),
        cmocka_unit_test(id_state_and_resource_are_kept_as_they_came),
        cmocka_unit_test(a_final_bad_state_is_still_accepted_here),
        cmocka_unit_test(an_answer_without_its_state_is_accepted_without_one),
        cmocka_unit_test(a_large_resource_keeps_only_type_and_id),
        cmocka_unit_test(a_list_is_kept_whole_or_not_at_all),
        cmocka_unit_test(the_generic_request_keeps_the_resource_or_the_whole),
        cmocka_unit_test(a_wait_is_told_with_any_answer_whose_headers_came),
    };
    return cmocka_run_group_tests(tests, open_built_in, close_built_in);
}
