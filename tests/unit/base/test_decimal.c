#include "base/decimal.h"
#include "base/err.h"
#include "base/json.h"
#include "base/rng.h"
#include "lib/check.h"

#define ROUNDS 100000

struct parse_row {
    struct span given;
    bool want;
    int64_t units;
    int places;
};

static void check_parse(const struct parse_row *rows, size_t count,
                        bool (*parse)(struct span, struct decimal *))
{
    const struct decimal untouched = {-77, 7};
    struct table t = {0};
    for (size_t i = 0; i < count; i++) {
        struct exact text = exact_open(rows[i].given);
        struct decimal d = untouched;
        struct decimal want =
            rows[i].want ? (struct decimal){rows[i].units, rows[i].places} : untouched;
        bool got = parse(text.text, &d);
        table_want(
            &t, got == rows[i].want && d.units == want.units && d.places == want.places,
            "'%.*s': got %d %lld/10^%d", SPAN_ARG(rows[i].given), got, (long long)d.units,
            d.places);
        exact_close(&text);
    }
    table_end(&t);
}

static void plain_reads_what_a_person_writes(void **state)
{
    (void)state;
    static const struct parse_row rows[] = {
        {LIT("0"), true, 0, 0},
        {LIT("7"), true, 7, 0},
        {LIT("1250.50"), true, 125050, 2},
        {LIT("0.5"), true, 5, 1},
        {LIT("0.00"), true, 0, 2},
        {LIT("10"), true, 10, 0},
        {LIT("0.000000000000000001"), true, 1, 18},
        {LIT("9.223372036854775807"), true, INT64_MAX, 18},
        {LIT("9223372036854775807"), true, INT64_MAX, 0},
        {LIT("922337203685477580.7"), true, INT64_MAX, 1},
    };
    check_parse(rows, COUNT_OF(rows), decimal_parse_plain);
}

static void plain_refuses_everything_else(void **state)
{
    (void)state;
    static const struct parse_row rows[] = {
        {LIT(""), false, 0, 0},
        {{NULL, 0}, false, 0, 0},
        {LIT("."), false, 0, 0},
        {LIT(".5"), false, 0, 0},
        {LIT("5."), false, 0, 0},
        {LIT("-"), false, 0, 0},
        {LIT("-1"), false, 0, 0},
        {LIT("+5"), false, 0, 0},
        {LIT("00"), false, 0, 0},
        {LIT("01"), false, 0, 0},
        {LIT("00.5"), false, 0, 0},
        {LIT("1e3"), false, 0, 0},
        {LIT("1E3"), false, 0, 0},
        {LIT("1.5e0"), false, 0, 0},
        {LIT("1,000"), false, 0, 0},
        {LIT("1.000,50"), false, 0, 0},
        {LIT("1.2.3"), false, 0, 0},
        {LIT("1..2"), false, 0, 0},
        {LIT(" 1"), false, 0, 0},
        {LIT("1 "), false, 0, 0},
        {LIT("1 000"), false, 0, 0},
        {LIT("1\n"), false, 0, 0},
        {LIT("1\0"), false, 0, 0},
        {LIT("1\0002"), false, 0, 0},
        {LIT("0x10"), false, 0, 0},
        {LIT("1_000"), false, 0, 0},
        {LIT("$5"), false, 0, 0},
        {LIT("nan"), false, 0, 0},
        {LIT("inf"), false, 0, 0},
        {LIT("\xd9\xa1\xd9\xa2"), false, 0, 0},         /* Arabic 12 */
        {LIT("\xef\xbc\x91"), false, 0, 0},             /* full-width 1 */
        {LIT("\xef\xbb\2771"), false, 0, 0},            /* BOM */
        {LIT("\xc2\2401"), false, 0, 0},                /* no-break space */
        {LIT("9223372036854775808"), false, 0, 0},      /* 2^63 */
        {LIT("9223372036854775810"), false, 0, 0},      /* the last digit tips it */
        {LIT("10000000000000000000"), false, 0, 0},     /* the multiplication does */
        {LIT("18446744073709551616"), false, 0, 0},     /* 2^64: back to 0 */
        {LIT("18446744073709551617"), false, 0, 0},     /* back to 1 */
        {LIT("92233720368547758.08"), false, 0, 0},     /* in the fraction */
        {LIT("0.0000000000000000001"), false, 0, 0},    /* 19 places */
        {LIT("0.1234567890123456789012"), false, 0, 0}, /* many */
        {LIT("99999999999999999999999999999"), false, 0, 0},
        {LIT("1.99999999999999999999999999"), false, 0, 0},
    };
    check_parse(rows, COUNT_OF(rows), decimal_parse_plain);
}

