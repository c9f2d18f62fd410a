#include "db/beside.h"
#include "db/lock.h"
#include "unit/db/temp.h"

static struct temp temp;

static int set_up(void **state)
{
    (void)state;
    temp_open(&temp);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    temp_close(&temp);
    return 0;
}

static int mode_of(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 ? (int)(st.st_mode & 07777) : -1;
}

static void write_file(const char *path, const char *text, mode_t mode)
{
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
    assert_int_equal(chmod(path, mode), 0);
}

static enum err_code code_of(const char *path, enum db_mode mode)
{
    struct err err = {.code = ERR_NONE};
    struct db *db = NULL;
    if (db_open(&db, path, mode, &err) == 0) {
        db_close(db);
        return ERR_NONE;
    }
    assert_non_null(strstr(err.text, path)); /* which file, always */
    return err.code;
}

static void a_new_file_is_private_whatever_the_umask(void **state)
{
    (void)state;
    char wal[300], shm[300];
    mode_t before = umask(0);
    struct db *db = temp_db(temp.db, DB_READ_WRITE);
    sql_run(db, "CREATE TABLE t (x)");
    snprintf(wal, sizeof(wal), "%s-wal", temp.db);
    snprintf(shm, sizeof(shm), "%s-shm", temp.db);
    int modes[] = {mode_of(temp.db), mode_of(wal), mode_of(shm)};
    db_close(db);
    umask(before);
    assert_int_equal(modes[0], 0600);
    assert_int_equal(modes[1], 0600);
    assert_int_equal(modes[2], 0600);
}

static void an_open_file_of_ours_is_tightened(void **state)
{
    (void)state;
    db_close(temp_db(temp.db, DB_READ_WRITE));
    assert_int_equal(chmod(temp.db, 0644), 0);
    db_close(temp_db(temp.db, DB_READ_WRITE));
    assert_int_equal(mode_of(temp.db), 0600);
}

/* All that lies beside it too: a second person's program has to lock, to mark and to write. */
static void a_folder_of_a_group_shares_its_files(void **state)
{
    (void)state;
    static const struct {
        mode_t folder;
        int files;
    } rows[] = {{02770, 0660}, {0770, 0600}, {02775, 0600}, {02750, 0600}, {02771, 0600}};
    static const char *const suffixes[] = {"", "-wal", "-shm", "-lock", "-mark"};
    struct table t = {0};
    mode_t before = umask(077);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct err err;
        struct db_lock *lock;
        assert_int_equal(chmod(temp.dir, rows[i].folder), 0);
        assert_int_equal(db_lock_take(&lock, temp.db, "the test", &err), 0);
        struct db *db = temp_db(temp.db, DB_READ_WRITE);
        sql_run(db, "CREATE TABLE IF NOT EXISTS t (x)");
        assert_int_equal(beside_write(temp.db, "-mark", span_of("x"), &err), 0);
        for (size_t k = 0; k < COUNT_OF(suffixes); k++) {
            char file[300];
            snprintf(file, sizeof(file), "%s%s", temp.db, suffixes[k]);
            table_want(&t, mode_of(file) == rows[i].files, "%04o: a.db%s is %04o",
                       (unsigned)rows[i].folder, suffixes[k], (unsigned)mode_of(file));
        }
        db_close(db);
        db_lock_drop(lock);
    }
    umask(before);
    chmod(temp.dir, 0700);
    table_end(&t);
}

static void a_reader_changes_no_mode(void **state)
{
    (void)state;
    db_close(temp_db(temp.db, DB_READ_WRITE));
    assert_int_equal(chmod(temp.db, 0640), 0);
    db_close(temp_db(temp.db, DB_READ_ONLY));
    assert_int_equal(mode_of(temp.db), 0640);
}

