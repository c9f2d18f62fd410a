/* Doubts about users, forms and quotes, against lists that a test writes down page by page. */
#include "unit/run/stage.h"

static struct stage stage;

/* What a GET answers, one after the other; the last one again and again. */
static const char *const *lists;
static int asked;
static int list_takes_ms;
static const char *torn_path; /* the first answer of each job to this one is lost */

static int server(void *ctx, struct fake_sent *sent)
{
    if (strcmp(sent->method, "GET") == 0) {
        const char *list = lists[asked];
        if (lists[asked + 1])
            asked++;
        fake_says(&sent->answer, list[0] == '{' ? 200 : 500, list);
        return list_takes_ms;
    }
    if (strcmp(sent->path, torn_path) == 0 && sent->nth == 1) {
        fake_torn(&sent->answer);
        return 1;
    }
    return stage_server(ctx, sent);
}

static int set_up(void **state)
{
    (void)state;
    stage_open(&stage);
    stage.fake.server = server;
    stage.options.find =
        (struct evidence_rules){.first_ms = 5, .settle_ms = 60, .tries = 2};
    asked = 0;
    list_takes_ms = 1;
    torn_path = "/users";
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    stage_close(&stage);
    return 0;
}

#define test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

#define take_in(...)                                                                     \
    desk_import(&stage.desk, NULL, (const struct line[]){__VA_ARGS__},                   \
                COUNT_OF(((const struct line[]){__VA_ARGS__})))

#define USER(n)                                                                          \
    {                                                                                    \
        "u" n, "create_user", .params = "email=u" n "@example.com"                       \
    }

#define ROW(id, email)                                                                   \
    "{\"id\":\"" id "\",\"type\":\"users\",\"attributes\":{\"email\":\"" email "\"}}"
#define LIST(rows) "{\"data\":[" rows "]}"

static void play(const char *const *answers)
{
    lists = answers;
    stage_play(&stage);
    assert_int_equal(stage.result, 0);
}

static int gets(void)
{
    int n = 0;
    for (int i = 0; i < stage.fake.count; i++)
        n += strcmp(stage.fake.sent[i].method, "GET") == 0;
    return n;
}

static void one_row_that_matches_settles_it(void **state)
{
    (void)state;
    static const char *const answers[] = {
        LIST(ROW("7", "other@example.com") "," ROW("8", "U1@example.com")), NULL};
    take_in(USER("1"),
            {"i1", "create_withdrawal_instruction", "u1", .params = "label=x"});
    play(answers);
    assert_int_equal(stage.end, CORE_END_DONE);
    assert_sql(stage.desk.db, "SELECT ref, state FROM job ORDER BY id",
               "u1|succeeded i1|succeeded");
    assert_sql(stage.desk.db, "SELECT remote_id FROM job WHERE ref = 'u1'", "8");
    assert_string_equal(stage_sent(&stage, "i1", 1)->authorization,
                        "canary-key-0123456789; user=8");
    assert_sql(stage.desk.db, "SELECT outcome, rows_seen, evidence FROM look_up",
               "found|2|8");
    assert_true(desk_is_sound(&stage.desk));
}

static void the_key_is_taken_out_of_a_row(void **state)
{
    (void)state;
    static const char *const answers[] = {
        LIST("{\"id\":\"8\",\"type\":\"users\",\"attributes\":{\"email\":\"u1@example."
             "com\","
             "\"echo\":\"canary-key-0123456789\"}}"),
        NULL};
    take_in(USER("1"));
    play(answers);
    assert_true(desk_is(&stage.desk, "u1", JOB_SUCCEEDED));
    assert_sql(stage.desk.db, "SELECT count(*) FROM job WHERE instr(answer, 'canary')",
               "0");
}

static void two_rows_that_match_stop_the_run(void **state)
{
    (void)state;
    static const char *const answers[] = {
        LIST(ROW("8", "u1@example.com") "," ROW("9", "u1@example.com")), NULL};
    take_in(USER("1"));
    play(answers);
    assert_int_equal(stage.end, CORE_END_CONFLICT);
    assert_true(desk_is(&stage.desk, "u1", JOB_IN_DOUBT));
    assert_sql(stage.desk.db, "SELECT outcome, evidence FROM look_up", "several|8 9");
}

static void the_same_row_twice_is_one(void **state)
{
    (void)state;
    static const char *const answers[] = {
        LIST(ROW("8", "u1@example.com") "," ROW("8", "u1@example.com")), NULL};
    take_in(USER("1"));
    play(answers);
    assert_true(desk_is(&stage.desk, "u1", JOB_SUCCEEDED));
}

