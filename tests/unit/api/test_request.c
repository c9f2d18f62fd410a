#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "api/request.h"
#include "base/buf.h"
#include "unit/api/built_in.h"

#define KEY_TEXT "0123456789abcdef"

static char key_bytes[] = KEY_TEXT;
static const struct key key = {.text = key_bytes};

/* ---- other jobs ---- */

static const struct {
    const char *ref, *remote_id, *answer;
} others[] = {
    {"user-1", "594",
     "{\"type\":\"users\",\"id\":\"594\",\"attributes\":{\"email\":\"a@b.co\"}}"},
    {"instr-1", "77", "{\"id\":\"77\"}"},
    {"coin", "btc-1",
     "{\"id\":1,\"attributes\":{\"amount\":100.10,\"e\":1e2,\"minus\":-5,\"text\":\"12."
     "50\","
     "\"flag\":true,\"none\":null,\"bad\":\"1\\r\\nX: y\",\"code\":\"ARS\"}}"},
    {"no-id", NULL, NULL},
    {"crlf", "1\r\nX-Evil: 1", "{}"},
    {"two", "1; user=2", "{}"},
    {"dots", "../admin", "{}"},
    {"long", "1234567890123456789", "{}"},
    {"broken", "5", "{\"attributes\":{"},
};

static bool look_up(void *ctx, struct span ref, const char **remote_id,
                    const char **answer)
{
    (void)ctx;
    for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
        if (span_is(ref, others[i].ref)) {
            *remote_id = others[i].remote_id;
            *answer = others[i].answer;
            return true;
        }
    return false;
}

/* ---- a job in one line: name, value, name, value, ..., NULL ---- */

#define CELLS_MAX 12

static int build(struct http_request *out, const struct action *action, const char *actor,
                 const char *const cells[CELLS_MAX], struct err *err)
{
    struct params params;
    params_init(&params);
    for (int i = 0; i < CELLS_MAX && cells[i]; i += 2)
        params_add(&params, span_of(cells[i]), span_of(cells[i + 1]));
    const struct request_job job = {action, &params, actor};
    int rc = request_build(out, &job, &key, look_up, NULL, err);
    params_close(&params);
    return rc;
}

static void write_request(struct buf *out, const struct http_request *r)
{
    buf_printf(out, "%s %s\n", r->method, r->path);
    for (int i = 0; i < r->header_count; i++)
        buf_printf(out, "%s: %s\n", r->headers[i].name, r->headers[i].value);
    buf_add_span(out, buf_span(&r->body));
}

static void expect_bytes(const struct action *action, const char *actor,
                         const char *const cells[CELLS_MAX], const char *want)
{
    struct http_request r;
    struct err err;
    struct buf got;
    if (build(&r, action, actor, cells, &err))
        fail_msg("%s: %s", action->name, err.text);
    buf_init(&got, 65536);
    write_request(&got, &r);
    assert_string_equal(got.data, want);
    buf_close(&got);
    http_request_close(&r);
}

#define HEAD_MASTER                                                                      \
    "Authorization: " KEY_TEXT "\nVersion: 2.1\nAccept: application/vnd.api+json\n"
#define HEAD_USER                                                                        \
    "Authorization: " KEY_TEXT "; user=594\nVersion: 2.1\n"                              \
    "Accept: application/vnd.api+json\n"
#define BODY_TYPE "Content-Type: application/vnd.api+json\n"

