#include "model/ref.h"
#include "unit/store/on_desk.h"

static void rows_become_jobs_of_a_batch(void **state)
{
    (void)state;
    struct import_result r =
        take_in("july", {"u1"}, {"p1", "pay", "u1", NULL, 1250, "usd", "x"});
    assert_string_equal(r.batch, "july");
    assert_int_equal(r.jobs, 2);
    assert_int_equal(r.known, 0);
    assert_true(r.batch_id > 0);
    assert_int_equal(strlen(r.sha256), 64);
    assert_sql(desk.db, "SELECT name, source, jobs, imported_at FROM batch",
               "july|/home/ana/pay.csv|2|1000000");
    assert_sql(desk.db,
               "SELECT ref, line, action, on_behalf_of, needs, params, currency, minor, "
               "state, unmet, ready FROM job ORDER BY id",
               "u1|2|create_user|||{}|||queued|0|1 "
               "p1|3|pay|u1|u1|{\"note\":\"x\"}|usd|1250|queued|1|0");
    assert_true(desk_is_sound(&desk));
}

static void the_same_rows_again_change_nothing(void **state)
{
    (void)state;
    static const struct line lines[] = {
        {"u1"}, {"p1", "pay", "u1", NULL, 1250, "usd", "x"}, {"p2", "pay", "u1"}};
    struct import_result first = desk_import(&desk, "july", lines, 3);
    desk_done(&desk, "u1", JOB_SUCCEEDED);
    char *before = sql_text(desk.db, "SELECT * FROM job ORDER BY id");
    struct import_result again = desk_import(&desk, "july", lines, 3);
    assert_int_equal(again.batch_id, 0);
    assert_int_equal(again.jobs, 0);
    assert_int_equal(again.known, 3);
    assert_string_equal(again.batch, "july");
    assert_string_equal(again.sha256, first.sha256);
    again = desk_import(&desk, "another name", lines, 3);
    assert_string_equal(again.batch, "july");
    assert_sql(desk.db, "SELECT * FROM job ORDER BY id", before);
    assert_sql(desk.db, "SELECT count(*) FROM batch", "1");
    assert_sql(desk.db, "SELECT imported FROM batch_money", "1250");
    free(before);
}

static void a_file_that_grew_brings_its_new_rows(void **state)
{
    (void)state;
    take_in("july", {"u1"}, {"u2"});
    struct import_result r =
        take_in("july-late", {"u1"}, {"u2"}, {"u3", .needs = "u1", .minor = 500});
    assert_int_equal(r.jobs, 1);
    assert_int_equal(r.known, 2);
    assert_string_equal(r.batch, "july-late");
    assert_sql(desk.db, "SELECT name, jobs FROM batch ORDER BY id", "july|2 july-late|1");
    assert_true(desk_is_sound(&desk));
}

static void a_known_ref_with_another_content_is_told_what_differs(void **state)
{
    (void)state;
    static const struct {
        struct line line;
        const char *says;
    } rows[] = {
        {{"p1", "pay_more", "u1", NULL, 1250, "usd", "x"}, "(action)"},
        {{"p1", "pay", "u2", "u1", 1250, "usd", "x"}, "(on_behalf_of)"},
        {{"p1", "pay", "u1", "u2", 1250, "usd", "x"}, "(needs)"},
        {{"p1", "pay", "u1", NULL, 1250, "usd", "y"}, "(values)"},
    };
    struct table t = {0};
    take_in("july", {"u1"}, {"u2"}, {"p1", "pay", "u1", NULL, 1250, "usd", "x"});
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct line lines[] = {{"new"}, rows[i].line};
        struct import_result out;
        assert_int_equal(desk_try_import(&desk, "august", lines, 2, &out), 0);
        const char *said = desk.complaints.data;
        table_want(&t, out.complaints == 1 && out.batch_id == 0, "%s: %d complaints",
                   rows[i].says, (int)out.complaints);
        table_want(&t,
                   strstr(said, rows[i].says) && strstr(said, "line 3 ref") &&
                       strstr(said, "'july' (line 4)"),
                   "%s: %s", rows[i].says, said);
        table_want(&t, sql_int(desk.db, "SELECT count(*) AS n FROM job") == 3,
                   "%s: all or nothing", rows[i].says);
    }
    table_end(&t);
}

