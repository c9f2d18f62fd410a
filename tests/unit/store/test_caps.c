/* What has been sent, or may have been, against the limits. */
#include "store/caps.h"

#include "store/decisions.h"
#include "store/holds.h"
#include "store/read.h"
#include "unit/store/on_desk.h"

static struct err err;
static struct caps caps;
static struct buf why;

static void limit(enum cap cap, const char *text)
{
    assert_true(cap_list_parse(span_of(text), &caps.of[cap]));
}

static void begin(void)
{
    if (store_caps_begin(desk.store, &caps, desk.now, &err))
        fail_msg("%s", err.text);
}

static int no_limits(void **state)
{
    caps = (struct caps){0};
    buf_init(&why, 400);
    return set_up(state);
}

static int done(void **state)
{
    buf_close(&why);
    return tear_down(state);
}

static bool allows(const char *ref)
{
    buf_clear(&why);
    assert_int_equal(store_begin(desk.store, &err), 0);
    int rc =
        store_caps_allow(desk.store, &caps, desk_id(&desk, ref), desk.now, &why, &err);
    store_rollback(desk.store);
    if (rc < 0)
        fail_msg("%s", err.text);
    return rc == 1;
}

static bool says(const char *text)
{
    if (strcmp(why.data, text) != 0)
        print_error("  %s\n", why.data);
    return strcmp(why.data, text) == 0;
}

#define PAY(ref, cents)                                                                  \
    {                                                                                    \
        ref, "pay", .minor = cents                                                       \
    }

static void what_counts_as_sent(void **state)
{
    (void)state;
    static const struct {
        enum job_state to;
        bool counts;
    } rows[] = {{JOB_SUCCEEDED, true}, {JOB_FOLLOWING, true}, {JOB_IN_DOUBT, true},
                {JOB_SENDING, true},   {JOB_FAILED, false}, /* rejected */
                {JOB_QUEUED, false}};                       /* not processed */
    struct table t = {0};
    limit(CAP_BATCH, "usd=10.00");
    for (int restarted = 0; restarted < 2; restarted++)
        for (size_t i = 0; i < COUNT_OF(rows); i++) {
            char batch[16], first[16], second[16];
            snprintf(batch, sizeof(batch), "b%d%zu", restarted, i);
            snprintf(first, sizeof(first), "f%d%zu", restarted, i);
            snprintf(second, sizeof(second), "s%d%zu", restarted, i);
            begin();
            take_in(batch, {first, "pay", .minor = 600}, {second, "pay", .minor = 401});
            if (rows[i].to == JOB_SENDING)
                desk_send(&desk, first);
            else
                desk_done(&desk, first, rows[i].to);
            if (restarted)
                begin(); /* added up anew, from the tables */
            table_want(&t, allows(second) != rows[i].counts, "%s %s",
                       restarted ? "restarted" : "going on", job_state_name(rows[i].to));
        }
    table_end(&t);
}

/* Taken by the API, and ended badly there: the money left, whatever came of it. */
static void what_came_back_was_sent(void **state)
{
    (void)state;
    limit(CAP_BATCH, "usd=10.00");
    take_in("july", PAY("a", 600), PAY("b", 401));
    begin();
    desk_done(&desk, "a", JOB_FOLLOWING);
    desk_move(&desk, "a", JOB_FAILED);
    assert_false(allows("b"));
    begin();
    assert_false(allows("b"));
    int64_t queued = 0;
    assert_int_equal(store_decide_retry(desk.store, "a", NULL, desk.now, &queued, &err),
                     0);
    assert_true(allows("b")); /* it is queued again, and will count when it goes */
    begin();
    assert_true(allows("b"));
}

static void a_doubt_that_was_not_sent_does_not_count(void **state)
{
    (void)state;
    limit(CAP_BATCH, "usd=10.00");
    take_in("july", PAY("a", 600), PAY("b", 401));
    begin();
    desk_done(&desk, "a", JOB_IN_DOUBT);
    assert_false(allows("b"));
    assert_int_equal(store_decide_not_sent(
                         desk.store, &(struct found_out){.ref = "a", .reason = "seen"},
                         desk.now, &err),
                     0);
    assert_true(allows("b"));
    begin();
    assert_true(allows("b"));
}

static void up_to_the_limit_and_no_further(void **state)
{
    (void)state;
    limit(CAP_JOB, "usd=5.00");
    limit(CAP_DAY, "usd=10.00,ars=1");
    take_in("july", PAY("a", 500), PAY("b", 500), PAY("c", 1), PAY("big", 501),
            {"peso", "pay", .minor = 100, .currency = "ars"},
            {"coin", "pay", .minor = 900000000, .currency = "btc"}, {"nothing", "pay"});
    begin();
    assert_true(allows("a"));
    assert_false(allows("big"));
    assert_true(says("cap_job: 5.01 usd > 5.00"));
    desk_done(&desk, "a", JOB_SUCCEEDED);
    assert_true(allows("b"));
    desk_done(&desk, "b", JOB_SUCCEEDED);
    assert_false(allows("c"));
    assert_true(says("cap_day: 10.00 usd sent today + 0.01 > 10.00"));
    assert_true(allows("peso") && allows("coin") && allows("nothing"));
}

