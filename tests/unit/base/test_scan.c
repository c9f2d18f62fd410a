#include "base/scan.h"
#include "lib/check.h"

static void int_takes_digits_and_a_minus_in_range(void **state)
{
    (void)state;
    static const struct {
        struct span given;
        int64_t least, most;
        bool ok;
        int64_t want;
    } rows[] = {
        {LIT("0"), 0, 10, true, 0},
        {LIT("-0"), 0, 10, true, 0},
        {LIT("007"), 0, 10, true, 7},
        {LIT("10"), 0, 10, true, 10},
        {LIT("11"), 0, 10, false, 0},
        {LIT("-1"), 0, 10, false, 0},
        {LIT("-5"), -5, 5, true, -5},
        {LIT("-6"), -5, 5, false, 0},
        {LIT("9223372036854775807"), INT64_MIN, INT64_MAX, true, INT64_MAX},
        {LIT("-9223372036854775808"), INT64_MIN, INT64_MAX, true, INT64_MIN},
        {LIT("9223372036854775808"), INT64_MIN, INT64_MAX, false, 0},
        {LIT("-9223372036854775809"), INT64_MIN, INT64_MAX, false, 0},
        {LIT("18446744073709551616"), INT64_MIN, INT64_MAX, false, 0},
        {LIT("99999999999999999999999"), INT64_MIN, INT64_MAX, false, 0},
        {LIT(""), INT64_MIN, INT64_MAX, false, 0},
        {LIT("-"), INT64_MIN, INT64_MAX, false, 0},
        {LIT("--1"), INT64_MIN, INT64_MAX, false, 0},
        {LIT("+1"), INT64_MIN, INT64_MAX, false, 0},
        {LIT(" 1"), INT64_MIN, INT64_MAX, false, 0},
        {LIT("1 "), INT64_MIN, INT64_MAX, false, 0},
        {LIT("1\n"), INT64_MIN, INT64_MAX, false, 0},
        {LIT("1\0"), INT64_MIN, INT64_MAX, false, 0},
        {LIT("1.0"), INT64_MIN, INT64_MAX, false, 0},
        {LIT("1e2"), INT64_MIN, INT64_MAX, false, 0},
        {LIT("0x1"), INT64_MIN, INT64_MAX, false, 0},
        {LIT("\xd9\xa1"), INT64_MIN, INT64_MAX, false, 0},
    };
    struct table t = {0};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct exact copy = exact_open(rows[i].given);
        int64_t out = 4242;
        bool got = scan_int(copy.text, rows[i].least, rows[i].most, &out);
        table_want(&t, got == rows[i].ok && out == (got ? rows[i].want : 4242),
                   "'%.*s': got %d %lld", SPAN_ARG(rows[i].given), got, (long long)out);
        exact_close(&copy);
    }
    table_end(&t);
}

static void durations_need_a_unit_and_end_at_a_year(void **state)
{
    (void)state;
    static const struct {
        struct span given;
        int64_t want; /* -1: refused */
    } rows[] = {
        {LIT("250ms"), 250},
        {LIT("0ms"), 0},
        {LIT("0s"), 0},
        {LIT("1s"), 1000},
        {LIT("1.5s"), 1500},
        {LIT("0.001s"), 1},
        {LIT("60s"), 60000},
        {LIT("10m"), 600000},
        {LIT("0.5m"), 30000},
        {LIT("8h"), 28800000},
        {LIT("1.25h"), 4500000},
        {LIT("8760h"), INT64_C(31536000000)},
        {LIT("31536000000ms"), INT64_C(31536000000)},
        {LIT("31536000001ms"), -1},
        {LIT("8761h"), -1},
        {LIT("8760.001h"), -1},
        {LIT("9223372036854775807h"), -1},
        {LIT("9223372036854775807ms"), -1},
        {LIT("99999999999999999999s"), -1},
        {LIT(""), -1},
        {{NULL, 0}, -1},
        {LIT("5"), -1},
        {LIT("s"), -1},
        {LIT("ms"), -1},
        {LIT(".5s"), -1},
        {LIT("5.s"), -1},
        {LIT("1.5.5s"), -1},
        {LIT("-5s"), -1},
        {LIT("+5s"), -1},
        {LIT("5 s"), -1},
        {LIT(" 5s"), -1},
        {LIT("5s "), -1},
        {LIT("5S"), -1},
        {LIT("5M"), -1},
        {LIT("5d"), -1},
        {LIT("5us"), -1},
        {LIT("5sec"), -1},
        {LIT("5mss"), -1},
        {LIT("1h30m"), -1},
        {LIT("1e3s"), -1},
        {LIT("05s"), -1},
        {LIT("5s\0"), -1},
        {LIT("5\0s"), -1},
    };
    struct table t = {0};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct exact copy = exact_open(rows[i].given);
        int64_t ms = -1;
        bool got = scan_duration(copy.text, &ms);
        table_want(&t, got == (rows[i].want >= 0) && ms == rows[i].want,
                   "'%.*s': got %d %lld", SPAN_ARG(rows[i].given), got, (long long)ms);
        exact_close(&copy);
    }
    table_end(&t);
}

