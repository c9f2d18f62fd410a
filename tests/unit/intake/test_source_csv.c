#include "intake/source_csv.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "unit/intake/catalogue.h"
#include "unit/intake/folder.h"
#include "unit/intake/hear.h"

#define MB (1024 * 1024)

/* Complaints, rows and the error, in the order in which they came. */
static void read_all(const char *path, struct buf *seen)
{
    struct catalogue c = test_catalogue();
    struct csv_options options = {0};
    struct source s;
    struct row row;
    struct err err;
    buf_init(seen, MB);
    if (source_csv_open(&s, path, &options, &c, hear, seen, &err)) {
        buf_printf(seen, "error %d: %s\n", err_exit_status(err.code), err.text);
        return;
    }
    int rc;
    while ((rc = s.next(s.ctx, &row, &err)) == 1) {
        write_row(seen, &row);
        row_close(&row);
    }
    assert_int_equal(rc, 0);
    assert_int_equal(s.next(s.ctx, &row, &err), 0); /* and it stays at its end */
    s.close(s.ctx);
}

static void check_file(void **state, const char *bytes, const char *want)
{
    struct buf seen;
    char *path = folder_write(state, "payees.csv", span_of(bytes));
    read_all(path, &seen);
    assert_string_equal(seen.data, want);
    buf_close(&seen);
    free(path);
}

static void every_fault_of_a_file_is_told_in_one_pass_with_line_and_column(void **state)
{
    check_file(
        state,
        "ref,action,on_behalf_of,amount,currency,instruction,label,emial\n" /* 1 */
        "p1,create_payout,#1,10.50,ars,7,,\n"                               /* 2 */
        "\n"                                                                /* 3 */
        "p2,create_payout,#1,10.505,ars,7,\"two\nlines\",\n"                /* 4 */
        "p3,create_payot,#1,1,ars,7,,\n"                                    /* 6 */
        "p4,create_payout,#1,1,ars\n"                                       /* 7 */
        "p5,create_payout,#1,1,ars,7,Pe\xf1"
        "a,\n"                                      /* 8 */
        "p6,create_payout,#1,\"1\"0,ars,7,,\n"      /* 9 */
        "p 7,create_payout,,x,a-b,../7,,\n"         /* 10 */
        "p8,create_payout,@u8,5,usd,@i8,\"a,b\",\n" /* 11 */
        "p9,create_payout,#1,5,usd,7,\"never,\n"    /* 12 */
        "p10,create_payout,#1,5,usd,7,,\n",         /* 13 */
        "!1 emial: no action takes a column of this name: did you mean 'email'?\n"
        "=2 p1 create_payout for=#1 {\"amount\":\"10.50\",\"currency\":\"ars\","
        "\"instruction\":\"7\",\"label\":\"p1\"} 10.50 ars\n"
        "!4 amount: '10.505': ars has 2 places\n"
        "!6 action: 'create_payot' is no action: did you mean 'create_payout'?\n"
        "!7 5 fields, but the header has 8 columns: empty cells need their "
        "delimiters too\n"
        "!8 byte 31 of the line (0xf1) is not UTF-8: save the file as UTF-8, or try "
        "--encoding windows-1252\n"
        "!9 byte 24: text after a closing quote\n"
        "!10 ref: 'p 7' is no ref: wanted 1 to 128 bytes without blank, control "
        "character or '/', and neither '@' nor '#' first\n"
        "!10 amount: 'x': wanted digits with one point, such as 1250.50\n"
        "!10 currency: 'a-b': wanted a currency code such as ars, usd or btc\n"
        "!10 instruction: '../7': wanted an id (letters, digits, - and _), or @ref "
        "of the job that makes it\n"
        "!10 on_behalf_of: missing: create_payout is done on behalf of a user\n"
        "=11 p8 create_payout for=u8 needs=i8(instruction),u8(on_behalf_of) "
        "{\"amount\":\"5\",\"currency\":\"usd\",\"instruction\":\"@i8\",\"label\":"
        "\"a,b\"} 5.00 usd\n"
        "!12 the quote that opens here is never closed\n");
}

