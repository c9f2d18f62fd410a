/* Held jobs: not sent, out of their lane's way, and let go by a named person. */
#include "store/holds.h"

#include "store/decisions.h"
#include "store/read.h"
#include "unit/store/on_desk.h"

static struct err err;

static int hold(const char *ref, const char *kind)
{
    assert_int_equal(store_begin(desk.store, &err), 0);
    if (store_hold_job(desk.store, desk_id(&desk, ref), kind, "looks odd", desk.now,
                       &err)) {
        store_rollback(desk.store);
        return -1;
    }
    return store_commit(desk.store, &err);
}

static int release_what(const struct hold_lift *lift, int64_t *count)
{
    *count = 0;
    return store_decide_release(desk.store, lift, desk.now, count, &err);
}

static int64_t release(const char *ref)
{
    int64_t count;
    const struct hold_lift lift = {.ref = ref, .reason = "seen"};
    return release_what(&lift, &count) ? -1 : count;
}

static void a_held_job_is_not_loaded(void **state)
{
    (void)state;
    char loaded[1024];
    take_in("july", {"a"}, {"b"}, {"c"});
    assert_int_equal(hold("b", HOLD_DUPLICATE), 0);
    assert_string_equal(desk_load(&desk, 9, loaded), "a c");
    assert_true(desk_is(&desk, "b", JOB_QUEUED));
    assert_true(desk_is_sound(&desk));
    assert_int_equal(release("b"), 1);
    assert_string_equal(desk_load(&desk, 9, loaded), "a b c");
    assert_true(desk_is_sound(&desk));
}

static void no_attempt_is_opened_for_it(void **state)
{
    (void)state;
    take_in("july", {"a"});
    assert_int_equal(hold("a", HOLD_CAP), 0);
    /* whatever the counts say */
    sql_run(desk.db, "UPDATE job SET unmet = 0, ready = 1");
    assert_true(sql_refused(desk.db,
                            "INSERT INTO attempt (job_id, number, run_id, opened_at) "
                            "SELECT id, 1, 1, 1 FROM job",
                            "is held"));
    assert_int_equal(store_begin(desk.store, &err), 0);
    assert_int_equal(
        store_attempt_open(desk.store, desk.run, desk_id(&desk, "a"), 1, desk.now, &err),
        -1);
    store_rollback(desk.store);
    assert_sql(desk.db, "SELECT count(*) FROM attempt", "0");
}

static void its_turn_in_the_lane_goes_on(void **state)
{
    (void)state;
    take_in("july", {"a", .on_behalf_of = "#7"}, {"b", .on_behalf_of = "#7"},
            {"c", .on_behalf_of = "#7"});
    assert_int_equal(hold("a", HOLD_DUPLICATE), 0);
    assert_true(desk_ready(&desk, "b"));
    assert_int_equal(hold("c", HOLD_DUPLICATE), 0); /* it had no turn to lose */
    assert_true(desk_ready(&desk, "b"));
    assert_int_equal(release("a"), 1); /* and lines up again */
    assert_false(desk_ready(&desk, "a"));
    desk_done(&desk, "b", JOB_SUCCEEDED);
    assert_true(desk_ready(&desk, "a"));
    assert_true(desk_is_sound(&desk));
    desk_done(&desk, "a", JOB_SUCCEEDED);
    assert_false(desk_ready(&desk, "c"));
    assert_int_equal(release("c"), 1);
    assert_true(desk_ready(&desk, "c"));
    assert_true(desk_is_sound(&desk));
}

static void needs_and_holds_add_up(void **state)
{
    (void)state;
    take_in("july", {"u"}, {"p", .needs = "u"});
    assert_int_equal(hold("p", HOLD_DUPLICATE), 0);
    assert_int_equal(hold("p", HOLD_APPROVAL), 0);
    desk_done(&desk, "u", JOB_SUCCEEDED);
    assert_false(desk_ready(&desk, "p"));
    assert_int_equal(release("p"), 1); /* the approval is not its to give */
    assert_false(desk_ready(&desk, "p"));
    assert_true(desk_is_sound(&desk));
    int64_t lifted = 0;
    assert_int_equal(store_begin(desk.store, &err), 0);
    assert_int_equal(store_lift_approval(desk.store, "july", desk.now, &lifted, &err), 0);
    assert_int_equal(store_commit(desk.store, &err), 0);
    assert_int_equal(lifted, 1);
    assert_true(desk_ready(&desk, "p"));
    assert_true(desk_is_sound(&desk));
}