struct accept_row {
    struct span given;
    bool want;
};

static void check_accept(const struct accept_row *rows, size_t count,
                         bool (*scan)(struct span))
{
    struct table t = {0};
    for (size_t i = 0; i < count; i++) {
        struct exact copy = exact_open(rows[i].given);
        table_want(&t, scan(copy.text) == rows[i].want, "row %zu '%.*s': want %d", i,
                   SPAN_ARG(rows[i].given), rows[i].want);
        exact_close(&copy);
    }
    table_end(&t);
}

static void dates_are_days_that_exist(void **state)
{
    (void)state;
    static const struct accept_row rows[] = {
        {LIT("2026-11-24"), true},   {LIT("2024-02-29"), true},
        {LIT("2000-02-29"), true},   {LIT("2026-01-31"), true},
        {LIT("2026-12-31"), true},   {LIT("0001-01-01"), true},
        {LIT("9999-12-31"), true},   {LIT("2026-04-30"), true},
        {LIT("2023-02-29"), false},  {LIT("1900-02-29"), false},
        {LIT("2100-02-29"), false},  {LIT("2024-02-30"), false},
        {LIT("2026-04-31"), false},  {LIT("2026-06-31"), false},
        {LIT("2026-09-31"), false},  {LIT("2026-11-31"), false},
        {LIT("2026-01-32"), false},  {LIT("2026-00-10"), false},
        {LIT("2026-13-10"), false},  {LIT("2026-10-00"), false},
        {LIT("0000-01-01"), false},  {LIT("2026-1-1"), false},
        {LIT("2026-1-10"), false},   {LIT("20261124"), false},
        {LIT("2026/11/24"), false},  {LIT("24-11-2026"), false},
        {LIT("2026-11-24 "), false}, {LIT(" 2026-11-2"), false},
        {LIT("2026-11-24T"), false}, {LIT("-026-11-24"), false},
        {LIT("2026--1-24"), false},  {LIT("2026-11--1"), false},
        {LIT("2026-11-+1"), false},  {LIT("2026-11- 1"), false},
        {LIT("2026-11-2\0"), false}, {LIT(""), false},
        {LIT("hoy"), false},         {LIT("2026-aa-24"), false},
        {{NULL, 0}, false},
    };
    check_accept(rows, COUNT_OF(rows), scan_date);
}

#define MS(seconds) (INT64_C(1000) * (seconds))

