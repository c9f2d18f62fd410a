/* Effects that come late, twice or not at all, and answers that lie about them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sandbox/world.h"

#define PAID PAY("\"amount\":\"0.50\",\"fiat_code\":\"ars\"", "2071")

static int64_t number(struct world *w, const char *text)
{
    sqlite3_stmt *st;
    assert_int_equal(sqlite3_prepare_v2(w->sandbox.sql.db, text, -1, &st, NULL),
                     SQLITE_OK);
    assert_int_equal(sqlite3_step(st), SQLITE_ROW);
    int64_t value =
        sqlite3_column_type(st, 0) == SQLITE_NULL ? -1 : sqlite3_column_int64(st, 0);
    sqlite3_finalize(st);
    return value;
}

static int64_t last_status(struct world *w)
{
    return number(w, "SELECT status FROM request ORDER BY id DESC LIMIT 1");
}

static void after_a_while_it_takes_effect(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    world_fault(&w, "POST /users:late-apply:1:250");
    ask(&w, "POST", "/api/users", KEY, USER);
    assert_int_equal(w.reply.wire, WIRE_CLOSE);
    assert_int_equal(w.reply.delay_ms, 0);
    assert_int_equal(last_status(&w), -1);
    assert_int_equal(late_next_us(w.sandbox.late), w.now_us + 250000);
    serve_late(&w.sandbox, (struct mono){w.now_us + 249999});
    assert_int_equal(effects(&w), 0);
    serve_late(&w.sandbox, (struct mono){w.now_us + 250000});
    assert_int_equal(effects(&w), 1);
    assert_int_equal(number(&w, "SELECT request_id FROM effect"), 1);
    assert_int_equal(number(&w, "SELECT count(*) FROM request"), 1);
    assert_int_equal(last_status(&w), 200);
    assert_null(w.sandbox.late);
    world_close(&w);
}

static void the_connection_may_stay(void **state)
{
    (void)state;
    static const char *const rules[] = {
        "* *:late-apply:1:5,hang",
        "* *:late-apply-after-list:1:hang",
        "* *:late-apply-after-list:1:2,hang",
    };
    for (size_t i = 0; i < 3; i++) {
        struct world w;
        world_open(&w);
        world_fault(&w, rules[i]);
        ask(&w, "POST", "/api/users", KEY, USER);
        assert_int_equal(w.reply.wire, WIRE_HANG);
        world_close(&w);
    }
}

static void even_late_a_refused_one_is_refused(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    world_fault(&w, "POST /users:late-apply:1:1");
    ask(&w, "POST", "/api/users", "short", USER);
    ask(&w, "POST", "/api/users", KEY, OF("users", "\"email\":\"nobody\""));
    serve_late(&w.sandbox, (struct mono){w.now_us + 1000});
    assert_int_equal(effects(&w), 0);
    assert_int_equal(number(&w, "SELECT status FROM request WHERE id = 1"), 401);
    assert_int_equal(number(&w, "SELECT status FROM request WHERE id = 2"), 422);
    world_close(&w);
}

static int64_t effects_after_list(struct world *w, const char *path, const char *key)
{
    ask(w, "GET", path, key, "");
    serve_late(&w->sandbox, (struct mono){w->now_us});
    return effects(w);
}

static void after_a_list_without_it_it_takes_effect(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    people(&w); /* three effects */
    world_fault(&w, "POST /coin_withdrawals:late-apply-after-list:x1");
    world_fault(&w, "GET /coin_withdrawals:list-500:x1");
    ask(&w, "POST", "/api/coin_withdrawals", AS "594", GOOD_COIN);
    assert_int_equal(w.reply.wire, WIRE_CLOSE);
    assert_int_equal(effects_after_list(&w, "/api/coin_withdrawals", AS "595"), 3);
    assert_int_equal(w.reply.answer.status, 500); /* a list that told nothing */
    assert_int_equal(effects_after_list(&w, "/api/coin_withdrawals", AS "595"), 3);
    assert_int_equal(effects_after_list(&w, "/api/cash_withdrawals", AS "594"), 3);
    assert_int_equal(effects_after_list(&w, "/api/coin_withdrawals", AS "594"), 4);
    assert_null(strstr(w.reply.answer.body.data, "8812"));
    assert_int_equal(effects_after_list(&w, "/api/coin_withdrawals", AS "594"), 4);
    assert_non_null(strstr(w.reply.answer.body.data, "8812"));
    world_close(&w);
}