static const struct {
    const char *action, *actor;
    const char *cells[CELLS_MAX];
    const char *want;
} goldens[] = {
    {"create_user",
     NULL,
     {"email", "ana+1@x.com"},
     "POST /users\n" HEAD_MASTER BODY_TYPE
     "{\"data\":{\"type\":\"users\",\"attributes\":{\"email\":\"ana+1@x.com\"}}}"},
    {"get_user", NULL, {"id", "@user-1"}, "GET /users/594\n" HEAD_MASTER},
    {"get_user", NULL, {"id", "a-b_C9"}, "GET /users/a-b_C9\n" HEAD_MASTER},
    {"list_coin_wallets", "user-1", {NULL}, "GET /coin_wallets\n" HEAD_USER},
    {"list_coin_wallets", "#594", {NULL}, "GET /coin_wallets\n" HEAD_USER},
    {"create_cash_withdrawal",
     "user-1",
     {"amount", "100.10", "fiat_code", "ARS", "withdrawal_instruction", "@instr-1"},
     "POST /cash_withdrawals\n" HEAD_USER BODY_TYPE
     "{\"data\":{\"type\":\"cash_withdrawals\",\"attributes\":{\"amount\":100.10,"
     "\"fiat_code\":\"ARS\"},\"relationships\":{\"withdrawal_instruction\":{\"data\":"
     "{\"type\":\"withdrawal_instructions\",\"id\":\"77\"}}}}}"},
    {"create_coin_withdrawal",
     "#594",
     {"label", "pay-1", "to_addresses", "1BoatSLRHtKNngkdXEeobR76b53LETtpyT", "amount",
      "0.00000001", "coin_code", "btc"},
     "POST /coin_withdrawals\n" HEAD_USER BODY_TYPE
     "{\"data\":{\"type\":\"coin_withdrawals\",\"attributes\":{\"label\":\"pay-1\","
     "\"to_addresses\":\"1BoatSLRHtKNngkdXEeobR76b53LETtpyT\",\"amount\":0.00000001,"
     "\"coin_code\":\"btc\"}}}"},
    {"create_withdrawal_instruction",
     "user-1",
     {"label", "i-1", "body.payment_method", "domestic_bank", "body.name",
      "Jos\xc3\xa9 \"Pepe\" \\ <x>", "body.cbu", "0070999020000065706080",
      "body.currency", "ARS"},
     "POST /withdrawal_instructions\n" HEAD_USER BODY_TYPE
     "{\"data\":{\"type\":\"withdrawal_instructions\",\"attributes\":{\"label\":\"i-1\","
     "\"body\":{\"payment_method\":\"domestic_bank\","
     "\"name\":\"Jos\xc3\xa9 \\\"Pepe\\\" \\\\ <x>\",\"currency\":\"ARS\","
     "\"cbu\":\"0070999020000065706080\"}}}}"},
    {"create_withdrawal_instruction", /* a word that the API may know */
     "user-1",
     {"label", "i-3", "body.payment_method", "wallet"},
     "POST /withdrawal_instructions\n" HEAD_USER BODY_TYPE
     "{\"data\":{\"type\":\"withdrawal_instructions\",\"attributes\":{\"label\":\"i-3\","
     "\"body\":{\"payment_method\":\"wallet\"}}}}"},
    {"create_withdrawal_instruction",
     "user-1",
     {"label", "i-2", "payment_method_type", "ar_domestic_bank", "body.account_type",
      "savings", "body.cbu", "0070999020000065706080"},
     "POST /withdrawal_instructions\n" HEAD_USER BODY_TYPE
     "{\"data\":{\"type\":\"withdrawal_instructions\",\"attributes\":{\"label\":\"i-2\","
     "\"payment_method_type\":\"ar_domestic_bank\",\"body\":{\"account_type\":"
     "\"savings\",\"cbu\":\"0070999020000065706080\"}}}}"},
    {"create_issue",
     "user-1",
     {"reason_code", "new_client"},
     "POST /issues\nAuthorization: " KEY_TEXT
     "\nVersion: 2.0\nAccept: application/vnd.api+json\n" BODY_TYPE
     "{\"data\":{\"type\":\"issues\",\"attributes\":{\"reason_code\":\"new_client\"},"
     "\"relationships\":{\"user\":{\"data\":{\"type\":\"users\",\"id\":\"594\"}}}}}"},
    {"create_phone_seed",
     "#594",
     {"number", "1", "issue", "7"},
     "POST /phone_seeds\nAuthorization: " KEY_TEXT
     "; user=594\nVersion: 2.0\nAccept: application/vnd.api+json\n" BODY_TYPE
     "{\"data\":{\"type\":\"phone_seeds\",\"attributes\":{\"number\":\"1\"},"
     "\"relationships\":{\"issue\":{\"data\":{\"type\":\"issues\",\"id\":\"7\"}}}}}"},
    {"update_user",
     NULL,
     {"id", "594", "do_not_email", "true"},
     "PATCH /users/594\n" HEAD_MASTER BODY_TYPE
     "{\"data\":{\"type\":\"users\",\"id\":\"594\",\"attributes\":{\"do_not_email\":"
     "true}}}"},
    {"accept_quote",
     NULL,
     {"id", "12"},
     "POST /concierge_requests/12/accept_quote\n" HEAD_MASTER BODY_TYPE
     "{\"data\":{\"type\":\"concierge_requests\"}}"},
    {"list_trades",
     NULL,
     {"filter[orderbook_code]", "btc_usd", "limit", "50"},
     "GET /trades?filter%5Borderbook_code%5D=btc_usd&limit=50\n" HEAD_MASTER},
    {"request",
     NULL,
     {"method", "POST", "path", "/orders/cancel?filter[orderbook_code]=btc_usd", "body",
      "{ \"a\" : 1.10 }", "version", "2.0"},
     "POST /orders/cancel?filter[orderbook_code]=btc_usd\nAuthorization: " KEY_TEXT
     "\nVersion: 2.0\nAccept: application/vnd.api+json\n"
     "Content-Type: application/json\n{ \"a\" : 1.10 }"},
    {"request",
     "user-1",
     {"method", "DELETE", "path", "/withdrawal_instructions/7"},
     "DELETE /withdrawal_instructions/7\nAuthorization: " KEY_TEXT
     "; user=594\nAccept: application/vnd.api+json\n"},
};

