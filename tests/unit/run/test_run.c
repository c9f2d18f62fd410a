#include <sqlite3.h>

#include "api/catalogue.h"
#include "db/internal.h"
#include "unit/run/stage.h"

static struct stage stage;

static int set_up(void **state)
{
    (void)state;
    stage_open(&stage);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    stage_close(&stage);
    return 0;
}

#define take_in(...)                                                                     \
    desk_import(&stage.desk, NULL, (const struct line[]){__VA_ARGS__},                   \
                COUNT_OF(((const struct line[]){__VA_ARGS__})))

#define assert_is(ref, state) assert_true(desk_is(&stage.desk, (ref), (state)))

/* A payee: the user, where the money goes, the payout. */
#define USER(n)                                                                          \
    {                                                                                    \
        "u" n, "create_user", .params = "email=u" n "@example.com"                       \
    }
#define INSTRUCTION(n)                                                                   \
    {                                                                                    \
        "i" n, "create_withdrawal_instruction", "u" n, .params = "label=i" n             \
    }
#define PAYOUT(n)                                                                        \
    {                                                                                    \
        "p" n, "create_cash_withdrawal", "u" n, "i" n, 1250,                             \
            .params = "amount=12.50 fiat_code=usd withdrawal_instruction=@i" n           \
    }

static void a_payee_is_made_instructed_and_paid(void **state)
{
    (void)state;
    take_in(USER("1"), INSTRUCTION("1"), PAYOUT("1"));
    stage_play(&stage);
    assert_int_equal(stage.result, 0);
    assert_int_equal(stage.end, CORE_END_DONE);
    assert_is("u1", JOB_SUCCEEDED);
    assert_is("i1", JOB_SUCCEEDED);
    assert_is("p1", JOB_FOLLOWING); /* "received" is no final state */
    assert_int_equal(stage.fake.count, 3);
    assert_string_equal(stage_sent(&stage, "u1", 1)->authorization,
                        "canary-key-0123456789");
    assert_string_equal(stage_sent(&stage, "i1", 1)->authorization,
                        "canary-key-0123456789; user=1");
    const struct fake_sent *payout = stage_sent(&stage, "p1", 1);
    assert_string_equal(payout->path, "/cash_withdrawals");
    assert_non_null(strstr(payout->body, "\"amount\":12.50"));
    assert_non_null(strstr(payout->body, "\"id\":\"2\"")); /* the instruction's */
    assert_int_equal(stage.too_early, 0);
    assert_int_equal(stage.counts.sent, 3);
    assert_int_equal(stage.counts.moved[JOB_SUCCEEDED], 2);
    assert_int_equal(stage.counts.in_flight, 0);
    assert_sql(stage.desk.db, "SELECT remote_id, remote_state FROM job WHERE ref = 'p1'",
               "3|received");
    assert_true(desk_is_sound(&stage.desk));
}

static void nothing_leaves_before_it_is_on_disk(void **state)
{
    (void)state;
    take_in(USER("1"), USER("2"), USER("3"), USER("4"), USER("5"), INSTRUCTION("1"),
            INSTRUCTION("2"), INSTRUCTION("3"), INSTRUCTION("4"), INSTRUCTION("5"),
            PAYOUT("1"), PAYOUT("2"), PAYOUT("3"), PAYOUT("4"), PAYOUT("5"));
    stage_play(&stage);
    assert_int_equal(stage.fake.count, 15);
    assert_int_equal(stage.too_early, 0);
    assert_int_equal(stage.counts.moved[JOB_FOLLOWING], 5);
    assert_true(desk_is_sound(&stage.desk));
}

/* ---- answers of other kinds ---- */

static int rejects_users(void *ctx, struct fake_sent *sent)
{
    if (strcmp(sent->path, "/users") != 0)
        return stage_server(ctx, sent);
    fake_says(&sent->answer, 422,
              "{\"errors\":[{\"title\":\"Invalid\",\"detail\":\"email is taken\"}]}");
    return 1;
}

