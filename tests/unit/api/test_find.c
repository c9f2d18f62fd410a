#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "api/find.h"
#include "base/buf.h"
#include "lib/check.h"
#include "unit/api/built_in.h"

#define JSON_TYPE "application/vnd.api+json; charset=utf-8"
#define SENT_AT   INT64_C(1547063257000) /* 2019-01-09T19:47:37Z */

static char key_bytes[] = "0123456789abcdef";
static const struct key key = {.text = key_bytes};

static bool look_up(void *ctx, struct span ref, const char **remote_id,
                    const char **answer)
{
    (void)ctx;
    *remote_id = span_is(ref, "user-1") ? "594" : span_is(ref, "instr-1") ? "77" : NULL;
    *answer = NULL;
    return *remote_id != NULL;
}

/* ---- a job in one line: name, value, ..., NULL ---- */

#define CELLS_MAX 10

struct lost {
    const char *action, *actor;
    const char *cells[CELLS_MAX];
};

static int ask_of(struct find_question *q, const struct action *action,
                  const struct lost *lost, int64_t sent_at, struct err *err)
{
    struct params params;
    params_init(&params);
    for (int i = 0; i < CELLS_MAX && lost->cells[i]; i += 2)
        params_add(&params, span_of(lost->cells[i]), span_of(lost->cells[i + 1]));
    const struct request_job job = {action, &params, lost->actor};
    int rc = find_question_init(q, &job, (struct wall){sent_at}, look_up, NULL, err);
    params_close(&params);
    return rc;
}

static void ask(struct find_question *q, const struct lost *lost, int64_t sent_at)
{
    struct err err = {0};
    if (ask_of(q, built_in_action(lost->action), lost, sent_at, &err))
        fail_msg("%s: %s", lost->action, err.text);
}

static const struct lost cash = {
    "create_cash_withdrawal",
    "user-1",
    {"amount", "100.10", "fiat_code", "ARS", "withdrawal_instruction", "@instr-1"}};
static const struct lost coin = {"create_coin_withdrawal",
                                 "#594",
                                 {"label", "pay-1", "to_addresses",
                                  "1BoatSLRHtKNngkdXEeobR76b53LETtpyT", "amount",
                                  "0.00000001", "coin_code", "btc"}};
static const struct lost instruction = {
    "create_withdrawal_instruction",
    "user-1",
    {"label", "Pay/\xc3\xb1 \"1\"", "body.cbu", "0070999020000065706080"}};
static const struct lost user = {"create_user", NULL, {"email", "Ana+1@x.com"}};

/* ---- rows ---- */

#define CASH(id, amount, fiat, to, more)                                                 \
    "{\"id\":" id ",\"type\":\"cash_withdrawals\",\"attributes\":{\"amount\":" amount    \
    ",\"fiat_code\":" fiat ",\"status\":\"received\"" more                               \
    "},\"relationships\":{\"withdrawal_instruction\":{\"data\":{\"id\":" to              \
    ",\"type\":\"withdrawal_instructions\"}}}}"
#define CASH_MADE(time)                                                                  \
    CASH("\"9\"", "100.1", "\"ars\"", "\"77\"", ",\"created_at\":" time)
#define CASH_AMOUNT(n)  CASH("\"9\"", n, "\"ars\"", "\"77\"", "")
#define CASH_FIAT(code) CASH("\"9\"", "100.1", code, "\"77\"", "")
#define CASH_TO(id)     CASH("\"9\"", "100.1", "\"ars\"", id, "")
#define CASH_ID(id)     CASH(id, "100.1", "\"ars\"", "\"77\"", "")
#define COIN(label, amount, code)                                                        \
    "{\"id\":\"5\",\"type\":\"coin_withdrawals\",\"attributes\":{\"label\":" label       \
    ",\"amount\":" amount ",\"coin_code\":" code "}}"
#define LABELLED(label)                                                                  \
    "{\"id\":\"7\",\"type\":\"withdrawal_instructions\",\"attributes\":{"                \
    "\"label\":" label "}}"