static void each_action_makes_exactly_these_bytes(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(goldens) / sizeof(*goldens); i++)
        expect_bytes(built_in_action(goldens[i].action), goldens[i].actor,
                     goldens[i].cells, goldens[i].want);
}

/* ---- an action with every kind of field ---- */

static const char zoo_text[] =
    "{\"zoo\":{\"summary\":\"s\",\"method\":\"PATCH\",\"path\":\"/zoo/{id}/x/{cage}\","
    "\"acts_as\":\"either\",\"type\":\"zoos\",\"in_path\":{"
    "\"id\":{\"type\":\"id\",\"required\":true},"
    "\"cage\":{\"type\":\"id\",\"required\":true}},"
    "\"query\":{\"filter[from]\":{\"type\":\"date\"},\"q\":{\"type\":\"text\"}},"
    "\"attributes\":{\"n\":{\"type\":\"decimal\"},"
    "\"s\":{\"type\":\"decimal\",\"as_string\":true},\"i\":{\"type\":\"integer\"},"
    "\"b\":{\"type\":\"boolean\"},\"j\":{\"type\":\"json\"},\"t\":{\"type\":\"text\"},"
    "\"a.b.c\":{\"type\":\"decimal\"},\"a.b.d\":{\"type\":\"text\"},"
    "\"c\":{\"type\":\"choice\",\"choices\":[\"k\"]}},\"tag\":\"t\"},"
    "\"feed\":{\"summary\":\"s\",\"method\":\"POST\",\"path\":\"/zoo/{id}/feed\","
    "\"acts_as\":\"either\",\"type\":\"meals\",\"repeat\":\"safe\","
    "\"in_path\":{\"id\":{\"type\":\"id\",\"required\":true}}}}";

static struct catalogue zoo;

