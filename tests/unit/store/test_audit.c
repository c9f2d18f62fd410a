/* The trail of who did what: what is written, and that no damage to it, or to what it tells of, goes unseen. */
#include "store/audit.h"

#include "db/beside.h"
#include "store/binding.h"
#include "store/decisions.h"
#include "store/holds.h"
#include "store/person.h"
#include "store/restore.h"
#include "unit/store/on_desk.h"

static struct err err;

/* Computed apart from this program:
 *   printf '64:%s,1:7,4:1000,3:ana,6:import,4:july,2:{},' (64 zeros) | sha256sum */
static void the_seal_is_what_the_header_says(void **state)
{
    (void)state;
    char seal[SHA256_HEX_MAX];
    const struct audit_row row = {7,    {1000},           "ana", "import", "july",
                                  "{}", AUDIT_FIRST_PREV, NULL};
    audit_seal(&row, seal);
    assert_string_equal(
        seal, "4ef3fcfdb3f95460b2f3ccb7780ac6051e15f0b2cad2b65d15eafa921653ead0");
}

static void hold_and_release(const char *ref)
{
    int64_t n = 0;
    const struct hold_lift lift = {ref, NULL, NULL, "asked"};
    assert_int_equal(store_begin(desk.store, &err), 0);
    assert_int_equal(store_hold_job(desk.store, desk_id(&desk, ref), HOLD_CAP, "too much",
                                    desk.now, &err),
                     0);
    assert_int_equal(store_commit(desk.store, &err), 0);
    assert_int_equal(store_decide_release(desk.store, &lift, desk.now, &n, &err), 0);
}

/* A night of everything that leaves a row. */
static void night(void)
{
    int64_t n = 0;
    take_in("july", {"a", .minor = 150, .currency = "ars"}, {"b"}, {"c"},
            {"d", .minor = 7, .currency = "usd"}, {"e"});
    store_bind(desk.store, "loopback", desk.now, &err);
    desk_done(&desk, "a", JOB_IN_DOUBT);
    desk_done(&desk, "b", JOB_FAILED);
    assert_int_equal(
        store_decide_succeeded(
            desk.store,
            &(struct found_out){.ref = "a", .remote_id = "9", .reason = "seen"}, desk.now,
            &err),
        0);
    assert_int_equal(store_decide_retry(desk.store, "b", NULL, desk.now, &n, &err), 0);
    assert_int_equal(store_decide_cancel(desk.store, "c", "no", desk.now, &n, &err), 0);
    hold_and_release("d");
    assert_int_equal(store_begin(desk.store, &err), 0);
    assert_int_equal(store_run_end(desk.store, desk.run, 2, NULL, desk.now, &err), 0);
    assert_int_equal(store_commit(desk.store, &err), 0);
    assert_int_equal(store_mark_keep(desk.store, desk.now, &err), 0);
}

static int verify(void)
{
    int64_t rows;
    err = (struct err){0};
    return store_audit(desk.store, NULL, NULL, &rows, &err);
}

static void all_that_a_person_does_is_told(void **state)
{
    (void)state;
    night();
    assert_sql(desk.db,
               "SELECT id, what, subject FROM audit WHERE what NOT IN ('begin', 'bind')",
               "2|run|run 1 3|import|july 5|resolve|a 6|retry|b 7|cancel|c 8|release|d "
               "9|run_end|run 1");
    assert_sql(desk.db,
               "SELECT json_extract(detail, '$.totals.ars'), json_extract(detail, "
               "'$.totals.usd'), json_extract(detail, '$.jobs'), "
               "json_extract(detail, '$.sha256') = (SELECT sha256 FROM batch) "
               "FROM audit WHERE what = 'import'",
               "1.50|0.07|5|1");
    assert_sql(desk.db, "SELECT detail FROM audit WHERE what = 'resolve'",
               "{\"decision\":1,\"verb\":\"succeeded\",\"attempt\":1,\"reason\":\"seen\","
               "\"remote_id\":\"9\"}");
    assert_int_equal(verify(), 0);
    desk_reopen(&desk);
    assert_int_equal(verify(), 0);
}

