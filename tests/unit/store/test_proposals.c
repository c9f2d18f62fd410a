/* What takes two persons: a doubt above the limit, and a hold. */
#include "store/audit.h"
#include "store/decisions.h"
#include "store/holds.h"
#include "store/person.h"
#include "store/restore.h"
#include "unit/store/on_desk.h"

static struct err err;
static const struct four_eyes above = {.required = true,
                                       .above = {.limits = {{1000, "ars"}}, .count = 1}};

static void ana(void)
{
    desk_sits(&desk, 1001, "ana", NULL);
}

static void beto(void)
{
    desk_sits(&desk, 1002, "beto", NULL);
}

static int succeeded(const char *ref, const char *id)
{
    err = (struct err){0};
    return store_decide_succeeded(
        desk.store,
        &(struct found_out){
            .ref = ref, .remote_id = id, .reason = "seen", .four_eyes = &above},
        desk.now, &err);
}

static int not_sent(const char *ref)
{
    err = (struct err){0};
    return store_decide_not_sent(
        desk.store,
        &(struct found_out){.ref = ref, .reason = "not there", .four_eyes = &above},
        desk.now, &err);
}

static int release(const char *ref, const char *batch, int64_t *count)
{
    const struct hold_lift lift = {ref, batch, NULL, "asked the client", &above};
    *count = 0;
    err = (struct err){0};
    return store_decide_release(desk.store, &lift, desk.now, count, &err);
}

/* Kept, and not carried out. */
static bool waits(int rc)
{
    bool so = rc == -1 && err.code == ERR_TEMPFAIL && strstr(err.text, "second person");
    if (!so)
        print_error("  rc %d, code %d: %s\n", rc, err.code, err.text);
    return so;
}

static void doubts(void)
{
    ana();
    take_in("july", {"large", .minor = 1001, .currency = "ars"},
            {"small", .minor = 1000, .currency = "ars"}, {"usd", .minor = 1}, {"user"});
    static const char *const refs[] = {"large", "small", "usd", "user"};
    for (size_t i = 0; i < COUNT_OF(refs); i++)
        desk_done(&desk, refs[i], JOB_IN_DOUBT);
}

static bool trail_holds(void)
{
    int64_t rows;
    if (store_mark_keep(desk.store, desk.now, &err) == 0 &&
        store_audit(desk.store, NULL, NULL, &rows, &err) == 0)
        return true;
    print_error("  %s\n", err.text);
    return false;
}

static void two_say_the_same(void **state)
{
    (void)state;
    doubts();
    assert_true(waits(succeeded("large", "77")));
    assert_true(desk_is(&desk, "large", JOB_IN_DOUBT));
    assert_sql(desk.db,
               "SELECT ref, currency, amount, verb, remote_id, proposed_by, next_command "
               "FROM proposals",
               "large|ars|10.01|succeeded|77|ana|remesa resolve large --succeeded "
               "--remote-id 77");
    assert_true(waits(succeeded("large", "77"))); /* nor does she count twice */
    desk_sits(&desk, 0, "root", "ana");
    assert_true(waits(succeeded("large", "77")));
    assert_sql(desk.db, "SELECT count(*) FROM proposal", "1");
    assert_sql(desk.db, "SELECT count(*) FROM decisions", "0");
    beto();
    assert_int_equal(succeeded("large", "77"), 0);
    assert_sql(desk.db, "SELECT state, remote_id FROM job WHERE ref = 'large'",
               "succeeded|77");
    assert_sql(desk.db, "SELECT count(*) FROM proposals", "0");
    assert_sql(desk.db, "SELECT ref, decided_by FROM decisions", "large|beto");
    assert_sql(
        desk.db,
        "SELECT who, what, subject FROM audit WHERE what IN ('propose', 'resolve')",
        "ana|propose|large beto|resolve|large");
    assert_true(trail_holds());
}

static void two_who_do_not_agree(void **state)
{
    (void)state;
    doubts();
    assert_true(waits(succeeded("large", "77")));
    beto();
    assert_true(waits(succeeded("large", "78")));
    assert_true(waits(not_sent("large")));
    assert_sql(desk.db,
               "SELECT verb, coalesce(remote_id, '-'), proposed_by FROM proposals",
               "not_sent|-|beto");
    ana();
    assert_true(waits(succeeded("large", "77"))); /* hers again, and the last word */
    assert_true(desk_is(&desk, "large", JOB_IN_DOUBT));
    assert_true(waits(not_sent("large")));
    beto();
    assert_int_equal(not_sent("large"), 0);
    assert_true(desk_ready(&desk, "large"));
    assert_true(trail_holds());
}