static const struct action *zoo_action(void)
{
    struct err err;
    if (zoo.count == 0 && catalogue_read(&zoo, span_of(zoo_text), "zoo", &err))
        fail_msg("%s", err.text);
    return &zoo.actions[0];
}

static int close_all(void **state)
{
    catalogue_close(&zoo);
    return close_built_in(state);
}

#define ZOO_PATH "id", "7", "cage", "9"

static const struct {
    const char *name, *value;
    const char *want; /* in the body, after the id */
} wires[] = {
    {"n", "100.10", "\"n\":100.10"},
    {"n", "0.00000001", "\"n\":0.00000001"},
    {"n", "12345678901234567.89", "\"n\":12345678901234567.89"},
    {"n", "9007199254740993", "\"n\":9007199254740993"},
    {"n", "0", "\"n\":0"},
    {"n", "@coin/attributes/amount", "\"n\":100.10"},
    {"n", "@coin/attributes/text", "\"n\":12.50"},
    {"n", "@user-1", "\"n\":594"},
    {"s", "100.10", "\"s\":\"100.10\""},
    {"i", "-7", "\"i\":-7"},
    {"i", "9223372036854775807", "\"i\":9223372036854775807"},
    {"b", "true", "\"b\":true"},
    {"b", "false", "\"b\":false"},
    {"j", "[1.0, {\"x\": 1e400}]", "\"j\":[1.0, {\"x\": 1e400}]"},
    {"a.b.c", "1.50", "\"a\":{\"b\":{\"c\":1.50}}"},
    {"c", "k", "\"c\":\"k\""},
};

static void digits_go_out_as_they_came_in(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(wires) / sizeof(*wires); i++) {
        const char *const cells[CELLS_MAX] = {ZOO_PATH, wires[i].name, wires[i].value,
                                              "t", "x"};
        struct http_request r;
        struct err err;
        if (build(&r, zoo_action(), NULL, cells, &err))
            fail_msg("%s: %s", wires[i].value, err.text);
        if (!strstr(r.body.data, wires[i].want))
            fail_msg("%s\nlacks %s", r.body.data, wires[i].want);
        http_request_close(&r);
    }
}

static void path_query_and_nesting_are_put_together(void **state)
{
    (void)state;
    const char *const cells[CELLS_MAX] = {ZOO_PATH, "filter[from]", "2026-11-24", "a.b.c",
                                          "1",      "a.b.d",        "@@home",     "t",
                                          "x"};
    expect_bytes(zoo_action(), NULL, cells,
                 "PATCH /zoo/7/x/9?filter%5Bfrom%5D=2026-11-24\nAuthorization: " KEY_TEXT
                 "\nAccept: application/vnd.api+json\n" BODY_TYPE
                 "{\"data\":{\"type\":\"zoos\",\"id\":\"7\",\"attributes\":{\"t\":\"x\","
                 "\"a\":{\"b\":{\"c\":1,\"d\":\"@home\"}}}}}");
}

static void only_a_patch_names_the_id_in_its_document(void **state)
{
    (void)state;
    const char *const cells[CELLS_MAX] = {"id", "7"};
    zoo_action();
    expect_bytes(&zoo.actions[1], NULL, cells,
                 "POST /zoo/7/feed\nAuthorization: " KEY_TEXT
                 "\nAccept: application/vnd.api+json\n" BODY_TYPE
                 "{\"data\":{\"type\":\"meals\"}}");
}

static void a_second_query_value_follows_an_ampersand(void **state)
{
    (void)state;
    const char *const cells[CELLS_MAX] = {
        ZOO_PATH, "filter[from]", "2026-11-24", "q", "a", "t", "x"};
    struct http_request r;
    struct err err;
    assert_int_equal(build(&r, zoo_action(), NULL, cells, &err), 0);
    assert_string_equal(r.path, "/zoo/7/x/9?filter%5Bfrom%5D=2026-11-24&q=a");
    http_request_close(&r);
}

