#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "sandbox/ledger.h"
#include "sandbox/resource.h"

static int64_t add_request(struct sql *s, int64_t at_us, int status, const char *fault)
{
    int64_t id = ledger_add_request(s, &(struct ledger_request){
                                           .at_us = at_us,
                                           .method = span_of("POST"),
                                           .path = span_of("/api/users"),
                                           .query = span_of(""),
                                           .endpoint = "POST /users",
                                           .fault = fault,
                                           .body = span_of("{}"),
                                           .key_ok = true,
                                           .x_request_id = "u",
                                       });
    if (status)
        ledger_set_status(s, id, status);
    return id;
}

static struct resource add_resource(struct sql *s, const char *kind, int64_t user,
                                    const char *reference, int64_t created_us)
{
    struct resource r = {
        .kind = span_of(kind),
        .user_id = user,
        .created_us = created_us,
        .reference = span_of(reference),
        .attributes = span_of("{\"a\":1}"),
    };
    resource_add(s, &r);
    return r;
}

static void open_new(struct sql *s)
{
    struct err err;
    if (sql_open(s, NULL, &err))
        fail_msg("%s", err.text);
    resource_begin(s, 1);
}

static void collect(void *ctx, const struct resource *r)
{
    buf_printf(ctx, "%d ", (int)r->id);
}

static void ids_count_up_per_kind_and_are_not_given_twice(void **state)
{
    (void)state;
    struct sql s;
    struct buf hold;
    struct resource got;
    open_new(&s);
    buf_init(&hold, 1000);
    assert_int_equal(add_resource(&s, KIND_USERS, MASTER_ID, "a@b.c", 5).id, 594);
    assert_int_equal(add_resource(&s, KIND_USERS, MASTER_ID, "b@b.c", 5).id, 595);
    assert_int_equal(add_resource(&s, KIND_INSTRUCTIONS, 594, "l", 5).id, 2071);
    assert_true(resource_get(&s, KIND_INSTRUCTIONS, 2071, &hold, &got));
    assert_true(span_is(got.reference, "l"));
    assert_true(span_is(got.attributes, "{\"a\":1}"));
    assert_null(got.relationships.ptr);
    resource_delete(&s, span_of(KIND_INSTRUCTIONS), 2071);
    assert_false(resource_get(&s, KIND_INSTRUCTIONS, 2071, &hold, &got));
    assert_true(resource_get_ever(&s, KIND_INSTRUCTIONS, 2071, &hold, &got));
    assert_int_equal(add_resource(&s, KIND_INSTRUCTIONS, 594, "l", 5).id, 2072);
    sql_commit(&s);
    buf_close(&hold);
    sql_close(&s);
}

