#include "model/document.h"

#include <sys/stat.h>

#include "unit/intake/folder.h"

#define PNG "\x89PNG\r\n\x1a\n"
#define OLE "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

static void kinds_are_told_by_the_first_bytes(void **state)
{
    static const struct {
        const char *name;
        struct span bytes;
        const char *want; /* the media type, or words of the complaint */
        bool good;
    } rows[] = {
        {"a.png", LIT(PNG "x"), "image/png", true},
        {"named-wrongly.pdf", LIT(PNG), "image/png", true},
        {"a.jpg", LIT("\xff\xd8\xff\xe0"), "image/jpeg", true},
        {"a.gif", LIT("GIF89a"), "image/gif", true},
        {"b.gif", LIT("GIF87a"), "image/gif", true},
        {"a.bmp", LIT("BM6"), "image/bmp", true},
        {"a.pdf", LIT("%PDF-1.7"), "application/pdf", true},
        {"a.doc", LIT(OLE), "application/msword", true},
        {"A.XLS", LIT(OLE), "application/vnd.ms-excel", true},
        {"a.docx", LIT("PK\x03\x04"),
         "application/vnd.openxmlformats-officedocument.wordprocessingml.document", true},
        {"a.xlsx", LIT("PK\x03\x04"),
         "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", true},
        {"a.zip", LIT("PK\x03\x04"), "no kind of file", false},
        {"short.png", LIT("\x89PN"), "no kind of file", false},
        {"a.txt", LIT("hello"), "no kind of file", false},
        {"empty.png", LIT(""), "is empty", false},
    };
    struct table t = {0};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct document d;
        struct err err;
        free(folder_write(state, rows[i].name, rows[i].bytes));
        int rc = document_look(&d, *state, span_of(rows[i].name), NULL, 0, &err);
        table_want(&t, (rc == 0) == rows[i].good, "%s: %d", rows[i].name, rc);
        table_want(&t, strstr(rc ? err.text : d.media, rows[i].want) != NULL, "%s: %s",
                   rows[i].name, rc ? err.text : d.media);
        if (rc == 0)
            document_close(&d);
    }
    table_end(&t);
}

static void what_is_no_good_file_is_told(void **state)
{
    struct err err;
    struct document d;
    char *png = folder_write(state, "a.png", (struct span)LIT(PNG)),
         *link = folder_path(state, "link.png"), *fifo = folder_path(state, "fifo.png");
    assert_int_equal(symlink(png, link), 0);
    assert_int_equal(mkfifo(fifo, 0600), 0);
    static const char *const pdfs[] = {"application/pdf", NULL};
    static const struct {
        struct span cell;
        bool pdf;
        int64_t max;
        const char *want;
    } rows[] = {
        {LIT("nobody.png"), false, 0, "no such file"},
        {LIT("link.png"), false, 0, "symbolic link"},
        {LIT("fifo.png"), false, 0, "not a regular file"},
        {LIT("."), false, 0, "not a regular file"},
        {LIT("a.png/x"), false, 0, "no such file"},
        {LIT(""), false, 0, "not the name"},
        {LIT("a.png\0x"), false, 0, "not the name"},
        {LIT("\xff.png"), false, 0, "not the name"},
        {LIT("a.png"), true, 0, "is image/png, which is not taken here"},
        {LIT("a.png"), false, 7, "too long: 8 bytes, of at most 7"},
    };
    struct table t = {0};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char *const *choices = rows[i].pdf ? (char *const *)pdfs : NULL;
        int rc = document_look(&d, *state, rows[i].cell, choices, rows[i].max, &err);
        table_want(&t,
                   rc == -1 && err.code == ERR_INPUT && strstr(err.text, rows[i].want),
                   "row %zu: %s", i, rc ? err.text : "taken");
    }
    table_end(&t);
    assert_int_equal(document_look(&d, NULL, span_of(png), NULL, 8, &err), 0);
    document_close(&d);
    free(png);
    free(link);
    free(fifo);
}

