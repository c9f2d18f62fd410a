/* What the database itself refuses, to the sqlite3 shell too. */
#include "unit/store/on_desk.h"

static void the_table_of_moves_is_that_of_the_code(void **state)
{
    (void)state;
    struct table t = {0};
    for (int from = 0; from < JOB_STATE_COUNT; from++)
        for (int to = 0; to < JOB_STATE_COUNT; to++) {
            char sql[200];
            snprintf(sql, sizeof(sql),
                     "SELECT count(*) AS n FROM job_move WHERE from_state = '%s' AND "
                     "to_state = '%s'",
                     job_state_name(from), job_state_name(to));
            bool there = sql_int(desk.db, sql) == 1;
            table_want(&t, there == job_may_move(from, to), "%s to %s: %d",
                       job_state_name(from), job_state_name(to), there);
        }
    table_want(&t, sql_int(desk.db, "SELECT count(*) AS n FROM job_move") == 18,
               "18 pairs");
    table_end(&t);
}

/* Somebody with a shell: another connection, foreign keys off as they are there. */
static struct db *shell(void)
{
    struct db *db = temp_db(desk.temp.db, DB_READ_WRITE);
    sql_run(db, "PRAGMA foreign_keys = OFF");
    return db;
}

/* One job in each state, its ref the state's name. */
static void one_of_each(void)
{
    take_in("each", {"queued"}, {"sending"}, {"following"}, {"in_doubt"}, {"succeeded"},
            {"failed"}, {"skipped", .needs = "failed"}, {"cancelled"});
    desk_send(&desk, "sending");
    desk_done(&desk, "following", JOB_FOLLOWING);
    desk_done(&desk, "in_doubt", JOB_IN_DOUBT);
    desk_done(&desk, "succeeded", JOB_SUCCEEDED);
    desk_done(&desk, "failed", JOB_FAILED);
    desk_move(&desk, "cancelled", JOB_CANCELLED);
    for (int s = 0; s < JOB_STATE_COUNT; s++)
        assert_true(desk_is(&desk, job_state_name(s), s));
}

static void moves_that_are_not_in_the_table_are_refused(void **state)
{
    (void)state;
    struct table t = {0};
    one_of_each();
    struct db *db = shell();
    for (int from = 0; from < JOB_STATE_COUNT; from++)
        for (int to = 0; to < JOB_STATE_COUNT; to++) {
            char sql[200];
            if (from == to || job_may_move(from, to))
                continue;
            snprintf(sql, sizeof(sql), "UPDATE job SET state = '%s' WHERE ref = '%s'",
                     job_state_name(to), job_state_name(from));
            table_want(&t, sql_refused(db, sql, "SQLite 1811"), "%s", sql);
        }
    db_close(db);
    table_end(&t);
}

static void plain_sql_that_breaks_a_promise(void **state)
{
    (void)state;
    static const struct {
        const char *sql, *says;
    } rows[] = {
        {"UPDATE job SET state = 'sending' WHERE ref = 'queued'",
         "attempt of it is open"},
        {"UPDATE job SET state = 'succeeded' WHERE ref = 'sending'", "close the open"},
        {"UPDATE job SET state = 'paid' WHERE ref = 'queued'", ""},
        {"DELETE FROM job WHERE ref = 'succeeded'", "jobs are kept"},
        {"DELETE FROM job", "jobs are kept"},
        {"UPDATE job SET ref = 'other' WHERE ref = 'queued'", "keeps what was imported"},
        {"UPDATE job SET action = 'x' WHERE ref = 'queued'", "keeps what was imported"},
        {"UPDATE job SET params = '{}' WHERE ref = 'queued'", "keeps what was imported"},
        {"UPDATE job SET minor = 1 WHERE ref = 'queued'", "keeps what was imported"},
        {"UPDATE job SET currency = 'ars' WHERE ref = 'queued'", "keeps what was"},
        {"UPDATE job SET on_behalf_of = '#1' WHERE ref = 'queued'", "keeps what was"},
        {"UPDATE job SET needs = '' WHERE ref = 'queued'", "keeps what was imported"},
        {"UPDATE job SET batch_id = 2 WHERE ref = 'queued'", "keeps what was imported"},
        {"UPDATE job SET line = 9 WHERE ref = 'queued'", "keeps what was imported"},
        {"UPDATE job SET id = 900 WHERE ref = 'queued'", "keeps what was imported"},
        {"UPDATE job SET unmet = -1 WHERE ref = 'queued'", "CHECK"},
        {"DELETE FROM attempt", "append-only"},
        {"DELETE FROM attempt WHERE closed_at IS NULL", "append-only"},
        {"UPDATE attempt SET outcome = 'not_sent' WHERE closed_at IS NOT NULL",
         "append-"},
        {"UPDATE attempt SET closed_at = NULL, outcome = NULL", "append-only"},
        {"UPDATE attempt SET number = 9 WHERE closed_at IS NULL", "append-only"},
        {"UPDATE attempt SET opened_at = 9 WHERE closed_at IS NULL", "append-only"},
        {"UPDATE attempt SET job_id = 1 WHERE closed_at IS NULL", "append-only"},
        {"UPDATE attempt SET closed_at = 1 WHERE closed_at IS NULL", "CHECK"},
        {"UPDATE attempt SET closed_at = 1, outcome = 'fine' WHERE closed_at IS NULL",
         "CHECK"},
        {"INSERT INTO job (batch_id, line, ref, action, needs, params) "
         "VALUES (1, 1, 'queued', 'x', '', '{}')",
         "SQLite"},
        {"INSERT INTO job (batch_id, line, ref, action, needs, params, minor) "
         "VALUES (1, 1, 'new', 'x', '', '{}', 5)",
         "CHECK"},
        {"INSERT INTO job (batch_id, line, ref, action, needs, params, minor, currency) "
         "VALUES (1, 1, 'new', 'x', '', '{}', 0, 'usd')",
         "CHECK"},
    };
    struct table t = {0};
    one_of_each();
    struct db *db = shell();
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        table_want(&t, sql_refused(db, rows[i].sql, rows[i].says), "%s", rows[i].sql);
    db_close(db);
    assert_true(desk_is_sound(&desk));
    table_end(&t);
}