static void query_values_are_escaped(void **state)
{
    (void)state;
    static const struct {
        const char *value, *want;
    } rows[] = {
        {"a b&c=d", "a%20b%26c%3Dd"},
        {"\r\nX: y", "%0D%0AX%3A%20y"},
        {"\xc3\xa9", "%C3%A9"},
        {"../..#?", "..%2F..%23%3F"},
        {"%2e", "%252e"},
        {"Az09-._~", "Az09-._~"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        const char *const cells[CELLS_MAX] = {ZOO_PATH, "q", rows[i].value, "t", "x"};
        struct http_request r;
        struct err err;
        assert_int_equal(build(&r, zoo_action(), NULL, cells, &err), 0);
        assert_string_equal(r.path + strlen("/zoo/7/x/9?q="), rows[i].want);
        http_request_close(&r);
    }
}

/* ---- what must never leave ---- */

#define CASH(amount, code, instr)                                                        \
    {                                                                                    \
        "amount", amount, "fiat_code", code, "withdrawal_instruction", instr             \
    }
#define REQUEST(method, path)                                                            \
    {                                                                                    \
        "method", method, "path", path                                                   \
    }

static const struct {
    const char *action, *actor;
    const char *cells[CELLS_MAX];
    const char *want; /* a piece of the message */
} refusals[] = {
    /* on_behalf_of reaches a header */
    {"list_coin_wallets", "#1; user=2", {NULL}, "on_behalf_of"},
    {"list_coin_wallets", "1; user=2", {NULL}, "on_behalf_of"},
    {"list_coin_wallets", "1;user=2", {NULL}, "on_behalf_of"},
    {"list_coin_wallets", "#1\r\nX: y", {NULL}, "on_behalf_of"},
    {"list_coin_wallets", "#1\n", {NULL}, "on_behalf_of"},
    {"list_coin_wallets", "#", {NULL}, "on_behalf_of"},
    {"list_coin_wallets", "#-1", {NULL}, "on_behalf_of"},
    {"list_coin_wallets", "#1e3", {NULL}, "on_behalf_of"},
    {"list_coin_wallets", "#\xd9\xa1", {NULL}, "on_behalf_of"},
    {"list_coin_wallets", "#1234567890123456789", {NULL}, "on_behalf_of"},
    {"list_coin_wallets", "", {NULL}, "on_behalf_of"},
    {"list_coin_wallets", "crlf", {NULL}, "digits only"},
    {"list_coin_wallets", "two", {NULL}, "digits only"},
    {"list_coin_wallets", "coin", {NULL}, "digits only"},
    {"list_coin_wallets", "long", {NULL}, "digits only"},
    {"list_coin_wallets", "no-id", {NULL}, "no-id: that job got no id"},
    {"list_coin_wallets", "nobody", {NULL}, "on_behalf_of: @nobody: no job"},
    {"list_coin_wallets", NULL, {NULL}, "on_behalf_of: is missing"},
    {"create_user", "user-1", {"email", "a@b.co"}, "never on behalf"},
    /* ids reach a path */
    {"get_user", NULL, {"id", "../admin"}, "id: must be an id"},
    {"get_user", NULL, {"id", ".."}, "id: must be"},
    {"get_user", NULL, {"id", "%2e%2e"}, "id: must be"},
    {"get_user", NULL, {"id", "1/2"}, "id: must be"},
    {"get_user", NULL, {"id", "1?x=y"}, "id: must be"},
    {"get_user", NULL, {"id", "1#"}, "id: must be"},
    {"get_user", NULL, {"id", "1\r\nX: y"}, "id: must be"},
    {"get_user", NULL, {"id", "1\\2"}, "id: must be"},
    {"get_user", NULL, {"id", "http://evil/"}, "id: must be"},
    {"get_user", NULL, {"id", "\xc0\xae"}, "id: must be"},
    {"get_user", NULL, {"id", ""}, "id: must be"},
    {"get_user", NULL, {"id", "@dots"}, "id: what @dots gives"},
    {"get_user", NULL, {"id", "@crlf"}, "id: what @crlf gives"},
    {"get_user", NULL, {"id", "@"}, "id: @: no ref"},
    {"get_user", NULL, {"id", "@@5"}, "id: must be"},
    {"get_user", NULL, {"id", "@nobody"}, "id: @nobody: no job of that ref"},
    {"get_user", NULL, {"id", "@no-id"}, "id: @no-id: that job got no id"},
    {"get_user", NULL, {NULL}, "id: is missing"},
    {"get_user", NULL, {"id", "5", "other", "x"}, "other: the action get_user has no"},
    /* the generic request's path, method and version */
    {"request", NULL, REQUEST("GET", "users"), "path: must be"},
    {"request", NULL, REQUEST("GET", "//evil.example/x"), "path: must be"},
    {"request", NULL, REQUEST("GET", "http://evil.example/"), "path: must be"},
    {"request", NULL, REQUEST("GET", "/users/../admin"), "path: must be"},
    {"request", NULL, REQUEST("GET", "/users/%2e%2e/admin"), "path: must be"},
    {"request", NULL, REQUEST("GET", "/users/%2F"), "path: must be"},
    {"request", NULL, REQUEST("GET", "/a b"), "path: must be"},
    {"request", NULL, REQUEST("GET", "/a\r\nX: y"), "path: must be"},
    {"request", NULL, REQUEST("GET", "/a#b"), "path: must be"},
    {"request", NULL, REQUEST("GET", "/a@evil"), "path: must be"},
    {"request", NULL, REQUEST("GET", "/a;b"), "path: must be"},
    {"request", NULL, REQUEST("GET", "/{id}"), "path: must be"},
    {"request", NULL, REQUEST("GET", "/\xc3\xa9"), "path: must be"},
    {"request", NULL, REQUEST("get", "/a"), "method: must be"},
    {"request", NULL, REQUEST("GET /x HTTP/1.1\r\n", "/a"), "method: must be"},
    {"request", NULL, REQUEST("CONNECT", "/a"), "method: must be"},
    {"request", NULL, {"path", "/a"}, "method: is missing"},
    {"request", NULL, {"method", "GET", "path", "/a", "body", "{}"}, "body: a GET"},
    {"request", NULL, {"method", "POST", "path", "/a", "body", "{} x"}, "body: must be"},
    {"request",
     NULL,
     {"method", "POST", "path", "/a", "version", "2\r\nX: y"},
     "version: must be"},
    /* amounts and currencies */
    {"create_cash_withdrawal", "#1", CASH("1,000", "ars", "7"), "amount: must be digits"},
    {"create_cash_withdrawal", "#1", CASH("-5", "ars", "7"), "amount: must be"},
    {"create_cash_withdrawal", "#1", CASH("+5", "ars", "7"), "amount: must be"},
    {"create_cash_withdrawal", "#1", CASH("1e3", "ars", "7"), "amount: must be"},
    {"create_cash_withdrawal", "#1", CASH("010", "ars", "7"), "amount: must be"},
    {"create_cash_withdrawal", "#1", CASH(".5", "ars", "7"), "amount: must be"},
    {"create_cash_withdrawal", "#1", CASH("5.", "ars", "7"), "amount: must be"},
    {"create_cash_withdrawal", "#1", CASH("NaN", "ars", "7"), "amount: must be"},
    {"create_cash_withdrawal", "#1", CASH("1}", "ars", "7"), "amount: must be"},
    {"create_cash_withdrawal", "#1", CASH("9223372036854775808", "ars", "7"), "amount:"},
    {"create_cash_withdrawal", "#1", CASH("@coin/attributes/e", "ars", "7"),
     "amount: what @coin/attributes/e gives is not digits"},
    {"create_cash_withdrawal", "#1", CASH("@coin/attributes/minus", "ars", "7"),
     "amount: what @coin/attributes/minus gives"},
    {"create_cash_withdrawal", "#1", CASH("@coin/attributes/flag", "ars", "7"),
     "no text or number"},
    {"create_cash_withdrawal", "#1", CASH("@coin/attributes/none", "ars", "7"),
     "no text or number"},
    {"create_cash_withdrawal", "#1", CASH("@coin/attributes", "ars", "7"),
     "no text or number"},
    {"create_cash_withdrawal", "#1", CASH("@coin/attributes/gone", "ars", "7"),
     "amount: @coin/attributes/gone: the answer has no"},
    {"create_cash_withdrawal", "#1", CASH("@broken/attributes/x", "ars", "7"),
     "no text or number"},
    {"create_cash_withdrawal", "#1", CASH("@no-id/attributes/x", "ars", "7"),
     "no text or number"},
    {"create_cash_withdrawal", "#1", CASH("5", "ar$", "7"), "fiat_code: must be"},
    {"create_cash_withdrawal", "#1", CASH("5", "ars", "@coin/attributes/bad"),
     "withdrawal_instruction: what @coin"},
    {"create_cash_withdrawal",
     "#1",
     {"amount", "5", "fiat_code", "ars"},
     "withdrawal_instruction: is missing"},
    {"create_withdrawal_instruction", "#1", {"body.name", "x"}, "label: is missing"},
    {"create_withdrawal_instruction", "#1", {"label", ""}, "label: is missing"},
    {"create_coin_withdrawal",
     "#1",
     {"label", "x", "to_addresses", "", "amount", "1", "coin_code", "btc"},
     "to_addresses: is missing"},
    {"create_withdrawal_instruction", "#1", {"label", "\xff"}, "label: must be UTF-8"},
    {"create_withdrawal_instruction",
     "#1",
     {"label", "x", "body.payment_method", "ca sh"},
     "body.payment_method: must be one"},
};

static void what_could_do_harm_is_refused_by_name(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(refusals) / sizeof(*refusals); i++) {
        struct http_request r;
        struct err err = {0};
        if (build(&r, built_in_action(refusals[i].action), refusals[i].actor,
                  refusals[i].cells, &err) != -1)
            fail_msg("row %zu (%s) was built: %s", i, refusals[i].want, r.path);
        assert_int_equal(err.code, ERR_INPUT);
        if (!strstr(err.text, refusals[i].want))
            fail_msg("row %zu: '%s' lacks '%s'", i, err.text, refusals[i].want);
        assert_null(strstr(err.text, KEY_TEXT));
    }
}

