/* Accepted payouts, and what the API's lists say of them until they are final. */
#include "api/catalogue.h"
#include "unit/run/stage.h"

#define PAYOUTS_MAX 64

static struct stage stage;

/* The other side: the payouts that it took, and what its lists say of them. */
static struct {
    struct {
        char id[24], user[64];
        const char *state; /* NULL: `usual` */
    } payouts[PAYOUTS_MAX];
    int count;
    const char *usual;
    bool hides;   /* its lists are empty */
    bool forgot;  /* and it knows nobody alone */
    bool refuses; /* every question, with a 404 */
    int fails;    /* so many questions are answered with a 500 first */
    bool is_long; /* the list, for the engine */
    int lists, alone;
} bank;

static void put(struct buf *out, int i)
{
    buf_printf(out,
               "{\"id\":\"%s\",\"type\":\"cash_withdrawals\",\"attributes\":{\"status\":"
               "\"%s\"}}",
               bank.payouts[i].id,
               bank.payouts[i].state ? bank.payouts[i].state : bank.usual);
}

static void list(const struct fake_sent *get, struct buf *out)
{
    bool is_first = true;
    buf_add_text(out, "{\"data\":[");
    for (int i = 0; i < bank.count && !bank.hides; i++) {
        if (strcmp(bank.payouts[i].user, get->authorization) != 0)
            continue;
        buf_add_text(out, is_first ? "" : ",");
        put(out, i);
        is_first = false;
    }
    buf_add_text(out, "]}");
    bank.lists += !strstr(get->path, "page[page]");
}

static bool one(const char *id, struct buf *out)
{
    bank.alone++;
    for (int i = 0; i < bank.count && !bank.forgot; i++)
        if (strcmp(bank.payouts[i].id, id) == 0) {
            buf_add_text(out, "{\"data\":");
            put(out, i);
            buf_add_text(out, "}");
            return true;
        }
    return false;
}

static void say_list(struct fake_sent *sent, const struct buf *out)
{
    fake_says(&sent->answer, 200, out->data);
    if (!bank.is_long)
        return;
    sent->answer.body.full = true;
    sent->answer.complete = false;
}

static void answer_question(struct fake_sent *sent)
{
    static const char path[] = "/cash_withdrawals/";
    bool is_alone = strncmp(sent->path, path, strlen(path)) == 0;
    struct buf out;
    buf_init(&out, 65536);
    if (bank.fails-- > 0)
        fake_says(&sent->answer, 500, "{\"errors\":[]}");
    else if (bank.refuses)
        fake_says(&sent->answer, 404, "{\"errors\":[{\"code\":\"not_found\"}]}");
    else if (!is_alone)
        list(sent, &out), say_list(sent, &out);
    else if (one(sent->path + strlen(path), &out))
        fake_says(&sent->answer, 200, out.data);
    else
        fake_says(&sent->answer, 404, "{\"errors\":[{\"code\":\"not_found\"}]}");
    buf_close(&out);
}

static int server(void *ctx, struct fake_sent *sent)
{
    struct stage *s = ctx;
    if (strcmp(sent->method, "GET") == 0) {
        answer_question(sent);
        return 1;
    }
    int after = stage_server(ctx, sent);
    assert_true(bank.count < PAYOUTS_MAX);
    snprintf(bank.payouts[bank.count].id, sizeof(bank.payouts[0].id), "%d", s->next_id);
    snprintf(bank.payouts[bank.count].user, sizeof(bank.payouts[0].user), "%s",
             sent->authorization);
    bank.count++;
    return after;
}

static int set_up(void **state)
{
    (void)state;
    memset(&bank, 0, sizeof(bank));
    bank.usual = "received";
    stage_open(&stage);
    stage.fake.server = server;
    stage.options.core.follows = true;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    stage_close(&stage);
    return 0;
}

#define test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

#define PAYOUT(n, user)                                                                  \
    {                                                                                    \
        "p" n, "create_cash_withdrawal", user, NULL, 1250,                               \
            .params = "amount=12.50 fiat_code=usd withdrawal_instruction=5"              \
    }
