/* Attempts, and what is left of them when a run died. */
#include "unit/store/on_desk.h"

static void an_attempt_is_open_until_it_is_closed(void **state)
{
    (void)state;
    take_in("a", {"a"});
    desk_send(&desk, "a");
    assert_true(desk_is(&desk, "a", JOB_SENDING));
    assert_sql(
        desk.db,
        "SELECT number, run_id, opened_at, closed_at IS NULL, outcome IS NULL FROM "
        "attempt",
        "1|1|1000000|1|1");
    desk.now.ms += 250;
    desk_answer(&desk, "a", OUTCOME_ACCEPTED, JOB_SUCCEEDED);
    assert_sql(desk.db,
               "SELECT closed_at, outcome, sends, http_status, elapsed_us, request_id "
               "FROM attempt",
               "1000250|accepted|1|200|80000|q-1");
    assert_true(desk_is_sound(&desk));
}

static void attempts_are_numbered(void **state)
{
    (void)state;
    take_in("a", {"a"});
    desk_done(&desk, "a", JOB_QUEUED);
    desk_done(&desk, "a", JOB_QUEUED);
    desk_done(&desk, "a", JOB_IN_DOUBT);
    assert_sql(desk.db, "SELECT number, outcome FROM attempt ORDER BY id",
               "1|not_processed 2|not_processed 3|in_doubt");
    assert_sql(desk.db, "SELECT attempts FROM job", "3");
    assert_sql(desk.db, "SELECT http_status IS NULL FROM attempt WHERE number = 3", "1");
}

/* Opens attempt `number` of `ref` in a transaction that is undone again. */
static int try_open(const char *ref, int number, struct err *err)
{
    assert_int_equal(store_begin(desk.store, err), 0);
    int rc = store_attempt_open(desk.store, desk.run, desk_id(&desk, ref), number,
                                desk.now, err);
    store_rollback(desk.store);
    return rc;
}

static void what_may_not_be_opened(void **state)
{
    (void)state;
    static const struct {
        const char *name, *ref;
        int number;
    } rows[] = {
        {"a second one beside an open one", "open", 2},
        {"the open one again", "open", 1},
        {"a number left out", "fresh", 2},
        {"a number used before", "again", 1},
        {"number zero", "fresh", 0},
        {"a job in doubt", "doubt", 2},
        {"a job that is done", "done", 2},
        {"a job that failed", "failed", 2},
        {"a job that waits for another", "needy", 1},
        {"a job whose lane is taken", "second", 1},
    };
    struct table t = {0};
    struct err err;
    take_in("a", {"open"}, {"fresh"}, {"again"}, {"doubt"}, {"done"}, {"failed"},
            {"needy", .needs = "fresh"}, {"first", .on_behalf_of = "#7"},
            {"second", .on_behalf_of = "#7"});
    desk_send(&desk, "open");
    desk_done(&desk, "again", JOB_QUEUED);
    desk_done(&desk, "doubt", JOB_IN_DOUBT);
    desk_done(&desk, "done", JOB_SUCCEEDED);
    desk_done(&desk, "failed", JOB_FAILED);
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        table_want(&t, try_open(rows[i].ref, rows[i].number, &err) == -1, "%s",
                   rows[i].name);
    table_want(&t, try_open("fresh", 1, &err) == 0, "a fresh one may");
    table_want(&t, try_open("again", 2, &err) == 0, "the next number may");
    table_want(&t, desk_is_sound(&desk), "sound");
    table_end(&t);
}

static void what_is_not_open_cannot_be_closed(void **state)
{
    (void)state;
    struct err err;
    take_in("a", {"a"});
    struct attempt_end end = {.job_id = desk_id(&desk, "a"), .outcome = OUTCOME_NOT_SENT};
    assert_int_equal(store_begin(desk.store, &err), 0);
    assert_int_equal(store_attempt_close(desk.store, &end, desk.now, &err), -1);
    assert_int_equal(err.code, ERR_SOFTWARE);
    store_rollback(desk.store);
}

static void a_job_does_not_rest_with_an_open_attempt(void **state)
{
    (void)state;
    struct err err;
    take_in("a", {"a"});
    desk_send(&desk, "a");
    assert_int_equal(desk_try_move(&desk, "a", JOB_SUCCEEDED, &err), -1);
    assert_non_null(strstr(err.text, "close the open attempt"));
    assert_true(desk_is(&desk, "a", JOB_SENDING));
}

