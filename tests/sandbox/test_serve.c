#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sandbox/world.h"

static void answers_have_the_status_and_shape_of_the_api(void **state)
{
    (void)state;
    static const struct {
        const char *name, *method, *path, *key, *body;
        int status;
        const char *part;
    } table[] = {
        {"no key", "GET", "/api/users", NULL, "", 401, "{\"error\":\"Necesitas iniciar"},
        {"a short key", "GET", "/api/users", "x", "", 401,
         "{\"error\":\"Invalid Api Key\"}"},
        {"no such user", "GET", "/api/users/me", AS "99", "", 404, NOT_FOUND},
        {"a user that is no number", "GET", "/api/users/me", AS "x", "", 404, NOT_FOUND},
        {"oneself", "GET", "/api/users/me", AS "594", "", 200, "\"id\":\"594\""},
        {"the master itself", "GET", "/api/users/me", KEY, "", 200, "\"id\":\"593\""},
        {"a managed user", "GET", "/api/users/595/", KEY, "", 200, "\"email\":null"},
        {"another user", "GET", "/api/users/595", AS "594", "", 404, NOT_FOUND},
        {"whom a managed user manages", "GET", "/api/users", AS "594", "", 200,
         "{\"data\":[]}"},
        {"a managed user makes none", "POST", "/api/users", AS "594", USER, 401,
         "Not enough permissions"},
        {"no such path", "GET", "/api/nothing", KEY, "", 404, NOT_FOUND},
        {"outside the API", "GET", "/users", KEY, "", 404, NOT_FOUND},
        {"no such method", "DELETE", "/api/users/594", KEY, "", 404, NOT_FOUND},
        {"broken JSON", "POST", "/api/users", KEY, "{", 400, "<html>"},
        {"no document", "POST", "/api/users", KEY, "", 422, "/data/attributes/base"},
        {"another type", "POST", "/api/users", KEY, OF("bids", ""), 422,
         "\"meta\":{\"type\":\"users\"}"},
        {"no e-mail at all", "POST", "/api/users", KEY,
         OF("users", "\"email\":\"nobody\""), 422, "/data/attributes/email"},
        {"an e-mail that is a number", "POST", "/api/users", KEY,
         OF("users", "\"email\":5"), 500, "<html>"},
        {"unknown attributes are dropped", "PATCH", "/api/users/594", KEY,
         OF("users", "\"do_not_mail\":true"), 200, "\"do_not_email\":false"},
        {"known ones are set", "PUT", "/api/users/594", KEY,
         OF("users", "\"do_not_email\":true"), 200, "\"do_not_email\":true"},
        {"and the rest stays", "GET", "/api/users/594", KEY, "", 200,
         "\"email\":\"a@b.c\""},
        {"an amount that is missing", "POST", "/api/coin_withdrawals", AS "594",
         COIN("\"coin_code\":\"btc\",\"to_addresses\":\"m\""), 422,
         "{\"errors\":[{\"status\":422,\"title\":\"no puede estar en blanco\","
         "\"detail\":\"no puede estar en blanco\",\"code\":\"no_puede_estar_en_blanco\","
         "\"meta\":{\"type\":\"coin_withdrawals\"},"
         "\"source\":{\"pointer\":\"/data/attributes/amount\"}}]}"},
        {"an amount that is none", "POST", "/api/coin_withdrawals", AS "594",
         COIN("\"amount\":\"1,5\",\"coin_code\":\"btc\",\"to_addresses\":\"m\""), 422,
         "no_es_un_numero"},
        {"an amount of nothing", "POST", "/api/coin_withdrawals", AS "594",
         COIN("\"amount\":0.00,\"coin_code\":\"btc\",\"to_addresses\":\"m\""), 422,
         "debe_ser_mayor_que_0"},
        {"an amount below nothing", "POST", "/api/coin_withdrawals", AS "594",
         COIN("\"amount\":-1,\"coin_code\":\"btc\",\"to_addresses\":\"m\""), 422,
         "debe_ser_mayor_que_0"},
        {"an amount that is an object", "POST", "/api/coin_withdrawals", AS "594",
         COIN("\"amount\":{},\"coin_code\":\"btc\",\"to_addresses\":\"m\""), 500,
         "<html>"},
        {"an unknown coin", "POST", "/api/coin_withdrawals", AS "594",
         COIN("\"amount\":1,\"coin_code\":\"doge\",\"to_addresses\":\"m\""), 422,
         "/data/attributes/coin_code"},
        {"the coin under its older name", "POST", "/api/coin_withdrawals", AS "594",
         COIN("\"amount\":1,\"currency\":\"bch\",\"to_addresses\":\"m\""), 200,
         "\"coin_code\":\"bch\""},
        {"no address", "POST", "/api/coin_withdrawals", AS "594",
         COIN("\"amount\":1,\"coin_code\":\"btc\",\"to_addresses\":\"\""), 422,
         "/data/attributes/to_addresses"},
        {"a number as text, digits kept", "POST", "/api/coin_withdrawals", AS "594",
         COIN("\"amount\":\"9007199254740993.10\",\"coin_code\":\"btc\","
              "\"to_addresses\":\"m\""),
         200, "\"amount\":9007199254740993.1,"},
        {"a user in the document", "POST", "/api/coin_withdrawals", KEY,
         "{\"data\":{\"type\":\"coin_withdrawals\",\"attributes\":{\"amount\":1,"
         "\"coin_code\":\"btc\",\"to_addresses\":\"m\"},\"relationships\":{\"user\":"
         "{\"data\":{\"type\":\"users\",\"id\":595}}}}}",
         200, "\"id\":\"595\""},
        {"a user in the document that is none", "POST", "/api/coin_withdrawals", KEY,
         "{\"data\":{\"type\":\"coin_withdrawals\",\"relationships\":{\"user\":"
         "{\"data\":{\"id\":\"99\"}}}}}",
         404, NOT_FOUND},
        {"cash", "POST", "/api/cash_withdrawals", AS "594",
         PAY("\"amount\":100.10,\"fiat_code\":\"ars\"", "2071"), 200,
         "\"attributes\":{\"status\":\"received\",\"amount\":100.1,\"gross_amount\":100."
         "1,"},
        {"cash has its instruction's label", "POST", "/api/cash_withdrawals", AS "594",
         PAY("\"amount\":1,\"fiat\":\"ars\"", "\"2071\""), 200, "\"label\":\"row\""},
        {"cash has its instruction with it", "GET", "/api/cash_withdrawals/31207",
         AS "594", "", 200, "\"included\":[{\"id\":\"2071\""},
        {"an instruction that is not there", "POST", "/api/cash_withdrawals", AS "594",
         PAY("\"amount\":1,\"fiat_code\":\"ars\"", "99"), 404, NOT_FOUND},
        {"somebody else's instruction", "POST", "/api/cash_withdrawals", AS "595",
         PAY("\"amount\":1,\"fiat_code\":\"ars\"", "2071"), 404, NOT_FOUND},
        {"no instruction", "POST", "/api/cash_withdrawals", AS "594",
         OF("cash_withdrawals", "\"amount\":1,\"fiat_code\":\"ars\""), 422,
         "/data/attributes/withdrawal_instruction"},
        {"somebody else's withdrawal", "GET", "/api/cash_withdrawals/31207", AS "595", "",
         404, NOT_FOUND},
        {"a date in the future", "GET", "/api/cash_withdrawals?filter[from]=9999-01-01",
         AS "594", "", 200, "{\"data\":[],"},
        {"an unknown filter", "GET", "/api/cash_withdrawals?filter[id]=7", AS "594", "",
         200, "\"id\":\"31208\""},
        {"a label that is an object", "POST", "/api/withdrawal_instructions", AS "594",
         OF("withdrawal_instructions", "\"label\":{}"), 500, "<html>"},
        {"a body that is a text", "POST", "/api/withdrawal_instructions", AS "594",
         OF("withdrawal_instructions", "\"body\":\"x\""), 500, "<html>"},
        {"somebody else's instruction to delete", "DELETE",
         "/api/withdrawal_instructions/2071", AS "595", "", 404, NOT_FOUND},
        {"deleting", "DELETE", "/api/withdrawal_instructions/2071", AS "594", "", 204,
         ""},
        {"deleting again", "DELETE", "/api/withdrawal_instructions/2071", AS "594", "",
         404, NOT_FOUND},
        {"a withdrawal outlives its instruction", "GET", "/api/cash_withdrawals",
         AS "594", "", 200, "\"included\":[{\"id\":\"2071\""},
        {"and shows it, read alone too", "GET", "/api/cash_withdrawals/31207", AS "594",
         "", 200, "\"included\":[{\"id\":\"2071\""},
        {"wallets", "GET", "/api/cash_wallets", AS "594", "", 200,
         "\"currency\":\"pyg\""},
        {"one wallet in any case", "GET", "/api/cash_wallets/UsD", AS "594", "", 200,
         "{\"data\":{\"id\":\"usd\""},
        {"no such wallet", "GET", "/api/cash_wallets/eur", AS "594", "", 404, NOT_FOUND},
        {"a coin wallet by its id", "GET", "/api/coin_wallets/1189", AS "594", "", 200,
         "\"currency\":\"bch\""},
        {"somebody else's coin wallet", "GET", "/api/coin_wallets/1189", AS "595", "",
         404, NOT_FOUND},
    };
    struct world w;
    world_open(&w);
    people(&w);
    for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
        const char *got =
            ask(&w, table[i].method, table[i].path, table[i].key, table[i].body);
        if (w.reply.answer.status != table[i].status || !strstr(got, table[i].part))
            fail_msg("%s: %d %s", table[i].name, w.reply.answer.status, got);
    }
    world_close(&w);
}

