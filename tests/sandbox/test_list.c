#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "base/json.h"
#include "sandbox/world.h"

/* The ids of the list, "594 595 596", or the status when it is no list. */
static const char *ids(struct world *w, const char *path, const char *key)
{
    static char text[512];
    struct span data, value, id;
    struct json_cursor cursor = {0};
    const char *body = ask(w, "GET", path, key, "");
    snprintf(text, sizeof(text), "%d", w->reply.answer.status);
    if (!json_at(span_of(body), "/data", &data))
        return text;
    text[0] = '\0';
    while (json_next(data, &cursor, &(struct span){0}, &value)) {
        assert_true(json_at(value, "/id", &id));
        size_t n = strlen(text);
        snprintf(text + n, sizeof(text) - n, "%s%.*s", n ? " " : "", (int)id.len - 2,
                 id.ptr + 1);
    }
    return text;
}

/* Users 594 to 598; 594 has coin withdrawals 8812 and 8814, 595 has 8813. */
static void crowd(struct world *w)
{
    static const char *const payees[] = {AS "594", AS "595", AS "594"};
    for (int i = 0; i < 5; i++)
        ask(w, "POST", "/api/users", KEY, BARE);
    for (int i = 0; i < 3; i++)
        ask(w, "POST", "/api/coin_withdrawals", payees[i], GOOD_COIN);
    assert_int_equal(effects(w), 8);
}

struct page_case {
    const char *query, *want;
};

static void assert_pages(struct world *w, const struct page_case *table, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char path[200];
        snprintf(path, sizeof(path), "/api/users%s", table[i].query);
        const char *got = ids(w, path, KEY);
        if (strcmp(got, table[i].want) != 0)
            fail_msg("\"%s\": \"%s\", not \"%s\"", table[i].query, got, table[i].want);
    }
}

#define COUNT(table) (sizeof(table) / sizeof(*(table)))

static void lists_come_whole_unless_they_are_paged(void **state)
{
    (void)state;
    static const struct page_case table[] = {
        {"", "594 595 596 597 598"},
        {"?page[page]=2&page[per_page]=2", "594 595 596 597 598"},
    };
    struct world w;
    world_open(&w);
    crowd(&w);
    assert_pages(&w, table, COUNT(table));
    world_close(&w);
}

static void pages_follow_number_and_size(void **state)
{
    (void)state;
    static const struct page_case table[] = {
        {"", "594 595"},
        {"?page[page]=1", "594 595"},
        {"?page[page]=2", "596 597"},
        {"?page%5Bpage%5D=3", "598"},
        {"?page[page]=4", ""},
        {"?page[page]=1000000&page[per_page]=1000000", ""},
        {"?page[per_page]=3", "594 595 596"},
        {"?page[page]=2&page[per_page]=3", "597 598"},
        {"?page[per_page]=100", "594 595 596 597 598"},
        {"?page[page]=0", "594 595"},
        {"?page[page]=-1", "594 595"},
        {"?page[page]=two", "594 595"},
        {"?page[per_page]=0", "594 595"},
        {"?page[page]=1000001", "594 595"},
    };
    struct world w;
    world_open(&w);
    crowd(&w);
    w.options.page_size = 2;
    assert_pages(&w, table, COUNT(table));
    world_close(&w);
}

static void a_page_past_the_end_may_repeat_the_last(void **state)
{
    (void)state;
    static const struct page_case table[] = {
        {"?page[page]=3", "598"},
        {"?page[page]=4", "598"},
        {"?page[page]=99", "598"},
        {"?page[page]=3&page[per_page]=5", "594 595 596 597 598"},
    };
    struct world w;
    world_open(&w);
    w.options.page_size = 2;
    w.options.repeat_last_page = true;
    assert_string_equal(ids(&w, "/api/users?page[page]=7", KEY), ""); /* of nothing */
    crowd(&w);
    assert_pages(&w, table, COUNT(table));
    world_close(&w);
}

static void the_last_page_of_a_cut_list_is_the_cut_one(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    w.options.page_size = 2;
    w.options.repeat_last_page = true;
    crowd(&w);
    world_fault(&w, "* *:cut-list:1:3");
    assert_string_equal(ids(&w, "/api/users?page[page]=9", KEY), "596");
    world_close(&w);
}