/* Nothing of a decision that is undone stays. */
static void what_did_not_happen_is_not_told(void **state)
{
    (void)state;
    struct import_result out;
    int64_t n = 0;
    take_in("july", {"a"});
    int64_t before = sql_int(desk.db, "SELECT max(id) AS n FROM audit");
    store_decide_succeeded(desk.store, &(struct found_out){.ref = "a", .remote_id = "9"},
                           desk.now, &err);
    store_decide_retry(desk.store, "nobody", NULL, desk.now, &n, &err);
    desk_try_import(&desk, "july", &(struct line){"b", .needs = "nobody"}, 1, &out);
    desk_try_import(&desk, "june", &(struct line){"a"}, 1, &out);
    assert_int_equal(sql_int(desk.db, "SELECT max(id) AS n FROM audit"), before);
    assert_int_equal(verify(), 0);
}

static void the_shell_meets_triggers(void **state)
{
    (void)state;
    static const char *const sql[] = {
        "UPDATE audit SET who = 'x' WHERE id = 3",
        "DELETE FROM audit WHERE id = 3",
        "DELETE FROM audit WHERE id = (SELECT max(id) FROM audit)",
        "REPLACE INTO audit SELECT id, at, 'x', what, subject, detail, prev, hash FROM "
        "audit WHERE id = 3",
        "INSERT INTO audit SELECT 99, at, who, what, subject, detail, hash, 'x' FROM "
        "audit WHERE id = 8",
        "INSERT INTO audit SELECT 10, at, who, what, subject, detail, 'x', 'x' FROM "
        "audit "
        "WHERE id = 8",
    };
    struct table t = {0};
    night();
    for (size_t i = 0; i < COUNT_OF(sql); i++)
        table_want(&t, sql_refused(desk.db, sql[i], "append-only"), "%s", sql[i]);
    table_end(&t);
}

#define NO_TRIGGERS                                                                      \
    "DROP TRIGGER audit_keeps_its_content; DROP TRIGGER audit_stays;"                    \
    "DROP TRIGGER audit_goes_on_at_its_end; DROP TRIGGER job_keeps_its_content;"         \
    "DROP TRIGGER job_stays; DROP TRIGGER job_is_not_replaced;"                          \
    "DROP TRIGGER decision_keeps_its_content; DROP TRIGGER decision_stays;"              \
    "DROP TRIGGER binding_keeps_its_content; DROP TRIGGER binding_stays;"                \
    "DROP TRIGGER hold_keeps_its_content; DROP TRIGGER hold_stays;"                      \
    "DROP TRIGGER batch_keeps_its_importer; DROP TRIGGER approval_keeps_its_content;"    \
    "DROP TRIGGER approval_stays; DROP TRIGGER proposal_keeps_its_content;"              \
    "DROP TRIGGER proposal_stays;"