static void a_row_that_another_job_has_is_not_this_one_s(void **state)
{
    (void)state;
    static const char *const answers[] = {LIST(ROW("55", "u1@example.com")), NULL};
    take_in(USER("0"), USER("1"));
    sql_run(stage.desk.db, "UPDATE job SET remote_id = '55' WHERE ref = 'u0'");
    lists = answers;
    stage_play(&stage);
    assert_sql(stage.desk.db, "SELECT count(*) FROM look_up WHERE outcome = 'found'",
               "0");
}

static int first_get(void)
{
    int i = 0;
    while (i < stage.fake.count && strcmp(stage.fake.sent[i].method, "GET") != 0)
        i++;
    return i;
}

/* Ready jobs fill every LOAD, and still the doubt is looked up long before the queue is empty. */
static void a_long_queue_does_not_starve_it(void **state)
{
    (void)state;
    enum { QUEUE = 200 };
    static const char *const answers[] = {LIST(ROW("8", "u1@example.com")), NULL};
    static struct line lines[QUEUE + 1] = {USER("1")};
    static char words[QUEUE + 1][2][8];
    for (int i = 1; i <= QUEUE; i++) {
        snprintf(words[i][0], sizeof(words[i][0]), "w%d", i);
        snprintf(words[i][1], sizeof(words[i][1]), "#%d", i);
        lines[i] = (struct line){words[i][0], "create_withdrawal_instruction",
                                 words[i][1], .params = "label=x"};
    }
    desk_import(&stage.desk, NULL, lines, QUEUE + 1);
    play(answers);
    assert_sql(stage.desk.db, "SELECT state, count(*) FROM job GROUP BY state",
               "succeeded|201");
    assert_in_range(first_get(), 2, QUEUE / 2);
}

static void it_is_on_the_third_page(void **state)
{
    (void)state;
    static const char *const answers[] = {
        LIST(ROW("1", "a@b.cl") "," ROW("2", "a@b.cl") "," ROW("3", "a@b.cl")),
        LIST(ROW("4", "a@b.cl") "," ROW("5", "a@b.cl") "," ROW("6", "a@b.cl")),
        LIST(ROW("7", "u1@example.com")), NULL};
    take_in(USER("1"));
    play(answers);
    assert_sql(stage.desk.db, "SELECT remote_id FROM job", "7");
    assert_int_equal(gets(), 3);
    assert_sql(stage.desk.db, "SELECT rows_seen FROM look_up", "7");
    assert_non_null(strstr(stage.fake.sent[2].path, "page[page]=2"));
}

/* A server without pages sends the whole list each time. */
static void a_page_that_comes_again_is_the_end(void **state)
{
    (void)state;
    static const char *const answers[] = {
        LIST(ROW("1", "a@b.cl") "," ROW("2", "u1@example.com") "," ROW("3", "a@b.cl")),
        NULL};
    take_in(USER("1"));
    play(answers);
    assert_int_equal(gets(), 2);
    assert_sql(stage.desk.db, "SELECT outcome, rows_seen FROM look_up", "found|3");
}

static void absent_at_last_and_sent_again(void **state)
{
    (void)state;
    static const char *const answers[] = {LIST(""), NULL};
    take_in(USER("1"));
    play(answers);
    assert_true(desk_is(&stage.desk, "u1", JOB_SUCCEEDED));
    assert_sql(stage.desk.db, "SELECT count(*) FROM attempt", "2");
    assert_sql(stage.desk.db, "SELECT outcome FROM look_up ORDER BY id DESC LIMIT 1",
               "absent");
    assert_true(sql_int(stage.desk.db,
                        "SELECT min(l.looked_at - a.closed_at) AS n FROM look_up l "
                        "JOIN attempt a ON a.job_id = l.job_id AND a.number = 1 "
                        "WHERE l.outcome = 'absent'") >= 60);
    assert_true(desk_is_sound(&stage.desk));
}

/* It comes after the settle time, but was asked for before: it need not show what took effect meanwhile. */
static void a_slow_list_counts_from_when_it_was_asked_for(void **state)
{
    (void)state;
    static const char *const answers[] = {LIST(""), LIST(ROW("8", "u1@example.com")),
                                          NULL};
    take_in(USER("1"));
    stage.options.find.tries = 1;
    list_takes_ms = 90;
    play(answers);
    assert_sql(stage.desk.db, "SELECT remote_id FROM job", "8");
    assert_sql(stage.desk.db, "SELECT group_concat(outcome, ' ') FROM look_up",
               "not_there found");
}

