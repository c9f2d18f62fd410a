/* What a person reads in the morning, from the store's views. */
#include "report/status.h"
#include "report/table.h"

#include "lib/check.h"
#include "unit/store/on_desk.h"

/* The caller frees it. */
static char *status(const struct status_options *o, int *rc, struct err *err)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    *rc = status_print(out, desk.store, o, err);
    fclose(out);
    return text;
}

static char *status_of(const char *batch)
{
    const struct status_options o = {"night.db", batch, false, -1, desk.now};
    struct err err;
    int rc;
    char *text = status(&o, &rc, &err);
    assert_int_equal(rc, 0);
    return text;
}

static void has(const char *text, const char *words)
{
    if (!strstr(text, words))
        fail_msg("'%s' is not in:\n%s", words, text);
}

static void has_not(const char *text, const char *words)
{
    if (strstr(text, words))
        fail_msg("'%s' is in:\n%s", words, text);
}

static const struct line payees[] = {
    {"u1"},
    {"p1", .needs = "u1", .minor = 10010, .currency = "usd"},
    {"p2", .minor = 5, .currency = "usd"},
    {"p3", .minor = 7, .currency = "clp"},
};

static void an_empty_database_says_what_to_type(void **state)
{
    (void)state;
    char *text = status_of(NULL);
    has(text, "nothing has been imported yet");
    has(text, "next: remesa import FILE.csv --db night.db");
    free(text);
}

static void a_night_in_the_middle(void **state)
{
    (void)state;
    desk_import(&desk, "july", payees, COUNT_OF(payees));
    desk_done(&desk, "u1", JOB_FAILED);
    desk_done(&desk, "p2", JOB_FOLLOWING);
    char *text = status_of(NULL);
    has(text, "july       4       1     0        0          1         0          0       "
              "1        1");
    has(text, "july   clp              7          0          0         0       0         "
              "0        7     0\n");
    has(text, "100.15"); /* 100.10 + 0.05 */
    has(text, "next: remesa run --db night.db");
    has(text, "next: sqlite3 -box night.db 'SELECT * FROM failures'");
    has(text, "1 is accepted by the API and not final yet");
    has_not(text, "FROM doubts");
    free(text);
}

static void doubts_come_before_everything_else(void **state)
{
    (void)state;
    desk_import(&desk, "july", payees, COUNT_OF(payees));
    desk_send(&desk, "p2");
    desk_answer(&desk, "p2", OUTCOME_IN_DOUBT, JOB_IN_DOUBT);
    char *text = status_of(NULL);
    const char *doubts = strstr(text, "FROM doubts"),
               *run = strstr(text, "next: remesa run");
    assert_non_null(doubts);
    assert_non_null(run);
    assert_true(doubts < run);
    free(text);
}

/* One user, in doubt: what waits behind it cannot start, and `remesa run` would do nothing. */
static void what_waits_for_a_doubt_is_not_called_ready(void **state)
{
    (void)state;
    static const struct line lane[] = {{"a", .on_behalf_of = "#7"},
                                       {"b", .on_behalf_of = "#7"}};
    desk_import(&desk, "july", lane, COUNT_OF(lane));
    desk_send(&desk, "a");
    desk_answer(&desk, "a", OUTCOME_IN_DOUBT, JOB_IN_DOUBT);
    char *text = status_of(NULL);
    has(text, "FROM doubts");
    has_not(text, "next: remesa run");
    free(text);
}

static void a_name_with_blanks_can_be_pasted(void **state)
{
    (void)state;
    const struct status_options o = {"my night.db", NULL, false, -1, desk.now};
    struct err err;
    int rc;
    char *text = status(&o, &rc, &err);
    has(text, "--db 'my night.db'");
    free(text);
}

static void a_done_night_asks_for_nothing(void **state)
{
    (void)state;
    desk_import(&desk, "july", payees, 1);
    desk_done(&desk, "u1", JOB_SUCCEEDED);
    char *text = status_of("july");
    has_not(text, "next:");
    free(text);
}

static void a_batch_that_is_not_there(void **state)
{
    (void)state;
    const struct status_options o = {NULL, "august", false, -1, desk.now};
    struct err err;
    int rc;
    free(status(&o, &rc, &err));
    assert_int_equal(rc, -1);
    assert_int_equal(err.code, ERR_NOINPUT);
    assert_non_null(strstr(err.text, "august"));
}