static const struct damage {
    const char *name, *sql, *says;
} damages[] = {
    {"a name", "UPDATE audit SET who = 'eve' WHERE id = 3", "row 3: it was changed"},
    {"a time", "UPDATE audit SET at = at + 1 WHERE id = 5", "row 5: it was changed"},
    {"a detail", "UPDATE audit SET detail = '{}' WHERE id = 6", "row 6: it was changed"},
    {"a kind", "UPDATE audit SET what = 'retry' WHERE id = 7", "row 7: it was changed"},
    {"a subject", "UPDATE audit SET subject = 'z' WHERE id = 5", "row 5: it was changed"},
    {"a hash", "UPDATE audit SET hash = prev WHERE id = 5", "row 5: it was changed"},
    {"one deleted", "DELETE FROM audit WHERE id = 5", "row 5: it is missing"},
    {"one deleted, the gap closed",
     "DELETE FROM audit WHERE id = 5; UPDATE audit SET id = id - 1 WHERE id > 5",
     "row 5: it was changed"},
    {"the first deleted", "DELETE FROM audit WHERE id = 1", "row 1: it is missing"},
    {"two in another order",
     "UPDATE audit SET id = 99 WHERE id = 5; UPDATE audit SET id = 5 WHERE id = 6;"
     "UPDATE audit SET id = 6 WHERE id = 99",
     "row 5: it was changed"},
    {"one put in",
     "INSERT INTO audit SELECT 10, at, 'eve', what, subject, detail, hash, hash FROM "
     "audit "
     "WHERE id = 9",
     "row 10: it was changed"},
    {"all deleted", "DELETE FROM audit", "it was cut off"},
    {"the tail cut off", "DELETE FROM audit WHERE id > 6", "it was cut off"},
    {"the last row cut off", "DELETE FROM audit WHERE id = 9", "it was cut off"},
    {"a decision changed", "UPDATE decision SET reason = 'paid' WHERE id = 1",
     "the decision 1 about a"},
    {"whose verdict was changed", "UPDATE decision SET verb = 'not_sent' WHERE id = 1",
     "the decision 1 about a"},
    {"a decision moved", "UPDATE decision SET job_id = 4 WHERE id = 1",
     "the decision 1 about d"},
    {"a decision deleted", "DELETE FROM decision WHERE id = 2",
     "row 6: the decision about b"},
    {"a decision of the shell",
     "INSERT INTO decision (job_id, attempt, verb, decided_by, decided_at) "
     "VALUES (4, 0, 'cancel', 'ana', 5)",
     "the decision 4 about d"},
    {"why one was released", "UPDATE hold SET release_reason = 'x'",
     "the release of d (cap) has no row"},
    {"a release deleted", "DELETE FROM hold", "row 8: the release of d"},
    {"a release of the shell",
     "INSERT INTO hold (job_id, kind, reason, held_at) VALUES (2, 'cap', 'x', 1);"
     "UPDATE hold SET released_at = 2, released_by = 'ana', release_reason = 'x' "
     "WHERE id = 2",
     "the release of b (cap) has no row"},
    {"a parameter changed",
     "UPDATE job SET params = '{\"amount\":\"9\"}' WHERE ref = 'd'",
     "the rows of the batch july"},
    {"one byte of a ref", "UPDATE job SET ref = 'E' WHERE ref = 'e'",
     "the rows of the batch july"},
    {"a row deleted", "PRAGMA foreign_keys = OFF; DELETE FROM job WHERE ref = 'e'",
     "the rows of the batch july"},
    {"a row put in",
     "INSERT INTO job (batch_id, line, ref, action, needs, params) "
     "VALUES (1, 9, 'eve', 'pay', '', '{}')",
     "the rows of the batch july"},
    {"a total", "UPDATE batch_money SET imported = 151 WHERE currency = 'ars'",
     "row 3: the totals of the batch july"},
    {"a currency more",
     "INSERT INTO batch_money (batch_id, currency, places, unit, imported) "
     "VALUES (1, 'clp', 0, 1, 5)",
     "row 3: the batch july has a total in clp"},
    {"its importer", "UPDATE batch SET imported_uid = imported_uid + 1",
     "row 3: the batch july is not as it was imported"},
    {"an approval of the shell",
     "INSERT INTO approval (batch_id, sha256, approved_at, approved_by, uid) "
     "VALUES (1, 'x', 5, 'eve', 7)",
     "the approval 1 of july by eve has no row"},
    {"a proposal of the shell",
     "INSERT INTO proposal (job_id, attempt, verb, proposed_at, proposed_by, uid) "
     "VALUES (1, 1, 'succeeded', 5, 'eve', 7)",
     "what eve said of a (succeeded) has no row"},
    {"a job's money", "UPDATE job SET minor = minor + 1 WHERE ref = 'a'",
     "batch july: imported 1.50 ars, its jobs come to 1.51: 0.01 more"},
    {"a sum deleted", "DELETE FROM batch_money WHERE currency = 'ars'",
     "row 3: the totals of the batch july"},
    {"a job and a sum that agree",
     "UPDATE job SET minor = 151 WHERE ref = 'a';"
     "UPDATE batch_money SET imported = 151 WHERE currency = 'ars'",
     "row 3: the totals of the batch july"},
    {"what was declared",
     "UPDATE batch_money SET declared = 7 WHERE currency = 'usd'; "
     "UPDATE batch_money SET declared = 151 WHERE currency = 'ars'",
     "batch july: declared 1.51 ars, imported 1.50: 0.01 less"},
    {"declared lines", "UPDATE batch SET declared_rows = 5",
     "row 3: the batch july is not as it was imported"},
    {"the batch's own digest", "UPDATE batch SET sha256 = 'x'",
     "row 3: the batch july is not as it was imported"},
    {"a batch of the shell",
     "INSERT INTO batch (name, source, sha256, jobs, imported_at, imported_by) "
     "VALUES ('eve', 'x', 'x', 0, 1, 'ana')",
     "the batch eve has no row"},
    {"the binding", "UPDATE binding SET api = 'https://bitex.la:443/api'",
     "row 4: it is bound to another API"},
};