#define take_in(...)                                                                     \
    desk_import(&stage.desk, NULL, (const struct line[]){__VA_ARGS__},                   \
                COUNT_OF(((const struct line[]){__VA_ARGS__})))

#define SOON  "[\"20ms\",\"80ms\"]" /* after 20 ms, then 40, then 80 */
#define LATER "[\"1h\",\"4h\"]"     /* not in the night in which it was sent */

static void follow_by(const char *every, const char *ways)
{
    struct err err;
    char *json = mem_printf(
        "{\"create_cash_withdrawal\":{\"summary\":\"s\",\"method\":\"POST\",\"path\":"
        "\"/cash_withdrawals\",\"acts_as\":\"user\",\"type\":\"cash_withdrawals\","
        "\"attributes\":{\"amount\":{\"type\":\"decimal\"},\"fiat_code\":{\"type\":"
        "\"currency\"}},\"relationships\":{\"withdrawal_instruction\":{\"type\":"
        "\"withdrawal_instructions\",\"required\":true}},\"state\":\"/attributes/"
        "status\",\"follow\":{"
        "\"good\":[\"settled\"],\"bad\":[\"cancelled\"],\"every\":%s,"
        "\"reason\":\"/attributes/why\"%s%s}}}",
        every, ways[0] ? "," : "", ways);
    if (catalogue_read(&stage.catalogue, span_of(json), "test", &err))
        fail_msg("%s", err.text);
    free(json);
}

#define BOTH_WAYS "\"one\":\"/cash_withdrawals/{id}\",\"list\":\"/cash_withdrawals"

/* A night; the next one asks about what this one leaves. */
static void play(void)
{
    stage_play(&stage);
    assert_int_equal(stage.result, 0);
    assert_int_equal(stage.end, CORE_END_DONE);
    assert_true(desk_is_sound(&stage.desk));
}

static const char *states(char out[256])
{
    struct err err;
    struct stmt *q = db_make(stage.reader,
                             "SELECT group_concat(ref || ' ' || state || ' ' || "
                             "coalesce(remote_state, '-'), ', ') AS t FROM (SELECT * "
                             "FROM job ORDER BY ref)",
                             &err);
    assert_int_equal(stmt_step(q, &err), 1);
    snprintf(out, 256, "%s", stmt_text(q, "t"));
    stmt_close(q);
    return out;
}

#define assert_states(want)                                                              \
    do {                                                                                 \
        char got[256];                                                                   \
        assert_string_equal(states(got), want);                                          \
    } while (0)

static void each_is_asked_about_once_by_one_list_of_its_user(void **state)
{
    (void)state;
    take_in(PAYOUT("1", "#7"), PAYOUT("2", "#7"), PAYOUT("3", "#7"), PAYOUT("4", "#8"));
    play();
    assert_int_equal(stage.fake.count, 4); /* nothing can have changed yet */
    play();
    assert_states("p1 following received, p2 following received, p3 following received, "
                  "p4 following received");
    assert_int_equal(bank.lists, 2);
    assert_int_equal(bank.alone, 0);
    assert_int_equal(stage.fake.count, 4 + 2);
}

static void a_list_that_is_too_long_is_given_up(void **state)
{
    (void)state;
    take_in(PAYOUT("1", "#7"), PAYOUT("2", "#7"));
    play();
    bank.is_long = true;
    bank.usual = "working";
    play();
    assert_states("p1 following working, p2 following working");
    bank.usual = "settled";
    play();
    assert_states("p1 succeeded settled, p2 succeeded settled");
    assert_int_equal(bank.lists, 1);
    assert_int_equal(bank.alone, 4);
}

/* Three rows may be a page that was cut off. */
static void a_list_is_read_on_for_who_was_not_in_it_yet(void **state)
{
    (void)state;
    take_in(PAYOUT("1", "#7"), PAYOUT("2", "#7"), PAYOUT("3", "#7"), PAYOUT("4", "#7"));
    play();
    bank.payouts[3].user[0] = '\0';
    play();
    assert_int_equal(bank.lists, 1);
    assert_int_equal(bank.alone, 1);
    assert_int_equal(stage.fake.count, 4 + 2 + 1);
}