static void json_reads_sign_and_exponent_exactly(void **state)
{
    (void)state;
    static const struct parse_row rows[] = {
        {LIT("0"), true, 0, 0},
        {LIT("-0"), true, 0, 0},
        {LIT("-0.00"), true, 0, 2},
        {LIT("-1.50"), true, -150, 2},
        {LIT("1.0e-05"), true, 1, 5},
        {LIT("1.0E-05"), true, 1, 5},
        {LIT("1e3"), true, 1000, 0},
        {LIT("1e+3"), true, 1000, 0},
        {LIT("1.5e3"), true, 1500, 0},
        {LIT("1.50e0"), true, 150, 2},
        {LIT("-2.5e1"), true, -25, 0},
        {LIT("123.456e1"), true, 123456, 2},
        {LIT("100e-2"), true, 100, 2},
        {LIT("1e18"), true, INT64_C(1000000000000000000), 0},
        {LIT("1e-18"), true, 1, 18},
        {LIT("9.223372036854775807e18"), true, INT64_MAX, 0},
        {LIT("-9.223372036854775807e18"), true, -INT64_MAX, 0},
        {LIT("9223372036854775807e-18"), true, INT64_MAX, 18},
        {LIT("0e400"), true, 0, 0},
        {LIT("0e-400"), true, 0, 0},
        {LIT("0.000e999"), true, 0, 0},
        {LIT("1.0e-0"), true, 10, 1},
    };
    check_parse(rows, COUNT_OF(rows), decimal_parse_json);
}

static void json_refuses_what_is_no_number_or_does_not_fit(void **state)
{
    (void)state;
    static const struct parse_row rows[] = {
        {LIT(""), false, 0, 0},
        {{NULL, 0}, false, 0, 0},
        {LIT("-"), false, 0, 0},
        {LIT("--1"), false, 0, 0},
        {LIT("+1"), false, 0, 0},
        {LIT("-+1"), false, 0, 0},
        {LIT("-01"), false, 0, 0},
        {LIT("-.5"), false, 0, 0},
        {LIT("1."), false, 0, 0},
        {LIT("1.e5"), false, 0, 0},
        {LIT("e5"), false, 0, 0},
        {LIT("1e"), false, 0, 0},
        {LIT("1e+"), false, 0, 0},
        {LIT("1e-"), false, 0, 0},
        {LIT("1e+-3"), false, 0, 0},
        {LIT("1e3.0"), false, 0, 0},
        {LIT("1e3 "), false, 0, 0},
        {LIT("1e3e3"), false, 0, 0},
        {LIT("\"1\""), false, 0, 0},
        {LIT("Infinity"), false, 0, 0},
        {LIT("NaN"), false, 0, 0},
        {LIT("1e19"), false, 0, 0},
        {LIT("1e-19"), false, 0, 0},
        {LIT("1e400"), false, 0, 0},
        {LIT("1e-400"), false, 0, 0},
        {LIT("1e999999"), false, 0, 0},
        {LIT("1e4294967297"), false, 0, 0}, /* an exponent that would wrap to 1 */
        {LIT("1e99999999999999999999"), false, 0, 0},
        {LIT("1.5e-18"), false, 0, 0},
        {LIT("9.223372036854775808e18"), false, 0, 0},
        {LIT("9223372036854775807e1"), false, 0, 0},
        {LIT("922337203685477580.8e1"), false, 0, 0},
    };
    check_parse(rows, COUNT_OF(rows), decimal_parse_json);
}

/* "Exact, or false": an exponent of many digits may be refused, never read wrongly. */
static void json_reads_a_long_exponent_exactly_or_not_at_all(void **state)
{
    (void)state;
    static const struct {
        const char *given;
        struct decimal value;
    } rows[] = {
        {"0e999999", {0, 0}}, {"0e-999999", {0, 0}},        {"1e0003", {1000, 0}},
        {"1e-0003", {1, 3}},  {"5e00000000000000", {5, 0}}, {"-0E+0000", {0, 0}},
    };
    struct table t = {0};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct decimal d = {0};
        bool got = decimal_parse_json(span_of(rows[i].given), &d);
        table_want(&t, !got || decimal_same(d, rows[i].value), "%s", rows[i].given);
    }
    table_end(&t);
}

