#include "base/rng.h"
#include "lib/check.h"

/* The first numbers of SplitMix64 with seed 1234567, as its authors' program prints them.
 */
static void gives_the_published_sequence(void **state)
{
    (void)state;
    static const uint64_t want[] = {
        UINT64_C(6457827717110365317),  UINT64_C(3203168211198807973),
        UINT64_C(9817491932198370423),  UINT64_C(4593380528125082431),
        UINT64_C(16408922859458223821),
    };
    struct rng rng;
    rng_init(&rng, 1234567);
    for (size_t i = 0; i < COUNT_OF(want); i++)
        assert_true(rng_next(&rng) == want[i]);
}

static void the_same_seed_plays_again(void **state)
{
    (void)state;
    struct rng a, b, c;
    rng_init(&a, 9);
    rng_init(&b, 9);
    rng_init(&c, 10);
    bool differs = false;
    for (int i = 0; i < 100; i++) {
        uint64_t x = rng_next(&a);
        assert_true(x == rng_next(&b));
        differs |= x != rng_next(&c);
    }
    assert_true(differs);
}

static void below_stays_below_and_reaches_every_value(void **state)
{
    (void)state;
    struct rng rng;
    int seen[7] = {0};
    rng_init(&rng, 1);
    for (int i = 0; i < 7000; i++)
        seen[rng_below(&rng, 7)]++;
    for (int i = 0; i < 7; i++)
        assert_in_range(seen[i], 800, 1200);
}

static void below_nothing_is_zero(void **state)
{
    (void)state;
    struct rng rng;
    rng_init(&rng, 1);
    assert_int_equal(rng_below(&rng, 0), 0);
    assert_int_equal(rng_below(&rng, 1), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_the_published_sequence),
        cmocka_unit_test(the_same_seed_plays_again),
        cmocka_unit_test(below_stays_below_and_reaches_every_value),
        cmocka_unit_test(below_nothing_is_zero),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