static void what_is_rejected_fails_and_takes_its_dependants_along(void **state)
{
    (void)state;
    take_in(USER("1"), INSTRUCTION("1"), PAYOUT("1"));
    stage.fake.server = rejects_users;
    stage_play(&stage);
    assert_int_equal(stage.end, CORE_END_DONE);
    assert_is("u1", JOB_FAILED);
    assert_is("i1", JOB_SKIPPED);
    assert_is("p1", JOB_SKIPPED);
    assert_int_equal(stage.fake.count, 1);
    assert_int_equal(stage.counts.skipped, 2);
    char *error = sql_text(stage.desk.db, "SELECT error FROM job WHERE ref = 'u1'");
    assert_non_null(strstr(error, "email is taken"));
    free(error);
}

static int tears_payouts(void *ctx, struct fake_sent *sent)
{
    if (strcmp(sent->path, "/cash_withdrawals") != 0)
        return stage_server(ctx, sent);
    fake_torn(&sent->answer);
    return 1;
}

static void a_torn_payout_is_in_doubt_and_not_sent_again(void **state)
{
    (void)state;
    take_in(USER("1"), INSTRUCTION("1"), PAYOUT("1"));
    stage.fake.server = tears_payouts;
    stage_play(&stage);
    assert_is("p1", JOB_IN_DOUBT);
    assert_int_equal(stage_sends(&stage, "p1"), 1);
    stage_play(&stage); /* and not by the next run either */
    assert_is("p1", JOB_IN_DOUBT);
    assert_int_equal(stage_sends(&stage, "p1"), 1);
}

/* As if the server had counted its bytes wrongly. */
static int halves_payouts(void *ctx, struct fake_sent *sent)
{
    if (strcmp(sent->path, "/cash_withdrawals") != 0)
        return stage_server(ctx, sent);
    fake_says(&sent->answer, 200, "{\"data\":{\"id\":");
    return 1;
}

static void the_connection_of_a_whole_answer_in_doubt_is_distrusted(void **state)
{
    (void)state;
    static const struct {
        fake_server_fn *server;
        enum job_state payout;
        int distrusts;
    } cases[] = {
        {stage_server, JOB_FOLLOWING, 0},
        {tears_payouts, JOB_IN_DOUBT, 0}, /* its connection has ended */
        {rejects_users, JOB_SKIPPED, 0},
        {halves_payouts, JOB_IN_DOUBT, 1},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        tear_down(state);
        set_up(state);
        take_in(USER("1"), INSTRUCTION("1"), PAYOUT("1"));
        stage.fake.server = cases[i].server;
        stage_play(&stage);
        assert_is("p1", cases[i].payout);
        assert_int_equal(stage.fake.distrusts, cases[i].distrusts);
    }
}

static int tears_once(void *ctx, struct fake_sent *sent)
{
    if (sent->nth > 1)
        return stage_server(ctx, sent);
    fake_torn(&sent->answer);
    return 1;
}

/* One torn, one whole, so that it is not taken for a sick server. */
static int tears_forty_once(void *ctx, struct fake_sent *sent)
{
    struct stage *s = ctx;
    if (sent->tag <= 80 && sent->tag % 2 == 0 && sent->nth == 1) {
        fake_torn(&sent->answer);
        return 1;
    }
    return stage_server(s, sent);
}

static void a_torn_read_is_made_again(void **state)
{
    (void)state;
    take_in({"r1", "get_user", .params = "id=1"});
    stage.fake.server = tears_once;
    stage_play(&stage);
    assert_is("r1", JOB_SUCCEEDED);
    assert_int_equal(stage_sends(&stage, "r1"), 2);
    assert_sql(stage.desk.db, "SELECT number, outcome FROM attempt ORDER BY number",
               "1|in_doubt 2|accepted");
}

/* More torn reads than the budget of repeats allows: the rest of them come after all the others. */
static void torn_reads_are_no_more_than_their_part(void **state)
{
    (void)state;
    enum { TORN = 40, OTHERS = 120 };
    static struct line lines[TORN + OTHERS];
    static char refs[TORN + OTHERS][8];
    for (int i = 0; i < TORN + OTHERS; i++) {
        snprintf(refs[i], sizeof(refs[i]), "r%d", i);
        lines[i] = (struct line){refs[i], "get_user", .params = "id=1"};
    }
    desk_import(&stage.desk, NULL, lines, TORN + OTHERS);
    stage.options.core.setback_limit = 99;
    stage.fake.server = tears_forty_once;
    stage_play(&stage);
    int again = 0, seen = 0;
    for (int i = 0; i < stage.fake.count && seen < TORN + OTHERS; i++) {
        again += stage.fake.sent[i].nth > 1;
        seen += stage.fake.sent[i].nth == 1;
    }
    assert_int_equal(stage.fake.count, 2 * TORN + OTHERS);
    assert_in_range(again, 5, 10);
}