static void each_batch_and_each_day_has_its_own_sum(void **state)
{
    (void)state;
    limit(CAP_BATCH, "usd=10.00");
    limit(CAP_DAY, "usd=15.00");
    begin();
    take_in("july", PAY("a", 1000), PAY("b", 1));
    take_in("august", PAY("c", 501), PAY("d", 499), PAY("e", 600));
    desk_done(&desk, "a", JOB_SUCCEEDED);
    assert_false(allows("b"));
    assert_true(says("cap_batch: 10.00 usd sent of this batch + 0.01 > 10.00"));
    assert_false(allows("c"));
    assert_true(says("cap_day: 10.00 usd sent today + 5.01 > 15.00"));
    assert_true(allows("d"));
    desk_done(&desk, "d", JOB_SUCCEEDED);
    desk.now.ms += INT64_C(24) * 3600 * 1000;
    assert_true(allows("c"));
    assert_false(allows("e")); /* the batch goes on into the next day */
    begin();
    assert_true(allows("c"));
    assert_false(allows("e"));
}

static void a_payee_has_a_sum_of_its_own(void **state)
{
    (void)state;
    static char instruction[] = "instruction";
    static char *by_account[] = {instruction, NULL};
    static struct action actions[] = {{.name = (char *)"pay", .payee = by_account}};
    static const struct catalogue catalogue = {.actions = actions, .count = 1};
    desk.catalogue = &catalogue;
    limit(CAP_PAYEE, "usd=10.00");
    take_in("july", {"a", "pay", .minor = 600, .params = "instruction=1"},
            {"b", "pay", .minor = 401, .params = "instruction=1"},
            {"c", "pay", .minor = 401, .params = "instruction=2"}, PAY("nobody", 5000));
    begin();
    desk_done(&desk, "a", JOB_SUCCEEDED);
    for (int restarted = 0; restarted < 2; restarted++) {
        assert_false(allows("b"));
        assert_true(says("cap_payee: 6.00 usd sent to this payee today + 4.01 > 10.00"));
        assert_true(allows("c") && allows("nobody"));
        begin();
    }
}

static void what_is_undone_does_not_count(void **state)
{
    (void)state;
    limit(CAP_DAY, "usd=10.00");
    take_in("july", PAY("a", 600), PAY("b", 600));
    begin();
    assert_int_equal(store_begin(desk.store, &err), 0);
    assert_int_equal(
        store_attempt_open(desk.store, desk.run, desk_id(&desk, "a"), 1, desk.now, &err),
        0);
    assert_int_equal(
        store_caps_allow(desk.store, &caps, desk_id(&desk, "b"), desk.now, &why, &err),
        0); /* in the same transaction, before it is on disk */
    store_rollback(desk.store);
    assert_true(allows("b"));
}

static void a_released_job_passes_that_cap_once(void **state)
{
    (void)state;
    const struct hold_lift lift = {.ref = "a", .reason = "the board knows"};
    int64_t lifted = 0, queued = 0;
    limit(CAP_JOB, "usd=5.00");
    take_in("july", PAY("a", 600));
    begin();
    assert_false(allows("a"));
    assert_int_equal(store_begin(desk.store, &err), 0);
    assert_int_equal(store_hold_job(desk.store, desk_id(&desk, "a"), HOLD_CAP, why.data,
                                    desk.now, &err),
                     0);
    assert_int_equal(store_commit(desk.store, &err), 0);
    assert_int_equal(store_decide_release(desk.store, &lift, desk.now, &lifted, &err), 0);
    assert_true(allows("a"));
    limit(CAP_DAY, "usd=5.50"); /* another one is another matter */
    begin();
    assert_false(allows("a"));
    assert_true(says("cap_day: 0.00 usd sent today + 6.00 > 5.50"));
    limit(CAP_DAY, "");
    desk_done(&desk, "a", JOB_QUEUED); /* not processed: not sent yet */
    assert_true(allows("a"));
    desk_done(&desk, "a", JOB_FAILED);
    assert_int_equal(store_decide_retry(desk.store, "a", NULL, desk.now, &queued, &err),
                     0);
    assert_false(allows("a"));
}

/* ---- without a run ---- */

static bool add_row(void *ctx, const struct view_row *row)
{
    struct buf *out = ctx;
    for (int i = 0; i < row->count; i++)
        buf_printf(out, "%s%s", i ? "|" : "", row->cells[i].text);
    buf_add_char(out, ' ');
    return true;
}