static void what_is_not_opened(void **state)
{
    (void)state;
    char text[256], link[256], nowhere[256];
    snprintf(text, sizeof(text), "%s/notes.txt", temp.dir);
    snprintf(link, sizeof(link), "%s/link.db", temp.dir);
    snprintf(nowhere, sizeof(nowhere), "%s/no/such/a.db", temp.dir);
    write_file(text, "this is a text about payments, and not a database at all\n", 0600);
    db_close(temp_db(temp.db, DB_READ_WRITE));
    assert_int_equal(symlink(temp.db, link), 0);
    const struct {
        const char *name, *path;
        enum db_mode mode;
        enum err_code want;
    } rows[] = {
        {"a text, to write", text, DB_READ_WRITE, ERR_INPUT},
        {"a text, to read", text, DB_READ_ONLY, ERR_INPUT},
        {"a symbolic link, to write", link, DB_READ_WRITE, ERR_CANTCREATE},
        {"a symbolic link, to read", link, DB_READ_ONLY, ERR_NONE},
        {"a folder, to write", temp.dir, DB_READ_WRITE, ERR_CANTCREATE},
        {"no folder, to write", nowhere, DB_READ_WRITE, ERR_CANTCREATE},
        {"no folder, to read", nowhere, DB_READ_ONLY, ERR_NOINPUT},
    };
    struct table t = {0};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        enum err_code got = code_of(rows[i].path, rows[i].mode);
        table_want(&t, got == rows[i].want, "%s: code %d", rows[i].name, got);
    }
    table_end(&t);
}

/* Found by a mistyped --db: nothing about the file may change, neither mode nor journal. */
static void somebody_elses_database_is_left_as_it_is(void **state)
{
    (void)state;
    char other[256];
    snprintf(other, sizeof(other), "%s/other.db", temp.dir);
    struct db *db = temp_db(temp.db, DB_READ_WRITE);
    struct err err;
    assert_int_equal(db_run_script(db,
                                   "CREATE TABLE theirs (a); PRAGMA application_id = 77;"
                                   "PRAGMA journal_mode = DELETE",
                                   &err),
                     0);
    db_close(db);
    assert_int_equal(rename(temp.db, other), 0);
    assert_int_equal(chmod(other, 0644), 0);
    assert_int_equal(code_of(other, DB_READ_WRITE), ERR_CONFIG);
    assert_int_equal(mode_of(other), 0644);
    db = temp_db(other, DB_READ_ONLY);
    char *mode = sql_text(db, "PRAGMA journal_mode");
    assert_string_equal(mode, "delete");
    free(mode);
    db_close(db);
}

static void a_folder_to_read_is_no_database(void **state)
{
    (void)state;
    assert_int_not_equal(code_of(temp.dir, DB_READ_ONLY), ERR_NONE);
}

static void a_reader_makes_no_file(void **state)
{
    (void)state;
    assert_int_equal(code_of(temp.db, DB_READ_ONLY), ERR_NOINPUT);
    assert_int_equal(access(temp.db, F_OK), -1);
}

static void an_empty_file_becomes_a_database(void **state)
{
    (void)state;
    write_file(temp.db, "", 0644);
    db_close(temp_db(temp.db, DB_READ_WRITE));
    assert_int_equal(mode_of(temp.db), 0600);
}

/* The pair that keeps a commit through a power cut, and what a hostile file may not do. */
static void the_pragmas_that_promises_rest_on(void **state)
{
    (void)state;
    struct db *db = temp_db(temp.db, DB_READ_WRITE);
    assert_sql(db, "PRAGMA journal_mode", "wal");
    assert_sql(db, "PRAGMA synchronous", "2");
    assert_sql(db, "PRAGMA foreign_keys", "1");
    assert_sql(db, "PRAGMA trusted_schema", "0");
    assert_sql(db, "PRAGMA cell_size_check", "1");
    assert_true(sql_refused(db, "ATTACH ':memory:' AS other", "too many attached"));
    assert_true(sql_refused(db, "PRAGMA writable_schema = ON; DELETE FROM sqlite_schema",
                            "may not be"));
    db_close(db);
}