/* ---- after a crash ---- */

static bool reads_are_safe(void *ctx, const char *action, const char *params)
{
    int *asked = ctx;
    assert_int_equal(params[0], '{');
    ++*asked;
    return strcmp(action, "get_user") == 0;
}

static struct recovery recover(int *asked)
{
    struct err err;
    struct recovery found;
    *asked = 0;
    if (store_recover(desk.store, reads_are_safe, asked, desk.now, &found, &err))
        fail_msg("%s", err.text);
    return found;
}

static void what_was_on_the_wire_is_in_doubt_unless_it_may_be_repeated(void **state)
{
    (void)state;
    int asked;
    take_in("a", {"pay1"}, {"pay2"}, {"read1", "get_user"}, {"idle"}, {"done"},
            {"doubt"});
    desk_send(&desk, "pay1");
    desk_send(&desk, "pay2");
    desk_send(&desk, "read1");
    desk_done(&desk, "done", JOB_SUCCEEDED);
    desk_done(&desk, "doubt", JOB_IN_DOUBT);
    desk_reopen(&desk);
    desk.now.ms += 5;
    struct recovery found = recover(&asked);
    assert_int_equal(found.in_doubt, 2);
    assert_int_equal(found.queued, 1);
    assert_int_equal(asked, 3);
    assert_sql(desk.db, "SELECT ref, state FROM job ORDER BY id",
               "pay1|in_doubt pay2|in_doubt read1|queued idle|queued done|succeeded "
               "doubt|in_doubt");
    assert_sql(desk.db, "SELECT outcome, closed_at, error FROM attempt WHERE job_id <= 3",
               "in_doubt|1000005|the run ended before an answer was recorded "
               "in_doubt|1000005|the run ended before an answer was recorded "
               "in_doubt|1000005|the run ended before an answer was recorded");
    assert_true(desk_ready(&desk, "read1"));
    assert_true(desk_is_sound(&desk));
}

static void recovering_twice_changes_nothing_more(void **state)
{
    (void)state;
    int asked;
    take_in("a", {"pay1"}, {"read1", "get_user"});
    desk_send(&desk, "pay1");
    desk_send(&desk, "read1");
    recover(&asked);
    char *jobs = sql_text(desk.db, "SELECT * FROM job");
    char *attempts = sql_text(desk.db, "SELECT * FROM attempt");
    desk.now.ms += 1000;
    struct recovery found = recover(&asked);
    assert_int_equal(found.in_doubt + found.queued + asked, 0);
    assert_sql(desk.db, "SELECT * FROM job", jobs);
    assert_sql(desk.db, "SELECT * FROM attempt", attempts);
    free(jobs);
    free(attempts);
}

static void a_lane_waits_for_the_doubt_that_a_crash_left(void **state)
{
    (void)state;
    int asked;
    char loaded[1024];
    take_in("a", {"p1", .on_behalf_of = "#7"}, {"p2", .on_behalf_of = "#7"});
    desk_send(&desk, "p1");
    recover(&asked);
    assert_string_equal(desk_load(&desk, 9, loaded), "");
    assert_true(desk_is_sound(&desk));
}

static void a_job_queued_again_by_recovery_goes_on_with_its_numbers(void **state)
{
    (void)state;
    int asked;
    take_in("a", {"read1", "get_user"});
    desk_send(&desk, "read1");
    recover(&asked);
    desk_done(&desk, "read1", JOB_SUCCEEDED);
    assert_sql(desk.db, "SELECT number, outcome FROM attempt ORDER BY id",
               "1|in_doubt 2|accepted");
    assert_true(desk_is_sound(&desk));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(an_attempt_is_open_until_it_is_closed),
        test(attempts_are_numbered),
        test(what_may_not_be_opened),
        test(what_is_not_open_cannot_be_closed),
        test(a_job_does_not_rest_with_an_open_attempt),
        test(what_was_on_the_wire_is_in_doubt_unless_it_may_be_repeated),
        test(recovering_twice_changes_nothing_more),
        test(a_lane_waits_for_the_doubt_that_a_crash_left),
        test(a_job_queued_again_by_recovery_goes_on_with_its_numbers),
    };
    return cmocka_run_group_tests_name("store: attempts", tests, NULL, NULL);
}