static void a_file_of_just_under_ten_megabytes_is_the_longest(void **state)
{
    struct err err;
    struct document d;
    char *path = folder_write(state, "big.png", (struct span)LIT(PNG));
    assert_int_equal(truncate(path, DOCUMENT_MAX), 0);
    assert_int_equal(document_look(&d, NULL, span_of(path), NULL, 0, &err), 0);
    assert_int_equal(d.size, 10 * 1024 * 1024 - 1);
    document_close(&d);
    assert_int_equal(truncate(path, DOCUMENT_MAX + 1), 0);
    assert_int_equal(document_look(&d, NULL, span_of(path), NULL, 0, &err), -1);
    assert_non_null(strstr(err.text, "too long"));
    free(path);
}

static void the_cell_of_a_job_reads_as_it_was_written(void **state)
{
    struct err err;
    struct document d, again;
    struct buf cell;
    free(folder_write(state, "with blank.png", (struct span)LIT(PNG)));
    buf_init(&cell, DOCUMENT_CELL_MAX);
    assert_int_equal(
        document_look(&d, *state, (struct span)LIT("with blank.png"), NULL, 0, &err), 0);
    document_write(&d, &cell);
    char *want =
        mem_printf("image/png 8 4c4b6a3be1314ab86138bef4314dde022e600960d8689a2c8f"
                   "8631802d20dab6 %s/with blank.png",
                   (char *)*state);
    assert_string_equal(cell.data, want);
    assert_true(document_read(&again, buf_span(&cell)));
    assert_string_equal(again.path, d.path);
    assert_string_equal(again.sha256, d.sha256);
    assert_string_equal(document_name(&again), "with blank.png");
    assert_int_equal(again.size, 8);
    document_close(&again);
    document_close(&d);
    buf_close(&cell);
    free(want);
}

#define SHA "4c4b6a3be1314ab86138bef4314dde022e600960d8689a2c8f8631802d20dab6"

static void nothing_else_passes_for_a_cell(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "",
        "data:image/png;base64,iVBORw0KGgo=",
        "image/png 8 " SHA " relative.png",
        "image/png 8 " SHA,
        "image/png 0 " SHA " /a.png",
        "image/png 10485760 " SHA " /a.png",
        "image/none 8 " SHA " /a.png",
        "image/png 8 " SHA "0 /a.png",
    };
    struct document d;
    struct table t = {0};
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        table_want(&t, !document_read(&d, span_of(rows[i])), "%s", rows[i]);
    table_end(&t);
}

static void a_file_that_changed_is_not_opened(void **state)
{
    static const struct {
        const char *name;
        struct span then;
        const char *want; /* NULL: it is opened */
    } rows[] = {
        {"same", LIT(PNG "1234"), NULL},
        {"one bit", LIT(PNG "1235"), "its SHA-256 is another"},
        {"longer", LIT(PNG "12345"), "13 bytes, it had 12"},
        {"empty", LIT(""), "is empty"},
    };
    struct table t = {0};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct err err;
        struct document d;
        int fd;
        free(folder_write(state, "a.png", (struct span)LIT(PNG "1234")));
        assert_int_equal(
            document_look(&d, *state, (struct span)LIT("a.png"), NULL, 0, &err), 0);
        free(folder_write(state, "a.png", rows[i].then));
        int rc = document_open(&d, &fd, &err);
        table_want(&t, (rc == 0) == !rows[i].want, "%s: %d", rows[i].name, rc);
        table_want(
            &t, rc == 0 || (strstr(err.text, rows[i].want) && strstr(err.text, d.path)),
            "%s: %s", rows[i].name, rc ? err.text : "");
        if (rc == 0)
            close(fd);
        document_close(&d);
    }
    table_end(&t);
}

int main(void)
{
#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, folder_make, folder_remove)
    const struct CMUnitTest tests[] = {
        IN_FOLDER(kinds_are_told_by_the_first_bytes),
        IN_FOLDER(what_is_no_good_file_is_told),
        IN_FOLDER(a_file_of_just_under_ten_megabytes_is_the_longest),
        IN_FOLDER(the_cell_of_a_job_reads_as_it_was_written),
        cmocka_unit_test(nothing_else_passes_for_a_cell),
        IN_FOLDER(a_file_that_changed_is_not_opened),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