static void nothing_is_deduplicated(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    people(&w);
    ask(&w, "POST", "/api/users", KEY, USER);
    ask(&w, "POST", "/api/coin_withdrawals", AS "594", GOOD_COIN);
    ask(&w, "POST", "/api/coin_withdrawals", AS "594", GOOD_COIN);
    assert_int_equal(effects(&w), 6);
    world_close(&w);
}

static void emails_can_be_made_unique(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    people(&w);
    w.options.unique_emails = true;
    const char *got = ask(&w, "POST", "/api/users", KEY, USER);
    assert_int_equal(w.reply.answer.status, 422);
    assert_non_null(strstr(got, "\"title\":\"ya está en uso\""));
    assert_non_null(strstr(got, "/data/attributes/email"));
    ask(&w, "PATCH", "/api/users/595", KEY, USER);
    assert_int_equal(w.reply.answer.status, 422);
    ask(&w, "PATCH", "/api/users/594", KEY, USER);
    assert_int_equal(w.reply.answer.status, 200);
    ask(&w, "POST", "/api/users", KEY, BARE);
    assert_int_equal(w.reply.answer.status, 200);
    world_close(&w);
}

static void a_form_is_no_document(void **state)
{
    (void)state;
    struct world w;
    struct span bytes =
        span_of("POST /api/users HTTP/1.1\r\nHost: a\r\nAuthorization: " KEY
                "\r\nContent-Type: application/x-www-form-urlencoded\r\n"
                "Content-Length: 44\r\n\r\n" USER);
    world_open(&w);
    http_feed(&w.reader, &bytes);
    serve(&w.sandbox, &w.reader.request, (struct mono){1}, &w.reply);
    assert_int_equal(w.reply.answer.status, 422);
    world_close(&w);
}