/* Skipped with what it needs, and back with it: held as before. */
static void a_retry_counts_holds_again(void **state)
{
    (void)state;
    int64_t queued = 0;
    take_in("july", {"u"}, {"p", .needs = "u"}, {"alone"});
    assert_int_equal(hold("p", HOLD_DUPLICATE), 0);
    desk_done(&desk, "u", JOB_FAILED);
    assert_true(desk_is(&desk, "p", JOB_SKIPPED));
    assert_sql(desk.db, "SELECT count(*) FROM holds", "0");
    assert_int_equal(store_decide_retry(desk.store, "u", NULL, desk.now, &queued, &err),
                     0);
    desk_done(&desk, "u", JOB_SUCCEEDED);
    assert_false(desk_ready(&desk, "p"));
    assert_true(desk_is_sound(&desk));
    desk_done(&desk, "alone", JOB_FAILED);
    assert_int_equal(hold("alone", HOLD_CAP), 0); /* while it is at rest */
    assert_int_equal(
        store_decide_retry(desk.store, "alone", NULL, desk.now, &queued, &err), 0);
    assert_false(desk_ready(&desk, "alone"));
    assert_true(desk_is_sound(&desk));
    assert_int_equal(release("p"), 1);
    assert_int_equal(release("alone"), 1);
    assert_true(desk_ready(&desk, "p") && desk_ready(&desk, "alone"));
}

static void what_is_cancelled_stays_out(void **state)
{
    (void)state;
    int64_t cancelled = 0;
    take_in("july", {"a"}, {"b", .needs = "a"});
    assert_int_equal(hold("a", HOLD_DUPLICATE), 0);
    assert_int_equal(
        store_decide_cancel(desk.store, "a", "no", desk.now, &cancelled, &err), 0);
    assert_sql(desk.db, "SELECT ref, state FROM job ORDER BY id",
               "a|cancelled b|skipped");
    assert_int_equal(release("a"), -1);
    assert_true(desk_is_sound(&desk));
}

static void a_whole_batch(void **state)
{
    (void)state;
    int64_t held = 0, count;
    const struct hold_lift duplicates = {
        .batch = "july", .kind = HOLD_DUPLICATE, .reason = "looked at"};
    const struct hold_lift any = {.batch = "july", .reason = "looked at"};
    take_in("july", {"a", .on_behalf_of = "#7"}, {"b", .on_behalf_of = "#7"}, {"done"},
            {"c", .needs = "a"});
    take_in("august", {"other"});
    desk_done(&desk, "done", JOB_SUCCEEDED);
    assert_int_equal(hold("b", HOLD_CAP), 0);
    int64_t july = sql_int(desk.db, "SELECT id AS n FROM batch WHERE name = 'july'");
    assert_int_equal(store_begin(desk.store, &err), 0);
    for (int twice = 0; twice < 2; twice++)
        assert_int_equal(store_hold_batch(desk.store, july, HOLD_DUPLICATE, "odd",
                                          desk.now, &held, &err),
                         0);
    assert_int_equal(store_commit(desk.store, &err), 0);
    assert_int_equal(held, 3);
    assert_sql(desk.db, "SELECT ref FROM job WHERE ready = 1 AND state = 'queued'",
               "other");
    assert_true(desk_is_sound(&desk));
    assert_int_equal(release_what(&duplicates, &count), 0);
    assert_int_equal(count, 3);
    assert_sql(desk.db, "SELECT ref, kind FROM holds", "b|cap");
    assert_true(desk_ready(&desk, "a"));
    assert_true(desk_is_sound(&desk));
    assert_int_equal(release_what(&any, &count), 0);
    assert_int_equal(count, 1);
    desk_done(&desk, "a", JOB_SUCCEEDED);
    assert_true(desk_ready(&desk, "b") && desk_ready(&desk, "c"));
    assert_true(desk_is_sound(&desk));
}

