/* Limits as a person writes them, and the sentence that says which was passed. */
#include "model/caps.h"

#include "lib/check.h"

static void lists_of_limits(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool good;
        int count;
    } rows[] = {
        {"", true, 0},
        {"ars=5000000", true, 1},
        {"ars=5000000,usd=20000.50", true, 2},
        {"ARS=1", true, 1},
        {"btc=0.00000001", true, 1},
        {"ars", false, 0},
        {"=5", false, 0},
        {"ars=", false, 0},
        {"ars=0", false, 0},
        {"ars=-5", false, 0},
        {"ars=1e6", false, 0},
        {"ars=5,000,000", false, 0},
        {"ars=1.001", false, 0},
        {"ars=1,", false, 0},
        {",ars=1", false, 0},
        {"ars=1,,usd=1", false, 0},
        {"ars=1, usd=1", false, 0},
        {"ars=1,ARS=2", false, 0},
        {"ars=99999999999999999999", false, 0},
        {"a1=1,a2=1,a3=1,a4=1,a5=1,a6=1,a7=1,a8=1,a9=1,b1=1,b2=1,b3=1,b4=1,b5=1,b6=1,"
         "b7=1",
         true, 16},
        {"a1=1,a2=1,a3=1,a4=1,a5=1,a6=1,a7=1,a8=1,a9=1,b1=1,b2=1,b3=1,b4=1,b5=1,b6=1,"
         "b7=1,b8=1",
         false, 0},
    };
    struct table t = {0};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct cap_list list = {.count = 99};
        bool good = cap_list_parse(span_of(rows[i].text), &list);
        table_want(&t, good == rows[i].good, "%s", rows[i].text);
        table_want(&t, list.count == (good ? rows[i].count : 99), "%s", rows[i].text);
    }
    table_end(&t);
}

static void a_limit_is_found_by_its_currency(void **state)
{
    (void)state;
    struct cap_list list;
    assert_true(cap_list_parse(span_of("ars=5000000,usd=20000.50"), &list));
    struct buf text;
    buf_init(&text, 100);
    cap_list_write(&list, &text);
    assert_string_equal(text.data, "ars=5000000.00,usd=20000.50");
    buf_close(&text);
    assert_int_equal(cap_list_find(&list, "usd")->minor, 2000050);
    assert_int_equal(cap_list_find(&list, "ars")->minor, 500000000);
    assert_null(cap_list_find(&list, "clp"));
}

static void which_number_broke_which_limit(void **state)
{
    (void)state;
    static const struct {
        enum cap cap;
        struct money sent, more, limit;
        const char *want;
    } rows[] = {
        {CAP_DAY,
         {499900000, "ars"},
         {200000, "ars"},
         {500000000, "ars"},
         "cap_day: 4,999,000.00 ars sent today + 2,000.00 > 5,000,000.00"},
        {CAP_JOB,
         {0, "usd"},
         {100001, "usd"},
         {100000, "usd"},
         "cap_job: 1,000.01 usd > 1,000.00"},
        {CAP_BATCH,
         {0, "clp"},
         {1000, "clp"},
         {999, "clp"},
         "cap_batch: 0 clp sent of this batch + 1,000 > 999"},
        {CAP_PAYEE,
         {100, "btc"},
         {1, "btc"},
         {100, "btc"},
         "cap_payee: 0.00000100 btc sent to this payee today + 0.00000001 > 0.00000100"},
    };
    struct table t = {0};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct buf b;
        buf_init(&b, 400);
        cap_describe(&b, rows[i].cap, rows[i].sent, rows[i].more, rows[i].limit);
        table_want(&t, strcmp(b.data, rows[i].want) == 0, "%s", b.data);
        buf_close(&b);
    }
    table_end(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_of_limits),
        cmocka_unit_test(a_limit_is_found_by_its_currency),
        cmocka_unit_test(which_number_broke_which_limit),
    };
    return cmocka_run_group_tests_name("model: caps", tests, NULL, NULL);
}