static void a_ref_twice_in_one_file_is_told_with_both_lines(void **state)
{
    (void)state;
    static const struct line lines[] = {{"u1"}, {"u2"}, {"u1"}};
    struct import_result out;
    assert_int_equal(desk_try_import(&desk, "july", lines, 3, &out), 0);
    assert_int_equal(out.complaints, 1);
    assert_int_equal(out.batch_id, 0);
    assert_non_null(strstr(desk.complaints.data, "line 4 ref: "));
    assert_non_null(strstr(desk.complaints.data, "'u1' stands on line 2"));
    assert_sql(desk.db, "SELECT count(*) FROM job", "0");
    assert_sql(desk.db, "SELECT count(*) FROM batch", "0");
}

static void every_fault_is_told_in_one_pass(void **state)
{
    (void)state;
    static const struct line lines[] = {
        {"a", .needs = "nobody"},
        {"b"},
        {"b"},
        {"c", .needs = "c"},
    };
    struct import_result out;
    assert_int_equal(desk_try_import(&desk, "july", lines, 4, &out), 0);
    assert_int_equal(out.complaints, 3);
    assert_non_null(strstr(desk.complaints.data, "'nobody'"));
    assert_non_null(strstr(desk.complaints.data, "'b'"));
    assert_non_null(strstr(desk.complaints.data, "'c'"));
    assert_sql(desk.db, "SELECT count(*) FROM job", "0");
}

static void complaints_from_elsewhere_undo_everything_too(void **state)
{
    (void)state;
    struct err err;
    struct import_result out;
    struct import_options options = {"july", "pay.csv", NULL, NULL};
    struct row row;
    row_init(&row);
    row.ref = mem_text("u1");
    row.action = mem_text("create_user");
    assert_int_equal(store_import_begin(desk.store, &options, desk.now, &err), 0);
    assert_int_equal(store_import_row(desk.store, &row, &err), 0);
    assert_int_equal(store_import_finish(desk.store, 1, &out, &err), 0);
    row_close(&row);
    assert_int_equal(out.batch_id, 0);
    assert_sql(desk.db, "SELECT count(*) FROM job", "0");
    take_in("july", {"u1"}); /* and the next import is not in its way */
}

static void an_import_given_up_leaves_nothing(void **state)
{
    (void)state;
    struct err err;
    struct import_options options = {"july", "pay.csv", NULL, NULL};
    assert_int_equal(store_import_begin(desk.store, &options, desk.now, &err), 0);
    store_import_abort(desk.store);
    assert_sql(desk.db, "SELECT count(*) FROM batch", "0");
    assert_int_equal(store_import_begin(desk.store, &options, desk.now, &err), 0);
    desk_reopen(&desk); /* in the middle of it */
    assert_sql(desk.db, "SELECT count(*) FROM batch", "0");
}

/* ---- names ---- */

static void a_batch_is_named_after_its_file_and_numbered(void **state)
{
    (void)state;
    assert_string_equal(take_in(NULL, {"u1"}).batch, "pay.csv");
    assert_string_equal(take_in(NULL, {"u2"}).batch, "pay.csv-2");
    assert_string_equal(take_in(NULL, {"u3"}).batch, "pay.csv-3");
}

static void a_name_that_is_too_long_is_refused(void **state)
{
    (void)state;
    char name[400];
    struct import_result out;
    memset(name, 'n', sizeof(name));
    name[sizeof(name) - 1] = '\0';
    assert_int_equal(desk_try_import(&desk, name, &(struct line){"u1"}, 1, &out), -1);
    assert_sql(desk.db, "SELECT count(*) FROM batch", "0");
    name[BATCH_NAME_MAX - 16] = '\0';
    assert_string_equal(take_in(name, {"u1"}).batch, name);
}

/* ---- sums and digests ---- */

static void money_is_added_up_by_currency_in_exact_units(void **state)
{
    (void)state;
    take_in("july", {"a", .minor = 10}, {"b", .minor = 20},
            {"c", .minor = 1, .currency = "btc"},
            {"d", .minor = 250000000000, .currency = "clp"},
            {"e", .minor = INT64_C(9007199254740993), .currency = "ars"});
    assert_sql(desk.db,
               "SELECT currency, places, unit, imported FROM batch_money ORDER BY "
               "currency",
               "ars|2|100|9007199254740993 btc|8|100000000|1 clp|0|1|250000000000 "
               "usd|2|100|30");
    assert_sql(desk.db, "SELECT currency, imported, waiting, failed FROM money",
               "ars|90071992547409.93|90071992547409.93|0.00 "
               "btc|0.00000001|0.00000001|0.00000000 clp|250000000000|250000000000|0 "
               "usd|0.30|0.30|0.00");
}