#define USER(email)                                                                      \
    "{\"id\":\"594\",\"type\":\"users\",\"attributes\":{\"email\":" email "}}"

static const struct {
    const char *name;
    const struct lost *lost;
    const char *row;
    bool want;
} rows[] = {
    {"as it was sent", &cash, CASH_AMOUNT("100.10"), true},
    {"a digit less, the same value", &cash, CASH_AMOUNT("100.1"), true},
    {"an exponent", &cash, CASH_AMOUNT("1001e-1"), true},
    {"an amount in quotes", &cash, CASH_AMOUNT("\"100.10\""), true},
    {"a cent more", &cash, CASH_AMOUNT("100.11"), false},
    {"what a double could not tell", &cash, CASH_AMOUNT("100.10000000000000001"), false},
    {"ten times as much", &cash, CASH_AMOUNT("1001.0"), false},
    {"no amount", &cash, CASH_AMOUNT("null"), false},
    {"an amount that is none", &cash, CASH_AMOUNT("\"much\""), false},
    {"a currency in the case it was sent", &cash, CASH_FIAT("\"ARS\""), true},
    {"another currency", &cash, CASH_FIAT("\"usd\""), false},
    {"more of a currency", &cash, CASH_FIAT("\"arsx\""), false},
    {"less of a currency", &cash, CASH_FIAT("\"ar\""), false},
    {"an instruction's id as a number", &cash, CASH_TO("77"), true},
    {"another instruction", &cash, CASH_TO("\"78\""), false},
    {"the id with a zero in front", &cash, CASH_TO("\"077\""), false},
    {"no instruction", &cash, CASH_TO("null"), false},
    {"another member comes first", &cash,
     "{\"relationships\":{\"x\":{\"data\":null},\"withdrawal_instruction\":{\"data\":{"
     "\"id\":\"77\"}}},\"attributes\":{\"fiat_code\":\"ars\",\"amount\":100.1},\"type\":"
     "\"cash_withdrawals\",\"id\":\"9\"}",
     true},
    {"no relationships", &cash,
     "{\"id\":\"9\",\"type\":\"cash_withdrawals\",\"attributes\":{\"amount\":100.1,"
     "\"fiat_code\":\"ars\"}}",
     false},
    {"no attributes", &cash, "{\"id\":\"9\",\"type\":\"cash_withdrawals\"}", false},

    {"an id as a number", &cash, CASH_ID("9"), true},
    {"an id with letters", &cash, CASH_ID("\"a-b_9\""), true},
    {"an id as no whole number", &cash, CASH_ID("9.0"), false},
    {"an id that is a path", &cash, CASH_ID("\"../9\""), false},
    {"an empty id", &cash, CASH_ID("\"\""), false},
    {"no id", &cash, CASH_ID("null"), false},

    {"made when it was sent", &cash, CASH_MADE("\"2019-01-09T19:47:37Z\""), true},
    {"made later", &cash, CASH_MADE("\"2019-01-10T08:00:00.000Z\""), true},
    {"the clocks differ by five minutes", &cash,
     CASH_MADE("\"2019-01-09T19:42:37.000Z\""), true},
    {"and by a millisecond more", &cash, CASH_MADE("\"2019-01-09T19:42:36.999Z\""),
     false},
    {"made the week before", &cash, CASH_MADE("\"2019-01-02T19:47:37Z\""), false},
    {"made in time, of another zone", &cash, CASH_MADE("\"2019-01-09T16:47:37-03:00\""),
     true},
    {"made before, of another zone", &cash, CASH_MADE("\"2019-01-09T20:47:37+03:00\""),
     false},
    {"made in time, in seconds", &cash, CASH_MADE("1547063257"), true},
    {"made before, in seconds", &cash, CASH_MADE("1547062956"), false},
    {"seconds in quotes", &cash, CASH_MADE("\"1547062956\""), false},
    {"a time that cannot be read", &cash, CASH_MADE("\"last week\""), true},
    {"a day without a time", &cash, CASH_MADE("\"2018-01-01\""), true},
    {"no time", &cash, CASH_MADE("null"), true},

    {"our label", &coin, COIN("\"pay-1\"", "1e-8", "\"BTC\""), true},
    {"the label of another", &coin, COIN("\"pay-2\"", "1e-8", "\"btc\""), false},
    {"the label in capitals", &coin, COIN("\"PAY-1\"", "1e-8", "\"btc\""), false},
    {"our label and another amount", &coin, COIN("\"pay-1\"", "2e-8", "\"btc\""), false},
    {"our label and another coin", &coin, COIN("\"pay-1\"", "1e-8", "\"bch\""), false},
    {"a label that is a number", &coin, COIN("1", "1e-8", "\"btc\""), false},

    {"a label with escapes", &instruction, LABELLED("\"Pay\\/\\u00f1 \\\"1\\\"\""), true},
    {"a blank more", &instruction, LABELLED("\"Pay/\\u00f1 \\\"1\\\" \""), false},
    {"of another type", &instruction,
     "{\"id\":\"7\",\"type\":\"webhooks\",\"attributes\":{\"label\":\"Pay/\xc3\xb1 "
     "\\\"1\\\"\"}}",
     false},
    {"of no type", &instruction,
     "{\"id\":\"7\",\"attributes\":{\"label\":\"Pay/\xc3\xb1 \\\"1\\\"\"}}", false},

    {"an e-mail in another case", &user, USER("\"ana+1@X.COM\""), true},
    {"another e-mail", &user, USER("\"ana+11@x.com\""), false},
    {"its tag is lost", &user, USER("\"ana@x.com\""), false},
    {"not an object", &user, "\"ana+1@x.com\"", false},
    {"a list in a list", &user, "[" USER("\"ana+1@x.com\"") "]", false},
    {"nothing", &user, "null", false},
};