static void moments_are_iso_8601_or_seconds(void **state)
{
    (void)state;
    static const struct {
        struct span given;
        bool ok;
        int64_t want;
    } rows[] = {
        {LIT("2019-01-09T19:47:37Z"), true, MS(1547063257)},
        {LIT("2019-01-09T19:47:37.000Z"), true, MS(1547063257)},
        {LIT("2019-01-09T19:47:37.123Z"), true, MS(1547063257) + 123},
        {LIT("2019-01-09T19:47:37.007Z"), true, MS(1547063257) + 7},
        {LIT("2019-01-09T19:47:37+00:00"), true, MS(1547063257)},
        {LIT("2019-01-09T16:47:37-03:00"), true, MS(1547063257)},
        {LIT("2019-01-09T16:47:37.123-03:00"), true, MS(1547063257) + 123},
        {LIT("2019-01-10T01:17:37+05:30"), true, MS(1547063257)},
        {LIT("1547063257"), true, MS(1547063257)},
        {LIT("0000000001"), true, MS(1)},
        {LIT("9999999999"), true, MS(9999999999)},
        {LIT("1970-01-01T00:00:00Z"), true, 0},
        {LIT("1969-12-31T23:59:59.999Z"), true, -1},
        {LIT("1970-01-01T00:00:00+01:00"), true, MS(-3600)},
        {LIT("2000-02-29T00:00:00Z"), true, MS(951782400)},
        {LIT("2000-03-01T00:00:00Z"), true, MS(951868800)},
        {LIT("2100-03-01T00:00:00Z"), true, MS(4107542400)},
        {LIT("2024-12-31T23:59:59Z"), true, MS(1735689599)},
        {LIT("0001-01-01T00:00:00Z"), true, MS(-62135596800)},
        {LIT("9999-12-31T23:59:59Z"), true, MS(253402300799)},

        {LIT(""), false, 0},
        {{NULL, 0}, false, 0},
        {LIT("0"), false, 0},
        {LIT("154706325"), false, 0},
        {LIT("15470632570"), false, 0},
        {LIT("1547063257000"), false, 0},
        {LIT("-154706325"), false, 0},
        {LIT("1547063257 "), false, 0},
        {LIT("15470632.7"), false, 0},
        {LIT("2019-01-09"), false, 0},
        {LIT("2019-01-09T19:47:37"), false, 0},
        {LIT("2019-01-09T19:47Z"), false, 0},
        {LIT("2019-01-09 19:47:37Z"), false, 0},
        {LIT("2019-01-09t19:47:37Z"), false, 0},
        {LIT("2019-01-09T19:47:37z"), false, 0},
        {LIT("2019-01-09T19:47:37Zx"), false, 0},
        {LIT("2019-01-09T19:47:37 Z"), false, 0},
        {LIT(" 2019-01-09T19:47:37Z"), false, 0},
        {LIT("2019-01-09T19-47:37Z"), false, 0},
        {LIT("2019-01-09T19:47-37Z"), false, 0},
        {LIT("2019-01-09T24:00:00Z"), false, 0},
        {LIT("2019-01-09T19:60:00Z"), false, 0},
        {LIT("2019-01-09T19:47:60Z"), false, 0},
        {LIT("2019-01-09T-0:47:37Z"), false, 0},
        {LIT("2019-01-09T19:+7:37Z"), false, 0},
        {LIT("2019-02-29T19:47:37Z"), false, 0},
        {LIT("2019-13-09T19:47:37Z"), false, 0},
        {LIT("0000-01-01T00:00:00Z"), false, 0},
        {LIT("2019-01-09T19:47:37."), false, 0},
        {LIT("2019-01-09T19:47:37.Z"), false, 0},
        {LIT("2019-01-09T19:47:37.12Z"), false, 0},
        {LIT("2019-01-09T19:47:37.1234Z"), false, 0},
        {LIT("2019-01-09T19:47:37.-12Z"), false, 0},
        {LIT("2019-01-09T19:47:37.123"), false, 0},
        {LIT("2019-01-09T19:47:37,123Z"), false, 0},
        {LIT("2019-01-09T19:47:37+0000"), false, 0},
        {LIT("2019-01-09T19:47:37+00"), false, 0},
        {LIT("2019-01-09T19:47:37+00-00"), false, 0},
        {LIT("2019-01-09T19:47:37+24:00"), false, 0},
        {LIT("2019-01-09T19:47:37+00:60"), false, 0},
        {LIT("2019-01-09T19:47:37*03:00"), false, 0},
        {LIT("2019-01-09T19:47:37+-3:00"), false, 0},
        {LIT("2019-01-09T19:47:37Z\0"), false, 0},
    };
    struct table t = {0};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct exact copy = exact_open(rows[i].given);
        int64_t ms = 4242;
        bool got = scan_time(copy.text, &ms);
        table_want(&t, got == rows[i].ok && ms == (got ? rows[i].want : 4242),
                   "'%.*s': got %d %lld", SPAN_ARG(rows[i].given), got, (long long)ms);
        exact_close(&copy);
    }
    table_end(&t);
}