static void failed_lists_count_for_nothing(void **state)
{
    (void)state;
    static const char *const answers[] = {
        "<html>", "<html>", LIST(""), "<html>", LIST(ROW("8", "u1@example.com")), NULL};
    take_in(USER("1"));
    stage.options.core.setback_limit = 100;
    play(answers);
    assert_sql(stage.desk.db, "SELECT remote_id FROM job", "8");
    assert_sql(stage.desk.db, "SELECT group_concat(outcome, ' ') FROM look_up",
               "failed failed not_there failed found");
}

static void stop_at_the_list(struct stage *s, const struct fake_sent *sent)
{
    if (strcmp(sent->method, "GET") == 0)
        run_stop(s->run);
}

/* The pages that were not read may show it, once or once more. */
static void a_list_that_the_end_of_the_run_cuts_off_counts_for_nothing(void **state)
{
    (void)state;
    static const char *const firsts[] = {
        LIST(ROW("1", "a@b.cl") "," ROW("2", "a@b.cl") "," ROW("3", "a@b.cl")),
        LIST(ROW("1", "a@b.cl") "," ROW("8", "u1@example.com") "," ROW("3", "a@b.cl")),
    };
    stage.options.find.settle_ms = 0;
    stage.options.find.tries = 1;
    stage.during = stop_at_the_list;
    take_in(USER("1"));
    for (size_t i = 0; i < COUNT_OF(firsts); i++) {
        const char *const answers[] = {firsts[i], NULL};
        asked = 0;
        play(answers);
        assert_int_equal(stage.end, CORE_END_STOPPED);
        assert_true(desk_is(&stage.desk, "u1", JOB_IN_DOUBT));
    }
    assert_sql(stage.desk.db, "SELECT outcome, evidence FROM look_up",
               "failed|the run was ended first failed|the run was ended first");
    stage.during = NULL;
    const char *const whole[] = {firsts[0], LIST(ROW("8", "u1@example.com")), NULL};
    asked = 0;
    play(whole);
    assert_sql(stage.desk.db, "SELECT state, remote_id, attempts FROM job",
               "succeeded|8|1");
}

static void one_list_for_all(void **state)
{
    (void)state;
    static const char *const answers[] = {
        LIST(ROW("8", "u1@example.com") "," ROW("9", "u2@example.com")), NULL};
    take_in(USER("1"), USER("2"));
    stage.options.core.concurrency = 2;
    play(answers);
    assert_sql(stage.desk.db, "SELECT ref, remote_id FROM job ORDER BY id", "u1|8 u2|9");
}

/* The first that asks has nothing older; that a list without u2 is of no worth is u3's to know. */
static void each_has_a_control_of_its_own(void **state)
{
    (void)state;
    static const char *const answers[] = {LIST(ROW("1", "a@b.cl")), NULL};
    take_in(USER("1"), USER("2"), USER("3"));
    sql_run(stage.desk.db, "UPDATE job SET remote_id = '55' WHERE ref = 'u2'");
    play(answers);
    assert_true(desk_is(&stage.desk, "u1", JOB_SUCCEEDED));
    assert_true(desk_is(&stage.desk, "u3", JOB_IN_DOUBT));
    assert_sql(stage.desk.db, "SELECT max(number) FROM attempt WHERE job_id = 3", "1");
}

static void turned_off_nothing_is_looked_up(void **state)
{
    (void)state;
    static const char *const answers[] = {LIST(""), NULL};
    take_in(USER("1"));
    stage.options.find.tries = 0;
    play(answers);
    assert_true(desk_is(&stage.desk, "u1", JOB_IN_DOUBT));
    assert_int_equal(gets(), 0);
}

/* ---- what a list includes, and the one resource ---- */

#define PHONE_OF(n)                                                                      \
    {                                                                                    \
        "f" n, "create_phone_seed", "#594", .params = "number=" n                        \
    }
#define ISSUES(phones, included)                                                         \
    "{\"data\":[{\"id\":\"1\",\"type\":\"issues\",\"relationships\":{\"phone_seeds\":{"  \
    "\"data\":[" phones "]}}}]" included "}"