static void count_call(void *ctx, const char *id, const char *state, struct span row)
{
    (void)state;
    assert_true(id[0] && row.len);
    ++*(int *)ctx;
}

static void a_row_matches_by_what_was_sent_and_by_nothing_else(void **state)
{
    (void)state;
    struct table t = {0};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct find_question q;
        struct buf body;
        int calls = 0;
        ask(&q, rows[i].lost, SENT_AT);
        buf_init(&body, 65536);
        buf_printf(&body, "{\"data\":[%s]}", rows[i].row);
        int found = find_matches(&q, buf_span(&body), count_call, &calls);
        table_want(&t, found == rows[i].want && calls == found, "%s: found %d",
                   rows[i].name, found);
        buf_close(&body);
        find_question_close(&q);
    }
    table_end(&t);
}

/* A body with a nested name, as an action of somebody's own may match by it. */
static void a_match_may_be_nested_of_any_plain_type_and_without_a_time(void **state)
{
    (void)state;
    static const char own[] =
        "{\"x\":{\"summary\":\"s\",\"method\":\"POST\",\"path\":\"/x\",\"acts_as\":"
        "\"master\",\"type\":\"xs\",\"attributes\":{\"body.country\":{\"type\":"
        "\"country\","
        "\"required\":true},\"n\":{\"type\":\"integer\",\"required\":true},\"fee\":{"
        "\"type\":\"decimal\",\"required\":true,\"as_string\":true}},\"find\":{\"path\":"
        "\"/x\",\"match\":[\"body.country\",\"n\",\"fee\"]}}}";
    static const struct lost lost = {
        "x", NULL, {"body.country", "ar", "n", "5", "fee", "1.50"}};
    struct catalogue c = {0};
    struct find_question q;
    struct err err;
    int calls = 0;
    assert_int_equal(catalogue_read(&c, span_of(own), "own", &err), 0);
    assert_int_equal(ask_of(&q, &c.actions[0], &lost, SENT_AT, &err), 0);
    assert_string_equal(find_scope(&q), "master /x");
    const char *body =
        "{\"data\":["
        "{\"id\":\"1\",\"type\":\"xs\",\"attributes\":{\"body\":{\"country\":\"AR\"},"
        "\"n\":5,\"fee\":1.5,\"created_at\":\"1999-01-01T00:00:00Z\"}},"
        "{\"id\":\"2\",\"type\":\"xs\",\"attributes\":{\"body.country\":\"AR\",\"n\":5,"
        "\"fee\":1.5}},"
        "{\"id\":\"3\",\"type\":\"xs\",\"attributes\":{\"body\":{\"country\":\"AR\"},"
        "\"n\":50,\"fee\":1.5}}]}";
    assert_int_equal(find_matches(&q, span_of(body), count_call, &calls), 1);
    find_question_close(&q);
    catalogue_close(&c);
}

