/* A database goes to one API: that of its first run. */
#include "store/binding.h"

#include "unit/store/on_desk.h"

static struct err err;

#define BITEX   "https://bitex.la:443/api"
#define SANDBOX "https://sandbox.bitex.la:443/api"

static void the_first_run_binds(void **state)
{
    (void)state;
    assert_int_equal(store_binding_check(desk.store, BITEX, &err), 0);
    assert_sql(desk.db, "SELECT count(*) FROM binding", "0");
    assert_int_equal(store_bind(desk.store, BITEX, desk.now, &err), 0);
    assert_int_equal(store_bind(desk.store, BITEX, (struct wall){5}, &err), 0);
    assert_sql(desk.db, "SELECT api, bound_at FROM binding", BITEX "|1000000");
    desk_reopen(&desk);
    assert_int_equal(store_binding_check(desk.store, BITEX, &err), 0);
}

static void another_api_is_refused_with_both_and_what_to_do(void **state)
{
    (void)state;
    static const char *const words[] = {BITEX, SANDBOX, "--db FILE"};
    store_bind(desk.store, BITEX, desk.now, &err);
    assert_int_equal(store_binding_check(desk.store, SANDBOX, &err), -1);
    assert_int_equal(err.code, ERR_CONFIG);
    for (size_t i = 0; i < COUNT_OF(words); i++)
        assert_non_null(strstr(err.text, words[i]));
    err = (struct err){0};
    assert_int_equal(store_bind(desk.store, SANDBOX, desk.now, &err), -1);
    assert_int_equal(err.code, ERR_CONFIG);
    assert_sql(desk.db, "SELECT api FROM binding", BITEX);
}

static void the_shell_cannot_bind_it_anew(void **state)
{
    (void)state;
    static const char *const sql[] = {
        "UPDATE binding SET api = 'x'",
        "DELETE FROM binding",
        "INSERT INTO binding VALUES (1, 'x', 1, 'me')",
        "REPLACE INTO binding VALUES (1, 'x', 1, 'me')",
    };
    struct table t = {0};
    store_bind(desk.store, BITEX, desk.now, &err);
    for (size_t i = 0; i < COUNT_OF(sql); i++)
        table_want(&t, sql_refused(desk.db, sql[i], "stays bound"), "%s", sql[i]);
    table_end(&t);
    assert_sql(desk.db, "SELECT api FROM binding", BITEX);
}

static void one_from_before_tells_where_its_first_run_went(void **state)
{
    (void)state;
    char *url;
    assert_int_equal(store_unbound_url(desk.store, &url, &err), 0);
    assert_string_equal(url, "http://127.0.0.1");
    free(url);
    store_bind(desk.store, "loopback", desk.now, &err);
    assert_int_equal(store_unbound_url(desk.store, &url, &err), 0);
    assert_null(url);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(the_first_run_binds),
        test(another_api_is_refused_with_both_and_what_to_do),
        test(the_shell_cannot_bind_it_anew),
        test(one_from_before_tells_where_its_first_run_went),
    };
    return cmocka_run_group_tests_name("store: binding", tests, NULL, NULL);
}