static void text_of_the_ends_of_the_range(void **state)
{
    (void)state;
    static const struct {
        struct decimal given;
        const char *want;
    } rows[] = {
        {{0, 0}, "0"},
        {{0, 2}, "0.00"},
        {{5, 2}, "0.05"},
        {{-5, 2}, "-0.05"},
        {{-1, 0}, "-1"},
        {{100, 0}, "100"},
        {{100, 2}, "1.00"},
        {{125050, 2}, "1250.50"},
        {{1, 18}, "0.000000000000000001"},
        {{-1, 18}, "-0.000000000000000001"},
        {{0, 18}, "0.000000000000000000"},
        {{INT64_MAX, 0}, "9223372036854775807"},
        {{INT64_MAX, 18}, "9.223372036854775807"},
        {{INT64_MIN, 0}, "-9223372036854775808"},
        {{INT64_MIN, 18}, "-9.223372036854775808"},
        {{INT64_MIN, 2}, "-92233720368547758.08"},
    };
    struct table t = {0};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char out[DECIMAL_TEXT_MAX];
        const char *got = decimal_text(rows[i].given, out);
        table_want(&t, strcmp(got, rows[i].want) == 0, "got %s, want %s", got,
                   rows[i].want);
    }
    table_end(&t);
}

static void rescale_is_exact_or_false(void **state)
{
    (void)state;
    static const struct {
        struct decimal given;
        int places;
        bool want;
        int64_t units;
    } rows[] = {
        {{15, 1}, 2, true, 150},
        {{150, 2}, 1, true, 15},
        {{150, 2}, 2, true, 150},
        {{150, 2}, 0, false, 0},
        {{155, 2}, 1, false, 0},
        {{100, 2}, 0, true, 1},
        {{-150, 2}, 1, true, -15},
        {{-151, 2}, 1, false, 0},
        {{0, 0}, 18, true, 0},
        {{0, 18}, 0, true, 0},
        {{9, 0}, 18, true, INT64_C(9000000000000000000)},
        {{10, 0}, 18, false, 0},
        {{INT64_MAX, 0}, 0, true, INT64_MAX},
        {{INT64_MAX, 0}, 1, false, 0},
        {{INT64_MIN, 0}, 0, true, INT64_MIN},
        {{INT64_MIN, 0}, 1, false, 0},
        {{INT64_MIN, 1}, 0, false, 0},
        {{INT64_MAX / 10, 0}, 1, true, INT64_MAX / 10 * 10},
        {{INT64_MAX / 10 + 1, 0}, 1, false, 0},
        {{INT64_MIN / 10, 0}, 1, true, INT64_MIN / 10 * 10},
        {{INT64_MIN / 10 - 1, 0}, 1, false, 0},
        /* a decimal has 0 to 18 places, so nothing else fits */
        {{0, 0}, 19, false, 0},
        {{1000, 0}, -2, false, 0},
    };
    struct table t = {0};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct decimal d = {-77, 7};
        bool got = decimal_rescale(rows[i].given, rows[i].places, &d);
        bool right = rows[i].want ? d.units == rows[i].units && d.places == rows[i].places
                                  : d.units == -77 && d.places == 7;
        table_want(&t, got == rows[i].want && right,
                   "%lld/10^%d to %d places: got %d %lld/10^%d",
                   (long long)rows[i].given.units, rows[i].given.places, rows[i].places,
                   got, (long long)d.units, d.places);
    }
    table_end(&t);
}

static void add_is_checked(void **state)
{
    (void)state;
    static const struct {
        struct decimal a, b;
        bool want;
        struct decimal sum;
    } rows[] = {
        {{1, 0}, {2, 0}, true, {3, 0}},
        {{15, 1}, {25, 2}, true, {175, 2}},
        {{1, 18}, {0, 0}, true, {1, 18}},
        {{-5, 1}, {5, 1}, true, {0, 1}},
        {{INT64_MAX, 0}, {1, 0}, false, {0, 0}},
        {{INT64_MIN, 0}, {-1, 0}, false, {0, 0}},
        {{INT64_MAX, 0}, {INT64_MIN, 0}, true, {-1, 0}},
        {{INT64_MAX, 2}, {1, 2}, false, {0, 0}},
        {{INT64_MAX - 1, 2}, {1, 2}, true, {INT64_MAX, 2}},
        {{10, 0}, {1, 18}, false, {0, 0}}, /* 10 does not fit with 18 places */
        {{1, 18}, {10, 0}, false, {0, 0}},
    };
    struct table t = {0};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct decimal d = {-77, 7};
        bool got = decimal_add(rows[i].a, rows[i].b, &d);
        struct decimal want = rows[i].want ? rows[i].sum : (struct decimal){-77, 7};
        table_want(
            &t, got == rows[i].want && d.units == want.units && d.places == want.places,
            "row %zu: got %d %lld/10^%d", i, got, (long long)d.units, d.places);
    }
    table_end(&t);
}