static void no_header_ever_holds_a_control_character(void **state)
{
    (void)state;
    for (unsigned c = 1; c < 256; c++) {
        char actor[] = "#1?2", ref[] = "user-1?";
        actor[2] = (char)c;
        ref[6] = (char)c;
        const char *const actors[] = {actor, ref};
        for (size_t i = 0; i < 2; i++) {
            const char *const cells[CELLS_MAX] = {NULL};
            struct http_request r;
            struct err err;
            if (build(&r, built_in_action("list_coin_wallets"), actors[i], cells, &err))
                continue;
            if (i != 0 || c < '0' || c > '9')
                fail_msg("byte %u was let through", c);
            http_request_close(&r);
        }
    }
}

/* ---- size ---- */

static void a_request_over_the_limit_is_refused(void **state)
{
    (void)state;
    static const struct {
        size_t len;
        int rc;
    } rows[] = {{HTTP_REQUEST_MAX - 200, 0},
                {HTTP_REQUEST_MAX - 10, -1},
                {HTTP_REQUEST_MAX + 10, -1}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        char *text = calloc(1, rows[i].len + 1);
        memset(text, 'x', rows[i].len);
        const char *const cells[CELLS_MAX] = {"label", text};
        struct http_request r;
        struct err err;
        int rc = build(&r, built_in_action("create_withdrawal_instruction"), "#1", cells,
                       &err);
        assert_int_equal(rc, rows[i].rc);
        if (rc == 0)
            http_request_close(&r);
        else
            assert_int_equal(err.code, ERR_INPUT);
        free(text);
    }
}