static void long_and_wild_texts_stay_in_their_column(void **state)
{
    (void)state;
    static const struct line wild[] = {{"r\xc3\xa9"}, {"x"}};
    desk_import(&desk, "july", wild, COUNT_OF(wild));
    desk_done(&desk, "x", JOB_FAILED);
    char *text = NULL;
    size_t len = 0;
    struct err err;
    FILE *out = open_memstream(&text, &len);
    static const char *const columns[] = {"ref", "state", NULL};
    assert_int_equal(table_print(out, desk.store, VIEW_RESULTS, NULL, 0, columns, &err),
                     2);
    fclose(out);
    assert_string_equal(text, "ref  state\nr\xc3\xa9   queued\nx    failed\n");
    free(text);
}

static void as_json_it_has_the_documented_members(void **state)
{
    (void)state;
    desk_import(&desk, "july", payees, COUNT_OF(payees));
    const struct status_options o = {NULL, NULL, true, 3, desk.now};
    struct err err;
    int rc;
    char *text = status(&o, &rc, &err);
    assert_int_equal(rc, 0);
    has(text,
        ",\"exit_status\":3,\"progress\":[{\"batch\":\"july\",\"total\":4,\"queued\":4,");
    has(text,
        "{\"version\":1,\"as_of\":\"1970-01-01T00:16:40.000Z\",\"running\":{\"run\":1,");
    has(text, "\"payments\":{\"total\":3,\"queued\":3,");
    has(text, "\"money\":[{\"batch\":\"july\",\"currency\":\"clp\",\"declared\":null,");
    has(text, "\"failures\":[],\"doubts\":[],\"holds\":[],\"approvals\":[],"
              "\"proposals\":[],\"unbalanced\":[]}\n");
    free(text);
}

/* One of july by a cent; august is well. */
static void import_and_tamper(void)
{
    desk_import(&desk, "ju\x1bly", payees, COUNT_OF(payees));
    desk_import(&desk, "august", &(struct line){"z", .minor = 1, .currency = "clp"}, 1);
    sql_run(desk.db, "UPDATE batch_money SET imported = 10014 WHERE currency = 'usd'");
}

static void what_does_not_balance_is_said_first(void **state)
{
    (void)state;
    import_and_tamper();
    char *text = status_of(NULL);
    static const char want[] =
        "WARNING: the money does not balance: batch ju\\x1bly: imported 100.14 usd, its "
        "jobs come to 100.15: 0.01 more\nnext: remesa audit --db night.db";
    if (strncmp(text, want, strlen(want)) != 0)
        fail_msg("%s", text);
    free(text);
}

static void another_batch_is_not_suspected(void **state)
{
    (void)state;
    import_and_tamper();
    char *text = status_of("august");
    has_not(text, "WARNING");
    free(text);
}

static void what_does_not_balance_as_json(void **state)
{
    (void)state;
    const struct status_options o = {NULL, NULL, true, 4, desk.now};
    struct err err;
    int rc;
    import_and_tamper();
    char *text = status(&o, &rc, &err);
    has(text, ",\"unbalanced\":[{\"batch\":\"ju\\u001bly\",\"currency\":\"usd\",\"kind\":"
              "\"imported\",\"wanted\":\"100.14\",\"found\":\"100.15\",\"difference\":"
              "\"0.01\"}]}\n");
    free(text);
}

static char *job(const char *ref, bool json, int *rc, struct err *err)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    *rc = status_print_job(out, desk.store, ref, json, err);
    fclose(out);
    return text;
}

static void one_job_with_its_needs_and_attempts(void **state)
{
    (void)state;
    struct err err;
    int rc;
    desk_import(&desk, "july", payees, COUNT_OF(payees));
    desk_done(&desk, "u1", JOB_FAILED);
    char *text = job("p1", false, &rc, &err);
    assert_int_equal(rc, 0);
    has(text, "state         skipped");
    has(text, "u1   failed");
    has(text, "none yet");
    free(text);
    text = job("u1", true, &rc, &err);
    has(text, "\"attempts\":[{");
    free(text);
    free(job("nobody", false, &rc, &err));
    assert_int_equal(rc, -1);
    assert_int_equal(err.code, ERR_NOINPUT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(an_empty_database_says_what_to_type),
        test(a_night_in_the_middle),
        test(doubts_come_before_everything_else),
        test(what_waits_for_a_doubt_is_not_called_ready),
        test(a_name_with_blanks_can_be_pasted),
        test(a_done_night_asks_for_nothing),
        test(a_batch_that_is_not_there),
        test(long_and_wild_texts_stay_in_their_column),
        test(as_json_it_has_the_documented_members),
        test(what_does_not_balance_is_said_first),
        test(another_batch_is_not_suspected),
        test(what_does_not_balance_as_json),
        test(one_job_with_its_needs_and_attempts),
    };
    return cmocka_run_group_tests_name("status", tests, NULL, NULL);
}
