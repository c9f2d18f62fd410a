#include "unit/store/on_desk.h"

static void a_second_writer_is_refused_and_readers_are_not(void **state)
{
    (void)state;
    struct err err;
    struct store *other = NULL;
    assert_int_equal(store_open(&other, desk.temp.db, STORE_WRITE, "another", &err), -1);
    assert_int_equal(err.code, ERR_TEMPFAIL);
    assert_non_null(strstr(err.text, "the test"));
    assert_null(other);
    assert_int_equal(store_open(&other, desk.temp.db, STORE_READ, "a reader", &err), 0);
    store_close(other);
}

static void a_writer_may_come_when_the_one_before_has_gone(void **state)
{
    (void)state;
    desk_reopen(&desk);
    take_in("a", {"u1"});
    desk_reopen(&desk);
    assert_true(desk_is(&desk, "u1", JOB_QUEUED));
}

static void a_reader_makes_no_file(void **state)
{
    (void)state;
    struct err err;
    struct store *s = NULL;
    char path[300];
    snprintf(path, sizeof(path), "%s/none.db", desk.temp.dir);
    assert_int_equal(store_open(&s, path, STORE_READ, "a reader", &err), -1);
    assert_int_equal(err.code, ERR_NOINPUT);
    assert_int_equal(access(path, F_OK), -1);
}

static void a_file_of_another_program_is_refused(void **state)
{
    (void)state;
    struct err err;
    struct store *s = NULL;
    char path[300];
    snprintf(path, sizeof(path), "%s/theirs.db", desk.temp.dir);
    struct db *theirs = temp_db(path, DB_READ_WRITE);
    sql_run(theirs, "CREATE TABLE job (x)");
    sql_run(theirs, "PRAGMA application_id = 0"); /* as if we had not made it */
    db_close(theirs);
    assert_int_equal(store_open(&s, path, STORE_WRITE, "me", &err), -1);
    assert_int_equal(err.code, ERR_CONFIG);
    assert_int_equal(store_open(&s, path, STORE_READ, "me", &err), -1);
    assert_int_equal(err.code, ERR_CONFIG);
}

static void what_is_not_committed_did_not_happen(void **state)
{
    (void)state;
    struct err err;
    take_in("a", {"u1"});
    assert_int_equal(store_begin(desk.store, &err), 0);
    assert_int_equal(
        store_attempt_open(desk.store, desk.run, desk_id(&desk, "u1"), 1, desk.now, &err),
        0);
    desk_reopen(&desk);
    assert_true(desk_is(&desk, "u1", JOB_QUEUED));
    assert_true(desk_is_sound(&desk));
}

static void changes_of_others_are_noticed_once(void **state)
{
    (void)state;
    take_in("a", {"u1"});
    store_changed_outside(desk.store);
    take_in("b", {"u2"});
    assert_false(store_changed_outside(desk.store)); /* our own are no news */
    struct db *other = temp_db(desk.temp.db, DB_READ_WRITE);
    sql_run(other, "INSERT INTO inbox (ref, action) VALUES ('x', 'create_user')");
    db_close(other);
    assert_true(store_changed_outside(desk.store));
    assert_false(store_changed_outside(desk.store));
}

static void tidying_empties_the_log_also_after_results_were_looked_up(void **state)
{
    (void)state;
    struct err err;
    struct stat st;
    char wal[300];
    const char *id, *answer;
    take_in("a", {"u1"});
    desk_done(&desk, "u1", JOB_SUCCEEDED);
    assert_true(store_job_result(desk.store, "u1", &id, &answer));
    snprintf(wal, sizeof(wal), "%s-wal", desk.temp.db);
    assert_int_equal(store_tidy(desk.store, &err), 0);
    assert_int_equal(stat(wal, &st), 0);
    assert_int_equal(st.st_size, 0);
}

/* Beside the writer, which holds the lock. */
static void a_copy_is_of_this_moment_and_never_reaches_the_file(void **state)
{
    (void)state;
    struct err err;
    struct store *copy;
    take_in("a", {"u1"});
    assert_int_equal(store_open_copy(&copy, desk.temp.db, &err), 0);
    take_in("b", {"u2"});
    assert_sql(store_db(copy), "SELECT ref FROM job", "u1");
    assert_int_equal(store_begin(copy, &err), 0);
    assert_int_equal(
        store_attempt_open(copy, desk.run, desk_id(&desk, "u1"), 1, desk.now, &err), 0);
    assert_int_equal(store_commit(copy, &err), 0);
    assert_sql(store_db(copy), "SELECT state FROM job", "sending");
    store_close(copy);
    assert_true(desk_is(&desk, "u1", JOB_QUEUED));
    assert_true(desk_is_sound(&desk));
}

static void a_copy_of_no_file_is_empty_and_makes_none(void **state)
{
    (void)state;
    struct err err;
    struct stat st;
    struct store *copy;
    char path[300];
    snprintf(path, sizeof(path), "%s-none", desk.temp.db);
    assert_int_equal(store_open_copy(&copy, path, &err), 0);
    assert_sql(store_db(copy), "SELECT count(*) FROM job", "0");
    store_close(copy);
    assert_int_equal(stat(path, &st), -1);
}

static void runs_are_recorded(void **state)
{
    (void)state;
    struct err err;
    assert_sql(desk.db, "SELECT base_url, started_at, ended_at IS NULL FROM run",
               "http://127.0.0.1|1000000|1");
    desk.now.ms += 500;
    assert_int_equal(store_run_end(desk.store, desk.run, 3, NULL, desk.now, &err), 0);
    assert_sql(desk.db, "SELECT ended_at, exit_status FROM run", "1000500|3");
    assert_int_equal(store_run_end(desk.store, 99, 0, NULL, desk.now, &err), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(a_second_writer_is_refused_and_readers_are_not),
        test(a_writer_may_come_when_the_one_before_has_gone),
        test(a_reader_makes_no_file),
        test(a_file_of_another_program_is_refused),
        test(what_is_not_committed_did_not_happen),
        test(changes_of_others_are_noticed_once),
        test(tidying_empties_the_log_also_after_results_were_looked_up),
        test(a_copy_is_of_this_moment_and_never_reaches_the_file),
        test(a_copy_of_no_file_is_empty_and_makes_none),
        test(runs_are_recorded),
    };
    return cmocka_run_group_tests_name("store: opening", tests, NULL, NULL);
}