static void wallets_are_paged_too(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    assert_string_equal(ids(&w, "/api/cash_wallets", KEY), "usd ars uyu clp pyg");
    w.options.page_size = 2;
    assert_string_equal(ids(&w, "/api/cash_wallets?page[page]=2", KEY), "uyu clp");
    assert_string_equal(ids(&w, "/api/cash_wallets?page[page]=3", KEY), "pyg");
    assert_string_equal(ids(&w, "/api/cash_wallets?page[page]=4", KEY), "");
    world_close(&w);
}

static void lists_can_be_wrong(void **state)
{
    (void)state;
    static const struct {
        const char *rule;
        int64_t page_size;
        const char *path, *key, *want;
    } table[] = {
        {"* *:cut-list:1:3", 2, "/api/users?page[page]=2", KEY, "596"},
        {"* *:cut-list:1:3", 2, "/api/users?page[page]=3", KEY, ""},
        {"* *:cut-list:1:3", 0, "/api/users", KEY, "594 595 596"},
        {"* *:late-list:1:60000", 2, "/api/users", KEY, ""},
        {"* *:lost-page:1", 2, "/api/users", KEY, ""},
        {"* *:lost-page:1:2", 2, "/api/users", KEY, "594 595"},
        {"* *:lost-page:1:2", 2, "/api/users?page[page]=2", KEY, ""},
        {"* *:lost-page:1:2", 2, "/api/users?page[page]=3", KEY, "598"},
        {"* *:lost-page:1", 0, "/api/users", KEY, ""},
        {"* *:lost-page:1", 0, "/api/cash_wallets", KEY, ""},
        {"* *:dup-rows:1", 2, "/api/users?page[page]=2", KEY, "596 596 597 597"},
        {"* *:other-user-rows:0", 0, "/api/coin_withdrawals", AS "594", "8812 8814"},
        {"* *:other-user-rows:1", 0, "/api/coin_withdrawals", AS "594", "8812 8813 8814"},
        {"* *:other-user-rows:1", 0, "/api/coin_withdrawals?filter[from]=9999-01-01",
         AS "594", "8812 8813 8814"},
        {"* *:other-user-rows:1", 2, "/api/coin_withdrawals?page[page]=2", AS "594",
         "8814"},
        {"* *:list-500:1", 0, "/api/users", KEY, "500"},
    };
    for (size_t i = 0; i < COUNT(table); i++) {
        struct world w;
        world_open(&w);
        crowd(&w);
        w.options.page_size = table[i].page_size;
        world_fault(&w, table[i].rule);
        const char *got = ids(&w, table[i].path, table[i].key);
        if (strcmp(got, table[i].want) != 0)
            fail_msg("%s %s: \"%s\", not \"%s\"", table[i].rule, table[i].path, got,
                     table[i].want);
        world_close(&w);
    }
}

static void list_faults_leave_the_rest_alone(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    world_fault(&w, "* *:list-500:x1");
    world_fault(&w, "* *:list-slow:1:40");
    ask(&w, "POST", "/api/users", KEY, USER);
    assert_int_equal(w.reply.answer.status, 200);
    ask(&w, "GET", "/api/users/594", KEY, "");
    assert_int_equal(w.reply.answer.status, 200);
    assert_int_equal(w.reply.delay_ms, 0);
    assert_string_equal(ids(&w, "/api/users", KEY), "500");
    assert_string_equal(ids(&w, "/api/users", KEY), "594");
    assert_int_equal(w.reply.delay_ms, 40);
    world_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_come_whole_unless_they_are_paged),
        cmocka_unit_test(pages_follow_number_and_size),
        cmocka_unit_test(a_page_past_the_end_may_repeat_the_last),
        cmocka_unit_test(the_last_page_of_a_cut_list_is_the_cut_one),
        cmocka_unit_test(wallets_are_paged_too),
        cmocka_unit_test(lists_can_be_wrong),
        cmocka_unit_test(list_faults_leave_the_rest_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