static void a_file_without_rows_is_fine(void **state)
{
    check_file(state, "ref,action\n", "");
    check_file(state, "\xef\xbb\xbfref;action", "");
}

/* Good ones, bad ones, and those that cannot be read at all: what the sender has counted. */
static void every_line_of_data_is_counted(void **state)
{
    static const struct {
        const char *bytes;
        int64_t lines;
    } rows[] = {
        {"ref,action\n", 0},
        {"ref,action,id\na,get_user,7\nb,get_user,7\n", 2},
        {"ref,action,id\na,get_user,7\n\n\nb,get_user,7", 2},
        {"ref,action,id\na,get_user,\"7\n8\"\nb,no_action,7\nc,get_user\n", 3},
        {"ref,action,id\na,get_user,\"7\"8\nb,get_user,\xff\nc,get_user,7\n", 3},
        {"ref,action,id\na,get_user,7\nb,get_user,\"7\n", 2},
    };
    struct table t = {0};
    struct catalogue c = test_catalogue();
    struct csv_options options = {0};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char *path = folder_write(state, "payees.csv", span_of(rows[i].bytes));
        struct source s;
        struct row row;
        struct err err;
        struct buf seen;
        buf_init(&seen, MB);
        assert_int_equal(source_csv_open(&s, path, &options, &c, hear, &seen, &err), 0);
        while (s.next(s.ctx, &row, &err) == 1)
            row_close(&row);
        table_want(&t, s.lines(s.ctx) == rows[i].lines, "%s: %lld", rows[i].bytes,
                   (long long)s.lines(s.ctx));
        s.close(s.ctx);
        buf_close(&seen);
        free(path);
    }
    table_end(&t);
}

static void a_row_without_line_end_counts(void **state)
{
    check_file(state, "ref\taction\tid\r\na\tget_user\t7",
               "=2 a get_user {\"id\":\"7\"}\n");
}

/* Wants "error CODE: PATH<rest>", after the complaints in `before`. */
static void check_error(const char *path, const char *before, enum err_code code,
                        const char *rest)
{
    struct buf seen, want;
    buf_init(&want, MB);
    buf_printf(&want, "%serror %d: %s%s\n", before, err_exit_status(code),
               strcmp(path, "-") == 0 ? "standard input" : path, rest);
    read_all(path, &seen);
    assert_string_equal(seen.data, want.data);
    buf_close(&seen);
    buf_close(&want);
}

static void what_is_no_table_is_an_error(void **state)
{
    static const struct {
        const char *bytes, *before, *rest;
    } examples[] = {
        {"", "", ": is empty: the first line names the columns"},
        {"\xef\xbb\xbf", "", ": is empty: the first line names the columns"},
        {"\n\r\n\n", "", ": is empty: the first line names the columns"},
        {"p1,create_user\n",
         "!1 p1: no action takes a column of this name\n"
         "!1 create_user: no action takes a column of this name\n",
         ": line 1: no header: the columns 'ref' and 'action' are required"},
        {"\nref,name\n", "",
         ": line 2: no header: the columns 'ref' and 'action' are required; a CSV "
         "without "
         "actions wants its --recipe"},
        {"ref,action\rp1,create_user\r",
         "!1 a CR alone ends no line: save the file with LF or CRLF line ends\n",
         ": the first line cannot be read as column names"},
        {"re\"f,action\nref,action\n",
         "!1 byte 3: a quote inside a field that does not begin with one: put the field "
         "in quotes and double those in it\n",
         ": the first line cannot be read as column names"},
        {"\"ref,action\na,b\n", "!1 the quote that opens here is never closed\n",
         ": the first line cannot be read as column names"},
    };
    for (size_t i = 0; i < COUNT_OF(examples); i++) {
        char *path = folder_write(state, "bad.csv", span_of(examples[i].bytes));
        check_error(path, examples[i].before, ERR_INPUT, examples[i].rest);
        free(path);
    }
}

