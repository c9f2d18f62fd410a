/* Is the file sound, and a view that does not move. */
#include "store/health.h"

#include "store/read.h"
#include "unit/store/on_desk.h"

static struct err err;

static bool found(const char *want)
{
    struct buf broken;
    struct store *reader;
    buf_init(&broken, 4096);
    if (store_open(&reader, desk.temp.db, STORE_READ, "", &err) ||
        store_examine(reader, &broken, &err))
        fail_msg("%s", err.text);
    store_close(reader);
    bool same = want[0] ? strstr(broken.data, want) != NULL : broken.len == 0;
    if (!same)
        print_error("  found '%s'\n", broken.data);
    buf_close(&broken);
    return same;
}

static void a_sound_file_says_nothing(void **state)
{
    (void)state;
    assert_true(found(""));
    take_in("july", {"a"}, {"b", NULL, NULL, "a"});
    desk_done(&desk, "a", JOB_SUCCEEDED);
    assert_true(found(""));
}

static void a_row_that_names_nothing_is_told(void **state)
{
    (void)state;
    take_in("july", {"a"});
    sql_run(
        desk.db,
        "PRAGMA foreign_keys = OFF; INSERT INTO need (job_id, needed_id) VALUES (1, 99)");
    assert_true(found("a row of need names one of job that is not there"));
}

/* To one that may write: a reader does not even parse the CHECKs of a file. */
static void a_check_that_does_not_hold_is_told(void **state)
{
    (void)state;
    take_in("july", {"a"});
    sql_run(desk.db, "UPDATE job SET unmet = -1");
    struct db *shell = temp_db(desk.temp.db, DB_READ_WRITE);
    assert_sql(shell, "PRAGMA integrity_check", "CHECK constraint failed in job");
    db_close(shell);
}

static void everybody_elses_connection_keeps_the_checks(void **state)
{
    (void)state;
    take_in("july", {"a"});
    struct db *shell = temp_db(desk.temp.db, DB_READ_WRITE);
    assert_true(
        sql_refused(shell, "UPDATE job SET unmet = -1", "CHECK constraint failed"));
    db_close(shell);
}

static int64_t queued_seen_by(struct store *reader)
{
    int64_t counts[JOB_STATE_COUNT];
    if (store_scope_counts(reader, counts, &err))
        fail_msg("%s", err.text);
    return counts[JOB_QUEUED];
}

static void what_is_held_does_not_move(void **state)
{
    (void)state;
    struct store *reader;
    take_in("july", {"a"}, {"b"});
    take_in("august", {"c"});
    assert_int_equal(store_open(&reader, desk.temp.db, STORE_READ, "", &err), 0);
    assert_int_equal(store_scope_begin(reader, &err), 0);
    assert_int_equal(queued_seen_by(reader), 3);
    assert_int_equal(store_hold(reader, &err), 0);
    desk_done(&desk, "a", JOB_SUCCEEDED);
    assert_int_equal(queued_seen_by(reader), 3);
    store_close(reader);
    assert_int_equal(store_open(&reader, desk.temp.db, STORE_READ, "", &err), 0);
    assert_int_equal(store_scope_begin(reader, &err), 0);
    assert_int_equal(queued_seen_by(reader), 2);
    store_close(reader);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(a_sound_file_says_nothing),
        test(a_row_that_names_nothing_is_told),
        test(a_check_that_does_not_hold_is_told),
        test(everybody_elses_connection_keeps_the_checks),
        test(what_is_held_does_not_move),
    };
    return cmocka_run_group_tests_name("store: health", tests, NULL, NULL);
}