static void the_next_night_finds_them_final(void **state)
{
    (void)state;
    take_in(PAYOUT("1", "#7"), PAYOUT("2", "#7"), PAYOUT("3", "#7"));
    play();
    bank.payouts[0].state = "settled";
    bank.payouts[1].state = "cancelled";
    bank.payouts[2].state = "working";
    play();
    assert_states("p1 succeeded settled, p2 failed cancelled, p3 following working");
    assert_int_equal(bank.lists, 1);
    assert_sql(stage.desk.db, "SELECT error FROM job WHERE ref = 'p2'",
               "the API took it and says 'cancelled'");
    assert_int_equal(stage.counts.moved[JOB_SUCCEEDED], 1);
    assert_int_equal(stage.counts.moved[JOB_FAILED], 1);
    assert_int_equal(stage.counts.moved[JOB_FOLLOWING], -2);
}

static void a_reason_comes_along(void **state)
{
    (void)state;
    follow_by(LATER, BOTH_WAYS "\"");
    take_in(PAYOUT("1", "#7"));
    play();
    bank.usual = "cancelled\",\"why\":\"no such account";
    play();
    assert_sql(stage.desk.db, "SELECT error FROM job",
               "the API took it and says 'cancelled': no such account");
}

static void what_needs_it_goes_on_or_is_skipped(void **state)
{
    (void)state;
    take_in(PAYOUT("1", "#7"), PAYOUT("2", "#8"),
            {"u1", "create_user", .needs = "p1", .params = "email=a@b.cl"},
            {"u2", "create_user", .needs = "p2", .params = "email=c@b.cl"});
    play();
    assert_true(desk_is(&stage.desk, "u1", JOB_QUEUED));
    bank.payouts[0].state = "settled";
    bank.payouts[1].state = "cancelled";
    play();
    assert_true(desk_is(&stage.desk, "u1", JOB_SUCCEEDED));
    assert_true(desk_is(&stage.desk, "u2", JOB_SKIPPED));
}

static void settle_at_the_third_list(struct stage *s, const struct fake_sent *sent)
{
    (void)s, (void)sent;
    if (bank.lists == 2)
        bank.usual = "settled";
}

/* Should the server send it back. */
static void the_key_is_taken_out_of_what_was_seen(void **state)
{
    (void)state;
    follow_by(LATER, BOTH_WAYS "\"");
    take_in(PAYOUT("1", "#7"), PAYOUT("2", "#8"));
    play();
    bank.payouts[0].state = "working\",\"why\":\"canary-key-0123456789";
    bank.payouts[1].state = "cancelled\",\"why\":\"canary-key-0123456789";
    play();
    assert_true(desk_is(&stage.desk, "p2", JOB_FAILED));
    assert_sql(stage.desk.db,
               "SELECT count(*) FROM job WHERE instr(coalesce(answer, '') || "
               "coalesce(error, ''), 'canary')",
               "0");
}

static void follow_for_waits_for_it(void **state)
{
    (void)state;
    follow_by(SOON, BOTH_WAYS "\"");
    stage.options.core.follow_for_us = 10 * SEC_US;
    stage.during = settle_at_the_third_list;
    take_in(PAYOUT("1", "#7"), PAYOUT("2", "#7"));
    play();
    assert_states("p1 succeeded settled, p2 succeeded settled");
    assert_int_equal(bank.lists, 3);
}

static void intervals_double_until_its_state_changes(void **state)
{
    (void)state;
    follow_by(LATER, BOTH_WAYS "\"");
    take_in(PAYOUT("1", "#7"));
    play();
    play();
    play();
    assert_sql(stage.desk.db, "SELECT polls, due_at - polled_at FROM job", "2|14400000");
    bank.usual = "working";
    play();
    assert_sql(stage.desk.db, "SELECT polls, due_at - polled_at FROM job", "0|3600000");
}

static void one_that_no_list_shows_is_asked_for_alone(void **state)
{
    (void)state;
    bank.hides = true;
    take_in(PAYOUT("1", "#7"), PAYOUT("2", "#7"));
    play();
    play();
    assert_int_equal(bank.lists, 1);
    assert_int_equal(bank.alone, 2);
    bank.usual = "settled";
    play();
    assert_states("p1 succeeded settled, p2 succeeded settled");
    assert_int_equal(bank.lists, 1);
}

