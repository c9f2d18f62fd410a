#include "intake/spreadsheet.h"
#include "lib/check.h"

static void what_excel_has_rounded_is_seen(void **state)
{
    (void)state;
    static const struct {
        struct span given;
        bool want;
    } rows[] = {
        {LIT("1,23E+15"), true},  {LIT("1.23E+15"), true},   {LIT("2,74086E+21"), true},
        {LIT("1E+15"), true},     {LIT("-1E+15"), true},     {LIT("1e3"), false},
        {LIT("1e+15"), false},    {LIT("1E15"), false},      {LIT("1,E+15"), false},
        {LIT("12,3E+15"), false}, {LIT("1,23E+1"), false},   {LIT("1,23E+"), false},
        {LIT("E+15"), false},     {LIT(""), false},          {LIT("1,23E+15 "), false},
        {LIT("1,23E-15"), false}, {LIT("1,2,3E+15"), false}, {LIT("1,23E+15\0"), false},
        {LIT("1\0"), false},
    };
    struct table t = {0};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct exact copy = exact_open(rows[i].given);
        table_want(&t, spreadsheet_has_rounded(copy.text) == rows[i].want, "row %zu", i);
        exact_close(&copy);
    }
    table_end(&t);
}

static void it_harms_numbers_and_texts_that_look_like_one(void **state)
{
    (void)state;
    static const struct {
        struct action_field field;
        const char *given;
        bool want;
    } rows[] = {
        {{.type = VALUE_ID}, "1E+15", true},
        {{.type = VALUE_DECIMAL}, "1,5E+15", true},
        {{.type = VALUE_INTEGER}, "1E+15", true},
        {{.type = VALUE_TEXT, .digits = 22}, "1E+21", true},
        {{.type = VALUE_TEXT}, "2,74E+21", true},
        {{.type = VALUE_TEXT}, "1E+15", false}, /* a name that somebody may have */
        {{.type = VALUE_EMAIL}, "1,5E+15", false},
        {{.type = VALUE_JSON}, "1.5E+15", false},
        {{.type = VALUE_TEXT}, "Ana", false},
    };
    struct table t = {0};
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        table_want(&t,
                   spreadsheet_may_harm(&rows[i].field, span_of(rows[i].given)) ==
                       rows[i].want,
                   "row %zu", i);
    table_end(&t);
}

static void a_comma_becomes_a_point_and_nothing_else_passes(void **state)
{
    (void)state;
    static const struct {
        struct span given;
        const char *want; /* NULL: refused */
        const char *hint; /* a part of it */
    } rows[] = {
        {LIT("1082998,10"), "1082998.10", ""},
        {LIT("1082998"), "1082998", ""},
        {LIT("0,5"), "0.5", ""},
        {LIT("1.082.998,10"), NULL, "separators of thousands"},
        {LIT("1 082,10"), NULL, "separators of thousands"},
        {LIT("1'082,10"), NULL, "separators of thousands"},
        {LIT("1082998.10"), NULL, "a point is none"},
        {LIT("1,082,998"), NULL, "separators of thousands"},
        {LIT("1,"), NULL, ""},
        {LIT(",5"), NULL, ""},
        {LIT(""), NULL, ""},
        {LIT("-1,5"), NULL, ""},
        {LIT("1,5 ars"), NULL, ""},
        {LIT("1,5\0"), NULL, ""},
    };
    struct table t = {0};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct buf out;
        buf_init(&out, 100);
        bool got = spreadsheet_decimal(rows[i].given, &out);
        const char *hint = spreadsheet_decimal_hint(rows[i].given, true);
        table_want(&t, got == (rows[i].want != NULL), "row %zu: %d", i, got);
        table_want(&t, !got || strcmp(out.data, rows[i].want) == 0, "row %zu: %s", i,
                   out.data);
        table_want(&t, got || strstr(hint, rows[i].hint), "row %zu: %s", i, hint);
        buf_close(&out);
    }
    table_end(&t);
}

static void without_the_option_it_is_named(void **state)
{
    (void)state;
    assert_string_equal(spreadsheet_decimal_hint(span_of("1250,50"), false),
                        "; --decimal-comma reads one with a comma");
    assert_string_equal(spreadsheet_decimal_hint(span_of("1250.50"), false), "");
    assert_string_equal(spreadsheet_decimal_hint(span_of("x,5"), false), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_excel_has_rounded_is_seen),
        cmocka_unit_test(it_harms_numbers_and_texts_that_look_like_one),
        cmocka_unit_test(a_comma_becomes_a_point_and_nothing_else_passes),
        cmocka_unit_test(without_the_option_it_is_named),
    };
    return cmocka_run_group_tests_name("intake: spreadsheet", tests, NULL, NULL);
}
