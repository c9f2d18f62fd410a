#include "db/beside.h"

#include "unit/db/temp.h"

static struct temp temp;
static struct err err;

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

static bool reads(const char *want)
{
    struct buf text;
    buf_init(&text, 100);
    bool same =
        beside_read(temp.db, "-x", &text, &err) == 1 && span_is(buf_span(&text), want);
    buf_close(&text);
    return same;
}

static void a_file_is_replaced_as_a_whole(void **state)
{
    (void)state;
    struct stat st;
    char path[300];
    assert_int_equal(beside_write(temp.db, "-x", span_of("a long text\n"), &err), 0);
    assert_true(reads("a long text\n"));
    assert_int_equal(beside_write(temp.db, "-x", span_of("short"), &err), 0);
    assert_true(reads("short"));
    snprintf(path, sizeof(path), "%s-x", temp.db);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    snprintf(path, sizeof(path), "%s-x.new", temp.db);
    assert_int_equal(stat(path, &st), -1);
}

static void none_is_no_error(void **state)
{
    (void)state;
    struct buf text;
    buf_init(&text, 100);
    assert_int_equal(beside_read(temp.db, "-x", &text, &err), 0);
    assert_int_equal(text.len, 0);
    buf_close(&text);
}

static void one_that_is_too_long_is_not_read(void **state)
{
    (void)state;
    struct buf text;
    buf_init(&text, 4);
    assert_int_equal(beside_write(temp.db, "-x", span_of("12345"), &err), 0);
    assert_int_equal(beside_read(temp.db, "-x", &text, &err), -1);
    assert_non_null(strstr(err.text, "a.db-x: longer than any"));
    buf_close(&text);
}

/* A link would be followed to somebody else's file. */
static void links_are_refused(void **state)
{
    (void)state;
    struct buf text;
    char link[300], aim[300];
    snprintf(link, sizeof(link), "%s-x", temp.db);
    snprintf(aim, sizeof(aim), "%s/aim", temp.dir);
    assert_int_equal(symlink(aim, link), 0);
    buf_init(&text, 100);
    assert_int_equal(beside_read(temp.db, "-x", &text, &err), -1);
    assert_int_equal(err.code, ERR_IO);
    buf_close(&text);
    snprintf(link, sizeof(link), "%s-y.new", temp.db);
    assert_int_equal(symlink(aim, link), 0);
    assert_int_equal(beside_write(temp.db, "-y", span_of("x"), &err), -1);
    assert_int_equal(access(aim, F_OK), -1);
}

static void a_folder_that_cannot_be_written_is_named(void **state)
{
    (void)state;
    assert_int_equal(beside_write("/proc/none/a.db", "-x", span_of("x"), &err), -1);
    assert_int_equal(err.code, ERR_IO);
    assert_non_null(strstr(err.text, "/proc/none/a.db-x.new: cannot create it: "));
}

static void a_copy_is_another_file(void **state)
{
    (void)state;
    char copy[300];
    snprintf(copy, sizeof(copy), "%s/b.db", temp.dir);
    assert_int_equal(beside_file_number(temp.db), 0);
    db_close(temp_db(temp.db, DB_READ_WRITE));
    db_close(temp_db(copy, DB_READ_WRITE));
    int64_t number = beside_file_number(temp.db);
    assert_true(number > 0);
    assert_int_equal(beside_file_number(temp.db), number);
    assert_true(beside_file_number(copy) != number);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
        T(a_file_is_replaced_as_a_whole),
        T(none_is_no_error),
        T(one_that_is_too_long_is_not_read),
        T(links_are_refused),
        T(a_folder_that_cannot_be_written_is_named),
        T(a_copy_is_another_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
