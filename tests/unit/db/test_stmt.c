#include <fcntl.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "unit/db/temp.h"

static struct temp temp;
static struct db *db;

static int set_up(void **state)
{
    (void)state;
    temp_open(&temp);
    db = temp_db(temp.db, DB_READ_WRITE);
    sql_run(db, "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT NOT NULL, rank REAL);"
                "INSERT INTO t VALUES (1, 'one', 1.5), (2, 'two', NULL)");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    db_close(db);
    temp_close(&temp);
    return 0;
}

static void a_literal_is_prepared_once(void **state)
{
    (void)state;
    static const char sql[] = "SELECT id FROM t WHERE name = ?";
    static const char copy[] = "SELECT id FROM t WHERE name = ?";
    struct err err;
    struct stmt *s = db_stmt(db, sql, &err);
    assert_non_null(s);
    assert_ptr_equal(db_stmt(db, sql, &err), s);
    assert_ptr_not_equal(db_stmt(db, copy, &err), s); /* known by its address */
}

/* More than the cache begins with, each found again after it has grown. */
static void the_cache_grows(void **state)
{
    (void)state;
    enum { MANY = 500 };
    static char texts[MANY][40];
    struct stmt *made[MANY];
    struct err err;
    for (int i = 0; i < MANY; i++) {
        snprintf(texts[i], sizeof(texts[i]), "SELECT %d AS n", i);
        made[i] = db_stmt(db, texts[i], &err);
    }
    for (int i = 0; i < MANY; i++) {
        struct stmt *s = db_stmt(db, texts[i], &err);
        assert_ptr_equal(s, made[i]);
        assert_int_equal(stmt_step(s, &err), 1);
        assert_int_equal(stmt_int(s, "n"), i);
    }
}

static void it_comes_back_reset_with_nothing_bound(void **state)
{
    (void)state;
    static const char sql[] = "SELECT ?1 AS a, ?2 AS b";
    struct err err;
    struct stmt *s = db_stmt(db, sql, &err);
    stmt_bind_int(s, 7);
    stmt_bind_text(s, "x");
    assert_int_equal(stmt_step(s, &err), 1);
    s = db_stmt(db, sql, &err);
    stmt_bind_null(s);
    stmt_bind_null(s);
    assert_int_equal(stmt_step(s, &err), 1);
    assert_true(stmt_is_null(s, "a") && stmt_is_null(s, "b"));
}

static void columns_are_read_by_name_in_any_order(void **state)
{
    (void)state;
    struct err err;
    struct stmt *s = db_stmt(db, "SELECT id, name, rank FROM t ORDER BY id", &err);
    assert_int_equal(stmt_step(s, &err), 1);
    assert_string_equal(stmt_text(s, "name"), "one");
    assert_int_equal(stmt_int(s, "id"), 1);
    assert_false(stmt_is_null(s, "rank"));
    assert_int_equal(stmt_step(s, &err), 1);
    assert_true(stmt_is_null(s, "rank"));
    assert_null(stmt_text(s, "rank"));
    assert_int_equal(stmt_int(s, "id"), 2);
    assert_string_equal(stmt_text(s, "name"), "two");
    assert_int_equal(stmt_step(s, &err), 0);
    assert_int_equal(stmt_step(s, &err), 1); /* done means reset: it begins again */
    stmt_reset(s);
}

static void columns_by_number_tell_name_and_type(void **state)
{
    (void)state;
    struct err err;
    struct stmt *s =
        db_make(db, "SELECT NULL AS a, 5 AS b, 1.5 AS c, 'xyz' AS d, x'0001' AS e", &err);
    static const enum stmt_type types[] = {STMT_NULL, STMT_INTEGER, STMT_REAL, STMT_TEXT,
                                           STMT_BLOB};
    assert_int_equal(stmt_step(s, &err), 1);
    assert_int_equal(stmt_column_count(s), 5);
    for (int i = 0; i < 5; i++) {
        assert_int_equal(stmt_column_type(s, i), types[i]);
        assert_int_equal(stmt_column_name(s, i)[0], 'a' + i);
    }
    assert_true(span_is(stmt_column_span(s, 3), "xyz"));
    assert_int_equal(stmt_column_span(s, 0).len, 0);
    assert_int_equal(stmt_column_span(s, 4).len, 2);
    stmt_close(s);
}