static void write_match(void *ctx, const char *id, const char *state, struct span row)
{
    buf_printf(ctx, "%s %s %zu\n", id, state ? state : "-", row.len);
}

static void every_match_is_told_with_id_state_and_row(void **state)
{
    (void)state;
    struct find_question q;
    struct buf got;
    const char *first = CASH_ID("9");
    const char *second = "{\"id\":\"10\",\"type\":\"cash_withdrawals\",\"attributes\":{"
                         "\"amount\":100.1,\"fiat_code\":\"ars\"},\"relationships\":{"
                         "\"withdrawal_instruction\":{\"data\":{\"id\":\"77\"}}}}";
    char *body = NULL, *want = NULL;
    assert_true(
        asprintf(&body, "{\"data\":[%s,%s,%s]}", first, CASH_AMOUNT("5"), second) > 0);
    assert_true(
        asprintf(&want, "9 received %zu\n10 - %zu\n", strlen(first), strlen(second)) > 0);
    buf_init(&got, 4096);
    ask(&q, &cash, SENT_AT);
    assert_int_equal(find_matches(&q, span_of(body), write_match, &got), 2);
    assert_string_equal(got.data, want);
    find_question_close(&q);
    buf_clear(&got);
    ask(&q, &user, SENT_AT);
    const char *users = "{\"data\":[" USER("\"ana+1@x.com\"") "]}";
    assert_int_equal(find_matches(&q, span_of(users), write_match, &got), 1);
    assert_non_null(strstr(got.data, "594 - "));
    find_question_close(&q);
    buf_close(&got);
    free(body);
    free(want);
}

static const struct action list_action;
static const struct find_question of_list = {.action = &list_action};

static void write_id(void *ctx, const char *id)
{
    buf_printf(ctx, "%s ", id);
}

static void the_ids_of_all_rows_are_told(void **state)
{
    (void)state;
    static const struct {
        const char *body, *want;
    } bodies[] = {
        {"{\"data\":[{\"id\":\"1\"},{\"id\":2},{\"x\":3},{\"id\":\"a "
         "b\"},7,{\"id\":\"u-4\"}]"
         "}",
         "1 2 u-4 "},
        {"{\"data\":[]}", ""},
        {"{\"data\":{\"id\":\"1\"}}", ""},
        {"{}", ""},
    };
    for (size_t i = 0; i < COUNT_OF(bodies); i++) {
        struct buf got;
        buf_init(&got, 4096);
        find_ids(&of_list, span_of(bodies[i].body), write_id, &got);
        assert_string_equal(got.data, bodies[i].want);
        buf_close(&got);
    }
}

/* ---- questions and requests ---- */

#define MS(seconds) (INT64_C(1000) * (seconds))