static void releases_that_are_refused(void **state)
{
    (void)state;
    static const struct {
        struct hold_lift lift;
        enum err_code code;
        const char *says;
    } rows[] = {
        {{.ref = "free"}, ERR_USAGE, "nothing is held"},
        {{.ref = "sent"}, ERR_USAGE, "nothing is held"},
        {{.ref = "nobody"}, ERR_NOINPUT, "no job"},
        {{.batch = "may"}, ERR_NOINPUT, "no batch"},
        {{.batch = "july"}, ERR_USAGE, "remesa approve july"},
        {{.ref = "waits"}, ERR_USAGE, "remesa approve july"},
        {{.ref = "waits", .kind = HOLD_APPROVAL}, ERR_USAGE, "remesa approve BATCH"},
        {{.ref = "waits", .kind = "mood"}, ERR_USAGE, "no kind"},
    };
    struct table t = {0};
    int64_t count;
    take_in("july", {"free"}, {"sent"}, {"waits"});
    desk_send(&desk, "sent");
    assert_int_equal(hold("waits", HOLD_APPROVAL), 0);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct hold_lift lift = rows[i].lift;
        lift.reason = "x";
        table_want(&t, release_what(&lift, &count) == -1, "%zu", i);
        table_want(&t, err.code == rows[i].code && strstr(err.text, rows[i].says),
                   "%zu: %s", i, err.text);
    }
    table_end(&t);
    assert_sql(desk.db, "SELECT count(*) FROM holds", "1");
}

static void plain_sql_goes_by_the_same_rules(void **state)
{
    (void)state;
    static const struct {
        const char *sql, *says;
    } rows[] = {
        {"DELETE FROM hold", "append-only"},
        {"UPDATE hold SET reason = 'fine'", "append-only"},
        {"UPDATE hold SET released_at = 1", "append-only"},
        {"UPDATE hold SET released_at = 1, released_by = 'me', release_reason = 'x', "
         "kind = 'cap'",
         "append-only"},
        {"REPLACE INTO hold (id, job_id, kind, reason, held_at) SELECT id, job_id, "
         "'cap', 'x', 1 FROM hold",
         "append-only"},
        {"REPLACE INTO hold (job_id, kind, reason, held_at) SELECT job_id, kind, 'x', 1 "
         "FROM hold",
         "append-only"},
        {"INSERT INTO hold (job_id, kind, reason, held_at, released_at, released_by, "
         "release_reason) SELECT id, 'cap', 'x', 1, 1, 'me', 'x' FROM job",
         "before it is released"},
        {"INSERT INTO hold (job_id, kind, reason, held_at) SELECT id, 'mood', 'x', 1 "
         "FROM job WHERE ref = 'b'",
         "no such kind"},
        {"INSERT INTO hold (job_id, kind, reason, held_at) SELECT id, 'cap', 'x', 1 FROM "
         "job WHERE ref = 'sent'",
         "not under way"},
        {"INSERT INTO hold (job_id, kind, reason, held_at) SELECT id, 'cap', 'x', 1 FROM "
         "job WHERE ref = 'done'",
         "not under way"},
        {"INSERT INTO hold (job_id, kind, reason, held_at) VALUES (99, 'cap', 'x', 1)",
         "not under way"},
    };
    struct table t = {0};
    take_in("july", {"a"}, {"b"}, {"sent"}, {"done"});
    desk_send(&desk, "sent");
    desk_done(&desk, "done", JOB_SUCCEEDED);
    struct db *shell = temp_db(desk.temp.db, DB_READ_WRITE);
    sql_run(shell, "PRAGMA foreign_keys = OFF; INSERT INTO hold (job_id, kind, reason, "
                   "held_at) SELECT id, 'duplicate', 'by hand', 1 FROM job WHERE ref = "
                   "'a'");
    assert_false(desk_ready(&desk, "a"));
    assert_true(desk_is_sound(&desk));
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        table_want(&t, sql_refused(shell, rows[i].sql, rows[i].says), "%s", rows[i].sql);
    table_end(&t);
    sql_run(shell, "UPDATE hold SET released_at = 2, released_by = 'ana', "
                   "release_reason = 'seen' WHERE released_at IS NULL");
    assert_true(
        sql_refused(shell, "UPDATE hold SET release_reason = 'better'", "append-only"));
    db_close(shell);
    assert_true(desk_ready(&desk, "a"));
    assert_true(desk_is_sound(&desk));
}

