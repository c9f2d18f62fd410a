#include "db/migrate.h"

#include "unit/db/temp.h"

static struct temp temp;
static struct db *db;

static const struct embed one[] = {
    {"0001_init.sql", LIT("CREATE TABLE a (x INTEGER) STRICT;")},
    {0},
};
static const struct embed one_otherwise[] = {
    {"0001_init.sql", LIT("CREATE TABLE a (x INTEGER, y TEXT) STRICT;")},
    {0},
};
static const struct embed two[] = {
    {"0001_init.sql", LIT("CREATE TABLE a (x INTEGER) STRICT;")},
    {"0002_more.sql", LIT("CREATE TABLE b (y TEXT) STRICT; INSERT INTO b VALUES ('z');")},
    {0},
};
static const struct embed two_failing[] = {
    {"0001_init.sql", LIT("CREATE TABLE a (x INTEGER) STRICT;")},
    {"0002_more.sql", LIT("CREATE TABLE b (y TEXT) STRICT; INSERT INTO a VALUES (1);"
                          "INSERT INTO nowhere VALUES (1);")},
    {0},
};

static int set_up(void **state)
{
    (void)state;
    temp_open(&temp);
    db = temp_db(temp.db, DB_READ_WRITE);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    db_close(db);
    temp_close(&temp);
    return 0;
}

static int apply(const struct embed *migrations, struct err *err)
{
    return migrate_apply(db, migrations, "remesa 9.9", err);
}

#define TABLES                                                                           \
    "SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> "                   \
    "'schema_migration' ORDER BY name"
#define RECORD "SELECT number, name, program FROM schema_migration ORDER BY number"

static void an_empty_file_gets_everything_in_order(void **state)
{
    (void)state;
    struct err err;
    assert_int_equal(apply(two, &err), 0);
    assert_sql(db, TABLES, "a b");
    assert_sql(db, RECORD, "1|0001_init.sql|remesa 9.9 2|0002_more.sql|remesa 9.9");
    assert_sql(db, "SELECT length(sha256) FROM schema_migration", "64 64");
    assert_int_equal(migrate_check(db, two, &err), 0);
}

static void the_second_time_nothing_happens(void **state)
{
    (void)state;
    struct err err;
    assert_int_equal(apply(two, &err), 0);
    char *before = sql_text(db, "SELECT * FROM schema_migration");
    assert_int_equal(apply(two, &err), 0);
    assert_sql(db, "SELECT * FROM schema_migration", before);
    assert_sql(db, "SELECT * FROM b", "z");
    free(before);
}

static void a_file_of_an_older_program_grows(void **state)
{
    (void)state;
    struct err err;
    assert_int_equal(apply(one, &err), 0);
    assert_int_equal(migrate_check(db, two, &err), -1);
    assert_int_equal(err.code, ERR_CONFIG);
    assert_non_null(strstr(err.text, "older"));
    assert_int_equal(apply(two, &err), 0);
    assert_sql(db, TABLES, "a b");
    assert_int_equal(migrate_check(db, two, &err), 0);
}

static void a_file_of_a_newer_program_is_refused(void **state)
{
    (void)state;
    struct err err;
    assert_int_equal(apply(two, &err), 0);
    assert_int_equal(apply(one, &err), -1);
    assert_int_equal(err.code, ERR_CONFIG);
    assert_non_null(strstr(err.text, "newer"));
    assert_int_equal(migrate_check(db, one, &err), -1);
    assert_int_equal(err.code, ERR_CONFIG);
}

static void a_migration_that_reads_otherwise_is_refused(void **state)
{
    (void)state;
    struct err err;
    assert_int_equal(apply(one, &err), 0);
    assert_int_equal(apply(one_otherwise, &err), -1);
    assert_int_equal(err.code, ERR_CONFIG);
    assert_non_null(strstr(err.text, "0001_init.sql"));
    assert_int_equal(migrate_check(db, one_otherwise, &err), -1);
    assert_int_equal(err.code, ERR_CONFIG);
}

static void a_file_of_another_program_is_refused_and_stays_as_it_is(void **state)
{
    (void)state;
    static const char *const others[] = {
        "CREATE TABLE theirs (x)",
        "PRAGMA application_id = 12345",
        "CREATE VIEW theirs AS SELECT 1",
    };
    struct err err;
    struct table t = {0};
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        char path[300];
        snprintf(path, sizeof(path), "%s/other%d.db", temp.dir, (int)i);
        struct db *other = temp_db(path, DB_READ_WRITE);
        sql_run(other, "PRAGMA application_id = 0"); /* as if we had not made it */
        sql_run(other, others[i]);
        char *before = sql_text(other, "SELECT sql FROM sqlite_schema");
        int rc = migrate_apply(other, one, "remesa 9.9", &err);
        table_want(&t, rc == -1 && err.code == ERR_CONFIG, "%s", others[i]);
        table_want(&t, strstr(err.text, path) != NULL, "%s: %s", others[i], err.text);
        rc = migrate_check(other, one, &err);
        table_want(&t, rc == -1 && err.code == ERR_CONFIG, "%s, to read", others[i]);
        table_want(&t, sql_is(other, "SELECT sql FROM sqlite_schema", before),
                   "%s: untouched", others[i]);
        free(before);
        db_close(other);
    }
    table_end(&t);
}

static void one_that_fails_leaves_the_file_at_the_one_before(void **state)
{
    (void)state;
    struct err err;
    assert_int_equal(apply(two_failing, &err), -1);
    assert_non_null(strstr(err.text, "0002_more.sql"));
    assert_non_null(strstr(err.text, "nowhere"));
    assert_sql(db, TABLES, "a");
    assert_sql(db, "SELECT count(*) FROM a", "0");
    assert_sql(db, RECORD, "1|0001_init.sql|remesa 9.9");
    assert_int_equal(apply(two, &err), 0); /* a mended program goes on from there */
    assert_sql(db, TABLES, "a b");
}

static void a_reader_of_an_empty_file_is_told_so(void **state)
{
    (void)state;
    struct err err;
    assert_int_equal(migrate_check(db, one, &err), -1);
    assert_int_equal(err.code, ERR_NOINPUT);
}

/* A program that died between making the record and the first migration. */
static void a_start_that_died_early_is_gone_on_with(void **state)
{
    (void)state;
    static const struct embed none[] = {{0}};
    struct err err;
    assert_int_equal(apply(none, &err), 0);
    assert_sql(db, TABLES, "");
    assert_int_equal(migrate_check(db, one, &err), -1);
    assert_int_equal(apply(one, &err), 0);
    assert_sql(db, TABLES, "a");
}

#define test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(an_empty_file_gets_everything_in_order),
        test(the_second_time_nothing_happens),
        test(a_file_of_an_older_program_grows),
        test(a_file_of_a_newer_program_is_refused),
        test(a_migration_that_reads_otherwise_is_refused),
        test(a_file_of_another_program_is_refused_and_stays_as_it_is),
        test(one_that_fails_leaves_the_file_at_the_one_before),
        test(a_reader_of_an_empty_file_is_told_so),
        test(a_start_that_died_early_is_gone_on_with),
    };
    return cmocka_run_group_tests_name("db: migrations", tests, NULL, NULL);
}
