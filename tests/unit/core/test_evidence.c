#include "engine/core/evidence.h"

#include "lib/check.h"

static const struct evidence_rules rules = {
    .first_ms = 15000, .settle_ms = 600000, .tries = 3};

#define MIN INT64_C(60000)

static void what_a_list_without_it_is_worth(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        struct evidence e;
        enum evidence_verdict want;
        int64_t wait_ms;
    } rows[] = {
        {"the first one", {1, 1, 15000, false, false, true}, EVIDENCE_LOOK_AGAIN, 30000},
        {"the second one", {2, 2, 45000, false, false, true}, EVIDENCE_LOOK_AGAIN, 60000},
        {"enough lists, not settled",
         {3, 3, 2 * MIN, false, false, true},
         EVIDENCE_LOOK_AGAIN,
         120000},
        {"settled, not enough lists",
         {2, 2, 20 * MIN, false, false, true},
         EVIDENCE_LOOK_AGAIN,
         60000},
        {"failed look-ups are no lists",
         {9, 2, 20 * MIN, false, false, true},
         EVIDENCE_LOOK_AGAIN,
         600000},
        {"settled and enough",
         {4, 3, 10 * MIN + 1, false, false, true},
         EVIDENCE_ABSENT,
         0},
        {"one millisecond short",
         {4, 3, 10 * MIN, false, false, true},
         EVIDENCE_LOOK_AGAIN,
         1},
        {"money asks a person",
         {4, 3, 10 * MIN + 1, false, false, false},
         EVIDENCE_ASK,
         0},
        {"without its control",
         {4, 3, 10 * MIN + 1, true, false, true},
         EVIDENCE_LOOK_AGAIN,
         240000},
        {"with its control", {4, 3, 10 * MIN + 1, true, true, true}, EVIDENCE_ABSENT, 0},
        {"never a control", {10, 9, 60 * MIN, true, false, true}, EVIDENCE_ASK, 0},
        {"not just before it settles",
         {3, 3, 9 * MIN, false, false, true},
         EVIDENCE_LOOK_AGAIN,
         60001},
    };
    struct table t = {0};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        int64_t wait = 0;
        enum evidence_verdict got = evidence_weigh(&rows[i].e, &rules, &wait);
        table_want(&t, got == rows[i].want, "%s: %d", rows[i].name, got);
        table_want(&t, wait == rows[i].wait_ms, "%s: waits %lld", rows[i].name,
                   (long long)wait);
    }
    table_end(&t);
}

static void the_waits_double_up_to_ten_minutes(void **state)
{
    (void)state;
    static const int64_t want[] = {15, 30, 60, 120, 240, 480, 600, 600};
    for (int i = 0; i < (int)COUNT_OF(want); i++)
        assert_int_equal(evidence_wait_ms(&rules, i), want[i] * 1000);
    assert_int_equal(evidence_wait_ms(&rules, 1000000), EVIDENCE_WAIT_MAX_MS);
}

/* Whatever comes, absence is never proved before the settle time, nor with too few lists, nor money. */
static void never_too_early(void **state)
{
    (void)state;
    for (int negatives = 0; negatives < 12; negatives++)
        for (int64_t since = 0; since < 20 * MIN; since += 7777)
            for (int bits = 0; bits < 8; bits++) {
                int64_t wait = -1;
                const struct evidence e = {negatives, negatives, since,
                                           bits & 1,  bits & 2,  bits & 4};
                enum evidence_verdict got = evidence_weigh(&e, &rules, &wait);
                bool fresh = !e.control_exists || e.control_seen;
                if (got == EVIDENCE_ABSENT)
                    assert_true(negatives >= 3 && since > 10 * MIN && fresh && e.resend);
                if (got == EVIDENCE_LOOK_AGAIN)
                    assert_true(wait > 0 && wait <= EVIDENCE_WAIT_MAX_MS);
            }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_list_without_it_is_worth),
        cmocka_unit_test(the_waits_double_up_to_ten_minutes),
        cmocka_unit_test(never_too_early),
    };
    return cmocka_run_group_tests_name("core: evidence", tests, NULL, NULL);
}