static void what_moves_no_money_has_no_amount(void **state)
{
    (void)state;
    take_in("july", {"a"}, {"b", "pay", .minor = 5});
    assert_int_equal(hold("a", HOLD_APPROVAL), 0);
    assert_int_equal(hold("b", HOLD_APPROVAL), 0);
    assert_sql(desk.db, "SELECT ref, coalesce(amount, 'none') FROM holds",
               "a|none b|0.05");
}

static void what_a_person_reads(void **state)
{
    (void)state;
    struct buf kinds;
    int64_t jobs;
    take_in("july 1", {"a b", "pay", .minor = 1250}, {"c", "pay", .minor = 100},
            {"d", .needs = "c"});
    assert_int_equal(hold("a b", HOLD_DUPLICATE), 0);
    assert_int_equal(hold("a b", HOLD_CAP), 0);
    assert_int_equal(hold("c", HOLD_APPROVAL), 0);
    assert_sql(desk.db,
               "SELECT ref, currency, amount, kind, reason, next_command FROM holds",
               "a b|usd|12.50|duplicate|looks odd|remesa release 'a b' --reason TEXT "
               "a b|usd|12.50|cap|looks odd|remesa release 'a b' --reason TEXT "
               "c|usd|1.00|approval|looks odd|remesa approve 'july 1'");
    assert_sql(desk.db, "SELECT ref, coalesce(error, '-') FROM results",
               "a b|held: looks odd; looks odd c|held: looks odd d|-");
    assert_sql(desk.db, "SELECT queued, held FROM progress", "3|2");
    assert_sql(desk.db, "SELECT imported, waiting, held, returned FROM money",
               "13.50|13.50|13.50|0.00");
    assert_int_equal(store_scope_begin(desk.store, &err), 0);
    buf_init(&kinds, 200);
    assert_int_equal(store_scope_held(desk.store, &jobs, &kinds, &err), 0);
    assert_int_equal(jobs, 2);
    assert_string_equal(kinds.data, "1 approval, 1 cap, 1 duplicate");
    buf_close(&kinds);
    assert_int_equal(release("a b"), 2);
    assert_sql(desk.db,
               "SELECT ref, verb, reason, decided_by <> '', decided_at FROM decisions",
               "a b|release duplicate|seen|1|1970-01-01T00:16:40.000Z "
               "a b|release cap|seen|1|1970-01-01T00:16:40.000Z");
    assert_sql(desk.db, "SELECT imported, waiting, held FROM money", "13.50|13.50|1.00");
}

static void what_came_back_is_told_apart(void **state)
{
    (void)state;
    take_in("july", {"a", "pay", .minor = 1250}, {"b", "pay", .minor = 100});
    desk_done(&desk, "a", JOB_FOLLOWING);
    sql_run(desk.db, "UPDATE job SET remote_state = 'returned' WHERE ref = 'a'");
    desk_move(&desk, "a", JOB_FAILED);
    desk_done(&desk, "b", JOB_FAILED);
    assert_sql(desk.db, "SELECT imported, failed, returned FROM money",
               "13.50|1.00|12.50");
    assert_true(desk_is_sound(&desk));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(a_held_job_is_not_loaded),
        test(no_attempt_is_opened_for_it),
        test(its_turn_in_the_lane_goes_on),
        test(needs_and_holds_add_up),
        test(a_retry_counts_holds_again),
        test(what_is_cancelled_stays_out),
        test(a_whole_batch),
        test(releases_that_are_refused),
        test(plain_sql_goes_by_the_same_rules),
        test(what_moves_no_money_has_no_amount),
        test(what_a_person_reads),
        test(what_came_back_is_told_apart),
    };
    return cmocka_run_group_tests_name("store: holds", tests, NULL, NULL);
}
