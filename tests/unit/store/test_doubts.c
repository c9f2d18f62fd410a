/* Jobs in doubt: when they are looked up, what is recorded, and what counts. */
#include "store/doubts.h"

#include "unit/store/on_desk.h"

static struct err err;

static bool none(void *ctx, int64_t id)
{
    (void)ctx, (void)id;
    return false;
}

/* Refs of the doubts that are due, with look-ups and negatives: "a 0/0 b 2/1". */
static const char *due(char out[256], struct wall *next)
{
    struct doubt d[8];
    int n = store_doubts_load(desk.store, desk.now, 8, none, NULL, d, next, &err);
    out[0] = '\0';
    for (int i = 0; i < n; i++) {
        size_t len = strlen(out);
        snprintf(out + len, 256 - len, "%s%s %d/%d", i ? " " : "", d[i].job.ref,
                 d[i].look_ups, d[i].negatives);
        doubt_close(&d[i]);
    }
    return out;
}

static void look(const char *ref, enum look_up_outcome outcome, int64_t again_ms)
{
    const struct look_up l = {.job_id = desk_id(&desk, ref),
                              .attempt = 1,
                              .run_id = desk.run,
                              .path = "/users",
                              .outcome = outcome,
                              .rows = 7,
                              .evidence = "what was seen"};
    assert_int_equal(store_begin(desk.store, &err), 0);
    assert_int_equal(
        store_look_up(desk.store, &l, (struct wall){again_ms}, desk.now, &err), 0);
    assert_int_equal(store_commit(desk.store, &err), 0);
}

static void doubts(void)
{
    take_in("july", {"a"}, {"b"}, {"c"});
    desk_done(&desk, "a", JOB_IN_DOUBT);
    desk_done(&desk, "b", JOB_IN_DOUBT);
    desk_done(&desk, "c", JOB_SUCCEEDED);
}

static void who_waits_for_a_person_is_looked_up_once_more_at_a_start(void **state)
{
    (void)state;
    char got[256];
    struct wall next;
    doubts();
    assert_string_equal(due(got, &next), "");
    assert_int_equal(next.ms, 0);
    assert_int_equal(
        store_doubts_rearm(desk.store, (struct wall){desk.now.ms + 15000}, &err), 0);
    assert_string_equal(due(got, &next), "");
    assert_int_equal(next.ms, desk.now.ms + 15000);
    desk.now.ms += 15000;
    assert_string_equal(due(got, &next), "a 0/0 b 0/0");
}

static void look_ups_are_counted_and_set_the_next_one(void **state)
{
    (void)state;
    char got[256];
    struct wall next;
    doubts();
    assert_int_equal(store_doubts_rearm(desk.store, desk.now, &err), 0);
    look("a", LOOK_UP_NOT_THERE, desk.now.ms + 1000);
    look("b", LOOK_UP_FAILED, desk.now.ms + 5000);
    assert_string_equal(due(got, &next), "");
    assert_int_equal(next.ms, desk.now.ms + 1000);
    desk.now.ms += 5000;
    assert_string_equal(due(got, &next), "a 1/1 b 1/0");
    look("a", LOOK_UP_NOT_THERE, 0);
    assert_string_equal(due(got, &next), "b 1/0");
    assert_sql(desk.db, "SELECT ref, look_ups, last_look_up FROM doubts",
               "a|2|not_there: what was seen b|1|failed: what was seen");
}

/* What counted for an attempt says nothing about the next one. */
static void a_new_attempt_starts_from_nothing(void **state)
{
    (void)state;
    char got[256];
    struct wall next;
    doubts();
    look("a", LOOK_UP_NOT_THERE, 0);
    look("a", LOOK_UP_ABSENT, 0);
    desk_move(&desk, "a", JOB_QUEUED);
    desk_done(&desk, "a", JOB_IN_DOUBT);
    assert_int_equal(store_doubts_rearm(desk.store, desk.now, &err), 0);
    assert_string_equal(due(got, &next), "a 0/0 b 0/0");
    assert_true(sql_refused(desk.db, "UPDATE job SET state = 'queued' WHERE ref = 'a'",
                            "evidence"));
}