static void lists_hold_what_is_ones_own_and_in_time(void **state)
{
    (void)state;
    static const struct {
        struct resource_filter filter;
        const char *want;
    } table[] = {
        {{KIND_COIN_WITHDRAWALS, 594, 0, INT64_MAX, 0, -1, false, 0, {0}, {0}},
         "8812 8814 8815 "},
        {{KIND_COIN_WITHDRAWALS, 595, 0, INT64_MAX, 0, -1, false, 0, {0}, {0}}, "8813 "},
        {{KIND_COIN_WITHDRAWALS, 596, 0, INT64_MAX, 0, -1, false, 0, {0}, {0}}, ""},
        {{KIND_CASH_WITHDRAWALS, 594, 0, INT64_MAX, 0, -1, false, 0, {0}, {0}}, ""},
        {{KIND_COIN_WITHDRAWALS, 594, 20, INT64_MAX, 0, -1, false, 0, {0}, {0}},
         "8814 8815 "},
        {{KIND_COIN_WITHDRAWALS, 594, 0, 20, 0, -1, false, 0, {0}, {0}}, "8812 8814 "},
        {{KIND_COIN_WITHDRAWALS, 594, 0, INT64_MAX, 0, 1, false, 0, {0}, {0}}, "8812 "},
        {{KIND_COIN_WITHDRAWALS, 594, 0, INT64_MAX, 0, 0, false, 0, {0}, {0}}, ""},
        {{KIND_COIN_WITHDRAWALS, 594, 0, INT64_MAX, 1, -1, false, 0, {0}, {0}},
         "8814 8815 "},
        {{KIND_COIN_WITHDRAWALS, 594, 0, INT64_MAX, 1, 1, false, 0, {0}, {0}}, "8814 "},
        {{KIND_COIN_WITHDRAWALS, 594, 0, INT64_MAX, 9, 1, false, 0, {0}, {0}}, ""},
        {{KIND_COIN_WITHDRAWALS, 596, 0, INT64_MAX, 0, -1, true, 0, {0}, {0}},
         "8812 8813 8814 8815 "},
        {{KIND_COIN_WITHDRAWALS, 596, 20, INT64_MAX, 1, 1, true, 0, {0}, {0}}, "8815 "},
        {{KIND_CASH_WITHDRAWALS, 594, 0, INT64_MAX, 0, -1, true, 0, {0}, {0}}, ""},
    };
    struct sql s;
    struct buf got;
    open_new(&s);
    buf_init(&got, 1000);
    add_resource(&s, KIND_COIN_WITHDRAWALS, 594, "", 10);
    add_resource(&s, KIND_COIN_WITHDRAWALS, 595, "", 10);
    add_resource(&s, KIND_COIN_WITHDRAWALS, 594, "", 20);
    add_resource(&s, KIND_COIN_WITHDRAWALS, 594, "", 30);
    for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
        buf_clear(&got);
        resource_each(&s, &table[i].filter, collect, &got);
        assert_string_equal(got.data, table[i].want);
    }
    sql_commit(&s);
    buf_close(&got);
    sql_close(&s);
}

static void an_email_is_taken_by_another_in_any_case(void **state)
{
    (void)state;
    struct sql s;
    open_new(&s);
    add_resource(&s, KIND_USERS, MASTER_ID, "Ana@x.com", 1);
    add_resource(&s, KIND_INSTRUCTIONS, 594, "label@x.com", 1);
    assert_true(resource_email_taken(&s, span_of("ana@X.com"), 0));
    assert_false(resource_email_taken(&s, span_of("ana@X.com"), 594));
    assert_false(resource_email_taken(&s, span_of("label@x.com"), 0));
    sql_commit(&s);
    sql_close(&s);
}

static void stats_count_and_find_peaks(void **state)
{
    (void)state;
    struct sql s;
    struct buf got;
    open_new(&s);
    buf_init(&got, 10000);
    add_request(&s, 0, 200, NULL);
    add_request(&s, 400000, 200, NULL);
    add_request(&s, 500000, 429, NULL);
    add_request(&s, 600000, 429, "429");
    add_request(&s, 999999, 0, "reset-before-commit");
    add_request(&s, 1400000, 200, NULL);
    ledger_write_stats(&s, &got);
    assert_string_equal(
        got.data,
        "{\"requests_total\":6,\"requests\":{\"POST /users\":6},"
        "\"statuses\":{\"200\":3,\"429\":2,\"none\":1},"
        "\"faults\":{\"429\":1,\"reset-before-commit\":1},\"effects\":{},\"states\":{},"
        "\"peak_accepted_per_second\":3,\"peak_arrivals_per_second\":5,"
        "\"count_429\":2,\"count_429_by_limit\":1}");
    sql_commit(&s);
    buf_close(&got);
    sql_close(&s);
}

static void effects_are_told_as_they_were(void **state)
{
    (void)state;
    struct sql s;
    struct buf got;
    open_new(&s);
    buf_init(&got, 10000);
    int64_t request = add_request(&s, 0, 200, NULL);
    ledger_add_effect(&s, &(struct ledger_effect){
                              .request_id = request,
                              .kind = span_of("cash_withdrawals"),
                              .resource_id = 7,
                              .user_id = 594,
                              .reference = span_of("a\"b"),
                              .amount = span_of("100.10"),
                              .currency = span_of("ars"),
                              .body = span_of("{\"x\":1}"),
                          });
    ledger_write_effects(&s, &got);
    assert_string_equal(
        got.data, "[{\"id\":1,\"request_id\":1,\"kind\":\"cash_withdrawals\","
                  "\"resource_id\":\"7\",\"user_id\":\"594\",\"reference\":\"a\\\"b\","
                  "\"amount\":\"100.10\",\"currency\":\"ars\",\"body\":{\"x\":1}}]");
    sql_commit(&s);
    buf_close(&got);
    sql_close(&s);
}

