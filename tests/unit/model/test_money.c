#include <locale.h>

#include "base/rng.h"
#include "lib/check.h"
#include "model/money.h"

static void currency_codes_come_out_in_lower_case(void **state)
{
    (void)state;
    static const struct {
        struct span given;
        const char *want; /* NULL: refused */
    } rows[] = {
        {LIT("ars"), "ars"},
        {LIT("USD"), "usd"},
        {LIT("uSdT"), "usdt"},
        {LIT("x2"), "x2"},
        {LIT("abcdefghijk"), "abcdefghijk"},
        {LIT("abcdefghijkl"), NULL},
        {LIT("a"), NULL},
        {LIT(""), NULL},
        {{NULL, 0}, NULL},
        {LIT("us$"), NULL},
        {LIT("u d"), NULL},
        {LIT("usd "), NULL},
        {LIT("usd\n"), NULL},
        {LIT("us\0"), NULL},
        {LIT("@a"), NULL},
        {LIT("[a"), NULL},
        {LIT("`a"), NULL},
        {LIT("{a"), NULL},
        {LIT("/9"), NULL},
        {LIT(":9"), NULL},
        {LIT("\xe2\x82\xac"), NULL},
        {LIT("\xc4\xb0sd"), NULL}, /* I with a dot above */
    };
    struct table t = {0};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char out[CURRENCY_TEXT_MAX] = "";
        struct exact copy = exact_open(rows[i].given);
        bool got = currency_parse(copy.text, out);
        table_want(&t, got == (rows[i].want != NULL), "'%.*s': got %d",
                   SPAN_ARG(rows[i].given), got);
        table_want(&t, !got || strcmp(out, rows[i].want) == 0, "got %s", out);
        exact_close(&copy);
    }
    table_end(&t);
}

static void places_are_the_currency_s(void **state)
{
    (void)state;
    static const struct {
        const char *currency;
        int want;
    } rows[] = {
        {"ars", 2},  {"usd", 2}, {"eur", 2}, {"brl", 2}, {"uyu", 2},
        {"mxn", 2},  {"clp", 0}, {"pyg", 0}, {"btc", 8}, {"ltc", 8},
        {"usdt", 6}, {"xyz", 8}, {"", 8},    {"us", 8},  {"usdx", 8},
        {"aed", 2},  {"zwg", 2}, {"jpy", 0}, {"xof", 0}, {"bhd", 3},
        {"tnd", 3},  {"clf", 4}, {"uyw", 4}, {"eth", 9}, {"zzz", 8},
    };
    struct table t = {0};
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        table_want(&t, currency_places(rows[i].currency) == rows[i].want, "%s: got %d",
                   rows[i].currency, currency_places(rows[i].currency));
    table_end(&t);
}

static void what_iso_4217_lists_is_known(void **state)
{
    (void)state;
    static const struct {
        const char *code;
        bool want;
    } rows[] = {
        {"aed", true},   {"ars", true},  {"usd", true},  {"zwg", true},  {"btc", true},
        {"usdt", true},  {"dai", true},  {"zzz", false}, {"", false},    {"us", false},
        {"usdx", false}, {"USD", false}, {"aaa", false}, {"zwl", false}, {"xau", false},
    };
    struct table t = {0};
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        table_want(&t, currency_is_known(rows[i].code) == rows[i].want, "%s",
                   rows[i].code);
    table_end(&t);
}

struct parse_row {
    struct span amount;
    const char *currency;
    enum money_fault want;
    int64_t minor;
};