static int refuses_twice(void *ctx, struct fake_sent *sent)
{
    if (sent->nth > 2)
        return stage_server(ctx, sent);
    if (sent->nth == 1)
        fake_not_sent(&sent->answer);
    else
        fake_says(&sent->answer, 429, "{\"error\":\"too many requests\"}");
    return 1;
}

static void what_was_not_processed_is_sent_again(void **state)
{
    (void)state;
    stage.options.core.concurrency = 1;
    take_in(USER("1"));
    stage.fake.server = refuses_twice;
    stage_play(&stage);
    assert_is("u1", JOB_SUCCEEDED);
    assert_int_equal(stage_sends(&stage, "u1"), 3);
    assert_int_equal(stage.too_early, 0);
}

static int refuses_the_key(void *ctx, struct fake_sent *sent)
{
    (void)ctx;
    fake_says(&sent->answer, 401, "{\"error\":\"unauthorized\"}");
    return 1;
}

static void a_refused_key_ends_the_run_with_every_job_kept(void **state)
{
    (void)state;
    take_in(USER("1"), USER("2"), USER("3"), USER("4"), USER("5"), USER("6"));
    stage.fake.server = refuses_the_key;
    stage_play(&stage);
    assert_int_equal(stage.end, CORE_END_KEY);
    assert_int_equal(
        sql_int(stage.desk.db, "SELECT count(*) AS n FROM job WHERE state = 'queued'"),
        6);
    assert_true(stage.fake.count <= 4);
}

static void an_action_that_the_catalogue_has_lost_fails_its_jobs_only(void **state)
{
    (void)state;
    take_in({"x1", "make_coffee"}, {"x2", "make_coffee"}, {"x3", "make_coffee"},
            USER("1"), {"x4", "make_coffee"}, {"x5", "make_coffee"});
    stage_play(&stage);
    assert_int_equal(stage.result, 0);
    assert_is("u1", JOB_SUCCEEDED);
    assert_is("x1", JOB_FAILED);
    assert_is("x5", JOB_FAILED);
    assert_sql(stage.desk.db, "SELECT DISTINCT error FROM job WHERE state = 'failed'",
               "the catalogue has no action 'make_coffee' (any more)");
    assert_int_equal(stage.fake.count, 1);
    assert_true(desk_is_sound(&stage.desk));
}

/* ---- ending early ---- */

static void stop_at_the_first(struct stage *s, const struct fake_sent *sent)
{
    (void)sent;
    if (s->fake.count == 1)
        run_stop(s->run);
}

static void stop_waits_for_what_is_out(void **state)
{
    (void)state;
    take_in(USER("1"), USER("2"), INSTRUCTION("1"));
    stage.options.core.concurrency = 1;
    stage.during = stop_at_the_first;
    stage_play(&stage);
    assert_int_equal(stage.end, CORE_END_STOPPED);
    assert_is("u1", JOB_SUCCEEDED);
    assert_is("u2", JOB_QUEUED);
    assert_is("i1", JOB_QUEUED);
    stage.during = NULL;
    stage_play(&stage); /* the same command goes on */
    assert_int_equal(stage.end, CORE_END_DONE);
    assert_is("i1", JOB_SUCCEEDED);
    assert_int_equal(stage_sends(&stage, "u1"), 1);
}

static int hangs(void *ctx, struct fake_sent *sent)
{
    (void)ctx, (void)sent;
    return -1;
}

static void abort_soon(uv_timer_t *timer)
{
    struct stage *s = timer->data;
    run_abort(s->run);
    uv_close((uv_handle_t *)timer, NULL);
}

