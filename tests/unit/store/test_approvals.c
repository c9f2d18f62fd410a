/* Four eyes over a batch: who may approve it, what an approval is of, and what it takes to lose it. */
#include "store/approvals.h"

#include "store/approvers.h"
#include "store/audit.h"
#include "store/canonical.h"
#include "store/decisions.h"
#include "store/holds.h"
#include "store/person.h"
#include "store/read.h"
#include "store/restore.h"
#include "unit/store/on_desk.h"

static struct err err;
static const struct four_eyes always = {.required = true};
static const struct four_eyes never = {.required = false};
static struct approved got;

static void ana(void)
{
    desk_sits(&desk, 1001, "ana", NULL);
}

static void beto(void)
{
    desk_sits(&desk, 1002, "beto", NULL);
}

static int approve(void)
{
    err = (struct err){0};
    return store_approve(desk.store, "july", NULL, desk.now, &got, &err);
}

static int enforce(const struct four_eyes *four_eyes)
{
    err = (struct err){0};
    return store_approvals_enforce(desk.store, four_eyes, desk.now, &err);
}

static bool refused(int rc, enum err_code code, const char *says)
{
    if (rc == -1 && err.code == code && strstr(err.text, says))
        return true;
    print_error("  rc %d, code %d: %s\n", rc, err.code, err.text);
    return false;
}

static void july(void)
{
    desk.four_eyes = &always;
    ana();
    take_in("july", {"a", .minor = 150, .currency = "ars"},
            {"b", .minor = 7, .currency = "usd", .needs = "a"},
            {"c", .on_behalf_of = "#7"}, {"d", .on_behalf_of = "#7"});
}

static void nothing_leaves_before_another_has_approved_it(void **state)
{
    (void)state;
    july();
    assert_sql(desk.db, "SELECT count(*) FROM job WHERE ready = 1", "0");
    assert_sql(desk.db,
               "SELECT batch, state, held, imported_by, next_command FROM approvals",
               "july|waiting|4|ana|remesa approve july");
    assert_sql(desk.db, "SELECT DISTINCT kind, next_command FROM holds",
               "approval|remesa approve july");
    assert_true(desk_is_sound(&desk));
    beto();
    assert_int_equal(approve(), 0);
    assert_int_equal(got.freed, 4);
    assert_false(got.wants_another || got.was_already);
    assert_true(desk_ready(&desk, "a") && desk_ready(&desk, "c"));
    assert_false(desk_ready(&desk, "b") || desk_ready(&desk, "d"));
    assert_true(desk_is_sound(&desk));
    assert_sql(desk.db, "SELECT state, held, imported_by, approved_by FROM approvals",
               "approved|0|ana|beto");
    assert_sql(desk.db,
               "SELECT who, subject, json_extract(detail, '$.approval'), "
               "json_extract(detail, '$.jobs') FROM audit WHERE what = 'approve'",
               "beto|july|1|4");
    assert_int_equal(enforce(&always), 0);
    assert_true(desk_ready(&desk, "a"));
    assert_int_equal(approve(), 0);
    assert_true(got.was_already);
    assert_sql(desk.db, "SELECT count(*) FROM approval", "1");
}

/* An environment can add a person to a user, and never take one away. */
static void who_may_be_the_importer_may_not_approve(void **state)
{
    (void)state;
    static const struct {
        int64_t uid;
        const char *name, *sudo;
        bool may;
    } rows[] = {
        {1001, "ana", NULL, false},   {1001, "ana", "beto", false},
        {0, "root", "ana", false},    {1001, "annie", NULL, false},
        {1002, "beto", "ana", false}, {0, "root", NULL, true},
        {0, "root", "beto", true},    {1002, "beto", NULL, true},
    };
    struct table t = {0};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        desk_close(&desk);
        desk_open(&desk);
        july();
        desk_sits(&desk, rows[i].uid, rows[i].name, rows[i].sudo);
        int rc = approve();
        bool as_wanted =
            rows[i].may ? rc == 0 : refused(rc, ERR_NOPERM, "imported by ana (uid 1001)");
        table_want(&t, as_wanted, "%s, sudo %s", rows[i].name,
                   rows[i].sudo ? rows[i].sudo : "-");
    }
    table_end(&t);
}

