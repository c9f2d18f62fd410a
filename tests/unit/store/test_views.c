/* The reading interface: what people and other programs rely on. */
#include "store/read.h"

#include "unit/store/on_desk.h"

static void the_columns_are_those_that_are_promised(void **state)
{
    (void)state;
    static const struct {
        const char *view, *columns;
    } rows[] = {
        {"results",
         "batch ref action on_behalf_of state remote_id remote_state "
         "http_status error attempts request_id finished_at asked_at asked_next"},
        {"progress",
         "batch total queued held sending following in_doubt succeeded failed "
         "skipped cancelled"},
        {"money", "batch currency declared imported succeeded following in_doubt failed "
                  "waiting returned held"},
        {"holds", "batch ref action currency amount kind reason held_at next_command"},
        {"decisions", "batch ref verb reason remote_id decided_by decided_at"},
        {"inbox", "id ref action on_behalf_of needs params problem added_at"},
    };
    struct table t = {0};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char sql[200];
        snprintf(sql, sizeof(sql), "SELECT name FROM pragma_table_info('%s')",
                 rows[i].view);
        table_want(&t, sql_is(desk.db, sql, rows[i].columns), "%s", rows[i].view);
    }
    table_end(&t);
}

/* One job in each state. */
static void a_whole_night(void)
{
    take_in("july", {"queued", "pay", .minor = 100}, {"sending", "pay", .minor = 200},
            {"following", "pay", .minor = 400}, {"in_doubt", "pay", .minor = 800},
            {"succeeded", "pay", .minor = 1600}, {"failed", "pay", .minor = 3200},
            {"skipped", "pay", .needs = "failed", .minor = 6400},
            {"cancelled", "pay", .minor = 12800},
            {"coin", "pay", .minor = 5, .currency = "btc"},
            {"peso", "pay", .minor = 7, .currency = "clp"});
    desk_send(&desk, "sending");
    desk_done(&desk, "following", JOB_FOLLOWING);
    desk_done(&desk, "in_doubt", JOB_IN_DOUBT);
    desk_done(&desk, "succeeded", JOB_SUCCEEDED);
    desk_done(&desk, "failed", JOB_FAILED);
    desk_move(&desk, "cancelled", JOB_CANCELLED);
}

static void every_cent_stands_in_one_column(void **state)
{
    (void)state;
    a_whole_night();
    assert_sql(desk.db,
               "SELECT currency, declared IS NULL, imported, succeeded, following, "
               "in_doubt, failed, waiting FROM money",
               "btc|1|0.00000005|0.00000000|0.00000000|0.00000000|0.00000000|0.00000005 "
               "clp|1|7|0|0|0|0|7 "
               "usd|1|255.00|16.00|4.00|8.00|224.00|3.00");
    sql_run(desk.db, "UPDATE batch_money SET declared = 25501 WHERE currency = 'usd';"
                     "UPDATE batch_money SET declared = 7 WHERE currency = 'clp'");
    assert_sql(desk.db, "SELECT currency, declared FROM money WHERE declared IS NOT NULL",
               "clp|7 usd|255.01");
}

static void every_job_stands_in_one_count(void **state)
{
    (void)state;
    a_whole_night();
    take_in("august", {"u1"});
    assert_sql(desk.db, "SELECT * FROM progress",
               "july|10|3|0|1|1|1|1|1|1|1 august|1|1|0|0|0|0|0|0|0|0");
}

static void results_tell_the_fate_of_every_row(void **state)
{
    (void)state;
    a_whole_night();
    assert_sql(desk.db,
               "SELECT batch, ref, state, attempts, coalesce(finished_at, '-') FROM "
               "results WHERE ref IN ('queued', 'succeeded', 'skipped')",
               "july|queued|queued|0|- "
               "july|succeeded|succeeded|1|1970-01-01T00:16:40.000Z "
               "july|skipped|skipped|0|1970-01-01T00:16:40.000Z");
    assert_sql(desk.db, "SELECT ref, error FROM failures",
               "failed|the API says no skipped|it needs failed, which is failed");
}

static void a_doubt_tells_what_is_known_and_what_to_type(void **state)
{
    (void)state;
    a_whole_night();
    assert_sql(
        desk.db, "SELECT ref, attempt, sent_at, known, next_command FROM doubts",
        "in_doubt|1|1970-01-01T00:16:40.000Z|no answer was recorded|"
        "remesa resolve in_doubt --succeeded --remote-id ID | --not-sent --reason TEXT");
}