static void texts_keep_every_byte(void **state)
{
    (void)state;
    static const struct span texts[] = {
        LIT(""), LIT("x"), LIT("\xc3\xa1\xc3\xa9"), LIT("a'b\"c;--"), LIT("a\0b"),
    };
    struct table t = {0};
    struct err err;
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        struct stmt *s = db_stmt(db, "SELECT ? AS x, ? AS y", &err);
        stmt_bind_span(s, texts[i]);
        stmt_bind_text(s, NULL);
        table_want(&t, stmt_step(s, &err) == 1, "step");
        table_want(&t, span_equal(stmt_column_span(s, 0), texts[i]), "text %d", (int)i);
        table_want(&t, stmt_column_type(s, 0) == STMT_TEXT, "text %d is text", (int)i);
        table_want(&t, stmt_is_null(s, "y"), "NULL is NULL");
    }
    table_end(&t);
}

static void integers_keep_all_64_bits(void **state)
{
    (void)state;
    static const int64_t numbers[] = {0, -1, INT64_MAX, INT64_MIN,
                                      INT64_C(9007199254740993)};
    struct err err;
    for (size_t i = 0; i < COUNT_OF(numbers); i++) {
        struct stmt *s = db_stmt(db, "SELECT ? AS n", &err);
        stmt_bind_int(s, numbers[i]);
        assert_int_equal(stmt_step(s, &err), 1);
        assert_true(stmt_int(s, "n") == numbers[i]);
    }
}

/* ---- what goes wrong ---- */

static void what_cannot_be_prepared_is_an_error_at_the_step(void **state)
{
    (void)state;
    static const char wrong[] = "SELECT nonsense FROM nowhere WHERE a = ?";
    struct err err = {.code = ERR_NONE};
    struct stmt *s = db_stmt(db, wrong, &err);
    assert_null(s);
    assert_int_equal(err.code, ERR_SOFTWARE);
    assert_non_null(strstr(err.text, "nowhere"));
    assert_non_null(strstr(err.text, temp.db));
    stmt_bind_int(s, 1); /* a chain of binds needs one check, at the step */
    stmt_bind_text(s, "x");
    stmt_bind_null(s);
    assert_int_equal(stmt_step(s, &err), -1);
    assert_int_equal(stmt_run(s, &err), -1);
    assert_int_equal(stmt_run_one(s, "nothing", &err), -1);
    stmt_reset(s);
    stmt_close(s);
    assert_null(db_make(db, wrong, &err));
    assert_null(db_stmt(db, wrong, &err)); /* and it is not remembered as good */
}

static void a_constraint_is_an_error_and_the_statement_can_be_used_again(void **state)
{
    (void)state;
    static const char sql[] = "INSERT INTO t VALUES (?, ?, 0)";
    struct err err;
    struct stmt *s = db_stmt(db, sql, &err);
    stmt_bind_int(s, 1);
    stmt_bind_text(s, "again");
    assert_int_equal(stmt_run(s, &err), -1);
    assert_int_equal(err.code, ERR_SOFTWARE);
    assert_non_null(strstr(err.text, "UNIQUE"));
    s = db_stmt(db, sql, &err);
    stmt_bind_int(s, 3);
    stmt_bind_text(s, "three");
    assert_int_equal(stmt_run(s, &err), 0);
    assert_int_equal(sql_int(db, "SELECT count(*) AS n FROM t"), 3);
}

static void an_error_after_some_rows_is_told(void **state)
{
    (void)state;
    struct err err;
    struct stmt *s = db_make(db,
                             "SELECT abs(x) AS n FROM (SELECT 1 AS x UNION ALL "
                             "SELECT -9223372036854775808)",
                             &err);
    assert_int_equal(stmt_run(s, &err), -1);
    assert_non_null(strstr(err.text, "integer overflow"));
    assert_int_equal(stmt_step(s, &err), 1);
    assert_int_equal(stmt_step(s, &err), -1);
    stmt_close(s);
}