static void above_the_rate_nothing_happens(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    limit_init(&w.sandbox.limit, 2, 1000000);
    world_fault(&w, "POST /users:500:x2");
    ask(&w, "POST", "/api/users", KEY, USER);
    assert_int_equal(w.reply.answer.status, 500);
    ask(&w, "GET", "/api/users", NULL, ""); /* a wrong key counts too */
    const char *got = ask(&w, "POST", "/api/users", KEY, USER);
    assert_int_equal(w.reply.answer.status, 429);
    assert_string_equal(got,
                        "{\"errors\":[{\"status\":429,\"title\":\"Too Many Requests\","
                        "\"code\":\"too_many_requests\"}]}");
    w.now_us += 1000000;
    ask(&w, "POST", "/api/users", KEY, USER); /* the refused one used no fault up */
    assert_int_equal(w.reply.answer.status, 500);
    assert_int_equal(effects(&w), 0);
    ask(&w, "GET", "/_sandbox/stats", NULL, "");
    ask(&w, "GET", "/_sandbox/stats", NULL, "");
    got = ask(&w, "GET", "/_sandbox/stats", NULL, "");
    assert_int_equal(w.reply.answer.status, 200);
    assert_non_null(strstr(got, "\"requests_total\":4,"));
    ask(&w, "POST", "/api/users", KEY, USER);
    assert_int_equal(w.reply.answer.status, 200);
    world_close(&w);
}

