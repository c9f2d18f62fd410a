/* What may start, and what follows from a move. */
#include "unit/store/on_desk.h"

static char loaded[1024];

#define assert_load(limit, want)                                                         \
    assert_string_equal(desk_load(&desk, (limit), loaded), (want))

static void delay(const char *ref, int64_t due_ms)
{
    struct err err;
    desk_send(&desk, ref);
    assert_int_equal(store_begin(desk.store, &err), 0);
    struct attempt_end end = {.job_id = desk_id(&desk, ref),
                              .outcome = OUTCOME_NOT_PROCESSED};
    struct job_move m = {
        .id = end.job_id, .from = JOB_SENDING, .to = JOB_QUEUED, .due = {due_ms}};
    assert_int_equal(store_attempt_close(desk.store, &end, desk.now, &err), 0);
    assert_int_equal(store_move(desk.store, &m, desk.now, &desk.effect, &err), 0);
    assert_int_equal(store_commit(desk.store, &err), 0);
}

static void what_was_never_tried_comes_in_order_of_import(void **state)
{
    (void)state;
    take_in("a", {"z"}, {"y"});
    take_in("b", {"x"});
    assert_load(10, "z y x");
    assert_load(2, "z y");
    assert_load(1, "z");
}

static void what_has_fallen_due_comes_first(void **state)
{
    (void)state;
    take_in("a", {"a"}, {"b"}, {"c"}, {"d"});
    delay("b", desk.now.ms + 2000);
    delay("c", desk.now.ms + 1000);
    assert_load(10, "a d");
    desk.now.ms += 1000;
    assert_load(10, "c a d");
    desk.now.ms += 5000;
    assert_load(10, "c b a d");
    assert_load(2, "c b");
    delay("d", 0); /* at once */
    assert_load(10, "c b a d");
}

static bool skip_these(void *ctx, const struct queue_candidate *job)
{
    const int64_t *ids = ctx;
    return job->id == ids[0] || job->id == ids[1];
}

static void what_is_in_memory_is_passed_over(void **state)
{
    (void)state;
    struct err err;
    struct wall next_due;
    struct queued_job jobs[2];
    take_in("a", {"a"}, {"b"}, {"c"}, {"d"});
    int64_t held[] = {desk_id(&desk, "a"), desk_id(&desk, "c")};
    int n = store_load(desk.store, desk.now, 2, skip_these, held, jobs, &next_due, &err);
    assert_int_equal(n, 2);
    assert_string_equal(jobs[0].ref, "b");
    assert_string_equal(jobs[1].ref, "d");
    queued_job_close(&jobs[0]);
    queued_job_close(&jobs[1]);
}

static bool skip_action(void *ctx, const struct queue_candidate *job)
{
    return strcmp(job->action, ctx) == 0;
}

/* However many are passed over, a LOAD reads no more than a bounded part of the queue. */
static void a_bounded_number_is_passed_over(void **state)
{
    (void)state;
    static struct line lines[QUEUE_PASSED_MAX + 2];
    static char refs[QUEUE_PASSED_MAX + 2][8];
    struct err err;
    struct wall next_due;
    struct queued_job job;
    char slow[] = "slow";
    for (int i = 0; i < QUEUE_PASSED_MAX + 2; i++) {
        snprintf(refs[i], sizeof(refs[i]), "r%d", i);
        bool is_slow = i != QUEUE_PASSED_MAX - 1 && i != QUEUE_PASSED_MAX + 1;
        lines[i] = (struct line){refs[i], is_slow ? slow : "quick"};
    }
    desk_import(&desk, "a", lines, QUEUE_PASSED_MAX + 2);
    int n = store_load(desk.store, desk.now, 1, skip_action, slow, &job, &next_due, &err);
    assert_int_equal(n, 1);
    assert_string_equal(job.ref, refs[QUEUE_PASSED_MAX - 1]);
    int64_t held[] = {job.id, 0};
    queued_job_close(&job);
    desk_send(&desk, refs[QUEUE_PASSED_MAX - 1]);
    n = store_load(desk.store, desk.now, 1, skip_action, slow, &job, &next_due, &err);
    assert_int_equal(n, 0);
    n = store_load(desk.store, desk.now, 1, skip_these, held, &job, &next_due, &err);
    assert_int_equal(n, 1);
    queued_job_close(&job);
}