static void the_list_it_waits_for_must_have_come_back(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    world_fault(&w, "POST /users:late-apply-after-list:x1:2");
    world_fault(&w, "GET /users:half-answer:x1");
    ask(&w, "POST", "/api/users", KEY, USER);
    assert_int_equal(effects_after_list(&w, "/api/users", KEY), 0);
    assert_int_equal(w.reply.wire, WIRE_HALF);
    assert_int_equal(effects_after_list(&w, "/api/users", KEY), 0);
    assert_int_equal(effects_after_list(&w, "/api/users", KEY), 1);
    world_close(&w);
}

static void in_pages_the_list_must_be_read_to_its_end(void **state)
{
    (void)state;
    static const struct {
        bool repeat;
        const char *first, *second, *third;
        int64_t effects[3]; /* two users are there already */
    } table[] = {
        {false, "?page[page]=1", "?page[page]=2", "?page[page]=3", {2, 3, 3}},
        {false, "?page[per_page]=1", "?page[page]=1", "?page[per_page]=3", {2, 2, 3}},
        {true, "?page[page]=1", "?page[page]=2", "", {2, 3, 3}},
        {true, "", "?page[page]=9", "", {2, 3, 3}},
    };
    for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
        const char *queries[] = {table[i].first, table[i].second, table[i].third};
        struct world w;
        world_open(&w);
        w.options.page_size = 2;
        w.options.repeat_last_page = table[i].repeat;
        ask(&w, "POST", "/api/users", KEY, USER);
        ask(&w, "POST", "/api/users", KEY, USER);
        world_fault(&w, "POST /users:late-apply-after-list:x1");
        ask(&w, "POST", "/api/users", KEY, USER);
        for (int j = 0; j < 3; j++) {
            char path[100] = "/api/users";
            int64_t got = effects_after_list(&w, strncat(path, queries[j], 80), KEY);
            if (got != table[i].effects[j])
                fail_msg("case %zu, list %d: %d effects", i, j + 1, (int)got);
        }
        world_close(&w);
    }
}

static void what_is_included_fills_no_page(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    w.options.page_size = 2;
    people(&w);
    ask(&w, "POST", "/api/cash_withdrawals", AS "594", PAID);
    world_fault(&w, "POST /cash_withdrawals:late-apply-after-list:x1");
    ask(&w, "POST", "/api/cash_withdrawals", AS "594", PAID);
    assert_int_equal(effects_after_list(&w, "/api/cash_withdrawals", AS "594"), 5);
    world_close(&w);
}

static void the_server_can_do_it_twice(void **state)
{
    (void)state;
    static const struct {
        const char *rule;
        enum fault_wire wire;
    } table[] = {{"POST /users:dup-effect:1", WIRE_ANSWER},
                 {"POST /users:dup-effect:1:close", WIRE_CLOSE}};
    for (size_t i = 0; i < 2; i++) {
        struct world w;
        world_open(&w);
        world_fault(&w, table[i].rule);
        const char *got = ask(&w, "POST", "/api/users", KEY, USER);
        assert_non_null(strstr(got, "\"594\""));
        assert_null(strstr(got, "\"595\""));
        assert_int_equal(w.reply.wire, table[i].wire);
        assert_int_equal(effects(&w), 2);
        assert_int_equal(number(&w,
                                "SELECT count(*) FROM effect WHERE request_id = 1 AND "
                                "resource_id IN ('594', '595') AND reference = 'a@b.c'"),
                         2);
        assert_int_equal(number(&w, "SELECT count(*) FROM request"), 1);
        world_close(&w);
    }
}

static void answers_can_lie(void **state)
{
    (void)state;
    static const struct {
        const char *kind;
        int status;
        int64_t effects;
        const char *there, *missing;
    } table[] = {
        {"lie-200-no-id:1", 200, 1, "{\"data\":{\"type\":\"cash_withdrawals\",",
         "\"31207\""},
        {"lie-200-no-id:1:applied", 200, 1, "\"amount\":0.5,", "\"31207\""},
        {"lie-200-no-id:1:not-applied", 200, 0, "\"amount\":0.5,", "\"31207\""},
        {"lie-200-other-amount:1", 200, 1, "\"amount\":10.5,", "\"amount\":0.5,"},
        {"lie-200-not-applied:1", 200, 0, "{\"data\":{\"id\":\"31207\",", "error"},
        {"lie-404-applied:1", 404, 1, NOT_FOUND, "31207"},
        {"lie-404-applied:0", 200, 1, "{\"data\":{\"id\":\"31207\",", "error"},
    };
    for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
        struct world w;
        char rule[100] = "POST /cash_withdrawals:";
        world_open(&w);
        people(&w);
        world_fault(&w, strncat(rule, table[i].kind, 50));
        const char *got = ask(&w, "POST", "/api/cash_withdrawals", AS "594", PAID);
        if (w.reply.answer.status != table[i].status ||
            effects(&w) != 3 + table[i].effects || !strstr(got, table[i].there) ||
            strstr(got, table[i].missing))
            fail_msg("%s: %d, %d effects, %s", table[i].kind, w.reply.answer.status,
                     (int)effects(&w), got);
        assert_int_equal(last_status(&w), table[i].status);
        world_close(&w);
    }
}