static void faults_decide_effect_wire_and_answer(void **state)
{
    (void)state;
    static const struct {
        const char *kind;
        int status;
        int64_t effects;
        enum fault_wire wire;
        const char *retry_after;
    } table[] = {
        {"commit-then-close:1", 200, 1, WIRE_CLOSE, ""},
        {"commit-then-reset:1", 200, 1, WIRE_RESET, ""},
        {"commit-then-hang:1", 200, 1, WIRE_HANG, ""},
        {"half-answer:1", 200, 1, WIRE_HALF, ""},
        {"wrong-length:1", 200, 1, WIRE_SHORT, ""},
        {"wrong-length:1:long", 200, 1, WIRE_LONG, ""},
        {"reset-before-commit:1", 200, 0, WIRE_RESET, ""},
        {"close-before-commit:1", 200, 0, WIRE_CLOSE, ""},
        {"500:1", 500, 0, WIRE_ANSWER, ""},
        {"500-after-commit:1", 500, 1, WIRE_ANSWER, ""},
        {"502-html:1", 502, 0, WIRE_ANSWER, ""},
        {"403-html:1", 403, 0, WIRE_ANSWER, ""},
        {"401:1", 401, 0, WIRE_ANSWER, ""},
        {"429:1:7", 429, 0, WIRE_ANSWER, "7"},
        {"429:1:none", 429, 0, WIRE_ANSWER, ""},
        {"slow:1:50", 200, 1, WIRE_ANSWER, ""},
    };
    for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
        struct world w;
        char rule[100] = "POST /users:";
        world_open(&w);
        world_fault(&w, strncat(rule, table[i].kind, 50));
        ask(&w, "POST", "/api/users", KEY, USER);
        if (w.reply.answer.status != table[i].status || w.reply.wire != table[i].wire ||
            effects(&w) != table[i].effects ||
            strcmp(w.reply.answer.retry_after, table[i].retry_after) != 0)
            fail_msg("%s: %d, %d effects", table[i].kind, w.reply.answer.status,
                     (int)effects(&w));
        world_close(&w);
    }
}

static void a_slow_commit_takes_effect_at_the_end(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    world_fault(&w, "POST /users:slow-commit:1:70");
    ask(&w, "POST", "/api/users", KEY, USER);
    assert_true(w.reply.last);
    assert_int_equal(w.reply.delay_ms, 70);
    assert_int_equal(effects(&w), 0);
    serve_last(&w.sandbox, &w.reader.request, (struct mono){w.now_us}, &w.reply);
    assert_int_equal(effects(&w), 1);
    assert_int_equal(w.reply.answer.status, 200);
    world_close(&w);
}