static const struct {
    const struct lost *lost;
    int64_t sent_at;
    const char *scope;
} scopes[] = {
    {&user, SENT_AT, "master /users version 2.1"},
    {&instruction, SENT_AT, "user=594 /withdrawal_instructions version 2.1"},
    {&cash, SENT_AT, "user=594 /cash_withdrawals?filter[from]=2019-01-08 version 2.1"},
    {&coin, SENT_AT, "user=594 /coin_withdrawals?filter[from]=2019-01-08 version 2.1"},
    {&cash, MS(1546300800), /* the first second of 2019 */
     "user=594 /cash_withdrawals?filter[from]=2018-12-31 version 2.1"},
    {&cash, MS(1546300800) - 1,
     "user=594 /cash_withdrawals?filter[from]=2018-12-30 version 2.1"},
    {&cash, MS(1583020800), /* 2020-03-01 */
     "user=594 /cash_withdrawals?filter[from]=2020-02-29 version 2.1"},
};

static void a_scope_names_whose_list_which_and_from_when(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(scopes); i++) {
        struct find_question q;
        ask(&q, scopes[i].lost, scopes[i].sent_at);
        assert_string_equal(find_scope(&q), scopes[i].scope);
        find_question_close(&q);
    }
}

#define HEAD(who)                                                                        \
    "Authorization: 0123456789abcdef" who                                                \
    "\nVersion: 2.1\nAccept: application/vnd.api+json\n"

static const struct {
    const struct lost *lost;
    int page;
    const char *want;
} requests[] = {
    {&user, 1, "GET /users\n" HEAD("")},
    {&user, 2, "GET /users?page[page]=2\n" HEAD("")},
    {&instruction, 1, "GET /withdrawal_instructions\n" HEAD("; user=594")},
    {&instruction, 17, "GET /withdrawal_instructions?page[page]=17\n" HEAD("; user=594")},
    {&cash, 1, "GET /cash_withdrawals?filter[from]=2019-01-08\n" HEAD("; user=594")},
    {&cash, 3,
     "GET /cash_withdrawals?filter[from]=2019-01-08&page[page]=3\n" HEAD("; user=594")},
};

static void a_request_is_a_get_for_the_same_user_without_a_body(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(requests); i++) {
        struct find_question q;
        struct http_request r;
        struct err err = {0};
        struct buf got;
        ask(&q, requests[i].lost, SENT_AT);
        if (find_request(&r, &q, requests[i].page, &key, &err))
            fail_msg("%s", err.text);
        buf_init(&got, 4096);
        buf_printf(&got, "%s %s\n", r.method, r.path);
        for (int h = 0; h < r.header_count; h++)
            buf_printf(&got, "%s: %s\n", r.headers[h].name, r.headers[h].value);
        assert_string_equal(got.data, requests[i].want);
        assert_int_equal(r.body.len, 0);
        buf_close(&got);
        http_request_close(&r);
        find_question_close(&q);
    }
}

static const struct {
    struct lost lost;
    const char *want;
} unaskable[] = {
    {{"get_user", NULL, {"id", "594"}}, "get_user: the catalogue does not say how"},
    {{"request", NULL, {"method", "POST", "path", "/x"}},
     "request: the catalogue does not say how"},
    {{"create_cash_withdrawal",
      "user-1",
      {"amount", "1", "fiat_code", "ars", "withdrawal_instruction", "@gone"}},
     "withdrawal_instruction: @gone: no job of that ref"},
    {{"create_withdrawal_instruction", "gone", {"label", "x"}}, "on_behalf_of: @gone"},
    {{"create_withdrawal_instruction", "user-1", {"body.name", "1"}},
     "label: is missing"},
    {{"create_user", NULL, {NULL}}, "email: is missing"},
};

static void what_cannot_be_looked_up_is_said(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(unaskable); i++) {
        struct find_question q;
        struct err err = {0};
        const struct lost *lost = &unaskable[i].lost;
        assert_int_equal(ask_of(&q, built_in_action(lost->action), lost, SENT_AT, &err),
                         -1);
        assert_int_equal(err.code, ERR_INPUT);
        if (!strstr(err.text, unaskable[i].want))
            fail_msg("'%s' for %s", err.text, lost->action);
    }
}

/* ---- pages ---- */