static void add_may_write_over_what_it_reads(void **state)
{
    (void)state;
    struct decimal total = {15, 1};
    assert_true(decimal_add(total, (struct decimal){5, 2}, &total));
    assert_true(decimal_add(total, total, &total));
    assert_int_equal(total.units, 310);
    assert_int_equal(total.places, 2);
}

static void same_is_by_value(void **state)
{
    (void)state;
    static const struct {
        struct decimal a, b;
        bool want;
    } rows[] = {
        {{150, 2}, {15, 1}, true},
        {{0, 0}, {0, 18}, true},
        {{1, 0}, {1, 1}, false},
        {{-150, 2}, {-15, 1}, true},
        {{150, 2}, {-150, 2}, false},
        {{100, 0}, {1, 0}, false},
        {{9, 0}, {INT64_C(9000000000000000000), 18}, true},
        {{INT64_MAX, 0}, {INT64_MAX, 0}, true},
        {{INT64_MIN, 18}, {INT64_MIN, 18}, true},
        {{INT64_MIN, 18}, {INT64_MIN, 17}, false},
        {{INT64_MAX, 0}, {INT64_MAX, 18}, false},
    };
    struct table t = {0};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        table_want(&t, decimal_same(rows[i].a, rows[i].b) == rows[i].want, "row %zu", i);
        table_want(&t, decimal_same(rows[i].b, rows[i].a) == rows[i].want, "row %zu back",
                   i);
    }
    table_end(&t);
}

static struct decimal random_decimal(struct rng *rng)
{
    int64_t units = (int64_t)rng_next(rng);
    units >>= rng_below(rng, 63);
    return (struct decimal){units == INT64_MIN ? 0 : units,
                            (int)rng_below(rng, DECIMAL_PLACES_MAX + 1)};
}

static void compared_by_value(void **state)
{
    (void)state;
    static const struct {
        struct decimal a, b;
        int want;
    } rows[] = {
        {{150, 2}, {15, 1}, 0},
        {{150, 2}, {151, 2}, -1},
        {{1, 18}, {0, 0}, 1},
        {{-1, 18}, {0, 0}, -1},
        {{-5, 1}, {5, 1}, -1},
        {{-15, 1}, {-1, 0}, -1},
        {{INT64_MAX, 0}, {INT64_MAX, 18}, 1},
        {{INT64_MIN, 0}, {INT64_MIN, 18}, -1},
        {{INT64_MAX, 18}, {INT64_MAX - 1, 18}, 1},
        {{INT64_MIN, 0}, {INT64_MAX, 0}, -1},
        {{9, 0}, {INT64_MAX, 18}, -1}, /* 9.223... */
    };
    struct table t = {0};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        table_want(&t, decimal_compare(rows[i].a, rows[i].b) == rows[i].want, "row %zu",
                   i);
        table_want(&t, decimal_compare(rows[i].b, rows[i].a) == -rows[i].want,
                   "row %zu back", i);
    }
    table_end(&t);
}

/* Nothing lies between two neighbours, and what is the same is neither less nor more. */
static void comparing_agrees_with_being_the_same(void **state)
{
    (void)state;
    struct rng rng;
    rng_init(&rng, 20261125);
    for (int i = 0; i < ROUNDS; i++) {
        struct decimal a = random_decimal(&rng), b = random_decimal(&rng), sum;
        assert_int_equal(decimal_compare(a, b), -decimal_compare(b, a));
        assert_int_equal(decimal_compare(a, b) == 0, decimal_same(a, b));
        if (b.units > 0 && decimal_add(a, b, &sum))
            assert_int_equal(decimal_compare(a, sum), -1);
    }
}

static void what_is_written_is_read_back_digit_for_digit(void **state)
{
    (void)state;
    struct rng rng;
    rng_init(&rng, 20261124);
    for (int i = 0; i < ROUNDS; i++) {
        struct decimal d = random_decimal(&rng), back = {0};
        char text[DECIMAL_TEXT_MAX];
        decimal_text(d, text);
        assert_true(decimal_parse_json(span_of(text), &back));
        assert_true(back.units == d.units && back.places == d.places);
        assert_int_equal(decimal_parse_plain(span_of(text), &back), d.units >= 0);
    }
}