static void emails_have_one_at_and_a_dotted_host(void **state)
{
    (void)state;
    static const struct accept_row rows[] = {
        {LIT("a@b.co"), true},
        {LIT("ana.perez+nomina@correo.com.ar"), true},
        {LIT("o'brien@example.com"), true},
        {LIT("jos\xc3\xa9@ejemplo.com"), true},
        {LIT(""), false},
        {{NULL, 0}, false},
        {LIT("@"), false},
        {LIT("a"), false},
        {LIT("a@"), false},
        {LIT("@b.co"), false},
        {LIT("a@b"), false},
        {LIT("a@.co"), false},
        {LIT("a@b."), false},
        {LIT("a@b.co."), false},
        {LIT("a@."), false},
        {LIT("a@b@c.co"), false},
        {LIT("a@@b.co"), false},
        {LIT("a b@c.co"), false},
        {LIT("a@b c.co"), false},
        {LIT(" a@b.co"), false},
        {LIT("a@b.co "), false},
        {LIT("a@b.co\n"), false},
        {LIT("a@b.co\r\nBcc: x@y.zz"), false},
        {LIT("a\t@b.co"), false},
        {LIT("a\0@b.co"), false},
        {LIT("a@b.co\0"), false},
        {LIT("a\x7f@b.co"), false},
        {LIT("a\x1b@b.co"), false},
        {LIT("jos\xe9@ejemplo.com"), false},   /* Latin-1 */
        {LIT("a\xc2\x85@ejemplo.com"), false}, /* a control character of two bytes */
        {LIT("a\xc2\x9b@ejemplo.com"), false},
    };
    check_accept(rows, COUNT_OF(rows), scan_email);
}

static void emails_end_at_254_bytes(void **state)
{
    (void)state;
    char text[300];
    memset(text, 'x', sizeof(text));
    memcpy(text + 100, "@", 1);
    memcpy(text + 200, ".", 1);
    assert_true(scan_email((struct span){text, 254}));
    assert_false(scan_email((struct span){text, 255}));
}

static void digits_are_ascii_digits(void **state)
{
    (void)state;
    static const struct accept_row rows[] = {
        {LIT("0"), true},    {LIT("0123456789"), true}, {LIT(""), false},
        {{NULL, 0}, false},  {LIT("-1"), false},        {LIT("1.0"), false},
        {LIT("1 "), false},  {LIT("1\0"), false},       {LIT("\xd9\xa3"), false},
        {LIT("12/"), false}, {LIT("12:"), false},
    };
    check_accept(rows, COUNT_OF(rows), scan_is_digits);
}

static void utf8_characters_by_the_rfc(void **state)
{
    (void)state;
    static const struct {
        struct span given;
        size_t want;
    } rows[] = {
        {LIT("a"), 1},
        {LIT("\0"), 1},
        {LIT("\x7f"), 1},
        {LIT("\xc2\x80"), 2},
        {LIT("\xdf\xbf"), 2},
        {LIT("\xe0\xa0\x80"), 3},
        {LIT("\xed\x9f\xbf"), 3},
        {LIT("\xee\x80\x80"), 3},
        {LIT("\xef\xbf\xbf"), 3},
        {LIT("\xf0\x90\x80\x80"), 4},
        {LIT("\xf4\x8f\xbf\xbf"), 4},
        {LIT(""), 0},
        {LIT("\x80"), 0},
        {LIT("\xbf"), 0},
        {LIT("\xc0\x80"), 0},
        {LIT("\xc1\xbf"), 0},
        {LIT("\xc2"), 0},
        {LIT("\xc2 "), 0},
        {LIT("\xc2\xc2"), 0},
        {LIT("\xe0\x9f\xbf"), 0},
        {LIT("\xe2\x82"), 0},
        {LIT("\xe2\x82 "), 0},
        {LIT("\xed\xa0\x80"), 0},
        {LIT("\xed\xbf\xbf"), 0},
        {LIT("\xf0\x8f\xbf\xbf"), 0},
        {LIT("\xf0\x90\x80"), 0},
        {LIT("\xf4\x90\x80\x80"), 0},
        {LIT("\xf5\x80\x80\x80"), 0},
        {LIT("\xff"), 0},
    };
    struct table t = {0};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct exact copy = exact_open(rows[i].given);
        size_t got = scan_utf8_char(copy.text, 0);
        table_want(&t, got == rows[i].want, "row %zu: got %zu", i, got);
        table_want(&t, scan_is_utf8(copy.text) == (rows[i].want == rows[i].given.len),
                   "row %zu: is_utf8", i);
        exact_close(&copy);
    }
    table_end(&t);
    assert_int_equal(scan_utf8_char(span_of("a"), 1), 0);
    assert_int_equal(scan_utf8_char(span_of("a"), 99), 0);
}