static void a_path_over_the_limit_is_refused(void **state)
{
    (void)state;
    char text[9000] = "";
    memset(text, 'x', sizeof(text) - 1);
    const char *const cells[CELLS_MAX] = {ZOO_PATH, "q", text, "t", "x"};
    struct http_request r;
    struct err err;
    assert_int_equal(build(&r, zoo_action(), NULL, cells, &err), -1);
    assert_int_equal(err.code, ERR_INPUT);
    assert_non_null(strstr(err.text, "path"));
}

static void without_a_lookup_no_ref_resolves(void **state)
{
    (void)state;
    struct params params;
    struct http_request r;
    struct err err;
    params_init(&params);
    params_add(&params, span_of("id"), span_of("@user-1"));
    const struct request_job job = {built_in_action("get_user"), &params, NULL};
    assert_int_equal(request_build(&r, &job, &key, NULL, NULL, &err), -1);
    params_close(&params);
}

static void a_longest_key_and_id_fit_the_header(void **state)
{
    (void)state;
    char longest[KEY_LEN_MAX + 1] = "";
    memset(longest, 'k', KEY_LEN_MAX);
    const struct key long_key = {.text = longest};
    struct params params;
    struct http_request r;
    struct err err;
    params_init(&params);
    const struct request_job job = {built_in_action("list_coin_wallets"), &params,
                                    "#123456789012345678"};
    assert_int_equal(request_build(&r, &job, &long_key, NULL, NULL, &err), 0);
    assert_memory_equal(r.headers[0].value, longest, KEY_LEN_MAX);
    assert_string_equal(r.headers[0].value + KEY_LEN_MAX, "; user=123456789012345678");
    http_request_close(&r);
    params_close(&params);
}

