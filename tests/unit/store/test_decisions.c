/* What a person decides: recorded, carried out whole, refused where it makes no sense. */
#include "store/decisions.h"

#include "unit/store/on_desk.h"

static struct err err;

static int succeeded(const char *ref, const char *id)
{
    return store_decide_succeeded(
        desk.store,
        &(struct found_out){
            .ref = ref, .remote_id = id, .reason = "seen in the bank's list"},
        desk.now, &err);
}

static int not_sent(const char *ref)
{
    return store_decide_not_sent(
        desk.store,
        &(struct found_out){.ref = ref, .reason = "the list of the day is without it"},
        desk.now, &err);
}

static void a_doubt_that_took_effect(void **state)
{
    (void)state;
    take_in("july", {"pay"}, {"after", .needs = "pay"});
    desk_done(&desk, "pay", JOB_IN_DOUBT);
    assert_int_equal(succeeded("pay", "31207"), 0);
    assert_sql(desk.db, "SELECT ref, state, coalesce(remote_id, '-') FROM results",
               "pay|succeeded|31207 after|queued|-");
    assert_true(desk_ready(&desk, "after"));
    assert_sql(desk.db,
               "SELECT ref, verb, reason, remote_id, decided_by <> '', decided_at FROM "
               "decisions",
               "pay|succeeded|seen in the bank's list|31207|1|1970-01-01T00:16:40.000Z");
    assert_true(desk_is_sound(&desk));
}

/* An acceptance is not the end of it: what the API may still cancel is asked about, as if the answer had come. */
static void one_that_may_still_be_cancelled_is_asked_about(void **state)
{
    (void)state;
    static char settled[] = "settled", pay[] = "pay", note[] = "note",
                list[] = "/payments";
    static char *good[] = {settled, NULL};
    static struct action actions[] = {
        {.name = pay, .final_good = good, .follow = {.list = list}},
        {.name = note, .final_good = good}};
    const struct catalogue catalogue = {.actions = actions, .count = COUNT_OF(actions)};
    static const struct {
        const char *ref, *id;
        enum job_state to;
    } rows[] = {{"p1", "77", JOB_FOLLOWING}, /* and its dependants wait */
                {"p2", NULL, JOB_SUCCEEDED}, /* nobody could ask */
                {"n", "78", JOB_SUCCEEDED},  /* the API has no way to ask */
                {"u", "79", JOB_SUCCEEDED}};
    take_in("july", {"p1", "pay"}, {"p2", "pay"}, {"n", "note"}, {"u"},
            {"after", .needs = "p1"});
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct found_out found = {
            .ref = rows[i].ref, .remote_id = rows[i].id, .catalogue = &catalogue};
        desk_done(&desk, rows[i].ref, JOB_IN_DOUBT);
        assert_int_equal(store_decide_succeeded(desk.store, &found, desk.now, &err), 0);
        assert_true(desk_is(&desk, rows[i].ref, rows[i].to));
    }
    assert_sql(desk.db, "SELECT remote_id, due_at FROM job WHERE ref = 'p1'",
               "77|1000000");
    assert_false(desk_ready(&desk, "after"));
    assert_sql(desk.db, "SELECT count(*) FROM decisions WHERE verb = 'succeeded'", "4");
    assert_true(desk_is_sound(&desk));
}

static void a_doubt_that_did_not(void **state)
{
    (void)state;
    take_in("july", {"pay", .on_behalf_of = "#7"}, {"next", .on_behalf_of = "#7"});
    desk_done(&desk, "pay", JOB_IN_DOUBT);
    assert_int_equal(not_sent("pay"), 0);
    assert_true(desk_ready(&desk, "pay")); /* it keeps its turn in the lane */
    assert_false(desk_ready(&desk, "next"));
    desk_done(&desk, "pay", JOB_SUCCEEDED);
    assert_true(desk_ready(&desk, "next"));
    assert_true(desk_is_sound(&desk));
}