enum ending { WHOLE, TORN, RESENT, UNSENT, HOPELESS };

static const struct {
    const char *name;
    enum ending ending;
    int status;
    const char *type, *retry_after, *body;
    const char *want; /* outcome, rows, first id, last id */
    enum systemic systemic;
    int64_t retry_after_ms;
} pages[] = {
    {"two rows", WHOLE, 200, JSON_TYPE, "", "{\"data\":[{\"id\":\"1\"},{\"id\":\"2\"}]}",
     "accepted 2 1 2", SYSTEMIC_NONE, -1},
    {"a page that is the same again", WHOLE, 200, JSON_TYPE, "",
     "{\"data\":[{\"id\":1},{\"id\":2}]}", "accepted 2 1 2", SYSTEMIC_NONE, -1},
    {"one row", WHOLE, 203, JSON_TYPE, "", "{\"data\":[{\"id\":\"7\"}],\"meta\":{}}",
     "accepted 1 7 7", SYSTEMIC_NONE, -1},
    {"rows without an id", WHOLE, 200, JSON_TYPE, "", "{\"data\":[{},{\"id\":\"2\"},8]}",
     "accepted 3 - -", SYSTEMIC_NONE, -1},
    {"no rows", WHOLE, 200, JSON_TYPE, "", "{\"data\":[]}", "accepted 0 - -",
     SYSTEMIC_NONE, -1},
    {"no list", WHOLE, 200, JSON_TYPE, "", "{\"data\":{\"id\":\"1\"}}", "in_doubt 0 - -",
     SYSTEMIC_NONE, -1},
    {"no data", WHOLE, 200, JSON_TYPE, "", "{}", "in_doubt 0 - -", SYSTEMIC_NONE, -1},
    {"rows and errors", WHOLE, 200, JSON_TYPE, "",
     "{\"data\":[{\"id\":\"1\"}],\"errors\":[{}]}", "in_doubt 0 - -", SYSTEMIC_NONE, -1},
    {"nothing at all", WHOLE, 204, "", "", "", "in_doubt 0 - -", SYSTEMIC_NONE, -1},
    {"half a list", WHOLE, 200, JSON_TYPE, "", "{\"data\":[{\"id\":\"1\"},",
     "in_doubt 0 - -", SYSTEMIC_NONE, -1},
    {"a key twice", WHOLE, 200, JSON_TYPE, "", "{\"data\":[{\"id\":\"1\"}],\"data\":[]}",
     "in_doubt 0 - -", SYSTEMIC_NONE, -1},
    {"a page for people", WHOLE, 200, "text/html", "", "<html>", "in_doubt 0 - -",
     SYSTEMIC_NONE, -1},
    {"a firewall", WHOLE, 403, "text/html", "", "<html>", "rejected_systemic 0 - -",
     SYSTEMIC_BLOCKED, -1},
    {"the key is refused", WHOLE, 401, JSON_TYPE, "", "{\"error\":\"Invalid Api Key\"}",
     "rejected_systemic 0 - -", SYSTEMIC_KEY, -1},
    {"too fast", WHOLE, 429, JSON_TYPE, "2", "{\"error\":\"slow\"}",
     "not_processed 0 - -", SYSTEMIC_NONE, 2000},
    {"no such user", WHOLE, 404, JSON_TYPE, "",
     "{\"errors\":[{\"code\":null,\"detail\":null}]}", "in_doubt 0 - -", SYSTEMIC_NONE,
     -1},
    {"the server broke", WHOLE, 500, "text/html", "", "<html>", "in_doubt 0 - -",
     SYSTEMIC_NONE, -1},
    {"a whole list, torn", TORN, 200, JSON_TYPE, "", "{\"data\":[{\"id\":\"1\"}]}",
     "in_doubt 0 - -", SYSTEMIC_NONE, -1},
    {"sent twice", RESENT, 200, JSON_TYPE, "", "{\"data\":[{\"id\":\"1\"}]}",
     "in_doubt 0 - -", SYSTEMIC_NONE, -1},
    {"never sent", UNSENT, 0, "", "", "", "not_sent 0 - -", SYSTEMIC_NONE, -1},
    {"never to be sent", HOPELESS, 0, "", "", "", "rejected_systemic 0 - -",
     SYSTEMIC_SETUP, -1},
};