static void what_is_no_file_is_an_error(void **state)
{
    char *missing = folder_path(state, "missing.csv");
    check_error(missing, "", ERR_NOINPUT, ": no such file");
    check_error(*state, "", ERR_INPUT, ": is a directory, not a CSV file");
    free(missing);
}

static void a_file_of_others_is_an_error(void **state)
{
    if (geteuid() == 0)
        skip(); /* who may read everything */
    char *path = folder_write(state, "secret.csv", span_of("ref,action\n"));
    assert_int_equal(chmod(path, 0), 0);
    check_error(path, "", ERR_NOPERM, ": not allowed to read it");
    free(path);
}

static void rows_that_cross_blocks_are_whole(void **state)
{
    const long long rows = 30000; /* some 1.2 MB, so several blocks of 256 kB */
    struct catalogue c = test_catalogue();
    struct csv_options options = {0};
    struct source s;
    struct row row;
    struct err err;
    struct buf file, heard;
    buf_init(&file, 4 * MB);
    buf_init(&heard, MB);
    buf_add_text(&file, "ref,action,email,name\n");
    for (long long i = 0; i < rows; i++)
        buf_printf(&file, "u%lld,create_user,u%lld@b.co,\"Ana %lld\"\n", i, i, i);
    assert_false(file.full);
    char *path = folder_write(state, "large.csv", buf_span(&file));
    assert_int_equal(source_csv_open(&s, path, &options, &c, hear, &heard, &err), 0);
    long long seen = 0;
    for (; s.next(s.ctx, &row, &err) == 1; seen++) {
        char *name = mem_printf("Ana %lld", seen);
        assert_int_equal(row.line, seen + 2);
        assert_string_equal(params_get(&row.params, "name"), name);
        free(name);
        row_close(&row);
    }
    assert_int_equal(seen, rows);
    assert_string_equal(heard.data, "");
    s.close(s.ctx);
    free(path);
    buf_close(&file);
    buf_close(&heard);
}

static void a_dash_is_standard_input_and_is_left_open(void **state)
{
    (void)state;
    struct buf seen;
    int ends[2], before = dup(STDIN_FILENO);
    static const char text[] = "ref,action,id\na,get_user,7\n";
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], text, sizeof(text) - 1), sizeof(text) - 1);
    close(ends[1]);
    assert_int_equal(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
    close(ends[0]);
    read_all("-", &seen);
    assert_string_equal(seen.data, "=2 a get_user {\"id\":\"7\"}\n");
    buf_close(&seen);
    check_error("-", "", ERR_INPUT, ": is empty: the first line names the columns");
    dup2(before, STDIN_FILENO);
    close(before);
}

static void a_read_that_fails_says_where(void **state)
{
    (void)state;
    char rest[256];
    int before = dup(STDIN_FILENO), write_only = open("/dev/null", O_WRONLY);
    assert_int_equal(dup2(write_only, STDIN_FILENO), STDIN_FILENO);
    close(write_only);
    snprintf(rest, sizeof(rest), ": line 1: cannot be read: %s", strerror(EBADF));
    check_error("-", "", ERR_IO, rest);
    dup2(before, STDIN_FILENO);
    close(before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_fault_of_a_file_is_told_in_one_pass_with_line_and_column),
        cmocka_unit_test(a_file_without_rows_is_fine),
        cmocka_unit_test(every_line_of_data_is_counted),
        cmocka_unit_test(a_row_without_line_end_counts),
        cmocka_unit_test(what_is_no_table_is_an_error),
        cmocka_unit_test(what_is_no_file_is_an_error),
        cmocka_unit_test(a_file_of_others_is_an_error),
        cmocka_unit_test(rows_that_cross_blocks_are_whole),
        cmocka_unit_test(a_dash_is_standard_input_and_is_left_open),
        cmocka_unit_test(a_read_that_fails_says_where),
    };
    return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