#define POINTS_AT(id)  "{\"type\":\"phone_seeds\",\"id\":\"" id "\"}"
#define INCLUDED(rows) ",\"included\":[" rows "]"
#define PHONE_ROW(id, digit)                                                             \
    "{\"type\":\"phone_seeds\",\"id\":\"" id "\",\"attributes\":{\"number\":\"" digit    \
    "\"},\"relationships\":{}}"

static int posts(void)
{
    return stage.fake.count - gets();
}

static void what_a_list_includes_settles_it(void **state)
{
    (void)state;
    static const char *const answers[] = {
        ISSUES(POINTS_AT("7"), INCLUDED(PHONE_ROW("7", "1"))), NULL};
    torn_path = "/phone_seeds";
    take_in(PHONE_OF("1"));
    play(answers);
    assert_sql(stage.desk.db, "SELECT state, remote_id, attempts FROM job",
               "succeeded|7|1");
}

/* It took effect: a server that does not include what it names must not make us send it twice. */
static void a_list_that_does_not_include_never_sends_again(void **state)
{
    (void)state;
    static const char *const answers[] = {ISSUES(POINTS_AT("7"), ""), NULL};
    torn_path = "/phone_seeds";
    stage.options.core.setback_limit = 4;
    take_in(PHONE_OF("1"));
    play(answers);
    assert_int_equal(posts(), 1);
    assert_true(desk_is(&stage.desk, "f1", JOB_IN_DOUBT));
    assert_sql(stage.desk.db, "SELECT DISTINCT outcome, evidence FROM look_up",
               "failed|the list names resources that it does not include");
}

static void a_list_that_includes_all_but_ours_sends_again(void **state)
{
    (void)state;
    static const char *const answers[] = {
        ISSUES(POINTS_AT("8"), INCLUDED(PHONE_ROW("8", "2"))), NULL};
    torn_path = "/phone_seeds";
    take_in(PHONE_OF("1"));
    play(answers);
    assert_int_equal(posts(), 2);
    assert_true(desk_is(&stage.desk, "f1", JOB_SUCCEEDED));
}

#define QUOTED(state)                                                                    \
    "{\"data\":{\"id\":\"12\",\"type\":\"concierge_requests\",\"attributes\":{"          \
    "\"state\":"                                                                         \
    "\"" state "\"}}}"

static void the_state_of_a_resource_says_whether_it_was_done(void **state)
{
    (void)state;
    static const struct {
        const char *action, *path, *in_state;
        int sends;
        const char *want;
    } rows[] = {
        {"request_quote", "/concierge_requests/12/request_quote", QUOTED("quoted"), 1,
         "succeeded"},
        {"request_quote", "/concierge_requests/12/request_quote", QUOTED("draft"), 2,
         "following"},
        {"request_quote", "/concierge_requests/12/request_quote", QUOTED(""), 1,
         "in_doubt"},
        {"accept_quote", "/concierge_requests/12/accept_quote", QUOTED("quote_accepted"),
         1, "following"},
        {"accept_quote", "/concierge_requests/12/accept_quote", QUOTED("quoted"), 1,
         "in_doubt"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (i > 0) {
            tear_down(NULL);
            set_up(NULL);
        }
        const char *const answers[] = {rows[i].in_state, NULL};
        torn_path = rows[i].path;
        stage.options.core.setback_limit = 4;
        take_in({"q", rows[i].action, .params = "id=12"});
        play(answers);
        assert_int_equal(posts(), rows[i].sends);
        assert_sql(stage.desk.db, "SELECT state FROM job", rows[i].want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(one_row_that_matches_settles_it),
        test(the_key_is_taken_out_of_a_row),
        test(two_rows_that_match_stop_the_run),
        test(the_same_row_twice_is_one),
        test(a_row_that_another_job_has_is_not_this_one_s),
        test(a_long_queue_does_not_starve_it),
        test(it_is_on_the_third_page),
        test(a_page_that_comes_again_is_the_end),
        test(absent_at_last_and_sent_again),
        test(a_slow_list_counts_from_when_it_was_asked_for),
        test(failed_lists_count_for_nothing),
        test(a_list_that_the_end_of_the_run_cuts_off_counts_for_nothing),
        test(one_list_for_all),
        test(each_has_a_control_of_its_own),
        test(turned_off_nothing_is_looked_up),
        test(what_a_list_includes_settles_it),
        test(a_list_that_does_not_include_never_sends_again),
        test(a_list_that_includes_all_but_ours_sends_again),
        test(the_state_of_a_resource_says_whether_it_was_done),
    };
    return cmocka_run_group_tests_name("run: look-ups", tests, NULL, NULL);
}