static void a_new_limiter_recalls_what_was_accepted(void **state)
{
    (void)state;
    struct sql s;
    struct limit l;
    open_new(&s);
    add_request(&s, 100, 200, NULL);
    add_request(&s, 200, 429, NULL);
    add_request(&s, 300, 0, "reset-before-commit");
    limit_init(&l, 2, 1000);
    ledger_recall(&s, &l);
    assert_false(limit_take(&l, 1099));
    assert_true(limit_take(&l, 1100));
    assert_false(limit_take(&l, 1299));
    sql_commit(&s);
    limit_close(&l);
    sql_close(&s);
}

/* ---- files ---- */

static void run_sql(const char *file, const char *text)
{
    sqlite3 *db;
    assert_int_equal(sqlite3_open(file, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, text, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

static void remove_file(const char *file)
{
    char name[64];
    unlink(file);
    snprintf(name, sizeof(name), "%s-wal", file);
    unlink(name);
    snprintf(name, sizeof(name), "%s-shm", file);
    unlink(name);
}

static void new_file(char *file)
{
    int fd = mkstemp(file);
    assert_true(fd >= 0);
    close(fd);
}

static void a_file_is_continued(void **state)
{
    (void)state;
    char file[] = "/tmp/sandbox-ledger-XXXXXX";
    struct sql s;
    struct err err;
    new_file(file);
    assert_int_equal(sql_open(&s, file, &err), 0);
    resource_begin(&s, 1);
    add_resource(&s, KIND_USERS, MASTER_ID, "a@b.c", 5);
    add_request(&s, 1, 200, NULL);
    sql_commit(&s);
    sql_close(&s);
    assert_int_equal(sql_open(&s, file, &err), 0);
    resource_begin(&s, 2);
    assert_int_equal(ledger_last_request(&s), 1);
    assert_int_equal(add_resource(&s, KIND_USERS, MASTER_ID, "b@b.c", 5).id, 595);
    sql_commit(&s);
    sql_close(&s);
    remove_file(file);
}

static void what_is_not_committed_is_gone_and_what_is_is_there(void **state)
{
    (void)state;
    char file[] = "/tmp/sandbox-ledger-XXXXXX";
    struct sql s, other;
    struct err err;
    new_file(file);
    assert_int_equal(sql_open(&s, file, &err), 0);
    assert_int_equal(sql_open(&other, file, &err), 0);
    add_request(&s, 1, 200, NULL);
    assert_int_equal(ledger_last_request(&other), 0);
    sql_commit(&s);
    assert_int_equal(ledger_last_request(&other), 1);
    sql_close(&other);
    sql_close(&s);
    remove_file(file);
}

static void the_file_of_another_program_is_refused(void **state)
{
    (void)state;
    char file[] = "/tmp/sandbox-ledger-XXXXXX";
    struct sql s;
    struct err err;
    new_file(file);
    run_sql(file, "CREATE TABLE job(id INTEGER)");
    assert_int_equal(sql_open(&s, file, &err), -1);
    assert_int_equal(err.code, ERR_INPUT);
    assert_non_null(strstr(err.text, file));
    remove_file(file);
    assert_int_equal(sql_open(&s, "/nonexistent/x.db", &err), -1);
    assert_int_equal(err.code, ERR_CANTCREATE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_count_up_per_kind_and_are_not_given_twice),
        cmocka_unit_test(lists_hold_what_is_ones_own_and_in_time),
        cmocka_unit_test(an_email_is_taken_by_another_in_any_case),
        cmocka_unit_test(stats_count_and_find_peaks),
        cmocka_unit_test(effects_are_told_as_they_were),
        cmocka_unit_test(a_new_limiter_recalls_what_was_accepted),
        cmocka_unit_test(a_file_is_continued),
        cmocka_unit_test(what_is_not_committed_is_gone_and_what_is_is_there),
        cmocka_unit_test(the_file_of_another_program_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
