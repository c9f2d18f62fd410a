/* Needs that a job can go on without, and jobs that free others as soon as they are taken. */
#include "base/rng.h"
#include "store/decisions.h"
#include "unit/store/on_desk.h"

static struct err err;

static void it_waits_for_each_and_starts_whatever_became_of_them(void **state)
{
    (void)state;
    take_in("a", {"o1"}, {"o2"}, {"o3"}, {"q", .needs = "?o1 ?o2 ?o3"});
    assert_sql(desk.db, "SELECT needs, unmet FROM job WHERE ref = 'q'", "?o1 ?o2 ?o3|3");
    desk_done(&desk, "o1", JOB_FAILED);
    desk_done(&desk, "o2", JOB_SUCCEEDED);
    assert_false(desk_ready(&desk, "q"));
    desk_move(&desk, "o3", JOB_CANCELLED);
    assert_true(desk_ready(&desk, "q"));
    assert_true(desk_is_sound(&desk));
}

static void beside_it_a_hard_need_still_decides(void **state)
{
    (void)state;
    take_in("a", {"r"}, {"o1"}, {"q", .needs = "r ?o1"}, {"q2", .needs = "?q"});
    desk_done(&desk, "o1", JOB_FAILED);
    assert_false(desk_ready(&desk, "q"));
    desk_done(&desk, "r", JOB_FAILED);
    assert_true(desk_is(&desk, "q", JOB_SKIPPED));
    assert_true(desk_ready(&desk, "q2"));
    assert_true(desk_is_sound(&desk));
}

/* A payee's jobs are lost in a chain; the request goes on without all of them, once for each. */
static void a_chain_that_is_lost_releases_who_waits_for_its_end(void **state)
{
    (void)state;
    take_in("a", {"u"}, {"i", .needs = "u"}, {"o", .needs = "i"},
            {"q", .needs = "?o ?i ?x"}, {"x"});
    desk_done(&desk, "u", JOB_FAILED);
    assert_true(desk_is(&desk, "o", JOB_SKIPPED));
    assert_sql(desk.db, "SELECT unmet FROM job WHERE ref = 'q'", "1");
    desk_done(&desk, "x", JOB_SUCCEEDED);
    assert_true(desk_ready(&desk, "q"));
    assert_true(desk_is_sound(&desk));
}

static void taken_is_enough_where_the_action_says_so(void **state)
{
    (void)state;
    take_in("a", {"o1", .frees_early = true}, {"o2"}, {"q", .needs = "?o1"},
            {"h", .needs = "o1"}, {"w", .needs = "o2"});
    desk_done(&desk, "o1", JOB_FOLLOWING);
    desk_done(&desk, "o2", JOB_FOLLOWING);
    assert_true(desk_ready(&desk, "q") && desk_ready(&desk, "h"));
    assert_false(desk_ready(&desk, "w"));
    desk_move(&desk, "o1", JOB_SUCCEEDED); /* frees nobody a second time */
    desk_move(&desk, "o2", JOB_SUCCEEDED);
    assert_true(desk_ready(&desk, "w"));
    assert_true(desk_is_sound(&desk));
}

/* It had freed them; that it fails later takes along what has not started, but not who can do without. */
static void taken_and_lost_later(void **state)
{
    (void)state;
    take_in("a", {"z"}, {"o1", .frees_early = true}, {"q", .needs = "?o1 z"},
            {"h", .needs = "o1 z"});
    desk_done(&desk, "o1", JOB_FOLLOWING);
    desk_move(&desk, "o1", JOB_FAILED);
    assert_true(desk_is(&desk, "h", JOB_SKIPPED));
    assert_sql(desk.db, "SELECT unmet FROM job WHERE ref = 'q'", "1");
    assert_true(desk_is_sound(&desk));
}

static void one_that_comes_back_is_waited_for_again(void **state)
{
    (void)state;
    int64_t queued = 0;
    take_in("a", {"o1"}, {"z"}, {"q", .on_behalf_of = "#7", .needs = "?o1"},
            {"r", .on_behalf_of = "#7"});
    desk_done(&desk, "r", JOB_SUCCEEDED);
    desk_done(&desk, "o1", JOB_FAILED);
    assert_true(desk_ready(&desk, "q"));
    assert_int_equal(
        store_decide_retry(desk.store, "o1", "mended", desk.now, &queued, &err), 0);
    assert_false(desk_ready(&desk, "q"));
    desk_done(&desk, "o1", JOB_SUCCEEDED);
    assert_true(desk_ready(&desk, "q"));
    assert_true(desk_is_sound(&desk));
}