static void rows_of_the_inbox_take_two_others(void **state)
{
    (void)state;
    desk.by_others = true;
    july();
    beto();
    assert_int_equal(approve(), 0);
    assert_true(got.wants_another);
    assert_int_equal(got.freed, 0);
    assert_true(refused(approve(), ERR_NOPERM, "approved by beto"));
    desk_sits(&desk, 0, "root", "beto");
    assert_true(refused(approve(), ERR_NOPERM, "approved by beto"));
    assert_int_equal(enforce(&always), 0);
    assert_sql(desk.db, "SELECT state, held FROM approvals", "waiting|4");
    ana(); /* her process took them in, somebody else wrote them */
    assert_int_equal(approve(), 0);
    assert_false(got.wants_another);
    assert_int_equal(got.freed, 4);
    assert_sql(desk.db, "SELECT state, approved_by FROM approvals", "approved|beto, ana");
}

static void small_sums_go_with_one(void **state)
{
    (void)state;
    static const struct four_eyes above = {
        .required = true, .above = {.limits = {{1000, "ars"}, {500, "usd"}}, .count = 2}};
    desk.four_eyes = &above;
    ana();
    take_in("at it", {"a", .minor = 600, .currency = "ars"},
            {"b", .minor = 400, .currency = "ars"}, {"u", .minor = 500});
    take_in("no money", {"c"});
    take_in("over", {"d", .minor = 600, .currency = "ars"},
            {"e", .minor = 401, .currency = "ars"});
    take_in("one of them over", {"h", .minor = 1001, .currency = "ars"},
            {"i", .minor = 1});
    take_in("no limit", {"f", .minor = 1, .currency = "clp"}, {"g"});
    assert_sql(desk.db, "SELECT batch, held FROM approvals",
               "over|2 one of them over|2 no limit|2");
    assert_true(desk_is_sound(&desk));
}

/* With the setting off nothing waits; and what came in then waits from the moment that it is on. */
static void a_setting_that_comes_later(void **state)
{
    (void)state;
    july();
    desk.four_eyes = &never;
    take_in("june", {"j1"}, {"j2", .minor = 5});
    assert_true(desk_ready(&desk, "j1"));
    assert_int_equal(enforce(&never), 0);
    assert_true(desk_ready(&desk, "j1"));
    assert_false(desk_ready(&desk, "a")); /* off does not approve */
    desk_done(&desk, "j1", JOB_SUCCEEDED);
    assert_int_equal(enforce(&always), 0);
    assert_sql(desk.db, "SELECT batch, held FROM approvals", "july|4 june|1");
    assert_true(desk_is_sound(&desk));
    static const struct four_eyes above = {.required = true,
                                           .above = {.limits = {{1, "ars"}}, .count = 1}};
    assert_int_equal(enforce(&above), 0); /* it goes on by those that it was held by */
    assert_sql(desk.db, "SELECT name, four_eyes = '' FROM batch", "july|1 june|1");
}

/* Held by the approval only once more, and a duplicate stays held. */
static void other_holds_stay(void **state)
{
    (void)state;
    int64_t n = 0;
    const struct hold_lift lift = {"a", NULL, NULL, "asked", NULL};
    july();
    assert_int_equal(store_begin(desk.store, &err), 0);
    store_hold_job(desk.store, desk_id(&desk, "a"), HOLD_DUPLICATE, "x", desk.now, &err);
    assert_int_equal(store_commit(desk.store, &err), 0);
    beto();
    assert_int_equal(approve(), 0);
    assert_false(desk_ready(&desk, "a"));
    assert_int_equal(store_decide_release(desk.store, &lift, desk.now, &n, &err), -1);
    assert_int_equal(err.code, ERR_TEMPFAIL); /* nor does one alone release it */
    ana();
    assert_int_equal(store_decide_release(desk.store, &lift, desk.now, &n, &err), 0);
    assert_true(desk_ready(&desk, "a"));
    assert_true(desk_is_sound(&desk));
}

