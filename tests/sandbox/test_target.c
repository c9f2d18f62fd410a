#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sandbox/route.h"
#include "sandbox/target.h"

static void targets_are_taken_apart(void **state)
{
    (void)state;
    static const struct {
        const char *text, *path, *query;
        bool in_api;
    } table[] = {
        {"/api/users", "/users", "", true},
        {"/api/users/", "/users", "", true},
        {"/api/users?a=1?b", "/users", "a=1?b", true},
        {"/api/users/?a", "/users", "a", true},
        {"/api", "", "", true},
        {"/api/", "", "", true},
        {"/apis/users", "/apis/users", "", false},
        {"/users", "/users", "", false},
        {"/_sandbox/stats", "/_sandbox/stats", "", false},
        {"/", "", "", false},
    };
    for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
        struct target t = target_of(span_of(table[i].text));
        if (!span_is(t.path, table[i].path) || !span_is(t.query, table[i].query) ||
            t.in_api != table[i].in_api)
            fail_msg("%s: path \"%.*s\"", table[i].text, SPAN_ARG(t.path));
    }
}

static void paths_match_patterns(void **state)
{
    (void)state;
    static const struct {
        const char *path, *pattern, *id;
        bool want;
    } table[] = {
        {"/users", "/users", "", true},
        {"/users", "/user", "", false},
        {"/users", "/users/:id", "", false},
        {"/users/7", "/users", "", false},
        {"/users/7", "/users/:id", "7", true},
        {"/users/", "/users/:id", "", false},
        {"/users/7/x", "/users/:id", "7", false},
        {"/a/7/x", "/a/:id/x", "7", true},
        {"/users/7", "/users/*", "", true},
        {"/users/7", "*", "", true},
        {"", "*", "", true},
        {"", "/users", "", false},
        {"/users/", "/users", "", false},
    };
    for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
        struct span id = {"", 0};
        bool got = path_match(span_of(table[i].path), table[i].pattern, &id);
        if (got != table[i].want || (got && !span_is(id, table[i].id)))
            fail_msg("%s against %s", table[i].path, table[i].pattern);
    }
}

static void query_values_are_found_and_decoded(void **state)
{
    (void)state;
    static const struct {
        const char *query, *want;
    } table[] = {
        {"filter[from]=2026-01-02", "2026-01-02"},
        {"filter%5Bfrom%5D=2026%2d01-02", "2026-01-02"},
        {"a=1&filter[from]=x&filter[from]=y", "x"},
        {"filter[from]=a+b%20c", "a b c"},
        {"filter[from]=%zz%4", "%zz%4"},
        {"filter[from]", ""},
        {"filter[to]=1", NULL},
        {"", NULL},
    };
    struct buf got;
    buf_init(&got, 100);
    for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
        buf_clear(&got);
        bool found = query_value(span_of(table[i].query), "filter[from]", &got);
        if (found != (table[i].want != NULL) ||
            (found && strcmp(got.data, table[i].want)))
            fail_msg("%s: got \"%s\"", table[i].query, got.data);
    }
    buf_close(&got);
}

static void routes_are_found(void **state)
{
    (void)state;
    static const struct {
        const char *method, *path, *endpoint, *id;
    } table[] = {
        {"POST", "/users", "POST /users", ""},
        {"GET", "/users/me", "GET /users/me", ""},
        {"GET", "/users/594", "GET /users/:id", "594"},
        {"PUT", "/users/594", "PUT /users/:id", "594"},
        {"DELETE", "/withdrawal_instructions/3", "DELETE /withdrawal_instructions/:id",
         "3"},
        {"GET", "/cash_wallets/usd", "GET /cash_wallets/:id", "usd"},
        {"POST", "/phone_seeds", "POST /phone_seeds", ""},
        {"PATCH", "/phone_seeds/7", "PATCH /phone_seeds/:id", "7"},
        {"GET", "/issues/current", "GET /issues/current", ""},
        {"POST", "/bids/7/cancel", "POST /bids/:id/cancel", "7"},
        {"POST", "/concierge_requests/7/accept_quote",
         "POST /concierge_requests/:id/accept_quote", "7"},
        {"GET", "/phone_seeds", NULL, NULL},
        {"POST", "/coin_deposits", NULL, NULL},
        {"POST", "/issues/7/cancel", NULL, NULL},
        {"DELETE", "/users/594", NULL, NULL},
        {"DELETE", "/cash_withdrawals/1", NULL, NULL},
        {"get", "/users", NULL, NULL},
        {"GET", "/nothing", NULL, NULL},
    };
    for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
        struct route r;
        bool found = route_find(span_of(table[i].method), span_of(table[i].path), &r);
        assert_int_equal(found, table[i].endpoint != NULL);
        if (!found)
            continue;
        assert_string_equal(r.endpoint, table[i].endpoint);
        assert_true(span_is(r.id, table[i].id));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(targets_are_taken_apart),
        cmocka_unit_test(paths_match_patterns),
        cmocka_unit_test(query_values_are_found_and_decoded),
        cmocka_unit_test(routes_are_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
