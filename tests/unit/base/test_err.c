#include "base/err.h"
#include "lib/check.h"

static void set_fills_in_code_and_text_and_answers_minus_one(void **state)
{
    (void)state;
    struct err err;
    assert_int_equal(err_set(&err, ERR_INPUT, "line %d: %s", 7, "no ref"), -1);
    assert_int_equal(err.code, ERR_INPUT);
    assert_string_equal(err.text, "line 7: no ref");
}

static void wrap_puts_the_place_in_front_and_keeps_the_code(void **state)
{
    (void)state;
    struct err err;
    err_set(&err, ERR_NOPERM, "permission denied");
    assert_int_equal(err_wrap(&err, "line %d", 7), -1);
    assert_int_equal(err_wrap(&err, "%s", "payees.csv"), -1);
    assert_int_equal(err.code, ERR_NOPERM);
    assert_string_equal(err.text, "payees.csv: line 7: permission denied");
}

static void percent_signs_in_the_text_stay(void **state)
{
    (void)state;
    struct err err;
    err_set(&err, ERR_INPUT, "%s", "100%s %n");
    err_wrap(&err, "%s", "a%d");
    assert_string_equal(err.text, "a%d: 100%s %n");
}

static void a_long_text_is_cut_at_the_end(void **state)
{
    (void)state;
    char text[3 * ERR_TEXT_MAX];
    struct err err;
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    err_set(&err, ERR_IO, "%s", text);
    assert_int_equal(strlen(err.text), ERR_TEXT_MAX - 1);
}

static void wrapping_a_full_text_keeps_the_place_and_cuts_the_reason(void **state)
{
    (void)state;
    char text[3 * ERR_TEXT_MAX];
    struct err err;
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    err_set(&err, ERR_IO, "%s", text);
    err_wrap(&err, "here");
    assert_int_equal(strlen(err.text), ERR_TEXT_MAX - 1);
    assert_memory_equal(err.text, "here: xxx", 9);
    err_wrap(&err, "%s", text);
    assert_int_equal(strlen(err.text), ERR_TEXT_MAX - 1);
    assert_int_equal(err.code, ERR_IO);
}

static void wrapping_again_and_again_never_runs_over(void **state)
{
    (void)state;
    struct {
        struct err err;
        char after[8];
    } guarded;
    memcpy(guarded.after, "untouch", 8);
    err_set(&guarded.err, ERR_IO, "reason");
    for (int i = 0; i < 1000; i++)
        err_wrap(&guarded.err, "step %d", i);
    assert_string_equal(guarded.after, "untouch");
    assert_true(strlen(guarded.err.text) < ERR_TEXT_MAX);
}

static void each_code_has_its_exit_status(void **state)
{
    (void)state;
    static const struct {
        enum err_code code;
        int want;
    } rows[] = {
        {ERR_NONE, 0},      {ERR_UNBALANCED, 4},  {ERR_USAGE, 64},
        {ERR_INPUT, 65},    {ERR_NOINPUT, 66},    {ERR_UNAVAILABLE, 69},
        {ERR_SOFTWARE, 70}, {ERR_CANTCREATE, 73}, {ERR_IO, 74},
        {ERR_TEMPFAIL, 75}, {ERR_NOPERM, 77},     {ERR_CONFIG, 78},
    };
    struct table t = {0};
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        table_want(&t, err_exit_status(rows[i].code) == rows[i].want, "%d: got %d",
                   rows[i].want, err_exit_status(rows[i].code));
    table_end(&t);
    assert_int_equal(COUNT_OF(rows), ERR_CONFIG + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(set_fills_in_code_and_text_and_answers_minus_one),
        cmocka_unit_test(wrap_puts_the_place_in_front_and_keeps_the_code),
        cmocka_unit_test(percent_signs_in_the_text_stay),
        cmocka_unit_test(a_long_text_is_cut_at_the_end),
        cmocka_unit_test(wrapping_a_full_text_keeps_the_place_and_cuts_the_reason),
        cmocka_unit_test(wrapping_again_and_again_never_runs_over),
        cmocka_unit_test(each_code_has_its_exit_status),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