static void a_loaded_job_is_complete(void **state)
{
    (void)state;
    struct err err;
    struct wall next_due;
    struct queued_job job;
    int64_t held[] = {0, 0};
    take_in("a", {"p1", "pay", "#77", NULL, 5, "usd", "hello"});
    delay("p1", 0);
    assert_int_equal(
        store_load(desk.store, desk.now, 1, skip_these, held, &job, &next_due, &err), 1);
    assert_int_equal(job.id, desk_id(&desk, "p1"));
    assert_int_equal(job.attempts, 1);
    assert_string_equal(job.ref, "p1");
    assert_string_equal(job.action, "pay");
    assert_string_equal(job.on_behalf_of, "#77");
    assert_string_equal(job.params, "{\"note\":\"hello\"}");
    queued_job_close(&job);
}

static void the_next_time_at_which_something_is_due(void **state)
{
    (void)state;
    struct err err;
    struct wall next_due;
    struct queued_job job;
    int64_t held[] = {0, 0};
    take_in("a", {"a"}, {"b"}, {"p1", .on_behalf_of = "#7"},
            {"p2", .on_behalf_of = "#7"});
    assert_int_equal(
        store_load(desk.store, desk.now, 1, skip_these, held, &job, &next_due, &err), 1);
    queued_job_close(&job);
    assert_int_equal(next_due.ms, 0);
    int64_t begin = desk.now.ms;
    delay("a", begin + 5000);
    delay("b", begin + 3000);
    delay("p1", begin + 9000);
    const struct {
        int64_t at, want;
    } rows[] = {{0, 3000}, {2999, 3000}, {3000, 5000}, {5000, 9000}, {9000, -1}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct queued_job jobs[4];
        desk.now.ms = begin + rows[i].at;
        int n =
            store_load(desk.store, desk.now, 4, skip_these, held, jobs, &next_due, &err);
        assert_true(n >= 0);
        while (n > 0)
            queued_job_close(&jobs[--n]);
        assert_int_equal(next_due.ms, rows[i].want < 0 ? 0 : begin + rows[i].want);
    }
}

/* ---- results for '@ref' ---- */

static void the_result_of_another_job(void **state)
{
    (void)state;
    const char *id = "?", *answer = "?";
    struct err err;
    take_in("a", {"u1"}, {"u2"});
    assert_false(store_job_result(desk.store, "u1", &id, &answer));
    assert_false(store_job_result(desk.store, "nobody", &id, &answer));
    desk_send(&desk, "u1");
    assert_int_equal(store_begin(desk.store, &err), 0);
    struct attempt_end end = {.job_id = desk_id(&desk, "u1"),
                              .outcome = OUTCOME_ACCEPTED};
    struct job_move m = {.id = end.job_id,
                         .from = JOB_SENDING,
                         .to = JOB_SUCCEEDED,
                         .remote_id = "501",
                         .answer = "{\"id\":\"501\"}"};
    assert_int_equal(store_attempt_close(desk.store, &end, desk.now, &err), 0);
    assert_int_equal(store_move(desk.store, &m, desk.now, &desk.effect, &err), 0);
    assert_int_equal(store_commit(desk.store, &err), 0);
    assert_true(store_job_result(desk.store, "u1", &id, &answer));
    assert_string_equal(id, "501");
    assert_string_equal(answer, "{\"id\":\"501\"}");
}

/* ---- lanes ---- */

static void one_of_a_user_goes_at_a_time_and_in_order(void **state)
{
    (void)state;
    take_in("a", {"p1", .on_behalf_of = "#7"}, {"p2", .on_behalf_of = "#7"},
            {"p3", .on_behalf_of = "#7"}, {"q1", .on_behalf_of = "#8"}, {"m"});
    assert_load(10, "p1 q1 m");
    desk_send(&desk, "p1");
    assert_load(10, "q1 m");
    desk_answer(&desk, "p1", OUTCOME_ACCEPTED, JOB_SUCCEEDED);
    assert_int_equal(desk.effect.freed, 1);
    assert_load(10, "p2 q1 m");
    desk_done(&desk, "p2", JOB_SUCCEEDED);
    assert_load(10, "p3 q1 m");
    desk_done(&desk, "p3", JOB_SUCCEEDED);
    assert_int_equal(desk.effect.freed, 0);
    assert_true(desk_is_sound(&desk));
}