static void an_abort_tears_what_is_out(void **state)
{
    (void)state;
    uv_timer_t timer;
    take_in(USER("1"), USER("2"), {"r1", "get_user", .params = "id=1"}, USER("3"),
            USER("4"));
    stage.fake.server = hangs;
    uv_timer_init(&stage.loop, &timer);
    timer.data = &stage;
    uv_timer_start(&timer, abort_soon, 100, 0);
    stage_play(&stage);
    assert_int_equal(stage.end, CORE_END_STOPPED);
    assert_is("u1", JOB_IN_DOUBT);
    assert_is("u2", JOB_IN_DOUBT);
    assert_is("u3", JOB_IN_DOUBT);
    assert_is("r1", JOB_QUEUED);
    assert_is("u4", JOB_QUEUED); /* was never opened */
    assert_true(desk_is_sound(&stage.desk));
}

static void abort_at_the_first(struct stage *s, const struct fake_sent *sent)
{
    (void)sent;
    if (s->fake.count == 1)
        run_abort(s->run);
}

/* Four were opened with one commit; the abort comes as the first of them goes out. */
static void an_abort_keeps_back_what_was_opened_and_not_yet_sent(void **state)
{
    (void)state;
    take_in(USER("1"), USER("2"), USER("3"), USER("4"), USER("5"));
    stage.fake.server = hangs;
    stage.during = abort_at_the_first;
    stage_play(&stage);
    assert_int_equal(stage.end, CORE_END_STOPPED);
    assert_int_equal(stage.fake.count, 1);
    assert_is("u1", JOB_IN_DOUBT);
    assert_is("u2", JOB_QUEUED);
    assert_sql(stage.desk.db, "SELECT outcome, sends FROM attempt ORDER BY id",
               "in_doubt|1 not_sent|0 not_sent|0 not_sent|0");
    assert_true(desk_is_sound(&stage.desk));
}

static void a_deadline_is_kept(void **state)
{
    (void)state;
    struct line lines[100];
    char refs[100][16], emails[100][40];
    for (int i = 0; i < 100; i++) {
        snprintf(refs[i], sizeof(refs[i]), "v%d", i);
        snprintf(emails[i], sizeof(emails[i]), "email=v%d@example.com", i);
        lines[i] = (struct line){refs[i], "create_user", .params = emails[i]};
    }
    desk_import(&stage.desk, NULL, lines, 100);
    uv_update_time(&stage.loop);
    stage.options.core.milli_rate = 50000;
    stage.options.stop_after_ms = 400;
    stage_play(&stage);
    assert_int_equal(stage.end, CORE_END_STOPPED);
    assert_in_range(stage.fake.count, 5, 30);
}

/* The loop's own clock stands still while the program reads a long file. */
static void a_deadline_counts_from_the_start_of_the_run(void **state)
{
    (void)state;
    take_in(USER("1"));
    uv_update_time(&stage.loop);
    usleep(300000);
    stage.options.stop_after_ms = 200;
    stage_play(&stage);
    assert_int_equal(stage.end, CORE_END_DONE);
    assert_is("u1", JOB_SUCCEEDED);
}

/* ---- a life after death ---- */

static void a_run_that_died_is_gone_on_with(void **state)
{
    (void)state;
    take_in(USER("1"), {"r1", "get_user", .params = "id=1"}, USER("2"), INSTRUCTION("1"));
    desk_send(&stage.desk, "u1"); /* an earlier run opened these, and died */
    desk_send(&stage.desk, "r1");
    desk_reopen(&stage.desk);
    stage_play(&stage);
    assert_is("u1", JOB_IN_DOUBT);
    assert_int_equal(stage_sends(&stage, "u1"), 0);
    assert_is("r1", JOB_SUCCEEDED);
    assert_is("u2", JOB_SUCCEEDED);
    assert_is("i1", JOB_QUEUED); /* its user may exist, or not */
    assert_true(desk_is_sound(&stage.desk));
}

/* ---- rows of other programs ---- */

static int64_t bring_two(void *ctx, struct err *err)
{
    int *calls = ctx;
    (void)err;
    if ((*calls)++ > 0)
        return 0;
    take_in(USER("8"), USER("9"));
    return 2;
}

/* The first answer takes its time, so that the run is still there when a row comes. */
static int slow_at_first(void *ctx, struct fake_sent *sent)
{
    stage_server(ctx, sent);
    return stage.fake.count == 1 ? 2500 : 1;
}