static void every_code_point_is_encoded_as_it_is_read(void **state)
{
    (void)state;
    for (uint32_t code = 0; code <= 0x10ffff; code++) {
        char bytes[4];
        size_t n = scan_utf8_encode(code, bytes);
        bool surrogate = code >= 0xd800 && code <= 0xdfff;
        assert_int_equal(scan_utf8_char((struct span){bytes, n}, 0), surrogate ? 0 : n);
    }
}

static void every_pair_of_bytes_is_judged_like_the_table_says(void **state)
{
    (void)state;
    for (int a = 0; a < 256; a++)
        for (int b = 0; b < 256; b++) {
            char bytes[2] = {(char)a, (char)b};
            bool want = (a < 0x80 && b < 0x80) ||
                        (a >= 0xc2 && a <= 0xdf && b >= 0x80 && b <= 0xbf);
            assert_int_equal(scan_is_utf8((struct span){bytes, 2}), want);
        }
}

static void trim_takes_blanks_and_tabs_off_both_ends(void **state)
{
    (void)state;
    static const struct {
        struct span given;
        const char *want;
    } rows[] = {
        {LIT(""), ""},           {LIT("   \t "), ""},
        {LIT("a"), "a"},         {LIT(" \ta b\t "), "a b"},
        {LIT("\na\n"), "\na\n"}, {{NULL, 0}, ""},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct span got = scan_trim(rows[i].given);
        assert_int_equal(got.len, strlen(rows[i].want));
        assert_true(span_equal(got, span_of(rows[i].want)));
    }
}

static void words_come_off_the_front_one_by_one(void **state)
{
    (void)state;
    struct exact copy = exact_open(span_of("  one\t two  three"));
    struct span rest = copy.text, word;
    static const char *const want[] = {"one", "two", "three"};
    for (size_t i = 0; i < COUNT_OF(want); i++) {
        assert_true(scan_word(&rest, &word));
        assert_true(span_is(word, want[i]));
    }
    assert_false(scan_word(&rest, &word));
    assert_false(scan_word(&rest, &word));
    exact_close(&copy);
    rest = span_of(" \t ");
    assert_false(scan_word(&rest, &word));
    assert_int_equal(rest.len, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(int_takes_digits_and_a_minus_in_range),
        cmocka_unit_test(durations_need_a_unit_and_end_at_a_year),
        cmocka_unit_test(dates_are_days_that_exist),
        cmocka_unit_test(moments_are_iso_8601_or_seconds),
        cmocka_unit_test(emails_have_one_at_and_a_dotted_host),
        cmocka_unit_test(emails_end_at_254_bytes),
        cmocka_unit_test(digits_are_ascii_digits),
        cmocka_unit_test(utf8_characters_by_the_rfc),
        cmocka_unit_test(every_code_point_is_encoded_as_it_is_read),
        cmocka_unit_test(every_pair_of_bytes_is_judged_like_the_table_says),
        cmocka_unit_test(trim_takes_blanks_and_tabs_off_both_ends),
        cmocka_unit_test(words_come_off_the_front_one_by_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