static void one_is_enough_up_to_the_limit(void **state)
{
    (void)state;
    doubts();
    assert_int_equal(succeeded("small", "1"), 0);
    assert_int_equal(succeeded("user", "2"), 0);
    assert_true(waits(not_sent("usd"))); /* no limit is said for it */
    assert_int_equal(store_decide_not_sent(
                         desk.store, &(struct found_out){.ref = "large", .reason = "x"},
                         desk.now, &err),
                     0);
}

static void hold(const char *ref)
{
    assert_int_equal(store_begin(desk.store, &err), 0);
    assert_int_equal(store_hold_job(desk.store, desk_id(&desk, ref), HOLD_DUPLICATE,
                                    "twice", desk.now, &err),
                     0);
    assert_int_equal(store_commit(desk.store, &err), 0);
}

/* The batch keeps the limits by which it was held. */
static void a_setting_that_is_turned_off_changes_nothing(void **state)
{
    (void)state;
    static const struct four_eyes off = {.required = false};
    int64_t n = 0;
    ana();
    desk.four_eyes = &above;
    take_in("july", {"large", .minor = 1001, .currency = "ars"},
            {"small", .minor = 1000, .currency = "ars"});
    assert_sql(desk.db, "SELECT four_eyes FROM batch", "ars=10.00");
    const struct hold_lift large = {"large", NULL, NULL, "x", &off};
    const struct hold_lift small = {"small", NULL, NULL, "x", &off};
    hold("large");
    hold("small");
    assert_true(waits(store_decide_release(desk.store, &large, desk.now, &n, &err)));
    assert_int_equal(store_decide_release(desk.store, &small, desk.now, &n, &err), 0);
    assert_true(sql_refused(desk.db, "UPDATE batch SET four_eyes = NULL", "two persons"));
    assert_true(
        sql_refused(desk.db, "UPDATE batch SET four_eyes = 'ars=9999'", "two persons"));
}

/* What was said of one attempt is not said of the next. */
static void a_word_is_about_one_attempt(void **state)
{
    (void)state;
    doubts();
    assert_true(waits(not_sent("large")));
    beto();
    assert_int_equal(not_sent("large"), 0);
    desk_done(&desk, "large", JOB_IN_DOUBT);
    assert_sql(desk.db, "SELECT count(*) FROM proposals", "0");
    assert_true(waits(not_sent("large")));
    assert_true(desk_is(&desk, "large", JOB_IN_DOUBT));
    ana();
    assert_true(waits(succeeded("large", NULL)));
    beto();
    assert_true(waits(not_sent("large"))); /* without an id, and not the same */
}

static void a_hold_is_released_by_two(void **state)
{
    (void)state;
    int64_t n;
    ana();
    take_in("july", {"large", .minor = 1001, .currency = "ars"},
            {"small", .minor = 1000, .currency = "ars"}, {"more", .minor = 9999});
    hold("large");
    hold("small");
    hold("more");
    assert_true(waits(release(NULL, "july", &n)));
    assert_int_equal(n, 1); /* the small one goes */
    assert_true(desk_ready(&desk, "small"));
    assert_false(desk_ready(&desk, "large") || desk_ready(&desk, "more"));
    assert_sql(desk.db, "SELECT ref, next_command FROM proposals",
               "large|remesa release large --kind duplicate --reason TEXT "
               "more|remesa release more --kind duplicate --reason TEXT");
    assert_true(waits(release("large", NULL, &n)));
    beto();
    assert_int_equal(release("large", NULL, &n), 0);
    assert_int_equal(n, 1);
    assert_true(desk_ready(&desk, "large"));
    hold("large"); /* another hold is another question */
    assert_true(waits(release("large", NULL, &n)));
    assert_true(desk_is_sound(&desk));
    assert_true(trail_holds());
}

static void it_is_not_unsaid(void **state)
{
    (void)state;
    doubts();
    assert_true(waits(not_sent("large")));
    assert_true(sql_refused(desk.db, "UPDATE proposal SET uid = 5", "append-only"));
    assert_true(sql_refused(desk.db, "DELETE FROM proposal", "append-only"));
    assert_true(sql_refused(desk.db, "REPLACE INTO proposal SELECT * FROM proposal",
                            "append-only"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(two_say_the_same),
        test(two_who_do_not_agree),
        test(one_is_enough_up_to_the_limit),
        test(a_word_is_about_one_attempt),
        test(a_setting_that_is_turned_off_changes_nothing),
        test(a_hold_is_released_by_two),
        test(it_is_not_unsaid),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