/* REPLACE deletes the old row without its DELETE trigger (sqlite.org/lang_conflict.html):
 * a closed attempt, or a whole job, could be written over. */
static void replacing_is_refused_as_deleting_is(void **state)
{
    (void)state;
    static const char *const replaces[] = {
        "REPLACE INTO attempt (id, job_id, number, run_id, opened_at) "
        "SELECT id, job_id, number, run_id, 1 FROM attempt WHERE outcome = 'accepted'",
        "INSERT OR REPLACE INTO attempt (job_id, number, run_id, opened_at) "
        "SELECT job_id, number, run_id, 1 FROM attempt WHERE outcome = 'in_doubt'",
        "REPLACE INTO job (batch_id, line, ref, action, needs, params) "
        "VALUES (1, 1, 'succeeded', 'create_user', '', '{}')",
        "REPLACE INTO job (id, batch_id, line, ref, action, needs, params) "
        "SELECT id, 1, 1, 'fresh', 'create_user', '', '{}' FROM job "
        "WHERE ref = 'in_doubt'",
    };
    struct table t = {0};
    one_of_each();
    struct db *db = shell();
    for (size_t i = 0; i < COUNT_OF(replaces); i++) {
        sql_run(db, "BEGIN");
        table_want(&t, sql_refused(db, replaces[i], ""), "%s", replaces[i]);
        db_rollback(db);
    }
    db_close(db);
    table_end(&t);
}

static void a_new_job_begins_at_the_beginning(void **state)
{
    (void)state;
    static const char *const states[] = {"sending", "following", "in_doubt", "succeeded"};
    struct table t = {0};
    take_in("a", {"u1"});
    struct db *db = shell();
    for (size_t i = 0; i < COUNT_OF(states); i++) {
        char sql[300];
        snprintf(sql, sizeof(sql),
                 "INSERT INTO job (batch_id, line, ref, action, needs, params, state) "
                 "VALUES (1, 1, 'new%d', 'create_user', '', '{}', '%s')",
                 (int)i, states[i]);
        table_want(&t, sql_refused(db, sql, ""), "%s", sql);
    }
    db_close(db);
    table_end(&t);
}

static void the_lane_index_holds_for_everybody(void **state)
{
    (void)state;
    take_in("a", {"p1", .on_behalf_of = "#7"}, {"p2", .on_behalf_of = "#7"});
    struct db *db = shell();
    assert_true(sql_refused(db, "UPDATE job SET ready = 1 WHERE ref = 'p2'", "UNIQUE"));
    db_close(db);
}

static void the_schema_holds_together(void **state)
{
    (void)state;
    assert_sql(desk.db, "PRAGMA integrity_check", "ok");
    assert_sql(desk.db, "PRAGMA foreign_key_check", "");
    assert_sql(desk.db,
               "SELECT group_concat(name, ' ') FROM (SELECT name FROM sqlite_schema "
               "WHERE type = 'view' ORDER BY name)",
               "approvals attempts decisions doubts failures holds lost_batches money "
               "progress proposals results");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(the_table_of_moves_is_that_of_the_code),
        test(moves_that_are_not_in_the_table_are_refused),
        test(plain_sql_that_breaks_a_promise),
        test(replacing_is_refused_as_deleting_is),
        test(a_new_job_begins_at_the_beginning),
        test(the_lane_index_holds_for_everybody),
        test(the_schema_holds_together),
    };
    return cmocka_run_group_tests_name("store: schema", tests, NULL, NULL);
}