/* Files that earlier programs left in another journal mode. */
static void another_journal_mode_is_changed(void **state)
{
    (void)state;
    struct db *db = temp_db(temp.db, DB_READ_WRITE);
    sql_run(db, "PRAGMA journal_mode = DELETE");
    db_close(db);
    db = temp_db(temp.db, DB_READ_WRITE);
    assert_sql(db, "PRAGMA journal_mode", "wal");
    db_close(db);
}

static void a_reader_cannot_write(void **state)
{
    (void)state;
    struct db *db = temp_db(temp.db, DB_READ_WRITE);
    sql_run(db, "CREATE TABLE t (x INTEGER)");
    struct db *reader = temp_db(temp.db, DB_READ_ONLY);
    static const char *const writes[] = {
        "INSERT INTO t VALUES (1)", "UPDATE t SET x = 1", "DELETE FROM t",
        "CREATE TABLE u (x)",       "DROP TABLE t",
    };
    struct table t = {0};
    for (size_t i = 0; i < COUNT_OF(writes); i++)
        table_want(&t, sql_refused(reader, writes[i], "readonly"), "%s", writes[i]);
    table_end(&t);
    db_close(reader);
    db_close(db);
}

static void a_reader_sees_what_is_committed_and_nothing_else(void **state)
{
    (void)state;
    struct err err;
    struct db *db = temp_db(temp.db, DB_READ_WRITE);
    sql_run(db, "CREATE TABLE t (x INTEGER)");
    struct db *reader = temp_db(temp.db, DB_READ_ONLY);
    assert_int_equal(db_begin(db, &err), 0);
    sql_run(db, "INSERT INTO t VALUES (1)");
    assert_int_equal(sql_int(reader, "SELECT count(*) AS n FROM t"), 0);
    assert_int_equal(db_commit(db, &err), 0);
    assert_int_equal(sql_int(reader, "SELECT count(*) AS n FROM t"), 1);
    db_close(reader);
    db_close(db);
}

static void rollback_undoes_and_may_be_called_any_time(void **state)
{
    (void)state;
    struct err err;
    struct db *db = temp_db(temp.db, DB_READ_WRITE);
    sql_run(db, "CREATE TABLE t (x INTEGER)");
    db_rollback(db);
    assert_int_equal(db_begin(db, &err), 0);
    sql_run(db, "INSERT INTO t VALUES (1)");
    db_rollback(db);
    db_rollback(db);
    assert_int_equal(sql_int(db, "SELECT count(*) AS n FROM t"), 0);
    assert_int_equal(db_begin(db, &err), 0); /* and nothing is left open */
    assert_int_equal(db_commit(db, &err), 0);
    db_close(db);
}

static void a_transaction_within_another_is_an_error(void **state)
{
    (void)state;
    struct err err;
    struct db *db = temp_db(temp.db, DB_READ_WRITE);
    assert_int_equal(db_begin(db, &err), 0);
    assert_int_equal(db_begin(db, &err), -1);
    db_rollback(db);
    assert_int_equal(db_commit(db, &err), -1);
    db_close(db);
}

static void closing_undoes_what_is_not_committed(void **state)
{
    (void)state;
    struct err err;
    struct db *db = temp_db(temp.db, DB_READ_WRITE);
    sql_run(db, "CREATE TABLE t (x INTEGER)");
    assert_int_equal(db_begin(db, &err), 0);
    sql_run(db, "INSERT INTO t VALUES (1)");
    db_close(db);
    db = temp_db(temp.db, DB_READ_WRITE);
    assert_int_equal(sql_int(db, "SELECT count(*) AS n FROM t"), 0);
    db_close(db);
    db_close(NULL);
}

static void the_version_changes_when_another_connection_commits(void **state)
{
    (void)state;
    struct db *db = temp_db(temp.db, DB_READ_WRITE);
    sql_run(db, "CREATE TABLE t (x INTEGER)");
    struct db *other = temp_db(temp.db, DB_READ_WRITE);
    int64_t before = db_data_version(db);
    sql_run(db, "INSERT INTO t VALUES (1)");
    assert_int_equal(db_data_version(db), before); /* our own do not count */
    sql_run(other, "INSERT INTO t VALUES (2)");
    assert_int_not_equal(db_data_version(db), before);
    assert_int_not_equal(db_data_version(db), -1);
    db_close(other);
    db_close(db);
}