static void how_a_lane_goes_on(void **state)
{
    (void)state;
    static const struct {
        enum job_state to;
        bool goes_on;
    } rows[] = {
        {JOB_SUCCEEDED, true}, {JOB_FAILED, true},  {JOB_FOLLOWING, true},
        {JOB_IN_DOUBT, false}, {JOB_QUEUED, false},
    };
    struct table t = {0};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char lane[16], first[16], second[16];
        snprintf(lane, sizeof(lane), "#%d", (int)i);
        snprintf(first, sizeof(first), "p%d", (int)i);
        snprintf(second, sizeof(second), "q%d", (int)i);
        take_in(NULL, {first, .on_behalf_of = lane}, {second, .on_behalf_of = lane});
        desk_done(&desk, first, rows[i].to);
        table_want(&t, desk_ready(&desk, second) == rows[i].goes_on, "after %s",
                   job_state_name(rows[i].to));
        table_want(&t, desk.effect.freed == rows[i].goes_on, "after %s: %d freed",
                   job_state_name(rows[i].to), (int)desk.effect.freed);
    }
    table_want(&t, desk_is_sound(&desk), "sound");
    table_end(&t);
}

static void a_doubt_that_is_settled_lets_its_lane_go_on(void **state)
{
    (void)state;
    static const enum job_state ends[] = {JOB_SUCCEEDED, JOB_FAILED, JOB_FOLLOWING};
    struct table t = {0};
    for (size_t i = 0; i < COUNT_OF(ends); i++) {
        char lane[16], first[16], second[16];
        snprintf(lane, sizeof(lane), "#%d", (int)i);
        snprintf(first, sizeof(first), "p%d", (int)i);
        snprintf(second, sizeof(second), "q%d", (int)i);
        take_in(NULL, {first, .on_behalf_of = lane}, {second, .on_behalf_of = lane});
        desk_done(&desk, first, JOB_IN_DOUBT);
        desk_move(&desk, first, ends[i]);
        table_want(&t, desk_ready(&desk, second), "after %s", job_state_name(ends[i]));
    }
    table_want(&t, desk_is_sound(&desk), "sound");
    table_end(&t);
}

static void a_doubt_that_was_not_sent_is_first_again(void **state)
{
    (void)state;
    take_in("a", {"p1", .on_behalf_of = "#7"}, {"p2", .on_behalf_of = "#7"});
    desk_done(&desk, "p1", JOB_IN_DOUBT);
    assert_load(9, "");
    desk_move(&desk, "p1", JOB_QUEUED);
    assert_load(9, "p1");
}

static void cancelling_whoever_has_the_turn_gives_it_on(void **state)
{
    (void)state;
    take_in("a", {"p1", .on_behalf_of = "#7"}, {"p2", .on_behalf_of = "#7"},
            {"p3", .on_behalf_of = "#7"});
    desk_move(&desk, "p2", JOB_CANCELLED); /* not its turn: nothing changes */
    assert_load(9, "p1");
    desk_move(&desk, "p1", JOB_CANCELLED);
    assert_load(9, "p3");
    assert_true(desk_is_sound(&desk));
}

static void who_waits_for_a_need_does_not_hold_up_its_lane(void **state)
{
    (void)state;
    take_in("a", {"u1"}, {"p1", .on_behalf_of = "#7", .needs = "u1"},
            {"p2", .on_behalf_of = "#7"});
    assert_load(9, "u1 p2");
    desk_done(&desk, "u1", JOB_SUCCEEDED); /* p1 is free now, and p2 has the turn */
    assert_int_equal(desk.effect.freed, 0);
    assert_load(9, "p2");
    desk_done(&desk, "p2", JOB_FAILED);
    assert_load(9, "p1");
}

/* ---- dependants ---- */

static void a_job_is_freed_when_its_last_need_succeeds(void **state)
{
    (void)state;
    take_in("a", {"a"}, {"b"}, {"c"}, {"d", .needs = "a b c"});
    desk_done(&desk, "b", JOB_SUCCEEDED);
    assert_int_equal(desk.effect.freed, 0);
    desk_done(&desk, "a", JOB_FOLLOWING);
    assert_int_equal(desk.effect.freed, 0);
    desk_done(&desk, "c", JOB_SUCCEEDED);
    assert_false(desk_ready(&desk, "d"));
    desk_move(&desk, "a", JOB_SUCCEEDED);
    assert_int_equal(desk.effect.freed, 1);
    assert_true(desk_ready(&desk, "d"));
}

