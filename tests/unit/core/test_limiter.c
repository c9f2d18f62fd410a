#include "base/rng.h"
#include "engine/core/limiter.h"
#include "lib/check.h"

/* Sent in the moment in which it starts. */
static void start(struct limiter *l, int64_t at_us)
{
    limiter_take(l, (struct mono){at_us});
    limiter_sent(l, (struct mono){at_us});
}

/* 1.015 seconds, cut into as many parts as a second may hold starts. */
static void intervals(void **state)
{
    (void)state;
    static const struct {
        int64_t milli_rate, interval_us;
    } rows[] = {
        {0, 0},          {5000, 201200}, {5030, 200000},  {1000, 1006000}, {500, 2012000},
        {1, 1006000000}, {20000, 50300}, {1000000, 1006}, {333, 3021021},
    };
    struct table t = {0};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct limiter l;
        limiter_init(&l, rows[i].milli_rate, (struct mono){77});
        int64_t off = l.interval_us - rows[i].interval_us;
        table_want(&t, off == 0 || off == 1, "%lld: %lld", (long long)rows[i].milli_rate,
                   (long long)l.interval_us);
        table_want(&t, l.next.us == 77 + l.interval_us, "%lld: the first start",
                   (long long)rows[i].milli_rate);
        limiter_close(&l);
    }
    table_end(&t);
}

static void without_a_limit_any_time_is_fine(void **state)
{
    (void)state;
    struct limiter l;
    limiter_init(&l, 0, (struct mono){5});
    for (int i = 0; i < 1000; i++) {
        assert_true(limiter_allows(&l, (struct mono){5}));
        start(&l, 5);
    }
    limiter_close(&l);
}

static void the_first_start_waits_an_interval(void **state)
{
    (void)state;
    struct limiter l;
    limiter_init(&l, 5030, (struct mono){1000});
    assert_false(limiter_allows(&l, (struct mono){1000}));
    assert_false(limiter_allows(&l, (struct mono){200999}));
    assert_true(limiter_allows(&l, (struct mono){201000}));
    limiter_close(&l);
}

static void lateness(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int64_t late_us, next_us; /* the start after it is due so long after the plan */
    } rows[] = {
        {"in time", 0, 200000},
        {"a timer's grain is made up for", 1000, 200000},
        {"all of the slack", LIMITER_SLACK_US, 200000},
        {"more than the slack is lost", LIMITER_SLACK_US + 1, 200001},
        {"a pause is not saved up", 10 * SEC_US, 10 * SEC_US - LIMITER_SLACK_US + 200000},
    };
    struct table t = {0};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct limiter l;
        limiter_init(&l, 5030, (struct mono){0});
        start(&l, 200000 + rows[i].late_us);
        table_want(&t, l.next.us == 200000 + rows[i].next_us, "%s: %lld", rows[i].name,
                   (long long)l.next.us);
        limiter_close(&l);
    }
    table_end(&t);
}

static void who_asked_too_much_is_slow_for_a_while(void **state)
{
    (void)state;
    struct limiter l;
    limiter_init(&l, 5030, (struct mono){0});
    limiter_slow(&l);
    assert_int_equal(l.interval_us, 400000);
    for (int i = 0; i < 10; i++)
        limiter_slow(&l);
    assert_int_equal(l.interval_us, 200000 * LIMITER_SLOWEST);
    int answers = 0, at_half = 0;
    for (; l.interval_us > 200000; answers++) {
        int64_t before = l.interval_us;
        limiter_recover(&l);
        assert_true(l.interval_us < before);
        at_half += l.interval_us > 400000;
    }
    assert_in_range(at_half, 80, 90);
    assert_in_range(answers, 300, 400);
    limiter_recover(&l);
    assert_int_equal(l.interval_us, 200000);
    limiter_close(&l);
    limiter_init(&l, 0, (struct mono){0});
    limiter_slow(&l);
    assert_true(limiter_allows(&l, (struct mono){0}));
    limiter_close(&l);
}

static void a_start_given_back_may_be_used_at_once(void **state)
{
    (void)state;
    struct limiter l;
    limiter_init(&l, 5030, (struct mono){0});
    limiter_take(&l, (struct mono){201000});
    struct limiter once = l;
    limiter_give_back(&l);
    assert_true(limiter_allows(&l, (struct mono){201000}));
    limiter_take(&l, (struct mono){201000});
    assert_int_equal(l.next.us, once.next.us);
    assert_int_equal(l.taken, once.taken);
    limiter_close(&l);
}

