#include "base/buf.h"
#include "base/mem.h"
#include "base/rng.h"
#include "intake/csv.h"
#include "lib/check.h"
#include "unit/intake/hear.h"

#define MB (1024 * 1024)

/* What came out, in order: records as "LINE[a|b|c]", complaints as "!LINE TEXT", a line
 * each. */
struct run {
    struct csv_reader *reader;
    struct buf seen;
};

static void begin(struct run *r, char delimiter)
{
    struct csv_options options = {.delimiter = delimiter};
    buf_init(&r->seen, 4 * MB);
    r->reader = csv_reader_open(&options, (struct listener){hear, &r->seen});
}

static void see(struct run *r, const struct csv_record *record)
{
    buf_printf(&r->seen, "%lld[", (long long)record->line);
    for (size_t i = 0; i < record->count; i++) {
        buf_add_text(&r->seen, i ? "|" : "");
        buf_add_span(&r->seen, record->fields[i]);
    }
    buf_add_text(&r->seen, "]\n");
}

/* From memory of just that size, so that reading past a piece is seen. */
static void feed(struct run *r, struct span piece)
{
    struct csv_record record;
    char *copy = malloc(piece.len ? piece.len : 1);
    assert_non_null(copy);
    if (piece.len)
        memcpy(copy, piece.ptr, piece.len);
    struct span left = {copy, piece.len};
    while (csv_reader_next(r->reader, &left, &record))
        see(r, &record);
    assert_int_equal(left.len, 0);
    free(copy);
}

static void end(struct run *r)
{
    struct csv_record record;
    if (csv_reader_end(r->reader, &record))
        see(r, &record);
    csv_reader_close(r->reader);
}

static struct span part(struct span s, size_t from, size_t to)
{
    return (struct span){s.ptr + from, to - from};
}

static void check(struct run *r, const char *name, const char *want)
{
    end(r);
    if (strcmp(r->seen.data, want) != 0)
        fail_msg("%s:\nwanted:\n%s\nseen:\n%s", name, want, r->seen.data);
    buf_close(&r->seen);
}

static void check_every_split(const char *name, struct span bytes, char delimiter,
                              const char *want)
{
    struct run r;
    begin(&r, delimiter);
    feed(&r, bytes);
    check(&r, name, want);
    begin(&r, delimiter);
    for (size_t i = 0; i < bytes.len; i++)
        feed(&r, part(bytes, i, i + 1));
    check(&r, name, want);
    for (size_t at = 0; at <= bytes.len; at++) {
        begin(&r, delimiter);
        feed(&r, part(bytes, 0, at));
        feed(&r, part(bytes, at, bytes.len));
        check(&r, name, want);
    }
}

#define BOM     "\xef\xbb\xbf"
#define LONE_CR "a CR alone ends no line: save the file with LF or CRLF line ends\n"
#define INNER_QUOTE                                                                      \
    "a quote inside a field that does not begin with one: put the field in quotes and "  \
    "double those in it\n"