/* On a reader beside the writer, as a plan by counts has it. */
static bool foreseen(enum store_view view, const char *want)
{
    struct store *reader;
    struct buf got;
    buf_init(&got, 4000);
    if (store_open(&reader, desk.temp.db, STORE_READ, "", &err) ||
        store_caps_foresee(reader, &caps, desk.now, &err) ||
        store_read(reader, view, NULL, 0, add_row, &got, &err))
        fail_msg("%s", err.text);
    store_close(reader);
    bool same = strcmp(got.data, want) == 0;
    if (!same)
        print_error("  wanted %s\n  got    %s\n", want, got.data);
    buf_close(&got);
    return same;
}

static void hold(const char *ref, const char *kind, const char *reason)
{
    assert_int_equal(store_begin(desk.store, &err), 0);
    assert_int_equal(
        store_hold_job(desk.store, desk_id(&desk, ref), kind, reason, desk.now, &err), 0);
    assert_int_equal(store_commit(desk.store, &err), 0);
}

static void what_is_queued_is_added_up_in_its_order(void **state)
{
    (void)state;
    static const struct {
        enum cap cap;
        const char *limit, *held, *sent;
    } rows[] = {
        {CAP_JOB, "usd=4.00", "cap|2|a|cap_job: 6.00 usd > 4.00 ", "usd|2|8.00 "},
        {CAP_JOB, "usd=6.00", "", "usd|4|20.00 "},
        {CAP_JOB, "eur=1.00", "", "usd|4|20.00 "},
        {CAP_BATCH, "usd=10.00",
         "cap|2|c|cap_batch: 10.00 usd sent of this batch + 6.00 > 10.00 ",
         "usd|2|10.00 "},
        {CAP_DAY, "usd=19.99", "cap|1|d|cap_day: 16.00 usd sent today + 4.00 > 19.99 ",
         "usd|3|16.00 "},
    };
    struct table t = {0};
    take_in("july", {"u"}, PAY("a", 600), PAY("b", 400), PAY("c", 600), PAY("d", 400));
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        caps = (struct caps){0};
        limit(rows[i].cap, rows[i].limit);
        bool held = foreseen(VIEW_PLAN_HELD, rows[i].held);
        bool sent = foreseen(VIEW_QUEUED_MONEY, rows[i].sent);
        table_want(&t, held && sent, "%s %s", cap_name(rows[i].cap), rows[i].limit);
    }
    table_end(&t);
    caps = (struct caps){0};
    assert_true(foreseen(VIEW_QUEUED_ACTIONS, "create_user|1 pay|4 "));
}

static void what_was_sent_is_in_the_sums_of_what_will_be(void **state)
{
    (void)state;
    take_in("july", PAY("a", 600), PAY("b", 600));
    desk_done(&desk, "a", JOB_FOLLOWING);
    limit(CAP_DAY, "usd=10.00");
    assert_true(
        foreseen(VIEW_PLAN_HELD, "cap|1|b|cap_day: 6.00 usd sent today + 6.00 > 10.00 "));
}

/* Each held job once, and none of them among what would be sent. */
static void what_is_held_already_is_told_beside_it(void **state)
{
    (void)state;
    const struct hold_lift lift = {.ref = "c", .kind = HOLD_CAP, .reason = "seen"};
    int64_t lifted = 0;
    take_in("july", PAY("a", 600), PAY("b", 500), PAY("c", 700), PAY("d", 800),
            PAY("e", 900));
    hold("b", HOLD_DUPLICATE, "as a");
    hold("c", HOLD_CAP, "cap_job: long ago");
    hold("d", HOLD_CAP, "cap_day: long ago");
    assert_int_equal(store_decide_release(desk.store, &lift, desk.now, &lifted, &err), 0);
    limit(CAP_JOB, "usd=6.50");
    assert_true(foreseen(VIEW_PLAN_HELD, "duplicate|1|b|as a cap|1|d|cap_day: long ago "
                                         "cap|1|e|cap_job: 9.00 usd > 6.50 "));
    assert_true(foreseen(VIEW_QUEUED_MONEY, "usd|2|13.00 ")); /* c was let go */
    caps = (struct caps){0};
    assert_true(foreseen(VIEW_QUEUED_ACTIONS, "pay|3 "));
}

#define cap_test(name) cmocka_unit_test_setup_teardown(name, no_limits, done)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cap_test(what_counts_as_sent),
        cap_test(what_came_back_was_sent),
        cap_test(a_doubt_that_was_not_sent_does_not_count),
        cap_test(up_to_the_limit_and_no_further),
        cap_test(each_batch_and_each_day_has_its_own_sum),
        cap_test(a_payee_has_a_sum_of_its_own),
        cap_test(what_is_undone_does_not_count),
        cap_test(a_released_job_passes_that_cap_once),
        cap_test(what_is_queued_is_added_up_in_its_order),
        cap_test(what_was_sent_is_in_the_sums_of_what_will_be),
        cap_test(what_is_held_already_is_told_beside_it),
    };
    return cmocka_run_group_tests_name("store: caps", tests, NULL, NULL);
}
