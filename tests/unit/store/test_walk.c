/* Random nights: after every commit, everything that must hold holds. */
#include "unit/store/nights.h"

static void walk(uint64_t seed, int steps, bool person)
{
    struct desk desk;
    struct night night = {.person = person};
    rng_init(&night.rng, seed);
    desk_open(&desk);
    bool sound = true;
    for (int i = 0; i < steps && sound; i++) {
        night_step(&night, &desk);
        sound = desk_is_sound(&desk);
        if (!sound)
            print_error("  seed %d, step %d\n", (int)seed, i);
    }
    desk_close(&desk);
    assert_true(sound);
}

static void the_engines_moves_keep_every_promise(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 12; seed++)
        walk(seed, 250, false);
}

static void a_persons_moves_keep_them_too(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 12; seed++)
        walk(seed, 250, true);
}

/* Left alone with good answers, every job that can be done is. */
static void a_night_comes_to_its_end(void **state)
{
    (void)state;
    for (uint64_t seed = 50; seed < 55; seed++) {
        struct desk desk;
        struct night night = {0};
        char loaded[1024], ref[16];
        rng_init(&night.rng, seed);
        desk_open(&desk);
        for (int i = 0; i < 60; i++)
            night_step(&night, &desk);
        for (int job = 1; job <= night.jobs; job++) {
            night_name(ref, job);
            if (desk_state(&desk, ref) == JOB_SENDING)
                desk_answer(&desk, ref, OUTCOME_ACCEPTED, JOB_SUCCEEDED);
            else if (desk_state(&desk, ref) == JOB_FOLLOWING ||
                     desk_state(&desk, ref) == JOB_IN_DOUBT)
                desk_move(&desk, ref, JOB_SUCCEEDED);
        }
        while (sscanf(desk_load(&desk, 1, loaded), "%15s", ref) == 1)
            desk_done(&desk, ref, JOB_SUCCEEDED);
        assert_int_equal(sql_int(desk.db,
                                 "SELECT count(*) AS n FROM job WHERE state NOT IN "
                                 "('succeeded', 'failed', 'skipped', 'cancelled')"),
                         0);
        assert_true(desk_is_sound(&desk));
        desk_close(&desk);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_engines_moves_keep_every_promise),
        cmocka_unit_test(a_persons_moves_keep_them_too),
        cmocka_unit_test(a_night_comes_to_its_end),
    };
    return cmocka_run_group_tests_name("store: random walks", tests, NULL, NULL);
}