static const struct {
    const char *name;
    struct span bytes;
    const char *want;
} table[] = {
    {"nothing", LIT(""), ""},
    {"one line", LIT("a,b,c\n"), "1[a|b|c]\n"},
    {"no line end at the end", LIT("a,b\nc,d"), "1[a|b]\n2[c|d]\n"},
    {"CRLF", LIT("a,b\r\nc,d\r\n"), "1[a|b]\n2[c|d]\n"},
    {"mixed line ends", LIT("a\nb\r\nc\n"), "1[a]\n2[b]\n3[c]\n"},
    {"empty lines are passed over", LIT("\n\r\na,b\n\n\nc,d\n\n"), "3[a|b]\n6[c|d]\n"},
    {"empty fields", LIT(",\n,,\n\"\"\n"), "1[|]\n2[||]\n3[]\n"},
    {"blanks stay", LIT(" a , b\t\n  \n"), "1[ a | b\t]\n2[  ]\n"},
    {"blanks stay inside quotes", LIT("\" a \",b\n"), "1[ a |b]\n"},
    {"quotes", LIT("\"a,b\",\"c\"\n"), "1[a,b|c]\n"},
    {"doubled quotes", LIT("\"say \"\"hi\"\"\",\"\"\"\"\n"), "1[say \"hi\"|\"]\n"},
    {"line ends inside quotes", LIT("\"a\nb\",c\n\"d\r\ne\",f\r\ng,h\n"),
     "1[a\nb|c]\n3[d\r\ne|f]\n5[g|h]\n"},
    {"an empty line inside quotes", LIT("\"a\n\n\nb\",c\nd,e\n"),
     "1[a\n\n\nb|c]\n5[d|e]\n"},
    {"a lone CR inside quotes is data", LIT("\"a\rb\",c\n"), "1[a\rb|c]\n"},
    {"a quoted field at the very end", LIT("a,\"b\""), "1[a|b]\n"},
    {"a delimiter at the very end", LIT("a,"), "1[a|]\n"},

    {"BOM", LIT(BOM "a,b\nc,d\n"), "1[a|b]\n2[c|d]\n"},
    {"BOM before a quote", LIT(BOM "\"a\",b\n"), "1[a|b]\n"},
    {"BOM alone", LIT(BOM), ""},
    {"BOM later is data", LIT("a\n" BOM "b\n"), "1[a]\n2[" BOM "b]\n"},

    {"semicolons", LIT("a;b;c,d\n1;2;3\n"), "1[a|b|c,d]\n2[1|2|3]\n"},
    {"tabs", LIT("a\tb\n1\t2\n"), "1[a|b]\n2[1|2]\n"},
    {"delimiters inside quotes do not count", LIT("\";;;;\",a,b\n"), "1[;;;;|a|b]\n"},
    {"a tie goes to the comma", LIT("a,b;c\n"), "1[a|b;c]\n"},
    {"the first line that is not empty decides", LIT("\na;b\n1;2\n"), "2[a|b]\n3[1|2]\n"},
    {"later lines do not decide", LIT("a,b\n1;;;;2,3\n"), "1[a|b]\n2[1;;;;2|3]\n"},

    {"UTF-8", LIT("\xc3\xb1,\xe2\x82\xac,\xf0\x9f\x98\x80\n"),
     "1[\xc3\xb1|\xe2\x82\xac|\xf0\x9f\x98\x80]\n"},
    {"Latin-1",
     LIT("a,b\nPe\xf1"
         "a,c\nd,e\n"),
     "1[a|b]\n!2 byte 3 of the line (0xf1) is not UTF-8: save the file as "
     "UTF-8, or try --encoding windows-1252\n3[d|e]\n"},
    {"broken UTF-8 deep in a line", LIT("0123456789abcdef\xc3(x\n"),
     "!1 byte 17 of the line (0xc3) is not UTF-8: save the file as UTF-8, or try "
     "--encoding windows-1252\n"},
    {"UTF-8 cut by the end", LIT("a\xe2\x82"),
     "!1 byte 2 of the line (0xe2) is not UTF-8: save the file as UTF-8, or try "
     "--encoding windows-1252\n"},
    {"overlong UTF-8", LIT("\xc0\xaf\n"),
     "!1 byte 1 of the line (0xc0) is not UTF-8: save the file as UTF-8, or try "
     "--encoding windows-1252\n"},
    {"broken UTF-8 in the second line of a record", LIT("\"a\n\xff\",b\nc,d\n"),
     "!2 byte 1 of the line (0xff) is not UTF-8: save the file as UTF-8, or try "
     "--encoding windows-1252\n3[c|d]\n"},
    {"NUL", LIT("a,\0b\nc,d\n"),
     "!1 byte 3 of the line is a NUL: this is not a text file\n2[c|d]\n"},
    {"NUL inside quotes", LIT("\"a\0\",b\nc,d\n"),
     "!1 byte 3 of the line is a NUL: this is not a text file\n2[c|d]\n"},

    {"a CR alone", LIT("a,b\rc,d\ne,f\n"), "!1 " LONE_CR "2[e|f]\n"},
    {"CR CR LF", LIT("a,b\r\r\nc,d\n"), "!1 " LONE_CR "2[c|d]\n"},
    {"a line of CRs", LIT("a\n\r\r\nb\n"), "1[a]\n!2 " LONE_CR "3[b]\n"},
    {"a CR at the very end", LIT("a\nb\r"), "1[a]\n!2 " LONE_CR},
    {"a CR after a multi-line field", LIT("\"a\nb\",c\rd\ne,f\n"),
     "!2 " LONE_CR "3[e|f]\n"},

    {"a quote never closed", LIT("a,b\n\"c,d\ne,f\n"),
     "1[a|b]\n!2 the quote that opens here is never closed\n"},
    {"a quote never closed, without line end", LIT("a,\"b"),
     "!1 the quote that opens here is never closed\n"},
    {"a quote that opens at the very end", LIT("a,\""),
     "!1 the quote that opens here is never closed\n"},
    {"the second quote of a record is never closed", LIT("\"a\nb\",\"c\nd\ne\n"),
     "!2 the quote that opens here is never closed\n"},
    {"a doubled quote opens nothing", LIT("\"a\nb\"\"c\nd\n"),
     "!1 the quote that opens here is never closed\n"},
    {"text after a closing quote", LIT("\"a\"b,c\nd,e\n"),
     "!1 byte 4: text after a closing quote\n2[d|e]\n"},
    {"a blank after a closing quote", LIT("\"a\" ,c\nd,e\n"),
     "!1 byte 4: text after a closing quote\n2[d|e]\n"},
    {"text after a quote that opened above", LIT("a,\"b\nc,\"d\",e\nf,g\n"),
     "!2 byte 4: text after a closing quote; it opened in line 1\n3[f|g]\n"},
    {"text after a second quote", LIT("\"a\nb\",\"c\"d\ne\n"),
     "!2 byte 7: text after a closing quote\n3[e]\n"},
    {"a quote inside a field", LIT("a\"b,c\nd,e\n"),
     "!1 byte 2: " INNER_QUOTE "2[d|e]\n"},
    {"a blank before a quote", LIT("a, \"b\"\nc,d\n"),
     "!1 byte 4: " INNER_QUOTE "2[c|d]\n"},
    {"several faults of one record", LIT("\"\xff\n\0\"x\nb\n"),
     "!1 byte 2 of the line (0xff) is not UTF-8: save the file as UTF-8, or try "
     "--encoding windows-1252\n"
     "!2 byte 1 of the line is a NUL: this is not a text file\n"
     "!2 byte 3: text after a closing quote; it opened in line 1\n3[b]\n"},
};

