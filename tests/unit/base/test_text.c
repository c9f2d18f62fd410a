#include "base/rng.h"
#include "base/scan.h"
#include "base/text.h"
#include "lib/check.h"

static void shows_what_would_move_the_cursor(void **state)
{
    (void)state;
    static const struct {
        struct span given;
        const char *want;
    } rows[] = {
        {LIT(""), ""},
        {{NULL, 0}, ""},
        {LIT("Ana P\xc3\xa9rez \xe2\x82\xac \xf0\x9f\x98\x80"),
         "Ana P\xc3\xa9rez \xe2\x82\xac \xf0\x9f\x98\x80"},
        {LIT("a\nb\r\t"), "a\\x0ab\\x0d\\x09"},
        {LIT("\0"), "\\x00"},
        {LIT("\x1b[2J"), "\\x1b[2J"},
        {LIT("\x7f"), "\\x7f"},
        {LIT("\xc2\x80"), "\\x80"},
        {LIT("\xc2\x85"), "\\x85"},
        {LIT("\xc2\x9b[31m"), "\\x9b[31m"},
        {LIT("\xc2\x9f"), "\\x9f"},
        {LIT("\xc2\xa0"), "\xc2\xa0"},
        {LIT("\xd8\x9c"), "\\u{061c}"},
        {LIT("\xe2\x80\x8e\xe2\x80\x8f"), "\\u{200e}\\u{200f}"},
        {LIT("\xe2\x80\xa8\xe2\x80\xa9"), "\\u{2028}\\u{2029}"},
        {LIT("\xe2\x80\xaa\xe2\x80\xae"), "\\u{202a}\\u{202e}"},
        {LIT("\xe2\x80\xaf"), "\xe2\x80\xaf"},
        {LIT("\xe2\x81\xa6\xe2\x81\xa9"), "\\u{2066}\\u{2069}"},
        {LIT("\xe2\x81\xaa"), "\xe2\x81\xaa"},
        {LIT("\xef\xbb\xbf"), "\\u{feff}"},
        {LIT("\xff\x80"), "\\xff\\x80"},
        {LIT("a\xc3"), "a\\xc3"},
        {LIT("\xc3("), "\\xc3("},
        {LIT("\xe2\x82"), "\\xe2\\x82"},
        {LIT("\xed\xa0\x80"), "\\xed\\xa0\\x80"},
        {LIT("\xc0\x8a"), "\\xc0\\x8a"}, /* an overlong line feed */
    };
    struct table t = {0};
    struct buf out;
    buf_init(&out, 1000);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct exact copy = exact_open(rows[i].given);
        buf_clear(&out);
        text_printable(&out, copy.text);
        table_want(&t, strcmp(out.data, rows[i].want) == 0, "row %zu: got %s, want %s", i,
                   out.data, rows[i].want);
        exact_close(&copy);
    }
    table_end(&t);
    buf_close(&out);
}

static void any_bytes_come_out_as_utf8_without_controls(void **state)
{
    (void)state;
    struct buf out;
    struct rng rng;
    buf_init(&out, 1000);
    rng_init(&rng, 11);
    for (int i = 0; i < 20000; i++) {
        char bytes[24];
        for (size_t k = 0; k < sizeof(bytes); k++)
            bytes[k] = (char)rng_next(&rng);
        struct exact copy =
            exact_open((struct span){bytes, rng_below(&rng, sizeof(bytes) + 1)});
        buf_clear(&out);
        text_printable(&out, copy.text);
        assert_true(scan_is_utf8(buf_span(&out)));
        for (size_t k = 0; k < out.len; k++)
            assert_true((unsigned char)out.data[k] >= 0x20 && out.data[k] != 0x7f);
        exact_close(&copy);
    }
    buf_close(&out);
}

static void adds_behind_what_is_there(void **state)
{
    (void)state;
    struct buf out;
    buf_init(&out, 100);
    buf_add_text(&out, "name: ");
    text_printable(&out, span_of("x\n"));
    assert_string_equal(out.data, "name: x\\x0a");
    buf_close(&out);
}

static void width_counts_characters(void **state)
{
    (void)state;
    assert_int_equal(text_width(span_of("")), 0);
    assert_int_equal(text_width((struct span){NULL, 0}), 0);
    assert_int_equal(text_width(span_of("abc")), 3);
    assert_int_equal(text_width(span_of("P\xc3\xa9rez")), 5);
    assert_int_equal(text_width(span_of("\xe2\x82\xac\xf0\x9f\x98\x80")), 2);
}

static void a_word_for_the_shell(void **state)
{
    (void)state;
    static const struct {
        const char *text, *want;
    } rows[] = {
        {"remesa.db", "remesa.db"},
        {"/var/lib/a-b_1.db", "/var/lib/a-b_1.db"},
        {"my file.db", "'my file.db'"},
        {"it's", "'it'\\''s'"},
        {"$(id)", "'$(id)'"},
        {"", "''"},
        {"a;b", "'a;b'"},
        {"x\ny", "'x\ny'"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct buf b;
        buf_init(&b, 64);
        text_shell_word(&b, span_of(rows[i].text));
        assert_string_equal(b.data, rows[i].want);
        buf_close(&b);
    }
}

static void the_words_that_go_with_a_number(void **state)
{
    (void)state;
    static const struct {
        int64_t n;
        const char *want;
    } rows[] = {{0, "jobs are"},
                {1, "job is"},
                {2, "jobs are"},
                {-1, "jobs are"},
                {11, "jobs are"},
                {101, "jobs are"},
                {INT64_C(4294967297), "jobs are"}}; /* 1 in 32 bits */
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        assert_string_equal(text_plural(rows[i].n, "job is", "jobs are"), rows[i].want);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shows_what_would_move_the_cursor),
        cmocka_unit_test(any_bytes_come_out_as_utf8_without_controls),
        cmocka_unit_test(adds_behind_what_is_there),
        cmocka_unit_test(width_counts_characters),
        cmocka_unit_test(a_word_for_the_shell),
        cmocka_unit_test(the_words_that_go_with_a_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