/* The line is there to be copied into a shell, and refs come from files. */
static void a_ref_in_a_command_cannot_be_a_command(void **state)
{
    (void)state;
    take_in("a", {"x;reboot"}, {"$(id)"}, {"it's"});
    desk_done(&desk, "x;reboot", JOB_IN_DOUBT);
    desk_done(&desk, "$(id)", JOB_IN_DOUBT);
    desk_done(&desk, "it's", JOB_IN_DOUBT);
    assert_sql(desk.db,
               "SELECT substr(next_command, 1, instr(next_command, ' --') - 1) FROM "
               "doubts",
               "remesa resolve 'x;reboot' remesa resolve '$(id)' "
               "remesa resolve 'it'\\''s'");
}

static void attempts_are_told_one_by_one(void **state)
{
    (void)state;
    take_in("a", {"a"});
    desk_done(&desk, "a", JOB_QUEUED);
    desk.now.ms += 1500;
    desk_done(&desk, "a", JOB_SUCCEEDED);
    assert_sql(desk.db,
               "SELECT batch, ref, attempt, outcome, http_status, request_id, sends, "
               "elapsed_ms, opened_at, run FROM attempts",
               "a|a|1|not_processed|200|q-1|1|80|1970-01-01T00:16:40.000Z|1 "
               "a|a|2|accepted|200|q-1|1|80|1970-01-01T00:16:41.500Z|1");
}

/* ---- store_read ---- */

struct seen {
    int rows, most;
    char first[200];
};

static bool see(void *ctx, const struct view_row *row)
{
    struct seen *s = ctx;
    if (s->rows++ == 0) {
        const char *ref = view_text(row, "ref");
        const char *batch = view_text(row, "batch");
        snprintf(s->first, sizeof(s->first), "%s", ref ? ref : batch ? batch : "-");
        assert_null(view_text(row, "no such column"));
    }
    return s->most == 0 || s->rows < s->most;
}

static void what_is_read_for_reports(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        enum store_view view;
        const char *key;
        int64_t limit;
        int most, rows;
        const char *first;
    } rows[] = {
        {"progress of all", VIEW_PROGRESS, NULL, 0, 0, 2, "july"},
        {"progress of one", VIEW_PROGRESS, "august", 0, 0, 1, "august"},
        {"progress of none", VIEW_PROGRESS, "nothing", 0, 0, 0, ""},
        {"money", VIEW_MONEY, "july", 0, 0, 3, "july"},
        {"results", VIEW_RESULTS, NULL, 0, 0, 11, "queued"},
        {"some results", VIEW_RESULTS, NULL, 4, 0, 4, "queued"},
        {"until the reader has enough", VIEW_RESULTS, NULL, 0, 3, 3, "queued"},
        {"failures", VIEW_FAILURES, "july", 0, 0, 2, "failed"},
        {"doubts", VIEW_DOUBTS, NULL, 0, 0, 1, "in_doubt"},
        {"a job", VIEW_JOB, "following", 0, 0, 1, "following"},
        {"no job", VIEW_JOB, "nobody", 0, 0, 0, ""},
        {"needs", VIEW_NEEDS, "skipped", 0, 0, 1, "failed"},
        {"attempts", VIEW_ATTEMPTS, "failed", 0, 0, 1, "failed"},
        {"the inbox", VIEW_INBOX, NULL, 0, 0, 1, "bad"},
    };
    struct table t = {0};
    a_whole_night();
    take_in("august", {"u1"});
    sql_run(desk.db, "INSERT INTO inbox (ref, problem) VALUES ('bad', 'no action'), "
                     "('new', NULL)");
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct err err = {.text = ""};
        struct seen seen = {.most = rows[i].most};
        int rc = store_read(desk.store, rows[i].view, rows[i].key, rows[i].limit, see,
                            &seen, &err);
        table_want(&t, rc == 0 && seen.rows == rows[i].rows, "%s: %d rows %s",
                   rows[i].name, seen.rows, err.text);
        table_want(&t, strcmp(seen.first, rows[i].first) == 0, "%s: %s", rows[i].name,
                   seen.first);
    }
    table_end(&t);
}