static void read_page(struct find_page *page, size_t i)
{
    struct http_response r;
    enum ending ending = pages[i].ending;
    http_response_init(&r);
    r.sends = ending == RESENT ? 2 : ending == UNSENT || ending == HOPELESS ? 0 : 1;
    r.headers_complete = r.sends > 0;
    r.complete = ending == WHOLE || ending == RESENT;
    r.hopeless = ending == HOPELESS;
    r.status = pages[i].status;
    snprintf(r.content_type, sizeof(r.content_type), "%s", pages[i].type);
    snprintf(r.retry_after, sizeof(r.retry_after), "%s", pages[i].retry_after);
    buf_add_text(&r.body, pages[i].body);
    find_page_read(page, &of_list, &r, (struct wall){SENT_AT});
    http_response_close(&r);
}

static void a_page_counts_only_when_it_is_a_whole_list(void **state)
{
    (void)state;
    struct table t = {0};
    for (size_t i = 0; i < COUNT_OF(pages); i++) {
        struct find_page page;
        char got[256];
        read_page(&page, i);
        snprintf(got, sizeof(got), "%s %d %s %s", outcome_name(page.outcome), page.rows,
                 page.first_id ? page.first_id : "-", page.last_id ? page.last_id : "-");
        bool usable = page.outcome == OUTCOME_ACCEPTED;
        table_want(&t, strcmp(got, pages[i].want) == 0, "%s: %s", pages[i].name, got);
        table_want(&t, page.usable == usable && (page.error == NULL) == usable,
                   "%s: usable %d, error %s", pages[i].name, page.usable, page.error);
        table_want(&t,
                   page.systemic == pages[i].systemic &&
                       page.retry_after_ms == pages[i].retry_after_ms,
                   "%s: systemic %d, after %lld", pages[i].name, page.systemic,
                   (long long)page.retry_after_ms);
        find_page_close(&page);
    }
    table_end(&t);
}

/* More than a verdict keeps of an answer. */
static void a_page_may_be_long(void **state)
{
    (void)state;
    struct http_response r;
    struct find_page page;
    http_response_init(&r);
    r.sends = 1;
    r.headers_complete = r.complete = true;
    r.status = 200;
    snprintf(r.content_type, sizeof(r.content_type), JSON_TYPE);
    buf_add_text(&r.body, "{\"data\":[{\"id\":\"0\"}");
    for (int i = 1; i < 5000; i++)
        buf_printf(&r.body, ",{\"id\":\"%d\",\"type\":\"users\"}", i);
    buf_add_text(&r.body, "]}");
    find_page_read(&page, &of_list, &r, (struct wall){SENT_AT});
    assert_true(page.usable);
    assert_int_equal(page.rows, 5000);
    assert_string_equal(page.last_id, "4999");
    find_page_close(&page);
    http_response_close(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_row_matches_by_what_was_sent_and_by_nothing_else),
        cmocka_unit_test(a_match_may_be_nested_of_any_plain_type_and_without_a_time),
        cmocka_unit_test(every_match_is_told_with_id_state_and_row),
        cmocka_unit_test(the_ids_of_all_rows_are_told),
        cmocka_unit_test(a_scope_names_whose_list_which_and_from_when),
        cmocka_unit_test(a_request_is_a_get_for_the_same_user_without_a_body),
        cmocka_unit_test(what_cannot_be_looked_up_is_said),
        cmocka_unit_test(a_page_counts_only_when_it_is_a_whole_list),
        cmocka_unit_test(a_page_may_be_long),
    };
    return cmocka_run_group_tests(tests, open_built_in, close_built_in);
}