static void a_checkpoint_empties_the_log(void **state)
{
    (void)state;
    struct err err;
    struct stat st;
    char wal[300];
    struct db *db = temp_db(temp.db, DB_READ_WRITE);
    sql_run(db, "CREATE TABLE t (x INTEGER)");
    snprintf(wal, sizeof(wal), "%s-wal", temp.db);
    assert_int_equal(stat(wal, &st), 0);
    assert_true(st.st_size > 0);
    assert_int_equal(db_checkpoint(db, &err), 0);
    assert_int_equal(stat(wal, &st), 0);
    assert_int_equal(st.st_size, 0);
    db_close(db);
}

static void ids_and_changes(void **state)
{
    (void)state;
    struct db *db = temp_db(temp.db, DB_READ_WRITE);
    sql_run(db, "CREATE TABLE t (id INTEGER PRIMARY KEY, x)");
    sql_run(db, "INSERT INTO t VALUES (41, 'a'), (42, 'a')");
    assert_int_equal(db_last_id(db), 42);
    sql_run(db, "UPDATE t SET x = 'b'");
    assert_int_equal(db_changes(db), 2);
    sql_run(db, "UPDATE t SET x = 'c' WHERE id = 7");
    assert_int_equal(db_changes(db), 0);
    assert_string_equal(db_path(db), temp.db);
    db_close(db);
}

/* For tests and dry runs: nothing reaches a disk, so there is nothing to keep. */
static void a_database_in_memory(void **state)
{
    (void)state;
    struct err err = {.text = ""};
    struct db *db = NULL;
    if (db_open(&db, ":memory:", DB_READ_WRITE, &err))
        fail_msg("%s", err.text);
    sql_run(db, "CREATE TABLE t (x INTEGER); INSERT INTO t VALUES (3)");
    assert_int_equal(sql_int(db, "SELECT x AS n FROM t"), 3);
    db_close(db);
}

static void names_are_quoted(void **state)
{
    (void)state;
    static const struct {
        const char *name, *want;
    } rows[] = {
        {"job", "\"job\""},
        {"two words", "\"two words\""},
        {"", "\"\""},
        {"a\"b", "\"a\"\"b\""},
        {"\"; DROP TABLE job; --", "\"\"\"; DROP TABLE job; --\""},
    };
    struct table t = {0};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct buf out;
        buf_init(&out, 1000);
        db_quote_name(&out, rows[i].name);
        table_want(&t, strcmp(out.data, rows[i].want) == 0, "%s: %s", rows[i].name,
                   out.data);
        buf_close(&out);
    }
    table_end(&t);
}

#define test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(a_new_file_is_private_whatever_the_umask),
        test(a_folder_of_a_group_shares_its_files),
        test(an_open_file_of_ours_is_tightened),
        test(a_reader_changes_no_mode),
        test(what_is_not_opened),
        test(somebody_elses_database_is_left_as_it_is),
        test(a_folder_to_read_is_no_database),
        test(a_reader_makes_no_file),
        test(an_empty_file_becomes_a_database),
        test(the_pragmas_that_promises_rest_on),
        test(another_journal_mode_is_changed),
        test(a_reader_cannot_write),
        test(a_reader_sees_what_is_committed_and_nothing_else),
        test(rollback_undoes_and_may_be_called_any_time),
        test(a_transaction_within_another_is_an_error),
        test(closing_undoes_what_is_not_committed),
        test(the_version_changes_when_another_connection_commits),
        test(a_checkpoint_empties_the_log),
        test(ids_and_changes),
        test(a_database_in_memory),
        test(names_are_quoted),
    };
    return cmocka_run_group_tests_name("db: opening", tests, NULL, NULL);
}