static const struct parse_row amounts[] = {
    {LIT("1250.50"), "ars", MONEY_OK, 125050},
    {LIT("1250.5"), "ars", MONEY_OK, 125050},
    {LIT("1250"), "ars", MONEY_OK, 125000},
    {LIT("0.01"), "ars", MONEY_OK, 1},
    {LIT("1.500"), "ars", MONEY_OK, 150}, /* a zero more loses nothing */
    {LIT("1"), "clp", MONEY_OK, 1},
    {LIT("1.0"), "clp", MONEY_OK, 1},
    {LIT("0.00000001"), "btc", MONEY_OK, 1},
    {LIT("21000000"), "btc", MONEY_OK, INT64_C(2100000000000000)},
    {LIT("1.234567"), "usdt", MONEY_OK, 1234567},
    {LIT("0.00000001"), "xyz", MONEY_OK, 1},
    {LIT("92233720368547758.07"), "ars", MONEY_OK, INT64_MAX},
    {LIT("9223372036854775807"), "clp", MONEY_OK, INT64_MAX},
    {LIT("0"), "ars", MONEY_NOT_POSITIVE, 0},
    {LIT("0.00"), "ars", MONEY_NOT_POSITIVE, 0},
    {LIT("0.000000000000000000"), "ars", MONEY_NOT_POSITIVE, 0},
    {LIT("1.005"), "ars", MONEY_TOO_MANY_PLACES, 0},
    {LIT("0.001"), "ars", MONEY_TOO_MANY_PLACES, 0},
    {LIT("1.5"), "clp", MONEY_TOO_MANY_PLACES, 0},
    {LIT("0.000000001"), "btc", MONEY_TOO_MANY_PLACES, 0},
    {LIT("0.000000000000000001"), "ars", MONEY_TOO_MANY_PLACES, 0},
    {LIT("9223372036854775807"), "ars", MONEY_TOO_LARGE, 0},
    {LIT("92233720368547759"), "ars", MONEY_TOO_LARGE, 0},
    {LIT("92233720369"), "btc", MONEY_TOO_LARGE, 0},
    {LIT(""), "ars", MONEY_NOT_DECIMAL, 0},
    {{NULL, 0}, "ars", MONEY_NOT_DECIMAL, 0},
    {LIT("-1"), "ars", MONEY_NOT_DECIMAL, 0},
    {LIT("+5"), "ars", MONEY_NOT_DECIMAL, 0},
    {LIT("1e3"), "ars", MONEY_NOT_DECIMAL, 0},
    {LIT("1,000"), "ars", MONEY_NOT_DECIMAL, 0},
    {LIT("1.000,50"), "ars", MONEY_NOT_DECIMAL, 0},
    {LIT("1250,50"), "ars", MONEY_NOT_DECIMAL, 0},
    {LIT("1 250.50"), "ars", MONEY_NOT_DECIMAL, 0},
    {LIT(" 1"), "ars", MONEY_NOT_DECIMAL, 0},
    {LIT("1 "), "ars", MONEY_NOT_DECIMAL, 0},
    {LIT("$5"), "ars", MONEY_NOT_DECIMAL, 0},
    {LIT("5.00 ARS"), "ars", MONEY_NOT_DECIMAL, 0},
    {LIT(".5"), "ars", MONEY_NOT_DECIMAL, 0},
    {LIT("5."), "ars", MONEY_NOT_DECIMAL, 0},
    {LIT("005"), "ars", MONEY_NOT_DECIMAL, 0},
    {LIT("0x10"), "ars", MONEY_NOT_DECIMAL, 0},
    {LIT("NaN"), "ars", MONEY_NOT_DECIMAL, 0},
    {LIT("5\0"), "ars", MONEY_NOT_DECIMAL, 0},
    {LIT("\xd9\xa1\xd9\xa2\xd9\xa3"), "ars", MONEY_NOT_DECIMAL, 0}, /* Arabic digits */
    {LIT("\xef\xbc\x95"), "ars", MONEY_NOT_DECIMAL, 0},             /* full-width 5 */
    {LIT("\xe2\x88\2225"), "ars", MONEY_NOT_DECIMAL, 0},            /* minus sign */
    /* digits and one point, so the reason is the size */
    {LIT("9223372036854775808"), "clp", MONEY_TOO_LARGE, 0}, /* 2^63 */
    {LIT("92233720368547758.08"), "ars", MONEY_TOO_LARGE, 0},
    {LIT("18446744073709551617"), "ars", MONEY_TOO_LARGE, 0},
    {LIT("99999999999999999999999999"), "ars", MONEY_TOO_LARGE, 0},
    {LIT("0.0000000000000000001"), "ars", MONEY_TOO_MANY_PLACES, 0},
};