static void write_to_the_inbox(struct stage *s, const struct fake_sent *sent)
{
    (void)sent;
    if (s->fake.count != 1)
        return;
    struct db *other = temp_db(s->desk.temp.db, DB_READ_WRITE);
    sql_run(other, "INSERT INTO inbox (ref) VALUES ('x')");
    db_close(other);
}

static void what_arrives_during_a_run_is_done_in_it(void **state)
{
    (void)state;
    int calls = 0;
    take_in(USER("1"));
    stage.fake.server = slow_at_first;
    stage.during = write_to_the_inbox;
    stage.options.arrivals = bring_two;
    stage.options.arrivals_ctx = &calls;
    stage_play(&stage);
    assert_int_equal(calls, 1);
    assert_is("u8", JOB_SUCCEEDED);
    assert_is("u9", JOB_SUCCEEDED);
}

static int64_t cannot_look(void *ctx, struct err *err)
{
    (void)ctx;
    return err_set(err, ERR_IO, "the disk is gone");
}

static void arrivals_that_fail_end_the_run(void **state)
{
    (void)state;
    take_in(USER("1"));
    stage.fake.server = slow_at_first;
    stage.during = write_to_the_inbox;
    stage.options.arrivals = cannot_look;
    stage_play(&stage);
    assert_int_equal(stage.result, -1);
    assert_string_equal(stage.err.text, "the disk is gone");
    assert_is("u1", JOB_SENDING); /* an open attempt: the next start judges it */
}

/* ---- a store that fails ---- */

static void a_write_that_fails_ends_the_run_and_sends_nothing_more(void **state)
{
    (void)state;
    take_in(USER("1"), USER("2"), USER("3"), USER("4"), USER("5"), USER("6"));
    sql_run(stage.desk.db,
            "CREATE TRIGGER broken BEFORE UPDATE OF state ON job WHEN NEW.ref = 'u2' AND "
            "NEW.state = 'succeeded' BEGIN SELECT RAISE(ABORT, 'the disk says no'); END");
    stage.options.core.concurrency = 2;
    stage_play(&stage);
    assert_int_equal(stage.result, -1);
    assert_non_null(strstr(stage.err.text, "the disk says no"));
    assert_true(stage.fake.count <= 4);
    int sent = stage.fake.count;
    sql_run(stage.desk.db, "DROP TRIGGER broken");
    desk_reopen(&stage.desk);
    assert_true(desk_is_sound(&stage.desk));
    stage_play(&stage);
    assert_int_equal(stage.result, 0);
    assert_is("u2", JOB_IN_DOUBT); /* it was sent, and its answer was lost */
    assert_int_equal(stage_sends(&stage, "u2"), 1);
    assert_true(sent >= 2);
    assert_int_equal(sql_int(stage.desk.db, "SELECT count(*) AS n FROM attempt"),
                     stage.fake.count);
}

static void an_attempt_that_cannot_be_written_is_not_sent(void **state)
{
    (void)state;
    take_in(USER("1"), USER("2"), USER("3"));
    sql_run(stage.desk.db,
            "CREATE TRIGGER broken BEFORE INSERT ON attempt WHEN NEW.job_id = (SELECT id "
            "FROM job WHERE ref = 'u3') BEGIN SELECT RAISE(ABORT, 'full'); END");
    stage_play(&stage);
    assert_int_equal(stage.result, -1);
    assert_int_equal(stage.fake.count, 0); /* all or none of a group */
    sql_run(stage.desk.db, "DROP TRIGGER broken");
    assert_int_equal(sql_int(stage.desk.db, "SELECT count(*) AS n FROM attempt"), 0);
    assert_true(desk_is_sound(&stage.desk));
}

/* The one query that reads an answer; to SQLite's authorizer a statement tells its kind
 * first. */
static int deny_reading_answers(void *ctx, int what, const char *a, const char *b,
                                const char *c, const char *d)
{
    static int kind;
    (void)ctx;
    (void)c;
    (void)d;
    if (what == SQLITE_SELECT || what == SQLITE_UPDATE)
        kind = what;
    bool denied = kind == SQLITE_SELECT && what == SQLITE_READ && strcmp(a, "job") == 0 &&
                  strcmp(b, "answer") == 0;
    return denied ? SQLITE_DENY : SQLITE_OK;
}