static void a_user_frees_the_first_of_its_jobs_only(void **state)
{
    (void)state;
    take_in("a", {"u1"}, {"p1", .on_behalf_of = "u1"}, {"p2", .on_behalf_of = "u1"});
    desk_done(&desk, "u1", JOB_SUCCEEDED);
    assert_int_equal(desk.effect.freed, 1);
    assert_load(9, "p1");
    assert_true(desk_is_sound(&desk));
}

static void whoever_needs_a_lost_job_is_skipped_and_told_why(void **state)
{
    (void)state;
    take_in("a", {"a"}, {"b", .needs = "a"}, {"c", .needs = "b"}, {"d", .needs = "c x"},
            {"x"}, {"y", .needs = "x"});
    desk_done(&desk, "a", JOB_FAILED);
    assert_int_equal(desk.effect.skipped, 3);
    assert_sql(desk.db,
               "SELECT ref, state, error, finished_at FROM job WHERE ref IN "
               "('b', 'c', 'd') ORDER BY id",
               "b|skipped|it needs a, which is failed|1000000 "
               "c|skipped|it needs a, which is failed|1000000 "
               "d|skipped|it needs a, which is failed|1000000");
    assert_load(9, "x");
    desk_done(&desk, "x", JOB_SUCCEEDED);
    assert_load(9, "y");
    assert_true(desk_is_sound(&desk));
}

static void cancelling_skips_too(void **state)
{
    (void)state;
    take_in("a", {"a"}, {"b", .needs = "a"});
    desk_move(&desk, "a", JOB_CANCELLED);
    assert_sql(desk.db, "SELECT error FROM job WHERE ref = 'b'",
               "it needs a, which is cancelled");
}

static void what_a_person_cancelled_is_not_skipped_as_well(void **state)
{
    (void)state;
    take_in("a", {"a"}, {"b", .needs = "a"}, {"c", .needs = "a"});
    desk_move(&desk, "b", JOB_CANCELLED);
    desk_done(&desk, "a", JOB_FAILED);
    assert_int_equal(desk.effect.skipped, 1);
    assert_true(desk_is(&desk, "b", JOB_CANCELLED));
    assert_true(desk_is(&desk, "c", JOB_SKIPPED));
}

static void a_skip_reaches_other_batches_and_lanes(void **state)
{
    (void)state;
    take_in("a", {"u1"});
    take_in("b", {"p1", .on_behalf_of = "u1"}, {"q1", .on_behalf_of = "#9"},
            {"q2", .on_behalf_of = "#9", .needs = "p1"}, {"q3", .on_behalf_of = "#9"});
    desk_done(&desk, "u1", JOB_FAILED);
    assert_int_equal(desk.effect.skipped, 2);
    assert_load(9, "q1");
    desk_done(&desk, "q1", JOB_SUCCEEDED);
    assert_load(9, "q3");
    assert_true(desk_is_sound(&desk));
}

/* ---- moves themselves ---- */

static void a_move_wants_the_state_that_the_caller_believes(void **state)
{
    (void)state;
    struct err err;
    struct move_effect effect = {0};
    take_in("a", {"a"});
    struct job_move m = {
        .id = desk_id(&desk, "a"), .from = JOB_SENDING, .to = JOB_FAILED};
    assert_int_equal(store_begin(desk.store, &err), 0);
    assert_int_equal(store_move(desk.store, &m, desk.now, &effect, &err), -1);
    assert_int_equal(err.code, ERR_SOFTWARE);
    m.from = JOB_QUEUED;
    m.to = JOB_SUCCEEDED;
    assert_int_equal(store_move(desk.store, &m, desk.now, &effect, &err), -1);
    assert_non_null(strstr(err.text, "from queued to succeeded"));
    store_rollback(desk.store);
    assert_true(desk_is(&desk, "a", JOB_QUEUED));
}

