#include "base/clock.h"
#include "lib/check.h"

static void writes_utc_with_milliseconds(void **state)
{
    (void)state;
    static const struct {
        int64_t ms;
        const char *want;
    } rows[] = {
        {0, "1970-01-01T00:00:00.000Z"},
        {1, "1970-01-01T00:00:00.001Z"},
        {999, "1970-01-01T00:00:00.999Z"},
        {INT64_C(951782400000), "2000-02-29T00:00:00.000Z"},
        {INT64_C(1795490167123), "2026-11-24T03:16:07.123Z"},
        {INT64_C(2147483648000), "2038-01-19T03:14:08.000Z"},
        {INT64_C(253402300799999), "9999-12-31T23:59:59.999Z"},
        {-1, "1969-12-31T23:59:59.999Z"},
        {-1000, "1969-12-31T23:59:59.000Z"},
        {-86400000, "1969-12-31T00:00:00.000Z"},
    };
    struct table t = {0};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char out[WALL_TEXT_MAX];
        const char *got = wall_text((struct wall){rows[i].ms}, out);
        table_want(&t, strcmp(got, rows[i].want) == 0, "%lld: got %s, want %s",
                   (long long)rows[i].ms, got, rows[i].want);
    }
    table_end(&t);
}

static void any_time_fits_into_the_buffer(void **state)
{
    (void)state;
    static const int64_t times[] = {INT64_MIN, INT64_MIN + 1, INT64_MAX,
                                    INT64_C(400000000000000)};
    for (size_t i = 0; i < COUNT_OF(times); i++) {
        char out[WALL_TEXT_MAX];
        assert_true(strlen(wall_text((struct wall){times[i]}, out)) < WALL_TEXT_MAX);
    }
}

static void the_zone_of_the_machine_does_not_matter(void **state)
{
    (void)state;
    char out[WALL_TEXT_MAX];
    setenv("TZ", "America/Argentina/Buenos_Aires", 1);
    assert_string_equal(wall_text((struct wall){0}, out), "1970-01-01T00:00:00.000Z");
    unsetenv("TZ");
}

static void mono_never_goes_back(void **state)
{
    (void)state;
    struct mono before = clock_mono();
    for (int i = 0; i < 1000; i++) {
        struct mono now = clock_mono();
        assert_true(now.us >= before.us);
        before = now;
    }
}

static void wall_is_in_milliseconds(void **state)
{
    (void)state;
    struct wall now = clock_wall();
    assert_true(now.ms > INT64_C(1700000000000)); /* after 2023 */
    assert_true(now.ms < INT64_C(4102444800000)); /* before 2100 */
}

static void adding_moves_by_microseconds(void **state)
{
    (void)state;
    assert_int_equal(mono_add((struct mono){5}, 2 * SEC_US + 3 * MS_US).us, 2003005);
    assert_int_equal(mono_add((struct mono){5}, -5).us, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_utc_with_milliseconds),
        cmocka_unit_test(any_time_fits_into_the_buffer),
        cmocka_unit_test(the_zone_of_the_machine_does_not_matter),
        cmocka_unit_test(mono_never_goes_back),
        cmocka_unit_test(wall_is_in_milliseconds),
        cmocka_unit_test(adding_moves_by_microseconds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