static void rescale_there_and_back_loses_nothing(void **state)
{
    (void)state;
    struct rng rng;
    rng_init(&rng, 7);
    int reached = 0;
    for (int i = 0; i < ROUNDS; i++) {
        struct decimal d = random_decimal(&rng), other = {0}, back = {0};
        if (!decimal_rescale(d, (int)rng_below(&rng, DECIMAL_PLACES_MAX + 1), &other))
            continue;
        reached++;
        assert_true(decimal_same(d, other));
        assert_true(decimal_rescale(other, d.places, &back));
        assert_true(back.units == d.units && back.places == d.places);
    }
    assert_true(reached > ROUNDS / 10);
}

/* ---- an oracle that knows no arithmetic: a number as its digits and where the point is
 * ---- */

struct digits {
    bool minus;
    char text[64]; /* without zeros in front or behind */
    int length;
    int exponent; /* value = 0.text * 10^exponent; 0 when there is no digit left */
};

static struct digits digits_of(const char *number)
{
    struct digits d = {.minus = *number == '-'};
    bool fraction = false;
    for (const char *c = number + d.minus; *c && *c != 'e' && *c != 'E'; c++) {
        if (*c == '.') {
            fraction = true;
            continue;
        }
        if (*c == '0' && d.length == 0) {
            d.exponent -= fraction;
            continue;
        }
        d.text[d.length++] = *c;
        d.exponent += !fraction;
    }
    const char *e = strpbrk(number, "eE");
    d.exponent += e ? (int)strtol(e + 1, NULL, 10) : 0;
    while (d.length > 0 && d.text[d.length - 1] == '0')
        d.length--;
    if (d.length == 0)
        d = (struct digits){0};
    return d;
}

static bool digits_equal(struct digits a, struct digits b)
{
    return a.minus == b.minus && a.length == b.length && a.exponent == b.exponent &&
           memcmp(a.text, b.text, (size_t)a.length) == 0;
}

/* Texts that are numbers more often than chance would have it. */
static void random_number(struct rng *rng, char out[64])
{
    static const char *const pieces[] = {
        "0",  "1",  "9", "00", "5", "922337203685477580", "7", "8", ".", ".", "e",
        "E-", "e+", "-", "12", "+", "000000000",          "3"};
    out[0] = '\0';
    for (uint64_t n = 1 + rng_below(rng, 6); n > 0 && strlen(out) < 40; n--)
        strncat(out, pieces[rng_below(rng, COUNT_OF(pieces))], 20);
}

static void what_json_accepts_is_a_number_and_exact(void **state)
{
    (void)state;
    struct rng rng;
    rng_init(&rng, 99);
    int accepted = 0;
    for (int i = 0; i < ROUNDS; i++) {
        char given[64], text[DECIMAL_TEXT_MAX];
        struct decimal d;
        struct err err;
        random_number(&rng, given);
        struct exact copy = exact_open(span_of(given));
        if (decimal_parse_json(copy.text, &d)) {
            accepted++;
            assert_int_equal(json_check(copy.text, &err), 0);
            assert_true(d.places >= 0 && d.places <= DECIMAL_PLACES_MAX);
            if (!digits_equal(digits_of(given), digits_of(decimal_text(d, text))))
                fail_msg("%s was read as %s", given, text);
        }
        exact_close(&copy);
    }
    assert_true(accepted > ROUNDS / 20);
}

static void what_plain_accepts_json_accepts_too(void **state)
{
    (void)state;
    struct rng rng;
    rng_init(&rng, 100);
    for (int i = 0; i < ROUNDS; i++) {
        char given[64];
        struct decimal d, j;
        random_number(&rng, given);
        if (!decimal_parse_plain(span_of(given), &d))
            continue;
        assert_true(decimal_parse_json(span_of(given), &j));
        assert_true(d.units == j.units && d.places == j.places && d.units >= 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_reads_what_a_person_writes),
        cmocka_unit_test(plain_refuses_everything_else),
        cmocka_unit_test(json_reads_sign_and_exponent_exactly),
        cmocka_unit_test(json_refuses_what_is_no_number_or_does_not_fit),
        cmocka_unit_test(json_reads_a_long_exponent_exactly_or_not_at_all),
        cmocka_unit_test(text_of_the_ends_of_the_range),
        cmocka_unit_test(rescale_is_exact_or_false),
        cmocka_unit_test(add_is_checked),
        cmocka_unit_test(add_may_write_over_what_it_reads),
        cmocka_unit_test(same_is_by_value),
        cmocka_unit_test(compared_by_value),
        cmocka_unit_test(comparing_agrees_with_being_the_same),
        cmocka_unit_test(what_is_written_is_read_back_digit_for_digit),
        cmocka_unit_test(rescale_there_and_back_loses_nothing),
        cmocka_unit_test(what_json_accepts_is_a_number_and_exact),
        cmocka_unit_test(what_plain_accepts_json_accepts_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
