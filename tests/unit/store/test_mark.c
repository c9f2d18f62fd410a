/* The mark: text, and what it and the database say of each other. */
#include "store/mark.h"

#include "lib/check.h"

static char july[] = "july.csv", june[] = "june with blanks.csv";

static struct mark example(void)
{
    return (struct mark){.database = "0a1b",
                         .machine = "77",
                         .file = 12,
                         .run = 3,
                         .attempt = 40,
                         .batch = 2,
                         .decision = 5,
                         .at = {1790000000000},
                         .batches = {july, june},
                         .batch_count = 2};
}

#define TEXT                                                                             \
    "remesa mark 1\ndatabase 0a1b\nmachine 77\nfile 12\nrun 3\nattempt 40\nbatch 2\n"    \
    "decision 5\nat 1790000000000\n"
#define NAMES "named july.csv\nnamed june with blanks.csv\n"

static void what_is_written_is_read_again(void **state)
{
    (void)state;
    struct mark m = example(), got;
    struct buf text;
    struct err err;
    buf_init(&text, MARK_TEXT_MAX);
    mark_write(&m, &text);
    assert_string_equal(text.data, TEXT NAMES);
    assert_int_equal(mark_read(&got, buf_span(&text), &err), 0);
    assert_true(mark_equal(&m, &got));
    assert_int_equal(got.at.ms, m.at.ms);
    assert_int_equal(got.batch_count, 2);
    assert_string_equal(got.batches[1], "june with blanks.csv");
    mark_close(&got);
    buf_close(&text);
}

/* One that is half there, or of a program to come, must not pass for one that fits. */
static void anything_else_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "remesa mark 1",
        "remesa mark 2\n",
        "remesa mark 1\n",
        "remesa mark 1\ndatabase 0a1b\n",
        "remesa mark 1\ndatabase \nmachine 77\nfile 12\nrun 3\nattempt 40\nbatch 2\n"
        "decision 5\nat 1\n",
        "remesa mark 1\ndatabase 0a1b\nmachine 77\nfile 12\nrun 3\nattempt -1\nbatch 2\n"
        "decision 5\nat 1\n",
        "remesa mark 1\ndatabase 0a1b\nmachine 77\nfile 12\nrun x\nattempt 4\nbatch 2\n"
        "decision 5\nat 1\n",
        "remesa mark 1\ndatabase 0a1b\nmachine 77\nfile 12\nattempt 4\nrun 3\nbatch 2\n"
        "decision 5\nat 1\n",
        "remesa mark 1\ndatabase 0123456789012345678901234567890123456789\nmachine 77\n"
        "file 12\nrun 3\nattempt 4\nbatch 2\ndecision 5\nat 1\n",
        TEXT "named",
        TEXT "named \n",
        TEXT "called july.csv\n",
    };
    struct table t = {0};
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        struct mark m;
        struct err err;
        struct exact e = exact_open(span_of(texts[i]));
        table_want(&t, mark_read(&m, e.text, &err) == -1 && err.code == ERR_INPUT, "%s",
                   texts[i]);
        mark_close(&m);
        exact_close(&e);
    }
    table_end(&t);
}

static void it_holds_as_many_names_as_it_may(void **state)
{
    (void)state;
    struct buf text;
    struct mark m;
    struct err err;
    buf_init(&text, MARK_TEXT_MAX);
    buf_add_text(&text, TEXT);
    for (int i = 0; i < MARK_BATCHES_MAX; i++)
        buf_printf(&text, "named %d\n", i);
    assert_int_equal(mark_read(&m, buf_span(&text), &err), 0);
    assert_int_equal(m.batch_count, MARK_BATCHES_MAX);
    mark_close(&m);
    buf_add_text(&text, "named one more\n");
    assert_int_equal(mark_read(&m, buf_span(&text), &err), -1);
    mark_close(&m);
    buf_close(&text);
}

static void what_a_mark_says_of_a_database(void **state)
{
    (void)state;
    const struct mark mark = example(), unused = {.database = "ff"};
    static const struct {
        const char *name;
        bool no_mark, unused, was_marked;
        struct mark more; /* added to the example: the database's state */
        const char *database, *machine;
        enum mark_finding want;
    } rows[] = {
        {"the same", .was_marked = true, .want = MARK_FITS},
        {"never marked, and none there", .no_mark = true, .want = MARK_FITS},
        {"marked, and none there", .no_mark = true, .was_marked = true,
         .want = MARK_ABSENT},
        {"ahead after a kill", .more = {.attempt = 7, .run = 1}, .want = MARK_FITS},
        {"attempts behind", .more = {.attempt = -1}, .want = MARK_BEHIND},
        {"runs behind", .more = {.run = -1, .attempt = 9}, .want = MARK_BEHIND},
        {"an import behind", .more = {.batch = -1}, .want = MARK_BEHIND},
        {"a decision behind", .more = {.decision = -1}, .want = MARK_BEHIND},
        {"behind and moved", .more = {.attempt = -1, .file = 1}, .want = MARK_BEHIND},
        {"another file", .more = {.file = 1}, .want = MARK_MOVED},
        {"another machine", .machine = "78", .want = MARK_MOVED},
        {"another database", .database = "0a1c", .want = MARK_OTHER},
        {"another that is marked", .database = "0a1c", .was_marked = true,
         .want = MARK_OTHER},
        {"of one that sent nothing", .unused = true, .want = MARK_FITS},
        {"the same, but this one has run", .unused = true, .was_marked = true,
         .want = MARK_OTHER},
    };
    struct table t = {0};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct mark now = example();
        now.file += rows[i].more.file;
        now.run += rows[i].more.run;
        now.attempt += rows[i].more.attempt;
        now.batch += rows[i].more.batch;
        now.decision += rows[i].more.decision;
        if (rows[i].database)
            snprintf(now.database, sizeof(now.database), "%s", rows[i].database);
        if (rows[i].machine)
            snprintf(now.machine, sizeof(now.machine), "%s", rows[i].machine);
        const struct mark *there = rows[i].unused ? &unused : &mark;
        enum mark_finding got =
            mark_compare(rows[i].no_mark ? NULL : there, &now, rows[i].was_marked);
        table_want(&t, got == rows[i].want, "%s: %d", rows[i].name, got);
    }
    table_end(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read_again),
        cmocka_unit_test(anything_else_is_refused),
        cmocka_unit_test(it_holds_as_many_names_as_it_may),
        cmocka_unit_test(what_a_mark_says_of_a_database),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