static void what_a_job_needs_and_cannot_be_read_fails_no_job(void **state)
{
    (void)state;
    take_in(USER("1"), INSTRUCTION("1"));
    sqlite3_set_authorizer(stage.desk.db->handle, deny_reading_answers, NULL);
    stage_play(&stage);
    sqlite3_set_authorizer(stage.desk.db->handle, NULL, NULL);
    assert_int_equal(stage.result, -1);
    assert_non_null(strstr(stage.err.text, "prohibited"));
    assert_is("u1", JOB_SUCCEEDED);
    assert_is("i1", JOB_QUEUED);
    desk_reopen(&stage.desk);
    stage_play(&stage);
    assert_is("i1", JOB_SUCCEEDED);
}

static void an_empty_store_ends_at_once(void **state)
{
    (void)state;
    stage_play(&stage);
    assert_int_equal(stage.result, 0);
    assert_int_equal(stage.end, CORE_END_DONE);
    assert_int_equal(stage.fake.count, 0);
}

static void the_key_is_in_no_file(void **state)
{
    (void)state;
    take_in(USER("1"), INSTRUCTION("1"), PAYOUT("1"), {"x1", "make_coffee"});
    stage_play(&stage);
    char command[400];
    snprintf(command, sizeof(command), "grep -rqa canary-key '%s'", stage.desk.temp.dir);
    assert_int_not_equal(system(command), 0);
}

/* A queue that begins with more of a slow endpoint's jobs than memory holds: the others do not wait. */
static void a_slow_endpoint_s_jobs_keep_nobody_waiting(void **state)
{
    (void)state;
    enum { SLOW = 20, OTHERS = 12 };
    struct err err;
    static struct line lines[SLOW + OTHERS];
    static char words[SLOW + OTHERS][3][24];
    const char *slow =
        "{\"create_user\":{\"summary\":\"s\",\"method\":\"POST\",\"path\":\"/users\","
        "\"acts_as\":\"master\",\"type\":\"users\",\"rate\":\"40\","
        "\"attributes\":{\"email\":{\"type\":\"email\"}}}}";
    assert_int_equal(catalogue_read(&stage.catalogue, span_of(slow), "slow", &err), 0);
    for (int i = 0; i < SLOW + OTHERS; i++) {
        snprintf(words[i][0], sizeof(words[i][0]), "r%d", i);
        snprintf(words[i][1], sizeof(words[i][1]), "#%d", i);
        snprintf(words[i][2], sizeof(words[i][2]), "email=u%d@example.com", i);
        lines[i] = i < SLOW
                       ? (struct line){words[i][0], "create_user", .params = words[i][2]}
                       : (struct line){words[i][0], "create_withdrawal_instruction",
                                       words[i][1], .params = "label=x"};
    }
    desk_import(&stage.desk, NULL, lines, SLOW + OTHERS);
    stage_play(&stage);
    int last_other = 0, users_before = 0;
    for (int i = 0; i < stage.fake.count; i++)
        if (strcmp(stage.fake.sent[i].path, "/users") != 0)
            last_other = i;
    for (int i = 0; i < last_other; i++)
        users_before += strcmp(stage.fake.sent[i].path, "/users") == 0;
    assert_sql(stage.desk.db, "SELECT state, count(*) FROM job GROUP BY state",
               "succeeded|32");
    assert_in_range(users_before, 0, SLOW / 2);
}

#define test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

static int says_the_quota_is_used_up(void *ctx, struct fake_sent *sent)
{
    int ms = stage_server(ctx, sent);
    if (strcmp(sent->path, "/users") == 0) {
        strcpy(sent->answer.rate_limit_remaining, "0");
        strcpy(sent->answer.rate_limit_reset, "1");
    }
    return ms;
}

/* Only that it is not too early: how late the next one is, is the machine's affair. */
static void a_quota_that_is_used_up_is_waited_for(void **state)
{
    (void)state;
    take_in(USER("1"), INSTRUCTION("1"));
    stage.fake.server = says_the_quota_is_used_up;
    stage_play(&stage);
    assert_int_equal(stage.end, CORE_END_DONE);
    assert_is("i1", JOB_SUCCEEDED);
    uint64_t first = stage_sent(&stage, "u1", 1)->due;
    assert_true(stage_sent(&stage, "i1", 1)->due >= first + 990);
}