/* Whatever the shell changes, and however: a run sends nothing, a second approval is refused. */
static void one_byte_after_the_approval(void **state)
{
    (void)state;
    static const struct {
        const char *sql, *says;
    } rows[] = {
        {"UPDATE job SET params = '{\"cbu\":\"1\"}' WHERE ref = 'a'",
         "changed since beto"},
        {"UPDATE job SET ref = 'A' WHERE ref = 'a'", "changed since beto"},
        {"UPDATE job SET action = 'pay' WHERE ref = 'a'", "changed since beto"},
        {"UPDATE job SET on_behalf_of = '#8' WHERE ref = 'c'", "changed since beto"},
        {"UPDATE job SET needs = 'c' WHERE ref = 'b'", "changed since beto"},
        {"UPDATE job SET minor = 151 WHERE ref = 'a'", "changed since beto"},
        {"UPDATE job SET currency = 'usd' WHERE ref = 'a'", "changed since beto"},
        {"UPDATE job SET payee = 'x' WHERE ref = 'a'", "changed since beto"},
        {"PRAGMA foreign_keys = OFF; DELETE FROM job WHERE ref = 'd'",
         "changed since beto"},
        {"INSERT INTO job (batch_id, line, ref, action, needs, params) "
         "SELECT id, 9, 'eve', 'pay', '', '{}' FROM batch",
         "changed since beto"},
        {"UPDATE batch_money SET imported = 149 WHERE currency = 'ars'",
         "changed since beto"},
        {"UPDATE batch_money SET places = 0, unit = 1 WHERE currency = 'ars'",
         "changed since beto"},
        {"UPDATE batch_money SET declared = 150 WHERE currency = 'ars'",
         "changed since beto"},
        {"UPDATE approval SET sha256 = 'x'", "changed since beto"},
        {"UPDATE approval SET approved_at = 5", "does not tell"},
        {"UPDATE batch SET imported_uid = 1002", "who imported it"},
        {"UPDATE batch SET imported_uid = NULL", "who imported it"},
    };
    struct table t = {0};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        desk_close(&desk);
        desk_open(&desk);
        july();
        beto();
        assert_int_equal(approve(), 0);
        sql_run(desk.db,
                "DROP TRIGGER job_keeps_its_content; DROP TRIGGER job_keeps_its_payee; "
                "DROP TRIGGER job_stays; DROP TRIGGER approval_keeps_its_content; "
                "DROP TRIGGER batch_keeps_its_importer");
        sql_run(desk.db, rows[i].sql);
        table_want(&t, refused(enforce(&always), ERR_INPUT, rows[i].says), "%s",
                   rows[i].sql);
        table_want(&t, refused(enforce(&never), ERR_INPUT, rows[i].says), "%s, off",
                   rows[i].sql);
    }
    table_end(&t);
}

/* With a doubt left it may be sent again: that counts. What has come to its end does not. */
static void changed_while_one_is_in_doubt(void **state)
{
    (void)state;
    july();
    beto();
    assert_int_equal(approve(), 0);
    desk_done(&desk, "a", JOB_SUCCEEDED);
    desk_done(&desk, "b", JOB_SUCCEEDED);
    desk_done(&desk, "c", JOB_SUCCEEDED);
    desk_done(&desk, "d", JOB_IN_DOUBT);
    sql_run(desk.db, "DROP TRIGGER job_keeps_its_content; "
                     "UPDATE job SET params = '{\"x\":\"y\"}' WHERE ref = 'd'");
    assert_true(refused(enforce(&always), ERR_INPUT, "changed since beto"));
    assert_int_equal(store_decide_succeeded(
                         desk.store, &(struct found_out){.ref = "d", .remote_id = "7"},
                         desk.now, &err),
                     0);
    assert_int_equal(enforce(&always), 0);
}