static void what_is_shown_later_is_the_truth(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    people(&w);
    world_fault(&w, "POST /cash_withdrawals:lie-200-other-amount:1");
    ask(&w, "POST", "/api/cash_withdrawals", AS "594", PAID);
    assert_int_equal(number(&w, "SELECT amount = '0.50' FROM effect WHERE id = 4"), 1);
    assert_int_equal(
        number(&w, "SELECT body ->> '$.attributes.amount' = 0.5 FROM effect WHERE id=4"),
        1);
    assert_non_null(
        strstr(ask(&w, "GET", "/api/cash_withdrawals", AS "594", ""), "\"amount\":0.5,"));
    world_close(&w);
}

static void an_id_that_was_a_lie_is_never_anything(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    w.options.unique_emails = true;
    world_fault(&w, "POST /users:lie-200-not-applied:x1");
    ask(&w, "POST", "/api/users", KEY, USER);
    assert_string_equal(ask(&w, "GET", "/api/users", KEY, ""), "{\"data\":[]}");
    ask(&w, "GET", "/api/users/594", KEY, "");
    assert_int_equal(w.reply.answer.status, 404);
    const char *got = ask(&w, "POST", "/api/users", KEY, USER); /* the e-mail is free */
    assert_int_equal(w.reply.answer.status, 200);
    assert_non_null(strstr(got, "\"595\""));
    world_close(&w);
}

static void nothing_is_included_for_a_lie(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    people(&w);
    world_fault(&w, "POST /cash_withdrawals:lie-200-not-applied:1");
    ask(&w, "POST", "/api/cash_withdrawals", AS "594", PAID);
    assert_string_equal(ask(&w, "GET", "/api/cash_withdrawals", AS "594", ""),
                        "{\"data\":[],\"included\":[]}");
    world_close(&w);
}

static void changes_and_deletions_can_be_lies_too(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    people(&w);
    world_fault(&w, "PATCH *:lie-200-not-applied:1");
    world_fault(&w, "DELETE *:lie-200-not-applied:1");
    const char *quiet = OF("users", "\"do_not_email\":true");
    const char *got = ask(&w, "PATCH", "/api/users/594", KEY, quiet);
    assert_non_null(strstr(got, "\"do_not_email\":true"));
    got = ask(&w, "GET", "/api/users/594", KEY, "");
    assert_non_null(strstr(got, "\"do_not_email\":false"));
    ask(&w, "DELETE", "/api/withdrawal_instructions/2071", AS "594", "");
    assert_int_equal(w.reply.answer.status, 204);
    ask(&w, "GET", "/api/withdrawal_instructions/2071", AS "594", "");
    assert_int_equal(w.reply.answer.status, 200);
    world_close(&w);
}

static void what_is_refused_is_no_lie(void **state)
{
    (void)state;
    static const char *const kinds[] = {"lie-200-no-id", "lie-200-other-amount",
                                        "lie-200-not-applied", "lie-404-applied"};
    for (size_t i = 0; i < 4; i++) {
        struct world w;
        char rule[100] = "POST /users:";
        world_open(&w);
        world_fault(&w, strcat(strncat(rule, kinds[i], 50), ":1"));
        ask(&w, "POST", "/api/users", KEY, OF("users", "\"email\":\"nobody\""));
        assert_int_equal(w.reply.answer.status, 422);
        assert_int_equal(effects(&w), 0);
        world_close(&w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(after_a_while_it_takes_effect),
        cmocka_unit_test(the_connection_may_stay),
        cmocka_unit_test(even_late_a_refused_one_is_refused),
        cmocka_unit_test(after_a_list_without_it_it_takes_effect),
        cmocka_unit_test(the_list_it_waits_for_must_have_come_back),
        cmocka_unit_test(in_pages_the_list_must_be_read_to_its_end),
        cmocka_unit_test(what_is_included_fills_no_page),
        cmocka_unit_test(the_server_can_do_it_twice),
        cmocka_unit_test(answers_can_lie),
        cmocka_unit_test(what_is_shown_later_is_the_truth),
        cmocka_unit_test(an_id_that_was_a_lie_is_never_anything),
        cmocka_unit_test(nothing_is_included_for_a_lie),
        cmocka_unit_test(changes_and_deletions_can_be_lies_too),
        cmocka_unit_test(what_is_refused_is_no_lie),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