/* ---- caps ---- */

#define PLAIN_PAYOUT(n, user)                                                            \
    {                                                                                    \
        "p" n, "create_cash_withdrawal", user, NULL, 1250,                               \
            .params = "amount=12.50 fiat_code=usd withdrawal_instruction=7"              \
    }

static void limit(enum cap cap, const char *text)
{
    assert_true(cap_list_parse(span_of(text), &stage.options.caps.of[cap]));
}

static void what_would_pass_a_cap_is_held(void **state)
{
    (void)state;
    take_in(PLAIN_PAYOUT("1", "#1"), PLAIN_PAYOUT("2", "#2"), PLAIN_PAYOUT("3", "#3"),
            PLAIN_PAYOUT("4", "#4"), PLAIN_PAYOUT("5", "#5"), USER("1"));
    limit(CAP_BATCH, "usd=37.50");
    stage_play(&stage);
    assert_int_equal(stage.result, 0);
    assert_int_equal(stage.end, CORE_END_DONE);
    assert_int_equal(stage.fake.count, 4); /* three payouts, and the user */
    assert_is("u1", JOB_SUCCEEDED);
    assert_sql(stage.desk.db, "SELECT kind, reason FROM holds",
               "cap|cap_batch: 37.50 usd sent of this batch + 12.50 > 37.50 "
               "cap|cap_batch: 37.50 usd sent of this batch + 12.50 > 37.50");
    assert_sql(stage.desk.db, "SELECT sum(attempts) FROM job WHERE currency = 'usd'",
               "3");
    assert_true(desk_is_sound(&stage.desk));
    stage_play(&stage); /* and the next run keeps them */
    assert_int_equal(stage.fake.count, 4);
    assert_int_equal(stage.too_early, 0);
}

/* The lane goes on with what is smaller. */
static void a_capped_job_gives_its_turn_away(void **state)
{
    (void)state;
    take_in({"big", "create_cash_withdrawal", "#1", NULL, 5000,
             .params = "amount=50 fiat_code=usd withdrawal_instruction=7"},
            PLAIN_PAYOUT("1", "#1"), PLAIN_PAYOUT("2", "#1"));
    limit(CAP_JOB, "usd=20");
    stage_play(&stage);
    assert_int_equal(stage_sends(&stage, "big"), 0);
    assert_is("big", JOB_QUEUED);
    assert_is("p1", JOB_FOLLOWING);
    assert_is("p2", JOB_FOLLOWING);
    assert_true(desk_is_sound(&stage.desk));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(what_would_pass_a_cap_is_held),
        test(a_capped_job_gives_its_turn_away),
        test(a_quota_that_is_used_up_is_waited_for),
        test(a_slow_endpoint_s_jobs_keep_nobody_waiting),
        test(a_payee_is_made_instructed_and_paid),
        test(nothing_leaves_before_it_is_on_disk),
        test(what_is_rejected_fails_and_takes_its_dependants_along),
        test(a_torn_payout_is_in_doubt_and_not_sent_again),
        test(the_connection_of_a_whole_answer_in_doubt_is_distrusted),
        test(a_torn_read_is_made_again),
        test(torn_reads_are_no_more_than_their_part),
        test(what_was_not_processed_is_sent_again),
        test(a_refused_key_ends_the_run_with_every_job_kept),
        test(an_abort_tears_what_is_out),
        test(stop_waits_for_what_is_out),
        test(an_abort_keeps_back_what_was_opened_and_not_yet_sent),
        test(a_deadline_is_kept),
        test(a_deadline_counts_from_the_start_of_the_run),
        test(a_run_that_died_is_gone_on_with),
        test(what_arrives_during_a_run_is_done_in_it),
        test(arrivals_that_fail_end_the_run),
        test(what_a_job_needs_and_cannot_be_read_fails_no_job),
        test(a_write_that_fails_ends_the_run_and_sends_nothing_more),
        test(an_attempt_that_cannot_be_written_is_not_sent),
        test(an_empty_store_ends_at_once),
        test(the_key_is_in_no_file),
        test(an_action_that_the_catalogue_has_lost_fails_its_jobs_only),
    };
    return cmocka_run_group_tests_name("engine: run", tests, NULL, NULL);
}
