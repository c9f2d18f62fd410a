/* The file of control totals beside an input, as a file. */
#include "intake/totals_file.h"

#include <errno.h>
#include <sys/stat.h>

#include "unit/intake/folder.h"

static void it_is_found_by_the_name_of_the_input(void **state)
{
    struct totals t = {0};
    struct err err;
    char *path = folder_path(state, "payees.csv");
    char *beside = folder_write(state, "payees.csv.totals", span_of("rows = 3\n"));
    assert_int_equal(totals_file_read(&t, path, &err), 0);
    assert_int_equal(t.rows, 3);
    totals_close(&t);
    free(path);
    path = folder_path(state, "payees");
    assert_int_equal(totals_file_read(&t, path, &err), 0);
    assert_false(totals_are_declared(&t)); /* there is none of this name */
    free(path);
    free(beside);
}

static void standard_input_has_none(void **state)
{
    struct totals t = {0};
    struct err err;
    char here[4096];
    assert_non_null(getcwd(here, sizeof(here)));
    char *beside = folder_write(state, "-.totals", span_of("rows = 3\n"));
    assert_int_equal(chdir(*state), 0);
    assert_int_equal(totals_file_read(&t, "-", &err), 0);
    assert_int_equal(chdir(here), 0);
    assert_false(totals_are_declared(&t));
    free(beside);
}

static void check_fault(void **state, struct totals *t, const char *says,
                        enum err_code code)
{
    struct err err = {.text = ""};
    char *path = folder_path(state, "payees.csv");
    assert_int_equal(totals_file_read(t, path, &err), -1);
    assert_int_equal(err.code, code);
    if (!strstr(err.text, says) || strncmp(err.text, path, strlen(path)) != 0)
        fail_msg("%s", err.text);
    totals_close(t);
    free(path);
}

static void what_is_wrong_has_file_line_and_reason(void **state)
{
    struct totals t = {0};
    free(folder_write(state, "payees.csv.totals", span_of("rows = 3\ntotal = ars x\n")));
    check_fault(state, &t, "payees.csv.totals: line 2: not an amount", ERR_INPUT);
    t.rows = 4;
    free(folder_write(state, "payees.csv.totals", span_of("rows = 3\n")));
    check_fault(state, &t, "payees.csv.totals: it declares 3 rows, and --expect-rows 4",
                ERR_INPUT);
    char *big = mem_zero(70000, 1);
    memset(big, '\n', 70000);
    free(folder_write(state, "payees.csv.totals", (struct span){big, 70000}));
    check_fault(state, &t, "payees.csv.totals: is longer than 65536 bytes", ERR_INPUT);
    free(big);
}

static void one_that_cannot_be_read_is_not_passed_over(void **state)
{
    struct totals t = {0};
    char *beside = folder_path(state, "payees.csv.totals");
    assert_int_equal(mkdir(beside, 0700), 0);
    check_fault(state, &t, "payees.csv.totals: cannot be read", ERR_IO);
    assert_int_equal(rmdir(beside), 0);
    assert_int_equal(symlink("payees.csv.totals", beside), 0);
    check_fault(state, &t, "payees.csv.totals: cannot be opened", ERR_IO);
    free(beside);
}

#define test(name) cmocka_unit_test_setup_teardown(name, folder_make, folder_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(it_is_found_by_the_name_of_the_input),
        test(standard_input_has_none),
        test(what_is_wrong_has_file_line_and_reason),
        test(one_that_cannot_be_read_is_not_passed_over),
    };
    return cmocka_run_group_tests_name("intake: totals file", tests, NULL, NULL);
}
