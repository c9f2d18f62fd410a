#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sandbox/limit.h"

static void takes_as_many_as_a_window_holds(void **state)
{
    (void)state;
    static const struct {
        int64_t at;
        bool want;
    } table[] = {
        {0, true},        {10, true},      {20, true},      {30, false},
        {999999, false},  {1000000, true}, /* the first is a whole window old */
        {1000005, false}, {1000010, true}, {1000020, true}, {1000021, false},
        {9000000, true},  {9000000, true}, {9000000, true}, {9000000, false},
    };
    struct limit l;
    limit_init(&l, 3, 1000000);
    for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++)
        if (limit_take(&l, table[i].at) != table[i].want)
            fail_msg("row %zu, at %ld", i, (long)table[i].at);
    limit_close(&l);
}

static void refused_ones_do_not_count(void **state)
{
    (void)state;
    struct limit l;
    limit_init(&l, 1, 1000);
    assert_true(limit_take(&l, 0));
    for (int64_t t = 1; t < 1000; t++)
        assert_false(limit_take(&l, t));
    assert_true(limit_take(&l, 1000));
    limit_close(&l);
}

static void none_is_no_limit(void **state)
{
    (void)state;
    struct limit l;
    limit_init(&l, 0, 1000000);
    for (int i = 0; i < 1000; i++)
        assert_true(limit_take(&l, 5));
    limit_close(&l);
}

static void a_limited_stream_never_peaks_above_the_limit(void **state)
{
    (void)state;
    struct limit l;
    int64_t taken[4000];
    size_t count = 0;
    limit_init(&l, 5, 1000000);
    for (int64_t t = 0; t < 60000000; t += 15487)
        if (limit_take(&l, t))
            taken[count++] = t;
    assert_int_equal(limit_peak(taken, count, 1000000), 5);
    assert_in_range(count, 285, 300);
    limit_close(&l);
}

static void peaks_are_found(void **state)
{
    (void)state;
    const int64_t none[] = {0};
    const int64_t apart[] = {0, 1000, 2000, 3000};
    const int64_t close[] = {0, 999, 1000, 1500, 1998, 5000, 5000};
    assert_int_equal(limit_peak(none, 0, 1000), 0);
    assert_int_equal(limit_peak(apart, 4, 1000), 1);
    assert_int_equal(limit_peak(apart, 4, 1001), 2);
    assert_int_equal(limit_peak(close, 7, 1000), 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_as_many_as_a_window_holds),
        cmocka_unit_test(refused_ones_do_not_count),
        cmocka_unit_test(none_is_no_limit),
        cmocka_unit_test(a_limited_stream_never_peaks_above_the_limit),
        cmocka_unit_test(peaks_are_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
