#include "intake/source_sqlite.h"

#include "db/db.h"
#include "unit/intake/catalogue.h"
#include "unit/intake/folder.h"
#include "unit/intake/hear.h"

#define MB (1024 * 1024)

static char *make_file(void **state, const char *sql)
{
    struct err err;
    struct db *db;
    char *path = folder_path(state, "queue.db");
    unlink(path);
    assert_int_equal(db_open(&db, path, DB_READ_WRITE, &err), 0);
    if (db_run_script(db, sql, &err))
        fail_msg("%s", err.text);
    db_close(db);
    return path;
}

/* Complaints, rows and the error ("error CODE: " and what follows the path), in order. */
static void read_all(const char *path, const char *table, struct buf *seen)
{
    struct catalogue c = test_catalogue();
    struct source s;
    struct row row;
    struct err err;
    buf_init(seen, MB);
    int rc = source_sqlite_open(&s, path, table, &c, hear, seen, &err);
    bool opened = rc == 0;
    while (opened && (rc = s.next(s.ctx, &row, &err)) == 1) {
        write_row(seen, &row);
        row_close(&row);
    }
    if (rc < 0) {
        assert_int_equal(strncmp(err.text, path, strlen(path)), 0);
        buf_printf(seen, "error %d%s\n", err_exit_status(err.code),
                   err.text + strlen(path));
    }
    if (rc == 0)
        assert_int_equal(s.next(s.ctx, &row, &err), 0); /* and it stays at its end */
    if (opened)
        s.close(s.ctx);
}

static void check(void **state, const char *sql, const char *table, const char *want)
{
    struct buf seen;
    char *path = make_file(state, sql);
    read_all(path, table, &seen);
    assert_string_equal(seen.data, want);
    buf_close(&seen);
    free(path);
}

#define PAYOUT_1                                                                         \
    "=1 p1 create_payout for=#1 {\"amount\":\"10.50\",\"currency\":\"ars\","             \
    "\"instruction\":\"7\",\"label\":\"p1\"} 10.50 ars\n"

static void rows_of_the_only_table_in_rowid_order(void **state)
{
    check(state,
          "CREATE TABLE payees(ref, action, email, page, id);"
          "INSERT INTO payees(rowid, ref, action, email, page, id) VALUES"
          " (30, 'b', 'get_user', NULL, 2, '7'), (10, 'a', 'create_user', 'a@b.co', '', "
          "NULL);",
          NULL,
          "=1 a create_user {\"email\":\"a@b.co\"}\n"
          "=2 b get_user {\"id\":\"7\",\"page\":\"2\"}\n");
}

static void every_row_is_counted_the_bad_ones_too(void **state)
{
    char *path = make_file(state, "CREATE TABLE t(ref, action, id); INSERT INTO t VALUES "
                                  "('a', 'get_user', 7), ('b', 'get_user', 7.5), "
                                  "('c', 'no_action', 7), ('d', 'get_user', 7)");
    struct catalogue c = test_catalogue();
    struct source s;
    struct row row;
    struct err err;
    struct buf seen;
    int good = 0;
    buf_init(&seen, MB);
    assert_int_equal(source_sqlite_open(&s, path, NULL, &c, hear, &seen, &err), 0);
    for (; s.next(s.ctx, &row, &err) == 1; good++)
        row_close(&row);
    assert_int_equal(good, 2);
    assert_int_equal(s.lines(s.ctx), 4);
    s.close(s.ctx);
    buf_close(&seen);
    free(path);
}

static void every_fault_is_told_in_one_pass(void **state)
{
    check(
        state,
        "CREATE TABLE t(ref, action, on_behalf_of, amount, currency, instruction, zzz);"
        "INSERT INTO t VALUES"
        " ('p1', 'create_payout', '#1', '10.50', 'ars', 7, NULL),"
        " ('p2', 'create_payout', '#1', 10.50, 'ars', '../7', NULL),"
        " ('p3', 'create_payout', '#1', 10, 'ars', x'37', NULL),"
        " ('p4', 'create_payout', '#1', 5, 'ars', CAST(x'ff' AS TEXT), 9),"
        " ('p5', 'create_payout', '#1', 1.5, 'ars', 7, NULL);",
        "t",
        "!0 zzz: no action takes a column of this name\n" PAYOUT_1
        "!2 amount: stored as a floating-point number: store it as TEXT\n"
        "!2 instruction: '../7': wanted an id (letters, digits, - and _), or @ref of the "
        "job that makes it\n"
        "!3 instruction: stored as a BLOB: store it as TEXT\n"
        "!4 instruction: '\\xff': wanted an id (letters, digits, - and _), or @ref of "
        "the "
        "job that makes it\n"
        "!5 amount: stored as a floating-point number: store it as TEXT\n");
}

