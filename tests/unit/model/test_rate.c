#include "model/rate.h"

#include "lib/check.h"

static void texts(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t want; /* -1: refused */
    } rows[] = {
        {"5", 5000},
        {"0.5", 500},
        {"0.001", 1},
        {"0", 0},
        {"100000", 100000000},
        {"12.25", 12250},
        {"100000.001", -1},
        {"0.0001", -1},
        {"", -1},
        {"-1", -1},
        {"5/s", -1},
        {".5", -1},
        {"1e3", -1},
        {" 5", -1},
    };
    struct table t = {0};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        int64_t got = 77;
        bool taken = rate_parse(span_of(rows[i].text), &got);
        table_want(&t, taken ? got == rows[i].want : rows[i].want == -1 && got == 77,
                   "'%s': %d, %lld", rows[i].text, taken, (long long)got);
    }
    table_end(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(texts)};
    return cmocka_run_group_tests_name("rate", tests, NULL, NULL);
}