static void a_found_one_may_move_and_one_that_is_not_there_may_not(void **state)
{
    (void)state;
    doubts();
    look("a", LOOK_UP_NOT_THERE, 0);
    assert_true(sql_refused(desk.db, "UPDATE job SET state = 'queued' WHERE ref = 'a'",
                            "evidence"));
    look("a", LOOK_UP_FOUND, 0);
    assert_true(sql_refused(desk.db, "UPDATE job SET state = 'queued' WHERE ref = 'a'",
                            "evidence"));
    sql_run(desk.db, "UPDATE job SET state = 'succeeded', ready = 0 WHERE ref = 'a'");
    look("b", LOOK_UP_SEVERAL, 0);
    assert_true(sql_refused(desk.db, "UPDATE job SET state = 'succeeded' WHERE ref = 'b'",
                            "evidence"));
}

static void look_ups_are_append_only(void **state)
{
    (void)state;
    doubts();
    look("a", LOOK_UP_FAILED, 0);
    assert_true(
        sql_refused(desk.db, "UPDATE look_up SET outcome = 'found'", "append-only"));
    assert_true(sql_refused(desk.db, "DELETE FROM look_up", "append-only"));
}

static void only_a_doubt_is_looked_up(void **state)
{
    (void)state;
    doubts();
    const struct look_up l = {.job_id = desk_id(&desk, "c"),
                              .attempt = 1,
                              .run_id = desk.run,
                              .path = "/users",
                              .outcome = LOOK_UP_FOUND};
    assert_int_equal(store_begin(desk.store, &err), 0);
    assert_int_equal(store_look_up(desk.store, &l, (struct wall){0}, desk.now, &err), -1);
    store_rollback(desk.store);
    assert_int_equal(err.code, ERR_SOFTWARE);
}

static void whose_a_resource_is(void **state)
{
    (void)state;
    doubts();
    sql_run(desk.db, "UPDATE job SET remote_id = '594' WHERE ref = 'c'");
    int64_t a = desk_id(&desk, "a"), c = desk_id(&desk, "c");
    assert_true(store_is_of_another(desk.store, a, "create_user", "594"));
    assert_false(store_is_of_another(desk.store, c, "create_user", "594"));
    assert_false(store_is_of_another(desk.store, a, "create_user", "595"));
    assert_false(store_is_of_another(desk.store, a, "create_bid", "594"));
    assert_null(
        store_control(desk.store, a, "create_user", NULL)); /* c is the younger one */
    take_in("august", {"d"});
    char *control = store_control(desk.store, desk_id(&desk, "d"), "create_user", NULL);
    assert_string_equal(control, "594");
    free(control);
    assert_null(store_control(desk.store, desk_id(&desk, "d"), "create_user", "#7"));
}

/* A disk that cannot be read knows nothing about whose a row is. */
static void what_could_not_be_read_is_no_absence(void **state)
{
    (void)state;
    const char *id, *answer;
    doubts();
    assert_false(store_is_of_another(desk.store, 1, "create_user", "594"));
    assert_int_equal(store_check(desk.store, &err), 0);
    for (int query = 0; query < 3; query++) {
        sql_run(desk.db, "ALTER TABLE job RENAME COLUMN remote_id TO gone");
        if (query == 0)
            assert_false(store_is_of_another(desk.store, 1, "create_user", "594"));
        else if (query == 1)
            assert_null(store_control(desk.store, 3, "create_user", NULL));
        else
            assert_false(store_job_result(desk.store, "a", &id, &answer));
        assert_int_equal(store_check(desk.store, &err), -1);
        assert_non_null(strstr(err.text, "no such column: remote_id"));
        sql_run(desk.db, "ALTER TABLE job RENAME COLUMN gone TO remote_id");
        assert_int_equal(store_check(desk.store, &err), -1); /* it stays so */
        desk_reopen(&desk);
        assert_int_equal(store_check(desk.store, &err), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(who_waits_for_a_person_is_looked_up_once_more_at_a_start),
        test(look_ups_are_counted_and_set_the_next_one),
        test(a_new_attempt_starts_from_nothing),
        test(a_found_one_may_move_and_one_that_is_not_there_may_not),
        test(look_ups_are_append_only),
        test(only_a_doubt_is_looked_up),
        test(whose_a_resource_is),
        test(what_could_not_be_read_is_no_absence),
    };
    return cmocka_run_group_tests_name("store: doubts", tests, NULL, NULL);
}