static void copy_file(const char *from, const char *to)
{
    static char bytes[4 * 1024 * 1024];
    FILE *in = fopen(from, "rb"), *out = fopen(to, "wb");
    assert_true(in && out);
    size_t n = fread(bytes, 1, sizeof(bytes), in);
    assert_true(feof(in) && fwrite(bytes, 1, n, out) == n);
    fclose(in);
    assert_int_equal(fclose(out), 0);
}

/* The desk's file and its mark, as they were when it was closed. */
static void copy_night(const struct temp *to)
{
    char mark[300], there[300];
    copy_file(desk.temp.db, to->db);
    snprintf(mark, sizeof(mark), "%s%s", desk.temp.db, MARK_SUFFIX);
    snprintf(there, sizeof(there), "%s%s", to->db, MARK_SUFFIX);
    copy_file(mark, there);
}

static void shell(const struct temp *in, const char *sql)
{
    struct db *db = temp_db(in->db, DB_READ_WRITE);
    sql_run(db, NO_TRIGGERS);
    sql_run(db, sql);
    db_close(db);
}

static int verify_copy(const struct temp *copy)
{
    struct store *s = NULL;
    int64_t rows;
    if (store_open(&s, copy->db, STORE_READ, "", &err))
        fail_msg("%s", err.text);
    err = (struct err){0};
    int rc = store_audit(s, NULL, NULL, &rows, &err);
    store_close(s);
    return rc;
}

static void no_damage_goes_unseen(void **state)
{
    (void)state;
    struct table t = {0};
    night();
    store_close(desk.store); /* all of it is in the file then */
    desk.store = NULL;
    for (size_t i = 0; i < COUNT_OF(damages); i++) {
        const struct damage *d = &damages[i];
        struct temp copy;
        temp_open(&copy);
        copy_night(&copy);
        table_want(&t, verify_copy(&copy) == 0, "%s, before: %s", d->name, err.text);
        shell(&copy, d->sql);
        table_want(&t,
                   verify_copy(&copy) == -1 && err.code == ERR_INPUT &&
                       strstr(err.text, d->says),
                   "%s: %s", d->name, err.text);
        temp_close(&copy);
    }
    table_end(&t);
}