static void check_amounts(void)
{
    struct table t = {0};
    for (size_t i = 0; i < COUNT_OF(amounts); i++) {
        const struct parse_row *row = &amounts[i];
        struct exact copy = exact_open(row->amount);
        struct money m = {.minor = -77};
        enum money_fault got = money_parse(copy.text, row->currency, &m);
        table_want(&t, got == row->want, "'%.*s' %s: got %d, want %d",
                   SPAN_ARG(row->amount), row->currency, got, row->want);
        table_want(&t, got != MONEY_OK || m.minor == row->minor, "'%.*s' %s: %lld",
                   SPAN_ARG(row->amount), row->currency, (long long)m.minor);
        table_want(&t, got != MONEY_OK || strcmp(m.currency, row->currency) == 0,
                   "'%.*s': %s", SPAN_ARG(row->amount), m.currency);
        exact_close(&copy);
    }
    table_end(&t);
}

static void amounts_are_exact_or_say_why_not(void **state)
{
    (void)state;
    check_amounts();
}

static void the_locale_does_not_matter(void **state)
{
    (void)state;
    static const char *const locales[] = {"de_DE.UTF-8", "es_AR.UTF-8", "fa_IR", ""};
    setenv("LC_ALL", "de_DE.UTF-8", 1);
    for (size_t i = 0; i < COUNT_OF(locales); i++) {
        setlocale(LC_ALL, locales[i]); /* where it is not installed, nothing changes */
        check_amounts();
    }
    unsetenv("LC_ALL");
    setlocale(LC_ALL, "C");
}

static void every_fault_has_a_text_of_its_own(void **state)
{
    (void)state;
    for (int a = MONEY_OK; a <= MONEY_TOO_LARGE; a++)
        for (int b = MONEY_OK; b < a; b++)
            assert_string_not_equal(money_fault_text(a), money_fault_text(b));
}

static void text_has_the_currency_s_places(void **state)
{
    (void)state;
    static const struct {
        struct money given;
        const char *want;
    } rows[] = {
        {{125050, "ars"}, "1250.50"},
        {{1, "ars"}, "0.01"},
        {{100, "ars"}, "1.00"},
        {{1, "btc"}, "0.00000001"},
        {{5, "clp"}, "5"},
        {{1234567, "usdt"}, "1.234567"},
        {{INT64_MAX, "clp"}, "9223372036854775807"},
        {{INT64_MAX, "btc"}, "92233720368.54775807"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char out[DECIMAL_TEXT_MAX];
        assert_string_equal(money_text(rows[i].given, out), rows[i].want);
    }
}

static void what_is_written_is_read_back(void **state)
{
    (void)state;
    static const char *const currencies[] = {"ars", "clp", "btc", "usdt", "xyz"};
    struct rng rng;
    rng_init(&rng, 3);
    for (int i = 0; i < 100000; i++) {
        struct money m = {.minor =
                              (int64_t)(rng_next(&rng) >> (1 + rng_below(&rng, 62)))};
        const char *currency = currencies[rng_below(&rng, COUNT_OF(currencies))];
        struct money back;
        char text[DECIMAL_TEXT_MAX];
        strcpy(m.currency, currency);
        enum money_fault got = money_parse(span_of(money_text(m, text)), currency, &back);
        assert_int_equal(got, m.minor ? MONEY_OK : MONEY_NOT_POSITIVE);
        assert_true(got != MONEY_OK || back.minor == m.minor);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(currency_codes_come_out_in_lower_case),
        cmocka_unit_test(places_are_the_currency_s),
        cmocka_unit_test(what_iso_4217_lists_is_known),
        cmocka_unit_test(amounts_are_exact_or_say_why_not),
        cmocka_unit_test(the_locale_does_not_matter),
        cmocka_unit_test(every_fault_has_a_text_of_its_own),
        cmocka_unit_test(text_has_the_currency_s_places),
        cmocka_unit_test(what_is_written_is_read_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