/* ---- bursts ---- */

static int starts_at(struct limiter *l, int64_t at_us)
{
    int starts = 0;
    for (; starts < 100 && limiter_allows(l, (struct mono){at_us}); starts++)
        start(l, at_us);
    return starts;
}

static void after_a_lull(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int64_t milli_rate;
        int burst, starts;
    } rows[] = {
        {"evenly spaced", 5030, 1, 1},
        {"not set", 5030, 0, 1},
        {"so many at once", 5030, 3, 3},
        {"never more than the rate", 5030, 100, 5},
        {"a rate below two knows none", 1900, 8, 1},
        {"nor does one for which a window is no second: only the slack", 2000000, 64, 2},
    };
    struct table t = {0};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct limiter l;
        limiter_init(&l, rows[i].milli_rate, (struct mono){0});
        limiter_set_burst(&l, rows[i].burst, (struct mono){0});
        int got = starts_at(&l, 10 * SEC_US);
        table_want(&t, got == rows[i].starts, "%s: %d", rows[i].name, got);
        limiter_close(&l);
    }
    table_end(&t);
}

static void a_burst_is_paid_for_by_the_second_after_it(void **state)
{
    (void)state;
    struct limiter l;
    limiter_init(&l, 5030, (struct mono){0});
    limiter_set_burst(&l, 5, (struct mono){0});
    assert_int_equal(starts_at(&l, 10 * SEC_US), 5);
    assert_int_equal(limiter_due(&l).us, 11006000);
    assert_int_equal(starts_at(&l, 11005999), 0);
    assert_int_equal(starts_at(&l, 11006000), 5);
    limiter_slow(&l);
    assert_int_equal(starts_at(&l, 100 * SEC_US), 1);
    limiter_close(&l);
}

/* The life before may have sent a whole burst in its last moment. */
static void a_crash_loop_cannot_burst(void **state)
{
    (void)state;
    struct limiter l;
    limiter_init(&l, 5030, (struct mono){0});
    limiter_set_burst(&l, 5, (struct mono){0});
    assert_int_equal(starts_at(&l, 1005999), 0);
    assert_int_equal(starts_at(&l, 1006000), 1);
    limiter_close(&l);
}

/* As greedy as can be: starts as soon as it may, each a little late, and is sent when its commit is
 * done. */
static int most_in_a_second(int64_t milli_rate, int burst, int64_t late_us,
                            int64_t commit_us, uint64_t seed)
{
    enum { STARTS = 4000 };
    static int64_t at[STARTS];
    struct limiter l;
    struct rng rng;
    int most = 0, from = 0;
    rng_init(&rng, seed);
    limiter_init(&l, milli_rate, (struct mono){0});
    limiter_set_burst(&l, burst, (struct mono){0});
    for (int i = 0; i < STARTS; i++) {
        int64_t before = i ? at[i - 1] : 0;
        if (burst > 1 && rng_below(&rng, 8) == 0)
            before += (int64_t)rng_below(&rng, 3 * SEC_US);
        int64_t due = limiter_due(&l).us;
        at[i] = (due > before ? due : before) +
                (int64_t)rng_below(&rng, (uint64_t)late_us + 1);
        assert_true(limiter_allows(&l, (struct mono){at[i]}));
        limiter_take(&l, (struct mono){at[i]});
        at[i] += (int64_t)rng_below(&rng, (uint64_t)commit_us + 1);
        limiter_sent(&l, (struct mono){at[i]});
        while (at[i] - at[from] > SEC_US)
            from++;
        most = i - from + 1 > most ? i - from + 1 : most;
    }
    limiter_close(&l);
    return most;
}

static void no_second_ever_holds_more_than_the_rate(void **state)
{
    (void)state;
    static const int rates[] = {1, 2, 3, 5, 7, 10, 64, 100, 333, 1000};
    static const int64_t lates[] = {0, 1, 1000, LIMITER_SLACK_US, 20000, 300000};
    struct table t = {0};
    for (size_t r = 0; r < COUNT_OF(rates); r++)
        for (size_t l = 0; l < COUNT_OF(lates); l++)
            for (uint64_t seed = 0; seed < 20; seed++) {
                int most = most_in_a_second(rates[r] * 1000, 1, lates[l],
                                            lates[(l + seed) % COUNT_OF(lates)], seed);
                table_want(&t, most <= rates[r], "%d a second, %lld late, seed %d: %d",
                           rates[r], (long long)lates[l], (int)seed, most);
            }
    table_end(&t);
}