/* With the seal made anew, as somebody would who has read audit.h; from `from` to `to`. */
static void forge(int64_t from, int64_t to)
{
    char sql[300], seal[SHA256_HEX_MAX];
    for (int64_t id = from; id <= to; id++) {
        snprintf(
            sql, sizeof(sql),
            "UPDATE audit SET who = 'eve', prev = (SELECT hash FROM audit WHERE id = "
            "%lld) WHERE id = %lld",
            (long long)id - 1, (long long)id);
        sql_run(desk.db, sql);
        struct stmt *q = db_stmt(desk.db, "SELECT * FROM audit WHERE id = ?", &err);
        stmt_bind_int(q, id);
        assert_int_equal(stmt_step(q, &err), 1);
        const struct audit_row row = {.id = id,
                                      .at = {stmt_int(q, "at")},
                                      .who = stmt_text(q, "who"),
                                      .what = stmt_text(q, "what"),
                                      .subject = stmt_text(q, "subject"),
                                      .detail = stmt_text(q, "detail"),
                                      .prev = stmt_text(q, "prev")};
        audit_seal(&row, seal);
        stmt_reset(q);
        snprintf(sql, sizeof(sql), "UPDATE audit SET hash = '%s' WHERE id = %lld", seal,
                 (long long)id);
        sql_run(desk.db, sql);
    }
}

static void a_row_that_was_sealed_anew_breaks_the_next(void **state)
{
    (void)state;
    night();
    sql_run(desk.db, NO_TRIGGERS);
    forge(5, 5);
    assert_int_equal(verify(), -1);
    assert_non_null(strstr(err.text, "row 6: it does not follow"));
}

/* A chain that is whole in itself, and not the one that the mark knows. */
static void a_trail_that_was_written_anew_is_not_the_one_of_the_mark(void **state)
{
    (void)state;
    night();
    sql_run(desk.db, NO_TRIGGERS);
    forge(5, 9);
    assert_int_equal(verify(), -1);
    assert_non_null(strstr(err.text, "does not have the row 9"));
}

/* The next command must not write the end of a trail that was cut into the mark: that would make it whole. */
static void a_trail_that_was_cut_stays_so(void **state)
{
    (void)state;
    enum mark_finding finding;
    night();
    sql_run(desk.db, NO_TRIGGERS "DELETE FROM audit WHERE id > 6");
    desk_reopen(&desk); /* which adds rows of its own */
    assert_int_equal(store_mark_look(desk.store, &finding, NULL, &err), 0);
    assert_int_equal(finding, MARK_CUT);
    assert_int_equal(store_mark_check(desk.store, &err), -1);
    assert_int_equal(err.code, ERR_CONFIG);
    assert_non_null(strstr(err.text, "does not have the row 9"));
    assert_int_equal(store_accept_move(desk.store, desk.now, &err), -1);
    assert_int_equal(verify(), -1);
}

/* A person may go on from it, which is told for ever. */
static void a_cut_that_was_accepted_is_told(void **state)
{
    (void)state;
    struct restored restored;
    night();
    sql_run(desk.db, NO_TRIGGERS "DELETE FROM audit WHERE id > 8");
    assert_int_equal(store_accept_restore(desk.store, desk.now, &restored, &err), 0);
    assert_int_equal(verify(), 0);
    assert_sql(
        desk.db,
        "SELECT what, json_extract(detail, '$.last_known_row') FROM audit WHERE id = 9",
        "accept_restore|9");
}

static void a_mark_from_before_the_trail_says_nothing_of_it(void **state)
{
    (void)state;
    struct buf mark;
    night();
    buf_init(&mark, MARK_TEXT_MAX);
    assert_int_equal(beside_read(desk.temp.db, MARK_SUFFIX, &mark, &err), 1);
    char *line = strstr(mark.data, "\naudit "), *end = strchr(line + 1, '\n');
    assert_non_null(line);
    memmove(line, end, strlen(end) + 1);
    assert_int_equal(beside_write(desk.temp.db, MARK_SUFFIX, span_of(mark.data), &err),
                     0);
    buf_close(&mark);
    assert_int_equal(verify(), 0);
}