static void reads_every_input_the_same_however_it_is_cut(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(table); i++)
        check_every_split(table[i].name, table[i].bytes, '\0', table[i].want);
}

static void a_given_delimiter_is_not_looked_for(void **state)
{
    (void)state;
    check_every_split("given", (struct span)LIT("a,b;c,d\n"), ';', "1[a,b|c,d]\n");
    check_every_split("tab", (struct span)LIT("a,b\tc\n"), '\t', "1[a,b|c]\n");
}

static void knows_the_line_and_counts_faults(void **state)
{
    (void)state;
    struct run r;
    begin(&r, ',');
    assert_int_equal(csv_reader_line(r.reader), 1);
    feed(&r, span_of("a\nb\"\nc"));
    assert_int_equal(csv_reader_line(r.reader), 3);
    assert_int_equal(csv_reader_faults(r.reader), 1);
    feed(&r, span_of("\n"));
    assert_int_equal(csv_reader_line(r.reader), 4);
    end(&r);
    buf_close(&r.seen);
}

/* ---- limits ---- */

static void add_many(struct buf *b, const char *text, size_t times)
{
    for (size_t i = 0; i < times; i++)
        buf_add_text(b, text);
}

static const size_t pieces[] = {4 * MB, 256 * 1024, 4096, 1000};

/* Fed in several sizes of piece; the records' contents are not looked at, only their
 * lines and counts. */