static void nor_with_bursts_and_lulls(void **state)
{
    (void)state;
    static const int64_t rates[] = {1000, 2000, 5000, 5500, 7900, 64000, 333000, 1000000};
    static const int bursts[] = {2, 5, 1024};
    static const int64_t lates[] = {0, 1000, LIMITER_SLACK_US};
    struct table t = {0};
    for (size_t r = 0; r < COUNT_OF(rates); r++)
        for (size_t b = 0; b < COUNT_OF(bursts); b++)
            for (uint64_t seed = 0; seed < 20; seed++) {
                int most =
                    most_in_a_second(rates[r], bursts[b], lates[seed % COUNT_OF(lates)],
                                     lates[(b + seed) % COUNT_OF(lates)], seed);
                table_want(&t, most <= rates[r] / 1000, "%lld, burst %d, seed %d: %d",
                           (long long)rates[r], bursts[b], (int)seed, most);
            }
    table_end(&t);
}

/* The interval is a whole number of microseconds: cut off, it would be too short. */
static void no_second_holds_more_than_a_very_high_rate(void **state)
{
    (void)state;
    static const int64_t rates[] = {2000, 3500, 16000, 50000, 250000, 900000};
    struct table t = {0};
    for (size_t r = 0; r < COUNT_OF(rates); r++) {
        struct limiter l;
        limiter_init(&l, rates[r] * 1000, (struct mono){0});
        table_want(&t, l.interval_us * rates[r] >= SEC_US, "%lld a second: every %lld us",
                   (long long)rates[r], (long long)l.interval_us);
        limiter_close(&l);
    }
    table_end(&t);
}

/* With no lateness the quota is used to the brim: the margin is all that is lost. */
static void the_rate_is_used_to_the_brim(void **state)
{
    (void)state;
    struct limiter l;
    limiter_init(&l, 5000, (struct mono){0});
    int starts = 0;
    for (int64_t at = 0; at <= 1000 * SEC_US; at += MS_US)
        if (limiter_allows(&l, (struct mono){at})) {
            start(&l, at);
            starts++;
        }
    limiter_close(&l);
    assert_in_range(starts, 4970, 4980); /* 5 a second less six in a thousand */
}

/* Five are taken and none has left: whenever they do, the sixth is a second behind the first. */
static void who_waits_for_a_commit_holds_up_the_next_window(void **state)
{
    (void)state;
    struct limiter l;
    limiter_init(&l, 5000, (struct mono){0});
    for (int i = 0; i < 5; i++)
        limiter_take(&l, (struct mono){SEC_US + i * 201000});
    assert_int_equal(limiter_due(&l).us, LIMITER_UNKNOWN);
    assert_false(limiter_allows(&l, (struct mono){100 * SEC_US}));
    limiter_sent(&l, (struct mono){7 * SEC_US});
    assert_int_equal(limiter_due(&l).us, 7 * SEC_US + 5 * 201200);
    limiter_close(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(intervals),
        cmocka_unit_test(without_a_limit_any_time_is_fine),
        cmocka_unit_test(the_first_start_waits_an_interval),
        cmocka_unit_test(lateness),
        cmocka_unit_test(who_asked_too_much_is_slow_for_a_while),
        cmocka_unit_test(a_start_given_back_may_be_used_at_once),
        cmocka_unit_test(after_a_lull),
        cmocka_unit_test(a_burst_is_paid_for_by_the_second_after_it),
        cmocka_unit_test(a_crash_loop_cannot_burst),
        cmocka_unit_test(nor_with_bursts_and_lulls),
        cmocka_unit_test(no_second_ever_holds_more_than_the_rate),
        cmocka_unit_test(no_second_holds_more_than_a_very_high_rate),
        cmocka_unit_test(the_rate_is_used_to_the_brim),
        cmocka_unit_test(who_waits_for_a_commit_holds_up_the_next_window),
    };
    return cmocka_run_group_tests_name("core: limiter", tests, NULL, NULL);
}