static bool types(void *ctx, const struct view_row *row)
{
    int *checked = ctx;
    for (int i = 0; i < row->count; i++) {
        const struct view_cell *c = &row->cells[i];
        bool number = strcmp(c->column, "line") == 0 || strcmp(c->column, "unmet") == 0 ||
                      strcmp(c->column, "ready") == 0 ||
                      strcmp(c->column, "attempts") == 0;
        assert_int_equal(c->is_number, number);
        ++*checked;
    }
    assert_string_equal(view_text(row, "line"), "2");
    assert_null(view_text(row, "due_at"));
    assert_null(view_text(row, "http_status"));
    return true;
}

static void numbers_are_told_from_texts(void **state)
{
    (void)state;
    struct err err;
    int checked = 0;
    take_in("a", {"5"});
    assert_int_equal(store_read(desk.store, VIEW_JOB, "5", 0, types, &checked, &err), 0);
    assert_int_equal(checked, 20);
}

static void a_reader_reads_while_the_writer_works(void **state)
{
    (void)state;
    struct err err;
    struct store *reader;
    struct seen seen = {0};
    int64_t counts[JOB_STATE_COUNT];
    a_whole_night();
    assert_int_equal(store_open(&reader, desk.temp.db, STORE_READ, "status", &err), 0);
    assert_int_equal(store_begin(desk.store, &err), 0);
    assert_int_equal(store_read(reader, VIEW_MONEY, NULL, 0, see, &seen, &err), 0);
    assert_int_equal(seen.rows, 3);
    assert_int_equal(store_scope_begin(reader, &err), 0);
    assert_int_equal(store_scope_counts(reader, counts, &err), 0);
    assert_int_equal(counts[JOB_QUEUED], 3);
    store_rollback(desk.store);
    store_close(reader);
}

/* ---- what a run is about ---- */

static int64_t scope_count(enum job_state state)
{
    struct err err;
    int64_t counts[JOB_STATE_COUNT];
    if (store_scope_counts(desk.store, counts, &err))
        fail_msg("%s", err.text);
    return counts[state];
}

static void a_run_is_about_what_is_unfinished_and_what_comes(void **state)
{
    (void)state;
    struct err err;
    take_in("old", {"a"});
    desk_done(&desk, "a", JOB_SUCCEEDED);
    take_in("open", {"b"}, {"c"});
    desk_done(&desk, "b", JOB_FAILED);
    assert_int_equal(store_scope_begin(desk.store, &err), 0);
    take_in("new", {"d"});
    assert_int_equal(scope_count(JOB_SUCCEEDED), 0);
    assert_int_equal(scope_count(JOB_FAILED), 1);
    assert_int_equal(scope_count(JOB_QUEUED), 1);
    assert_int_equal(store_scope_widen(desk.store, &err), 0);
    assert_int_equal(store_scope_widen(desk.store, &err), 0);
    assert_int_equal(scope_count(JOB_QUEUED), 2);
    desk_done(&desk, "c", JOB_SUCCEEDED);
    desk_done(&desk, "d", JOB_SUCCEEDED);
    assert_int_equal(scope_count(JOB_SUCCEEDED), 2); /* still about them */
    assert_int_equal(store_scope_begin(desk.store, &err), 0);
    assert_int_equal(scope_count(JOB_SUCCEEDED), 0);
    assert_int_equal(store_scope_add(desk.store, "old", &err), 0);
    assert_int_equal(store_scope_add(desk.store, "old", &err), 0);
    assert_int_equal(scope_count(JOB_SUCCEEDED), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(the_columns_are_those_that_are_promised),
        test(every_cent_stands_in_one_column),
        test(every_job_stands_in_one_count),
        test(results_tell_the_fate_of_every_row),
        test(a_doubt_tells_what_is_known_and_what_to_type),
        test(a_ref_in_a_command_cannot_be_a_command),
        test(attempts_are_told_one_by_one),
        test(what_is_read_for_reports),
        test(numbers_are_told_from_texts),
        test(a_reader_reads_while_the_writer_works),
        test(a_run_is_about_what_is_unfinished_and_what_comes),
    };
    return cmocka_run_group_tests_name("store: views", tests, NULL, NULL);
}