static void without_its_mark_a_cut_would_be_missed_and_that_is_told(void **state)
{
    (void)state;
    char path[300];
    night();
    snprintf(path, sizeof(path), "%s%s", desk.temp.db, MARK_SUFFIX);
    unlink(path);
    assert_int_equal(verify(), -1);
    assert_non_null(strstr(err.text, "is not there"));
}

static void what_was_there_before_the_trail_is_not_missed(void **state)
{
    (void)state;
    int64_t n = 0;
    night();
    sql_run(desk.db, NO_TRIGGERS "DELETE FROM audit; UPDATE identity SET marked = 0;"
                                 "UPDATE audit_before SET batch = 1, decision = 3, run = "
                                 "1, hold = 1, api = 'loopback'");
    char path[300];
    snprintf(path, sizeof(path), "%s%s", desk.temp.db, MARK_SUFFIX);
    unlink(path);
    assert_int_equal(verify(), 0);
    desk_reopen(&desk);
    assert_sql(
        desk.db, "SELECT what, detail FROM audit WHERE id = 1",
        "begin|{\"batch\":1,\"decision\":3,\"run\":1,\"hold\":1,\"api\":\"loopback\"}");
    assert_int_equal(verify(), 0);
    store_decide_cancel(desk.store, "d", NULL, desk.now, &n, &err);
    take_in("august", {"f"});
    assert_int_equal(verify(), 0);
    sql_run(desk.db, "DELETE FROM audit WHERE what = 'import'");
    assert_int_equal(verify(), -1);
}

static void one_person_or_two(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        struct person a, b;
        bool same;
        const char *text;
    } rows[] = {
        {"one", {1, "ana", ""}, {1, "ana", ""}, true, "ana"},
        {"two", {1, "ana", ""}, {2, "bob", ""}, false, "ana"},
        {"one uid, two names", {1, "ana", ""}, {1, "anna", ""}, true, "ana"},
        {"ana as root", {1, "ana", ""}, {0, "root", "ana"}, true, "ana"},
        {"root, then as bob by root", {0, "root", ""}, {2, "bob", "root"}, true, "root"},
        {"bob as root after ana as root",
         {0, "root", "ana"},
         {0, "root", "bob"},
         true,
         "root (sudo: ana)"},
        {"ana as carl, ana as bob",
         {3, "carl", "ana"},
         {2, "bob", "ana"},
         true,
         "carl (sudo: ana)"},
        {"ana as carl, bob",
         {3, "carl", "ana"},
         {2, "bob", ""},
         false,
         "carl (sudo: ana)"},
        {"root, bob as himself", {0, "root", ""}, {2, "bob", "bob"}, false, "root"},
    };
    struct table t = {0};
    char text[PERSON_TEXT_MAX];
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        table_want(&t, person_may_be(&rows[i].a, &rows[i].b) == rows[i].same, "%s",
                   rows[i].name);
        table_want(&t, person_may_be(&rows[i].b, &rows[i].a) == rows[i].same,
                   "%s, turned", rows[i].name);
        table_want(&t, strcmp(person_text(&rows[i].a, text), rows[i].text) == 0, "%s: %s",
                   rows[i].name, text);
    }
    table_end(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_seal_is_what_the_header_says),
        cmocka_unit_test(one_person_or_two),
        test(all_that_a_person_does_is_told),
        test(what_did_not_happen_is_not_told),
        test(the_shell_meets_triggers),
        test(no_damage_goes_unseen),
        test(a_row_that_was_sealed_anew_breaks_the_next),
        test(a_trail_that_was_written_anew_is_not_the_one_of_the_mark),
        test(a_trail_that_was_cut_stays_so),
        test(a_cut_that_was_accepted_is_told),
        test(a_mark_from_before_the_trail_says_nothing_of_it),
        test(without_its_mark_a_cut_would_be_missed_and_that_is_told),
        test(what_was_there_before_the_trail_is_not_missed),
    };
    return cmocka_run_group_tests_name("store: audit", tests, NULL, NULL);
}