static void only_reads_and_declared_actions_may_be_repeated(void **state)
{
    (void)state;
    static const struct {
        const char *action, *method;
        bool safe;
    } rows[] = {
        {"get_user", NULL, true},    {"create_user", NULL, false},
        {"request", "GET", true},    {"request", "POST", false},
        {"request", "PUT", false},   {"request", "DELETE", false},
        {"request", "PATCH", false}, {"request", NULL, false},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct params params;
        params_init(&params);
        if (rows[i].method)
            params_add(&params, span_of("method"), span_of(rows[i].method));
        assert_int_equal(request_is_repeat_safe(built_in_action(rows[i].action), &params),
                         rows[i].safe);
        params_close(&params);
    }
    const struct params none = {0};
    zoo_action();
    assert_true(request_is_repeat_safe(&zoo.actions[1], &none));
    assert_false(request_is_repeat_safe(&zoo.actions[0], &none));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_action_makes_exactly_these_bytes),
        cmocka_unit_test(digits_go_out_as_they_came_in),
        cmocka_unit_test(path_query_and_nesting_are_put_together),
        cmocka_unit_test(only_a_patch_names_the_id_in_its_document),
        cmocka_unit_test(a_second_query_value_follows_an_ampersand),
        cmocka_unit_test(query_values_are_escaped),
        cmocka_unit_test(what_could_do_harm_is_refused_by_name),
        cmocka_unit_test(no_header_ever_holds_a_control_character),
        cmocka_unit_test(a_request_over_the_limit_is_refused),
        cmocka_unit_test(a_path_over_the_limit_is_refused),
        cmocka_unit_test(without_a_lookup_no_ref_resolves),
        cmocka_unit_test(a_longest_key_and_id_fit_the_header),
        cmocka_unit_test(only_reads_and_declared_actions_may_be_repeated),
    };
    return cmocka_run_group_tests(tests, open_built_in, close_all);
}