static void a_text_with_a_NUL_is_refused_not_cut(void **state)
{
    check(state,
          "CREATE TABLE t(ref, action, email);"
          "INSERT INTO t VALUES (CAST(x'610062' AS TEXT), 'create_user', 'a@b.co');",
          NULL,
          "!1 ref: 'a\\x00b' is no ref: wanted 1 to 128 bytes without blank, control "
          "character or '/', and neither '@' nor '#' first\n");
}

static void a_cell_longer_than_1_MB_is_told(void **state)
{
    check(
        state,
        "CREATE TABLE t(ref, action, email, name);"
        "INSERT INTO t VALUES ('a', 'create_user', 'a@b.co',"
        " CAST(zeroblob(1048577) AS TEXT));",
        NULL,
        "!1 name: longer than 1 MB\n"
        "!1 name: '\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00"
        "\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00"
        "\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00...': wanted UTF-8 text\n");
}

static void views_and_tables_without_rowid_are_read_too(void **state)
{
    check(state,
          "CREATE TABLE one(ref PRIMARY KEY, action, id) WITHOUT ROWID;"
          "INSERT INTO one VALUES ('a', 'get_user', 7);",
          NULL, "=1 a get_user {\"id\":\"7\"}\n");
    check(state,
          "CREATE TABLE one(n); INSERT INTO one VALUES (7);"
          "CREATE VIEW tonight AS SELECT 'a' AS ref, 'get_user' AS action, n AS id FROM "
          "one;",
          "tonight", "=1 a get_user {\"id\":\"7\"}\n");
}

static void names_of_tables_are_names_never_SQL(void **state)
{
    check(state,
          "CREATE TABLE \"x\"\"; DROP TABLE y; --\"(ref, action, id);"
          "INSERT INTO \"x\"\"; DROP TABLE y; --\" VALUES ('a', 'get_user', 7);",
          NULL, "=1 a get_user {\"id\":\"7\"}\n");
    check(state, "CREATE TABLE t(ref, action);", "t; DROP TABLE t",
          "error 66: no table 't; DROP TABLE t'; it has: t\n");
}

static void the_table_must_be_clear(void **state)
{
    check(state, "CREATE TABLE b(ref, action); CREATE TABLE a(x);", NULL,
          "error 64: several tables, name one with --table: a, b\n");
    check(state, "CREATE TABLE b(ref, action); CREATE TABLE a(x);", "B", "");
    check(state, "CREATE TABLE b(ref, action);", "c",
          "error 66: no table 'c'; it has: b\n");
    check(state, "", NULL, "error 65: has no table\n");
    check(
        state, "CREATE TABLE b(ref, x);", NULL,
        "!0 x: no action takes a column of this name\n"
        "error 65: no header: the columns 'ref' and 'action' are required; a CSV without "
        "actions wants its --recipe\n");
}

static void check_error(const char *path, enum err_code code, const char *part)
{
    struct buf seen;
    char start[32];
    snprintf(start, sizeof(start), "error %d: ", err_exit_status(code));
    read_all(path, NULL, &seen);
    if (strncmp(seen.data, start, strlen(start)) != 0 || !strstr(seen.data, part))
        fail_msg("wanted %s...%s, seen %s", start, part, seen.data);
    buf_close(&seen);
}

static void a_broken_view_is_a_fault_of_the_file(void **state)
{
    char *path = make_file(state, "CREATE TABLE t(a); CREATE VIEW v AS SELECT * FROM t;"
                                  "PRAGMA legacy_alter_table = ON; DROP TABLE t;");
    check_error(path, ERR_INPUT, "no such table");
    free(path);
}

static void what_is_no_database_is_an_error(void **state)
{
    char *text = folder_write(state, "not.db", span_of("ref,action\nbut this is text\n"));
    char *missing = folder_path(state, "missing.db");
    check_error(text, ERR_INPUT, "not a database");
    check_error(missing, ERR_NOINPUT, "No such file");
    check_error(*state, ERR_INPUT, "directory");
    free(text);
    free(missing);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_of_the_only_table_in_rowid_order),
        cmocka_unit_test(every_row_is_counted_the_bad_ones_too),
        cmocka_unit_test(every_fault_is_told_in_one_pass),
        cmocka_unit_test(a_text_with_a_NUL_is_refused_not_cut),
        cmocka_unit_test(a_cell_longer_than_1_MB_is_told),
        cmocka_unit_test(views_and_tables_without_rowid_are_read_too),
        cmocka_unit_test(names_of_tables_are_names_never_SQL),
        cmocka_unit_test(the_table_must_be_clear),
        cmocka_unit_test(a_broken_view_is_a_fault_of_the_file),
        cmocka_unit_test(what_is_no_database_is_an_error),
    };
    return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