static void delays_lie_in_their_range_and_add_up(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    w.options.latency_least_ms = 10;
    w.options.latency_most_ms = 12;
    world_fault(&w, "GET /users:slow:1:100");
    for (int i = 0; i < 50; i++) {
        ask(&w, "POST", "/api/users", KEY, BARE);
        assert_in_range(w.reply.delay_ms, 10, 12);
    }
    ask(&w, "GET", "/api/users", KEY, "");
    assert_in_range(w.reply.delay_ms, 110, 112);
    world_close(&w);
}

static void lists_can_be_late_or_cut(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    people(&w);
    world_fault(&w, "GET /users:cut-list:x1:1");
    world_fault(&w, "GET /users:late-list:x1:60000");
    const char *got = ask(&w, "GET", "/api/users", KEY, "");
    assert_non_null(strstr(got, "\"594\""));
    assert_null(strstr(got, "\"595\""));
    assert_string_equal(ask(&w, "GET", "/api/users", KEY, ""), "{\"data\":[]}");
    assert_non_null(strstr(ask(&w, "GET", "/api/users", KEY, ""), "\"595\""));
    world_close(&w);
}

static void the_key_is_in_no_row(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    people(&w);
    ask(&w, "GET", "/api/users", "wrong " KEY, "");
    sqlite3_stmt *st;
    assert_int_equal(
        sqlite3_prepare_v2(w.sandbox.sql.db,
                           "SELECT count(*) FROM request WHERE "
                           "method||path||query||coalesce(user_id,'')||body||"
                           "endpoint||x_request_id LIKE '%" KEY "%'",
                           -1, &st, NULL),
        SQLITE_OK);
    assert_int_equal(sqlite3_step(st), SQLITE_ROW);
    assert_int_equal(sqlite3_column_int(st, 0), 0);
    sqlite3_finalize(st);
    world_close(&w);
}

static void heads_are_as_documented(void **state)
{
    (void)state;
    struct answer a;
    struct buf out;
    answer_init(&a);
    buf_init(&out, 10000);
    strcpy(a.x_request_id, "id");
    answer_head(&a, 5, true, (struct wall){1795490167123}, 1500000, &out);
    assert_string_equal(out.data,
                        "HTTP/1.1 200 OK\r\nDate: Tue, 24 Nov 2026 03:16:07 GMT\r\n"
                        "Content-Type: application/vnd.api+json; charset=utf-8\r\n"
                        "Cache-Control: max-age=0, private, must-revalidate\r\n"
                        "X-Request-Id: id\r\nX-Runtime: 1.500000\r\n"
                        "Content-Length: 5\r\n\r\n");
    buf_clear(&out);
    a.status = 204;
    answer_head(&a, 0, false, (struct wall){0}, 0, &out);
    assert_string_equal(out.data, "HTTP/1.1 204 No Content\r\n"
                                  "Date: Thu, 01 Jan 1970 00:00:00 GMT\r\n"
                                  "Cache-Control: no-cache\r\nX-Request-Id: id\r\n"
                                  "X-Runtime: 0.000000\r\nConnection: close\r\n\r\n");
    buf_close(&out);
    answer_close(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_have_the_status_and_shape_of_the_api),
        cmocka_unit_test(nothing_is_deduplicated),
        cmocka_unit_test(emails_can_be_made_unique),
        cmocka_unit_test(a_form_is_no_document),
        cmocka_unit_test(above_the_rate_nothing_happens),
        cmocka_unit_test(faults_decide_effect_wire_and_answer),
        cmocka_unit_test(a_slow_commit_takes_effect_at_the_end),
        cmocka_unit_test(delays_lie_in_their_range_and_add_up),
        cmocka_unit_test(lists_can_be_late_or_cut),
        cmocka_unit_test(the_key_is_in_no_row),
        cmocka_unit_test(heads_are_as_documented),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