static void check_in_pieces(const struct buf *bytes, const char *want)
{
    for (size_t p = 0; p < COUNT_OF(pieces); p++) {
        struct run r;
        struct csv_record record;
        begin(&r, ',');
        for (size_t at = 0; at < bytes->len; at += pieces[p]) {
            size_t to = at + pieces[p] < bytes->len ? at + pieces[p] : bytes->len;
            struct span left = part(buf_span(bytes), at, to);
            while (csv_reader_next(r.reader, &left, &record))
                buf_printf(&r.seen, "%lld[%zu]\n", (long long)record.line, record.count);
        }
        check(&r, "limit", want);
    }
}

static void a_field_may_have_64_kB_and_no_byte_more(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 4 * MB);
    add_many(&b, "x", CSV_FIELD_MAX);
    buf_add_text(&b, ",a\n\"");
    add_many(&b, "x", CSV_FIELD_MAX + 1);
    buf_add_text(&b, "\",a\nb,c\n");
    check_in_pieces(&b, "1[2]\n!2 field 1 is longer than 64 kB\n3[2]\n");
    buf_close(&b);
}

static void a_record_may_have_4096_fields_and_not_one_more(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 4 * MB);
    add_many(&b, ",", CSV_COLUMNS_MAX - 1);
    buf_add_text(&b, "\n");
    add_many(&b, "x,", CSV_COLUMNS_MAX);
    buf_add_text(&b, "\n");
    add_many(&b, "x,", 2 * CSV_COLUMNS_MAX);
    buf_add_text(&b, "\na\n");
    check_in_pieces(&b, "1[4096]\n!2 more than 4096 fields\n!3 more than 4096 fields\n"
                        "4[1]\n");
    buf_close(&b);
}

#define TOO_LONG(line)                                                                   \
    "!" #line " longer than 1 MB: is this a CSV file with LF or CRLF line ends?\n"

/* `len` bytes with their line end, in fields of `width`. */
static void add_line(struct buf *b, size_t len, size_t width)
{
    for (size_t i = 1; i < len; i++)
        buf_add_char(b, i % width == 0 ? ',' : 'x');
    buf_add_char(b, '\n');
}

static void a_line_may_have_1_MB_and_no_byte_more(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 8 * MB);
    add_line(&b, MB, 1024);
    add_line(&b, MB + 1, 1024);
    buf_add_text(&b, "a,b\n");
    add_line(&b, 2 * MB, 1024);
    buf_add_text(&b, "c,d,e\n");
    check_in_pieces(&b, "1[1024]\n" TOO_LONG(2) "3[2]\n" TOO_LONG(4) "5[3]\n");
    buf_close(&b);
}

static void long_lines_do_not_add_up(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 8 * MB);
    add_line(&b, MB - 1024, 1024);
    add_line(&b, MB - 1024, 1024);
    add_line(&b, MB - 1024, 1024);
    memcpy(b.data + 2 * MB - 4096, "\"\"", 2); /* the second one ends with a fault */
    check_in_pieces(&b,
                    "1[1023]\n!2 byte 1045507: text after a closing quote\n3[1023]\n");
    buf_close(&b);
}

static void a_last_line_too_long_is_told_once(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 8 * MB);
    buf_add_text(&b, "a\n");
    add_many(&b, "x", 3 * MB);
    check_in_pieces(&b, "1[1]\n" TOO_LONG(2));
    buf_close(&b);
}

static void a_runaway_quote_is_told_where_it_opens_and_reading_goes_on(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 4 * MB);
    buf_add_text(&b, "a,b\n\"c,d\n");
    add_many(&b, "0123456,89abcd\n", MB / 15);
    buf_add_text(&b, "e,f\ng,h\n");
    struct buf want;
    buf_init(&want, MB);
    buf_add_text(&want, "1[2]\n!2 the quote that opens here is not closed within 1 MB\n");
    long long last = 2 + MB / 15; /* of the long lines: it would pass the limit */
    buf_printf(&want, "%lld[2]\n%lld[2]\n", last + 1, last + 2);
    check_in_pieces(&b, want.data);
    buf_close(&want);
    buf_close(&b);
}