static void its_turn_in_the_lane_goes_to_the_next_meanwhile(void **state)
{
    (void)state;
    int64_t queued = 0;
    take_in("a", {"o1"}, {"q", .on_behalf_of = "#7", .needs = "?o1"});
    desk_done(&desk, "o1", JOB_FAILED);
    take_in("b", {"r", .on_behalf_of = "#7"});
    assert_true(desk_ready(&desk, "q"));
    assert_int_equal(
        store_decide_retry(desk.store, "o1", "mended", desk.now, &queued, &err), 0);
    assert_true(desk_ready(&desk, "r"));
    assert_true(desk_is_sound(&desk));
}

static void a_later_batch_goes_on_without_what_is_lost_already(void **state)
{
    (void)state;
    take_in("a", {"o1"}, {"o2"}, {"o3", .frees_early = true});
    desk_done(&desk, "o1", JOB_FAILED);
    desk_done(&desk, "o3", JOB_FOLLOWING);
    take_in("b", {"q", .needs = "?o1 ?o2 o3"}, {"h", .needs = "o1"},
            {"s", .needs = "?h"});
    assert_sql(desk.db, "SELECT unmet FROM job WHERE ref = 'q'", "1");
    assert_true(desk_is(&desk, "h", JOB_SKIPPED));
    assert_true(desk_ready(&desk, "s"));
    assert_true(desk_is_sound(&desk));
}

static void in_both_ways_is_in_the_hard_one(void **state)
{
    (void)state;
    take_in("a", {"o1"}, {"q", .needs = "?o1 o1"});
    assert_sql(desk.db, "SELECT needs FROM job WHERE ref = 'q'", "o1");
    desk_done(&desk, "o1", JOB_FAILED);
    assert_true(desk_is(&desk, "q", JOB_SKIPPED));
}

/* ---- whatever happens ---- */

#define JOBS 12

static void random_batch(struct rng *rng, struct line lines[JOBS],
                         char words[JOBS][2][64])
{
    for (int i = 0; i < JOBS; i++) {
        snprintf(words[i][0], sizeof(words[i][0]), "j%d", i);
        words[i][1][0] = '\0';
        for (int d = 0; d < i; d++)
            if (rng_below(rng, 4) == 0) {
                size_t len = strlen(words[i][1]);
                snprintf(words[i][1] + len, sizeof(words[i][1]) - len, "%s%sj%d",
                         len ? " " : "", rng_below(rng, 2) ? "?" : "", d);
            }
        lines[i] = (struct line){.ref = words[i][0],
                                 .needs = words[i][1],
                                 .frees_early = rng_below(rng, 3) == 0,
                                 .on_behalf_of = rng_below(rng, 3) ? NULL : "#7"};
    }
}

static void move_one(struct rng *rng, const char *ref)
{
    static const enum job_state ends[] = {JOB_SUCCEEDED, JOB_FAILED, JOB_FOLLOWING};
    int64_t queued = 0;
    enum job_state now = desk_state(&desk, ref);
    if (now == JOB_QUEUED && desk_ready(&desk, ref))
        desk_done(&desk, ref, ends[rng_below(rng, COUNT_OF(ends))]);
    else if (now == JOB_FOLLOWING)
        desk_move(&desk, ref, ends[rng_below(rng, 2)]);
    else if (now == JOB_FAILED)
        assert_int_equal(
            store_decide_retry(desk.store, ref, "again", desk.now, &queued, &err), 0);
}

static void what_each_waits_for_is_always_counted_right(void **state)
{
    (void)state;
    struct rng rng;
    rng_init(&rng, 7);
    for (int seed = 0; seed < 40; seed++) {
        struct line lines[JOBS];
        char words[JOBS][2][64];
        if (seed > 0) {
            tear_down(NULL);
            set_up(NULL);
        }
        random_batch(&rng, lines, words);
        desk_import(&desk, "a", lines, JOBS);
        assert_true(desk_is_sound(&desk));
        for (int step = 0; step < 40; step++) {
            move_one(&rng, words[rng_below(&rng, JOBS)][0]);
            assert_true(desk_is_sound(&desk));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(it_waits_for_each_and_starts_whatever_became_of_them),
        test(beside_it_a_hard_need_still_decides),
        test(a_chain_that_is_lost_releases_who_waits_for_its_end),
        test(taken_is_enough_where_the_action_says_so),
        test(taken_and_lost_later),
        test(one_that_comes_back_is_waited_for_again),
        test(its_turn_in_the_lane_goes_to_the_next_meanwhile),
        test(a_later_batch_goes_on_without_what_is_lost_already),
        test(in_both_ways_is_in_the_hard_one),
        test(what_each_waits_for_is_always_counted_right),
    };
    return cmocka_run_group_tests_name("store: soft needs", tests, NULL, NULL);
}