static void a_move_keeps_what_it_is_not_told(void **state)
{
    (void)state;
    struct err err;
    struct move_effect effect = {0};
    take_in("a", {"a"});
    desk_send(&desk, "a");
    struct attempt_end end = {.job_id = desk_id(&desk, "a"), .outcome = OUTCOME_ACCEPTED};
    struct job_move accepted = {.id = end.job_id,
                                .from = JOB_SENDING,
                                .to = JOB_FOLLOWING,
                                .remote_id = "9",
                                .remote_state = "received",
                                .answer = "{}",
                                .request_id = "q-9",
                                .http_status = 201};
    struct job_move done = {.id = end.job_id,
                            .from = JOB_FOLLOWING,
                            .to = JOB_SUCCEEDED,
                            .remote_state = "settled"};
    assert_int_equal(store_begin(desk.store, &err), 0);
    assert_int_equal(store_attempt_close(desk.store, &end, desk.now, &err), 0);
    assert_int_equal(store_move(desk.store, &accepted, desk.now, &effect, &err), 0);
    assert_int_equal(store_move(desk.store, &done, desk.now, &effect, &err), 0);
    assert_int_equal(store_commit(desk.store, &err), 0);
    assert_sql(desk.db,
               "SELECT remote_id, remote_state, answer, request_id, http_status, error "
               "IS NULL, finished_at FROM job",
               "9|settled|{}|q-9|201|1|1000000");
}

/* ---- what an operator does (remesa retry) ---- */

static void a_failed_job_may_be_queued_again(void **state)
{
    (void)state;
    take_in("a", {"a"});
    desk_done(&desk, "a", JOB_FAILED);
    desk_move(&desk, "a", JOB_QUEUED);
    assert_load(9, "a");
    assert_sql(desk.db, "SELECT finished_at IS NULL FROM job", "1");
    assert_true(desk_is_sound(&desk));
}

static void a_retry_waits_for_its_lane(void **state)
{
    (void)state;
    struct err err = {.text = ""};
    take_in("a", {"p1", .on_behalf_of = "#7"}, {"p2", .on_behalf_of = "#7"});
    desk_done(&desk, "p1", JOB_FAILED);
    desk_send(&desk, "p2"); /* the lane has gone on */
    assert_int_equal(desk_try_move(&desk, "p1", JOB_QUEUED, &err), 0);
    assert_true(desk_is(&desk, "p1", JOB_QUEUED));
    assert_false(desk_ready(&desk, "p1"));
    desk_answer(&desk, "p2", OUTCOME_ACCEPTED, JOB_SUCCEEDED);
    assert_load(9, "p1");
    assert_true(desk_is_sound(&desk));
}

static void a_skipped_job_queued_again_waits_for_its_need(void **state)
{
    (void)state;
    take_in("a", {"u1"}, {"b"}, {"p1", .needs = "u1 b"});
    desk_done(&desk, "u1", JOB_FAILED);
    desk_done(&desk, "b", JOB_SUCCEEDED); /* while p1 is skipped */
    desk_move(&desk, "u1", JOB_QUEUED);
    desk_move(&desk, "p1", JOB_QUEUED);
    assert_load(9, "u1");
    assert_true(desk_is_sound(&desk));
    desk_done(&desk, "u1", JOB_SUCCEEDED);
    assert_load(9, "p1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(what_was_never_tried_comes_in_order_of_import),
        test(what_has_fallen_due_comes_first),
        test(what_is_in_memory_is_passed_over),
        test(a_bounded_number_is_passed_over),
        test(a_loaded_job_is_complete),
        test(the_next_time_at_which_something_is_due),
        test(the_result_of_another_job),
        test(one_of_a_user_goes_at_a_time_and_in_order),
        test(how_a_lane_goes_on),
        test(a_doubt_that_is_settled_lets_its_lane_go_on),
        test(a_doubt_that_was_not_sent_is_first_again),
        test(cancelling_whoever_has_the_turn_gives_it_on),
        test(who_waits_for_a_need_does_not_hold_up_its_lane),
        test(a_job_is_freed_when_its_last_need_succeeds),
        test(a_user_frees_the_first_of_its_jobs_only),
        test(whoever_needs_a_lost_job_is_skipped_and_told_why),
        test(cancelling_skips_too),
        test(what_a_person_cancelled_is_not_skipped_as_well),
        test(a_skip_reaches_other_batches_and_lanes),
        test(a_move_wants_the_state_that_the_caller_believes),
        test(a_move_keeps_what_it_is_not_told),
        test(a_failed_job_may_be_queued_again),
        test(a_retry_waits_for_its_lane),
        test(a_skipped_job_queued_again_waits_for_its_need),
    };
    return cmocka_run_group_tests_name("store: queue", tests, NULL, NULL);
}