/* A decision is about one attempt: it does not settle the doubt of a later one. */
static void evidence_does_not_outlive_its_attempt(void **state)
{
    (void)state;
    take_in("july", {"pay"});
    desk_done(&desk, "pay", JOB_IN_DOUBT);
    assert_int_equal(not_sent("pay"), 0);
    desk_done(&desk, "pay", JOB_IN_DOUBT);
    assert_true(sql_refused(desk.db, "UPDATE job SET state = 'queued'", "evidence"));
    assert_int_equal(not_sent("pay"), 0);
    assert_true(desk_is(&desk, "pay", JOB_QUEUED));
}

static void plain_sql_cannot_settle_a_doubt(void **state)
{
    (void)state;
    static const char *const states[] = {"queued", "succeeded", "failed", "following"};
    take_in("july", {"pay"});
    desk_done(&desk, "pay", JOB_IN_DOUBT);
    for (size_t i = 0; i < COUNT_OF(states); i++) {
        char sql[100];
        snprintf(sql, sizeof(sql), "UPDATE job SET state = '%s' WHERE ref = 'pay'",
                 states[i]);
        assert_true(sql_refused(desk.db, sql, "evidence"));
    }
    assert_int_equal(not_sent("pay"), 0);
    assert_true(sql_refused(desk.db, "UPDATE decision SET reason = 'x'", "append-only"));
    assert_true(sql_refused(desk.db, "DELETE FROM decision", "append-only"));
    assert_true(
        sql_refused(desk.db,
                    "REPLACE INTO decision (id, job_id, attempt, verb, decided_by, "
                    "decided_at) SELECT id, job_id, attempt, verb, 'me', 1 FROM decision",
                    "append-only"));
}

static void an_id_is_wanted_where_others_need_it(void **state)
{
    (void)state;
    take_in("july", {"user"}, {"pay", .needs = "user"}, {"alone"});
    desk_done(&desk, "user", JOB_IN_DOUBT);
    desk_done(&desk, "alone", JOB_IN_DOUBT);
    assert_int_equal(succeeded("user", NULL), -1);
    assert_int_equal(err.code, ERR_USAGE);
    assert_non_null(strstr(err.text, "--remote-id"));
    assert_true(desk_is(&desk, "user", JOB_IN_DOUBT));
    assert_sql(desk.db, "SELECT count(*) FROM decision", "0");
    assert_int_equal(succeeded("alone", NULL), 0);
}

static void only_a_doubt_is_resolved(void **state)
{
    (void)state;
    static const enum job_state others[] = {JOB_SUCCEEDED, JOB_FAILED, JOB_FOLLOWING};
    take_in("july", {"queued"}, {"0"}, {"1"}, {"2"}, {"sending"});
    desk_send(&desk, "sending");
    struct table t = {0};
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        const char ref[] = {(char)('0' + i), '\0'};
        desk_done(&desk, ref, others[i]);
        table_want(&t, succeeded(ref, "1") == -1 && err.code == ERR_USAGE, "%s", ref);
        table_want(&t, strstr(err.text, job_state_name(others[i])) != NULL, "%s",
                   err.text);
        table_want(&t, not_sent(ref) == -1 && err.code == ERR_USAGE, "%s", ref);
    }
    table_want(&t, not_sent("queued") == -1, "queued");
    table_want(&t, not_sent("sending") == -1, "sending");
    table_want(&t, not_sent("nobody") == -1 && err.code == ERR_NOINPUT, "nobody");
    table_end(&t);
    assert_sql(desk.db, "SELECT count(*) FROM decision", "0");
}

static void a_retry_takes_along_what_was_skipped(void **state)
{
    (void)state;
    int64_t queued = 0;
    take_in("july", {"u"}, {"i", .needs = "u"}, {"p", .needs = "i u"}, {"other"},
            {"both", .needs = "u other"});
    desk_done(&desk, "u", JOB_FAILED);
    desk_done(&desk, "other", JOB_FAILED);
    assert_int_equal(store_decide_retry(desk.store, "u", NULL, desk.now, &queued, &err),
                     0);
    assert_int_equal(queued, 3);
    assert_sql(desk.db, "SELECT ref, state, unmet FROM job ORDER BY id",
               "u|queued|0 i|queued|1 p|queued|2 other|failed|0 both|skipped|2");
    assert_int_equal(
        store_decide_retry(desk.store, "other", NULL, desk.now, &queued, &err), 0);
    assert_true(desk_is(&desk, "both", JOB_QUEUED));
    desk_done(&desk, "u", JOB_SUCCEEDED);
    desk_done(&desk, "i", JOB_SUCCEEDED);
    assert_true(desk_ready(&desk, "p"));
    assert_true(desk_is_sound(&desk));
}