static void one_that_the_api_knows_no_more_stays_as_it_is(void **state)
{
    (void)state;
    bank.hides = bank.forgot = true;
    take_in(PAYOUT("1", "#7"));
    play();
    play();
    assert_states("p1 following received");
    assert_int_equal(bank.alone, 1);
}

static void a_list_that_cannot_be_read_says_nothing(void **state)
{
    (void)state;
    follow_by(SOON, BOTH_WAYS "\"");
    bank.fails = 1;
    bank.usual = "settled";
    stage.options.core.follow_for_us = 10 * SEC_US;
    take_in(PAYOUT("1", "#7"));
    play();
    assert_states("p1 succeeded settled");
    assert_int_equal(bank.lists, 1);
    assert_int_equal(bank.alone, 0);
}

/* However many there are: the server is well. */
static void a_list_that_is_refused_is_no_setback(void **state)
{
    (void)state;
    take_in(PAYOUT("1", "#1"), PAYOUT("2", "#2"), PAYOUT("3", "#3"), PAYOUT("4", "#4"),
            PAYOUT("5", "#5"), PAYOUT("6", "#6"), PAYOUT("7", "#7"), PAYOUT("8", "#8"));
    play();
    bank.refuses = true;
    play();
    assert_sql(stage.desk.db, "SELECT state, count(*) FROM job GROUP BY state",
               "following|8");
    assert_int_equal(stage.fake.count, 16);
}

/* Its path has what was sent in it: another job's list is another one. */
static void each_list_is_asked_for_those_that_it_can_show(void **state)
{
    (void)state;
    follow_by(LATER, BOTH_WAYS "?i={withdrawal_instruction}\"");
    take_in(PAYOUT("1", "#7"),
            {"p2", "create_cash_withdrawal", "#7", NULL, 1250,
             .params = "amount=12.50 fiat_code=usd withdrawal_instruction=6"});
    play();
    play();
    assert_int_equal(bank.lists, 2);
    assert_int_equal(bank.alone, 0);
}

static void where_there_is_no_list_each_is_asked_for_alone(void **state)
{
    (void)state;
    follow_by(LATER, "\"one\":\"/cash_withdrawals/{id}\"");
    take_in(PAYOUT("1", "#7"), PAYOUT("2", "#7"));
    play();
    play();
    assert_int_equal(bank.lists, 0);
    assert_int_equal(bank.alone, 2);
}

static void where_there_is_no_way_nobody_is_asked(void **state)
{
    (void)state;
    follow_by(LATER, "");
    take_in(PAYOUT("1", "#7"));
    play();
    play();
    assert_states("p1 following received");
    assert_int_equal(stage.fake.count, 1);
}

static void turned_off_nobody_is_asked(void **state)
{
    (void)state;
    stage.options.core.follows = false;
    take_in(PAYOUT("1", "#7"));
    play();
    play();
    assert_int_equal(stage.fake.count, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(each_is_asked_about_once_by_one_list_of_its_user),
        test(a_list_that_is_too_long_is_given_up),
        test(a_list_is_read_on_for_who_was_not_in_it_yet),
        test(the_next_night_finds_them_final),
        test(a_reason_comes_along),
        test(what_needs_it_goes_on_or_is_skipped),
        test(the_key_is_taken_out_of_what_was_seen),
        test(follow_for_waits_for_it),
        test(intervals_double_until_its_state_changes),
        test(one_that_no_list_shows_is_asked_for_alone),
        test(one_that_the_api_knows_no_more_stays_as_it_is),
        test(a_list_that_cannot_be_read_says_nothing),
        test(a_list_that_is_refused_is_no_setback),
        test(each_list_is_asked_for_those_that_it_can_show),
        test(where_there_is_no_list_each_is_asked_for_alone),
        test(where_there_is_no_way_nobody_is_asked),
        test(turned_off_nobody_is_asked),
    };
    return cmocka_run_group_tests_name("run: polls", tests, NULL, NULL);
}