/* ---- what is written is what is read ---- */

static const char *const atoms[] = {"a",
                                    "B",
                                    "7",
                                    " ",
                                    "\t",
                                    ",",
                                    ";",
                                    "\"",
                                    "\n",
                                    "\r",
                                    "\r\n",
                                    "\xc3\xb1",
                                    "\"\"",
                                    "'",
                                    "@",
                                    "\xe2\x82\xac",
                                    "\xf0\x9f\x98\x80"};

static void add_random_field(struct rng *rng, struct buf *field)
{
    buf_clear(field);
    for (uint64_t n = rng_below(rng, 7); n > 0; n--)
        buf_add_text(field, atoms[rng_below(rng, COUNT_OF(atoms))]);
}

static void write_field(struct buf *file, const struct buf *field, char delimiter,
                        bool quote)
{
    if (!quote && !strpbrk(field->data, "\"\r\n") && !strchr(field->data, delimiter)) {
        buf_add_span(file, buf_span(field));
        return;
    }
    buf_add_char(file, '"');
    for (size_t i = 0; i < field->len; i++) {
        buf_add_char(file, field->data[i]);
        if (field->data[i] == '"')
            buf_add_char(file, '"');
    }
    buf_add_char(file, '"');
}

static long long lines_in(const struct buf *b, size_t from)
{
    long long n = 0;
    for (size_t i = from; i < b->len; i++)
        n += b->data[i] == '\n';
    return n;
}

static void write_random_file(struct rng *rng, char delimiter, struct buf *file,
                              struct buf *want)
{
    struct buf field;
    buf_init(&field, 1024);
    for (uint64_t rows = rng_below(rng, 6); rows > 0; rows--) {
        uint64_t fields = 1 + rng_below(rng, 5);
        buf_printf(want, "%lld[", 1 + lines_in(file, 0));
        for (uint64_t i = 0; i < fields; i++) {
            add_random_field(rng, &field);
            buf_printf(want, "%s%s", i ? "|" : "", field.data);
            if (i)
                buf_add_char(file, delimiter);
            /* a lone empty field needs quotes, or its line would be empty */
            write_field(file, &field, delimiter, fields == 1 || rng_below(rng, 3) == 0);
        }
        buf_add_text(want, "]\n");
        if (rows > 1 || rng_below(rng, 2))
            buf_add_text(file, rng_below(rng, 2) ? "\n" : "\r\n");
    }
    buf_close(&field);
}

static void what_is_written_is_what_is_read(void **state)
{
    (void)state;
    struct rng rng;
    rng_init(&rng, 20261124);
    for (int round = 0; round < 2000; round++) {
        struct buf file, want;
        struct run r;
        buf_init(&file, MB);
        buf_init(&want, MB);
        char delimiter = ",;\t"[rng_below(&rng, 3)];
        write_random_file(&rng, delimiter, &file, &want);
        begin(&r, delimiter);
        for (size_t at = 0; at < file.len;) {
            size_t to = at + 1 + rng_below(&rng, 9);
            to = to < file.len ? to : file.len;
            feed(&r, part(buf_span(&file), at, to));
            at = to;
        }
        check(&r, file.data, want.data);
        buf_close(&file);
        buf_close(&want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_every_input_the_same_however_it_is_cut),
        cmocka_unit_test(a_given_delimiter_is_not_looked_for),
        cmocka_unit_test(knows_the_line_and_counts_faults),
        cmocka_unit_test(a_field_may_have_64_kB_and_no_byte_more),
        cmocka_unit_test(a_record_may_have_4096_fields_and_not_one_more),
        cmocka_unit_test(a_line_may_have_1_MB_and_no_byte_more),
        cmocka_unit_test(long_lines_do_not_add_up),
        cmocka_unit_test(a_last_line_too_long_is_told_once),
        cmocka_unit_test(a_runaway_quote_is_told_where_it_opens_and_reading_goes_on),
        cmocka_unit_test(what_is_written_is_what_is_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