static void every_failed_job_of_a_batch(void **state)
{
    (void)state;
    int64_t queued = 0;
    take_in("july", {"a"}, {"b"}, {"c", .needs = "b"}, {"d"});
    take_in("august", {"e"});
    desk_done(&desk, "a", JOB_FAILED);
    desk_done(&desk, "b", JOB_FAILED);
    desk_done(&desk, "d", JOB_SUCCEEDED);
    desk_done(&desk, "e", JOB_FAILED);
    assert_int_equal(
        store_decide_retry_failed(desk.store, "july", "again", desk.now, &queued, &err),
        0);
    assert_int_equal(queued, 3);
    assert_true(desk_is(&desk, "e", JOB_FAILED));
    assert_int_equal(
        store_decide_retry_failed(desk.store, NULL, NULL, desk.now, &queued, &err), 0);
    assert_true(desk_is(&desk, "e", JOB_QUEUED));
    assert_int_equal(
        store_decide_retry_failed(desk.store, "may", NULL, desk.now, &queued, &err), -1);
    assert_int_equal(err.code, ERR_NOINPUT);
    assert_true(desk_is_sound(&desk));
}

static void what_is_cancelled_is_not_carried_out(void **state)
{
    (void)state;
    int64_t cancelled = 0;
    take_in("july", {"a", .on_behalf_of = "#7"}, {"b", .needs = "a"},
            {"c", .on_behalf_of = "#7"}, {"sent"});
    desk_send(&desk, "sent");
    assert_int_equal(
        store_decide_cancel(desk.store, "a", "wrong payee", desk.now, &cancelled, &err),
        0);
    assert_sql(desk.db, "SELECT ref, state FROM job ORDER BY id",
               "a|cancelled b|skipped c|queued sent|sending");
    assert_true(desk_ready(&desk, "c"));
    assert_int_equal(
        store_decide_cancel(desk.store, "sent", NULL, desk.now, &cancelled, &err), -1);
    assert_int_equal(err.code, ERR_USAGE);
    assert_int_equal(
        store_decide_cancel(desk.store, "b", NULL, desk.now, &cancelled, &err), -1);
    assert_int_equal(cancelled, 1);
    assert_true(desk_is_sound(&desk));
}

static void a_whole_batch_is_cancelled(void **state)
{
    (void)state;
    int64_t cancelled = 0;
    take_in("july", {"a"}, {"b", .needs = "a"}, {"c"}, {"done"});
    take_in("august", {"e"});
    desk_done(&desk, "done", JOB_SUCCEEDED);
    assert_int_equal(
        store_decide_cancel_batch(desk.store, "july", NULL, desk.now, &cancelled, &err),
        0);
    assert_int_equal(cancelled, 2); /* b is skipped with a */
    assert_sql(desk.db, "SELECT ref, state FROM job ORDER BY id",
               "a|cancelled b|skipped c|cancelled done|succeeded e|queued");
    assert_sql(desk.db, "SELECT ref, verb FROM decisions", "a|cancel c|cancel");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(a_doubt_that_took_effect),
        test(one_that_may_still_be_cancelled_is_asked_about),
        test(a_doubt_that_did_not),
        test(evidence_does_not_outlive_its_attempt),
        test(plain_sql_cannot_settle_a_doubt),
        test(an_id_is_wanted_where_others_need_it),
        test(only_a_doubt_is_resolved),
        test(a_retry_takes_along_what_was_skipped),
        test(every_failed_job_of_a_batch),
        test(what_is_cancelled_is_not_carried_out),
        test(a_whole_batch_is_cancelled),
    };
    return cmocka_run_group_tests_name("store: decisions", tests, NULL, NULL);
}