/* One who changes a row, and the digest of the approval with it. */
static void an_approval_that_was_fitted_to_a_change(void **state)
{
    (void)state;
    struct batch_digest fitted;
    char sql[200];
    july();
    beto();
    assert_int_equal(approve(), 0);
    sql_run(desk.db, "DROP TRIGGER job_keeps_its_content; DROP TRIGGER "
                     "approval_keeps_its_content; "
                     "UPDATE job SET params = '{\"x\":\"y\"}' WHERE ref = 'd'");
    assert_int_equal(store_batch_digest(desk.store, 1, &fitted, &err), 0);
    snprintf(sql, sizeof(sql), "UPDATE approval SET sha256 = '%s'", fitted.all);
    sql_run(desk.db, sql);
    assert_true(refused(enforce(&always), ERR_INPUT, "does not tell"));
}

/* Whatever has let an approval of the importer in: it does not count. */
static void one_person_twice_is_one(void **state)
{
    (void)state;
    struct batch_digest digest;
    struct audit a;
    int64_t id;
    july();
    assert_int_equal(store_batch_digest(desk.store, 1, &digest, &err), 0);
    assert_int_equal(store_begin(desk.store, &err), 0);
    assert_int_equal(approvers_add(desk.store, 1, digest.all, desk.now, &id, &err), 0);
    audit_open(&a);
    jsonw_int(&a.w, "approval", id);
    jsonw_text(&a.w, "sha256", digest.all);
    assert_int_equal(audit_add(&a, desk.store, "approve", "july", desk.now, &err), 0);
    assert_int_equal(store_lift_approval(desk.store, "july", desk.now, &id, &err), 0);
    assert_int_equal(store_commit(desk.store, &err), 0);
    assert_true(desk_ready(&desk, "a"));
    assert_int_equal(enforce(&never), 0);
    assert_false(desk_ready(&desk, "a"));
}

static void an_approval_of_the_shell_is_none(void **state)
{
    (void)state;
    july();
    sql_run(desk.db,
            "INSERT INTO approval (batch_id, sha256, approved_at, approved_by, uid) "
            "VALUES (1, 'x', 5, 'beto', 1002)");
    assert_true(refused(enforce(&always), ERR_INPUT, "changed since beto"));
    desk_close(&desk);
    desk_open(&desk);
    july();
    sql_run(desk.db, "UPDATE hold SET released_at = 5, released_by = 'eve', "
                     "release_reason = 'I say so'");
    assert_true(desk_ready(&desk, "a"));
    assert_int_equal(enforce(&never),
                     0); /* it waited for one: so it does, whatever is set now */
    assert_false(desk_ready(&desk, "a"));
    assert_true(desk_is_sound(&desk));
}

static void what_is_not_there_is_not_approved(void **state)
{
    (void)state;
    int64_t n = 0;
    july();
    beto();
    assert_true(refused(store_approve(desk.store, "may", NULL, desk.now, &got, &err),
                        ERR_NOINPUT, "no batch 'may'"));
    assert_true(refused(store_approve(desk.store, "july", "abc", desk.now, &got, &err),
                        ERR_INPUT, "and not abc: look again"));
    sql_run(desk.db, "UPDATE batch_money SET imported = 7 WHERE currency = 'ars'");
    assert_true(refused(approve(), ERR_INPUT,
                        "imported 0.07 ars, its jobs come to 1.50: 1.43 more"));
    sql_run(desk.db, "UPDATE batch_money SET imported = 150 WHERE currency = 'ars'");
    sql_run(desk.db, "DROP TRIGGER job_keeps_its_content; "
                     "UPDATE job SET params = '{\"x\":\"y\"}' WHERE ref = 'd'");
    assert_true(refused(approve(), ERR_INPUT, "not those that were imported"));
    sql_run(desk.db, "UPDATE job SET params = '{}' WHERE ref = 'd'");
    assert_int_equal(
        store_decide_cancel_batch(desk.store, "july", NULL, desk.now, &n, &err), 0);
    assert_true(refused(approve(), ERR_USAGE, "nothing of it waits"));
    assert_sql(desk.db, "SELECT count(*) FROM approval", "0");
    assert_sql(desk.db, "SELECT count(*) FROM audit WHERE what = 'approve'", "0");
}