static void exactly_one_row_must_change(void **state)
{
    (void)state;
    static const struct {
        const char *sql;
        int want;
        const char *says;
    } rows[] = {
        {"UPDATE t SET name = 'x' WHERE id = 1", 0, ""},
        {"UPDATE t SET name = 'x' WHERE id = 99", -1, "0 rows"},
        {"UPDATE t SET name = 'x'", -1, "2 rows"},
        {"INSERT INTO t VALUES (9, 'nine', 9)", 0, ""},
        {"INSERT INTO t VALUES (9, 'nine', 9)", -1, "UNIQUE"},
    };
    struct table t = {0};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct err err = {.text = ""};
        struct stmt *s = db_make(db, rows[i].sql, &err);
        int rc = stmt_run_one(s, "changing a name", &err);
        table_want(&t, rc == rows[i].want && strstr(err.text, rows[i].says), "%s: %s",
                   rows[i].sql, err.text);
        stmt_close(s);
    }
    table_end(&t);
}

static void run_passes_rows_over(void **state)
{
    (void)state;
    struct err err;
    struct stmt *s = db_make(db, "UPDATE t SET rank = 0 RETURNING id", &err);
    assert_int_equal(stmt_run(s, &err), 0);
    assert_int_equal(stmt_run(s, &err), 0);
    stmt_close(s);
    assert_int_equal(sql_int(db, "SELECT count(*) AS n FROM t WHERE rank = 0"), 2);
}

/* ---- faults of the program end it ---- */

static struct stmt *two_values(void)
{
    struct err err;
    return db_stmt(db, "SELECT id FROM t WHERE id = ? AND name = ?", &err);
}

static void bind_too_few(void)
{
    struct err err;
    struct stmt *s = two_values();
    stmt_bind_int(s, 1);
    stmt_step(s, &err);
}

static void bind_too_many(void)
{
    struct stmt *s = two_values();
    stmt_bind_int(s, 1);
    stmt_bind_text(s, "one");
    stmt_bind_null(s);
}

static void read_a_column_that_is_not_there(void)
{
    struct err err;
    struct stmt *s = two_values();
    stmt_bind_int(s, 1);
    stmt_bind_text(s, "one");
    stmt_step(s, &err);
    stmt_int(s, "nmae");
}

/* It has no NUL at its end yet: read, it becomes longer. */
static struct stmt *a_text_to_be_copied(void)
{
    struct err err;
    struct stmt *s = db_stmt(db, "SELECT randomblob(100000) AS name", &err);
    stmt_step(s, &err);
    return s;
}

static void no_more_memory(void)
{
    sqlite3_hard_heap_limit64(sqlite3_memory_used());
}

static void read_a_text_without_memory(void)
{
    struct stmt *s = a_text_to_be_copied();
    no_more_memory();
    stmt_text(s, "name");
}

static void read_a_span_without_memory(void)
{
    struct stmt *s = a_text_to_be_copied();
    no_more_memory();
    stmt_column_span(s, 0);
}

static void prepare_without_memory(void)
{
    struct err err;
    no_more_memory();
    db_stmt(db, "SELECT name, name, name FROM t", &err);
}

static int how_it_ends(void (*fault)(void))
{
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        int null = open("/dev/null", O_WRONLY);
        dup2(null, 2);
        setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
        fault();
        _exit(0);
    }
    int status = 0;
    waitpid(pid, &status, 0);
    return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

static void misuse_ends_the_program(void **state)
{
    (void)state;
    assert_int_equal(how_it_ends(bind_too_few), -SIGABRT);
    assert_int_equal(how_it_ends(bind_too_many), -SIGABRT);
    assert_int_equal(how_it_ends(read_a_column_that_is_not_there), -SIGABRT);
}

/* Not NULL, which could stand for "on behalf of nobody". */
static void without_memory_the_program_ends(void **state)
{
    (void)state;
    assert_int_equal(how_it_ends(read_a_text_without_memory), 71);
    assert_int_equal(how_it_ends(read_a_span_without_memory), 71);
    assert_int_equal(how_it_ends(prepare_without_memory), 71);
}

#define test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(a_literal_is_prepared_once),
        test(the_cache_grows),
        test(it_comes_back_reset_with_nothing_bound),
        test(columns_are_read_by_name_in_any_order),
        test(columns_by_number_tell_name_and_type),
        test(texts_keep_every_byte),
        test(integers_keep_all_64_bits),
        test(what_cannot_be_prepared_is_an_error_at_the_step),
        test(a_constraint_is_an_error_and_the_statement_can_be_used_again),
        test(an_error_after_some_rows_is_told),
        test(exactly_one_row_must_change),
        test(run_passes_rows_over),
        test(misuse_ends_the_program),
        test(without_memory_the_program_ends),
    };
    return cmocka_run_group_tests_name("db: statements", tests, NULL, NULL);
}
