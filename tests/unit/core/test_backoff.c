#include "engine/core/backoff.h"
#include "lib/check.h"

#define BASE INT64_C(1000)
#define MOST INT64_C(60000)

static void ranges(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int step;
        int64_t asked, least, most;
    } rows[] = {
        {"the first", 1, -1, 500, 1000},
        {"doubles", 2, -1, 1000, 2000},
        {"and again", 3, -1, 2000, 4000},
        {"the last below the cap", 6, -1, 16000, 32000},
        {"the cap", 7, -1, 30000, 60000},
        {"far above it", 10000, -1, 30000, 60000},
        {"as the server asks, and a little more", 1, 5000, 5000, 5250},
        {"also when that is above the cap", 1, 3600000, 3600000, 3600250},
        {"but never less than its own wait", 9, 5000, 30000, 60000},
        {"nor when no wait is asked for", 2, 0, 1000, 2000},
    };
    struct table t = {0};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct rng rng;
        int64_t low = INT64_MAX, high = 0;
        rng_init(&rng, 42);
        for (int n = 0; n < 20000; n++) {
            int64_t got = backoff_us(BASE, MOST, rows[i].step, rows[i].asked, &rng);
            low = got < low ? got : low;
            high = got > high ? got : high;
        }
        int64_t grain = (rows[i].most - rows[i].least) / 100 + 1;
        table_want(&t, low >= rows[i].least && high <= rows[i].most, "%s: %lld to %lld",
                   rows[i].name, (long long)low, (long long)high);
        table_want(&t, low <= rows[i].least + grain && high >= rows[i].most - grain,
                   "%s: only %lld to %lld", rows[i].name, (long long)low,
                   (long long)high);
    }
    table_end(&t);
}

static void large_numbers_do_not_overflow(void **state)
{
    (void)state;
    struct rng rng;
    rng_init(&rng, 1);
    int64_t year = INT64_C(365) * 24 * 3600 * 1000000;
    for (int step = 1; step < 200; step++) {
        int64_t got = backoff_us(1, year, step, -1, &rng);
        assert_true(got >= 0 && got <= year);
    }
    int64_t got = backoff_us(2 * year, year, 1, -1, &rng);
    assert_true(got >= year / 2 && got <= year); /* a base above the cap is the cap */
}

static void the_same_seed_gives_the_same_pauses(void **state)
{
    (void)state;
    struct rng a, b;
    rng_init(&a, 9);
    rng_init(&b, 9);
    for (int step = 1; step < 50; step++)
        assert_int_equal(backoff_us(BASE, MOST, step, -1, &a),
                         backoff_us(BASE, MOST, step, -1, &b));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ranges),
        cmocka_unit_test(large_numbers_do_not_overflow),
        cmocka_unit_test(the_same_seed_gives_the_same_pauses),
    };
    return cmocka_run_group_tests_name("core: backoff", tests, NULL, NULL);
}