static void a_sum_that_does_not_fit_is_refused_whole(void **state)
{
    (void)state;
    static const struct line lines[] = {{"a", .minor = INT64_MAX}, {"b", .minor = 1}};
    struct import_result out = {0};
    int rc = desk_try_import(&desk, "july", lines, 2, &out);
    assert_true(rc == -1 || out.complaints > 0);
    assert_sql(desk.db, "SELECT count(*) FROM job", "0");
}

static void the_digest_is_that_of_the_rows(void **state)
{
    (void)state;
    static const struct line base[] = {{"u1"}, {"p1", "pay", "u1", "u1", 5, "usd", "x"}};
    static const struct {
        const char *name;
        struct line first, second;
        bool same;
    } rows[] = {
        {"the same", {"u1"}, {"p1", "pay", "u1", "u1", 5, "usd", "x"}, true},
        {"one byte", {"u1"}, {"p1", "pay", "u1", "u1", 5, "usd", "y"}, false},
        {"another ref", {"u1"}, {"p2", "pay", "u1", "u1", 5, "usd", "x"}, false},
        {"another action", {"u1"}, {"p1", "paz", "u1", "u1", 5, "usd", "x"}, false},
        {"the master", {"u1"}, {"p1", "pay", NULL, "u1", 5, "usd", "x"}, false},
        {"no need", {"u1"}, {"p1", "pay", "#1", NULL, 5, "usd", "x"}, false},
        {"another order", {"p1", "pay", "u1", "u1", 5, "usd", "x"}, {"u1"}, false},
    };
    struct table t = {0};
    char want[SHA256_HEX_MAX];
    snprintf(want, sizeof(want), "%s", desk_import(&desk, "july", base, 2).sha256);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct line lines[] = {rows[i].first, rows[i].second};
        struct desk other;
        desk_open(&other);
        struct import_result r = desk_import(&other, "another name", lines, 2);
        table_want(&t, (strcmp(r.sha256, want) == 0) == rows[i].same, "%s: %s",
                   rows[i].name, r.sha256);
        desk_close(&other);
    }
    table_end(&t);
}

static void a_row_that_is_too_long_is_told(void **state)
{
    (void)state;
    size_t size = 5 * 1024 * 1024;
    char *note = mem_zero(size, 1);
    struct import_result out;
    memset(note, 'x', size - 1);
    assert_int_equal(
        desk_try_import(&desk, "july", &(struct line){"u1", .note = note}, 1, &out), 0);
    assert_int_equal(out.complaints, 1);
    assert_non_null(strstr(desk.complaints.data, "line 2 -: "));
    assert_sql(desk.db, "SELECT count(*) FROM job", "0");
    free(note);
}

/* The quote of a CrossBorder request waits for a thousand outputs. */
static void a_job_may_need_a_thousand_others_with_long_refs(void **state)
{
    (void)state;
    enum { OTHERS = 1000 };
    static char refs[OTHERS][REF_MAX_BYTES + 1];
    static struct line lines[OTHERS + 1];
    struct buf needs;
    buf_init(&needs, 1024 * 1024);
    for (int i = 0; i < OTHERS; i++) {
        snprintf(refs[i], sizeof(refs[i]), "%0*d", REF_MAX_BYTES, i);
        buf_printf(&needs, "?%s ", refs[i]);
        lines[i] = (struct line){refs[i]};
    }
    lines[OTHERS] = (struct line){"quote", .needs = needs.data};
    desk_import(&desk, "july", lines, OTHERS + 1);
    assert_sql(desk.db, "SELECT unmet, length(needs) FROM job WHERE ref = 'quote'",
               "1000|129999");
    buf_close(&needs);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(rows_become_jobs_of_a_batch),
        test(a_job_may_need_a_thousand_others_with_long_refs),
        test(the_same_rows_again_change_nothing),
        test(a_file_that_grew_brings_its_new_rows),
        test(a_known_ref_with_another_content_is_told_what_differs),
        test(a_ref_twice_in_one_file_is_told_with_both_lines),
        test(every_fault_is_told_in_one_pass),
        test(complaints_from_elsewhere_undo_everything_too),
        test(an_import_given_up_leaves_nothing),
        test(a_batch_is_named_after_its_file_and_numbered),
        test(a_name_that_is_too_long_is_refused),
        test(money_is_added_up_by_currency_in_exact_units),
        test(a_sum_that_does_not_fit_is_refused_whole),
        test(the_digest_is_that_of_the_rows),
        test(a_row_that_is_too_long_is_told),
    };
    return cmocka_run_group_tests_name("store: import", tests, NULL, NULL);
}