static void it_is_not_unsaid(void **state)
{
    (void)state;
    july();
    beto();
    assert_int_equal(approve(), 0);
    assert_true(sql_refused(desk.db, "UPDATE approval SET uid = 5", "append-only"));
    assert_true(sql_refused(desk.db, "DELETE FROM approval", "append-only"));
    assert_true(sql_refused(desk.db, "REPLACE INTO approval SELECT * FROM approval",
                            "append-only"));
    assert_true(
        sql_refused(desk.db, "UPDATE batch SET imported_uid = 5", "who imported it"));
    int64_t rows;
    assert_int_equal(store_mark_keep(desk.store, desk.now, &err), 0);
    assert_int_equal(store_audit(desk.store, NULL, NULL, &rows, &err), 0);
    sql_run(desk.db, "UPDATE batch_money SET declared = 1 WHERE currency = 'ars'");
    assert_true(refused(store_audit(desk.store, NULL, NULL, &rows, &err), ERR_INPUT,
                        "is not what beto approved"));
}

/* Skipped while the batch waited, it comes back by a retry, held as it was: the same command lets it go. */
static void what_was_skipped_then_is_let_go_by_the_same_word(void **state)
{
    (void)state;
    int64_t n = 0;
    desk.four_eyes = &never;
    take_in("may", {"u"});
    desk.four_eyes = &always;
    ana();
    take_in("july", {"p", .needs = "u"}, {"other"});
    desk_done(&desk, "u", JOB_FAILED);
    assert_true(desk_is(&desk, "p", JOB_SKIPPED));
    beto();
    assert_int_equal(approve(), 0);
    assert_int_equal(got.freed, 1);
    assert_int_equal(store_decide_retry(desk.store, "u", NULL, desk.now, &n, &err), 0);
    desk_done(&desk, "u", JOB_SUCCEEDED);
    assert_false(desk_ready(&desk, "p"));
    assert_int_equal(approve(), 0);
    assert_true(got.was_already);
    assert_int_equal(got.freed, 1);
    assert_true(desk_ready(&desk, "p"));
    assert_true(desk_is_sound(&desk));
}

/* What is queued again after an approval was approved. */
static void a_retry_needs_no_second_approval(void **state)
{
    (void)state;
    int64_t n = 0;
    july();
    beto();
    assert_int_equal(approve(), 0);
    desk_done(&desk, "a", JOB_FAILED);
    assert_int_equal(store_decide_retry(desk.store, "a", NULL, desk.now, &n, &err), 0);
    assert_int_equal(enforce(&always), 0);
    assert_true(desk_ready(&desk, "a"));
}

static void on_one(void *ctx, const char *batch, int64_t jobs, const char *command)
{
    struct buf *out = ctx;
    buf_printf(out, "%s %lld %s;", batch, (long long)jobs, command);
}

static void a_run_tells_what_waits(void **state)
{
    (void)state;
    struct buf told;
    int64_t jobs;
    buf_init(&told, 1000);
    july();
    take_in("may's", {"m"});
    assert_int_equal(store_scope_begin(desk.store, &err), 0);
    assert_int_equal(store_scope_unapproved(desk.store, &jobs, on_one, &told, &err), 0);
    assert_int_equal(jobs, 5);
    assert_string_equal(told.data,
                        "july 4 remesa approve july;may's 1 remesa approve 'may'\\''s';");
    buf_close(&told);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(nothing_leaves_before_another_has_approved_it),
        test(who_may_be_the_importer_may_not_approve),
        test(rows_of_the_inbox_take_two_others),
        test(small_sums_go_with_one),
        test(a_setting_that_comes_later),
        test(other_holds_stay),
        test(one_byte_after_the_approval),
        test(changed_while_one_is_in_doubt),
        test(an_approval_that_was_fitted_to_a_change),
        test(one_person_twice_is_one),
        test(an_approval_of_the_shell_is_none),
        test(what_is_not_there_is_not_approved),
        test(it_is_not_unsaid),
        test(what_was_skipped_then_is_let_go_by_the_same_word),
        test(a_retry_needs_no_second_approval),
        test(a_run_tells_what_waits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
