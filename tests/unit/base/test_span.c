#include "base/span.h"
#include "lib/check.h"

static void of_a_text_borrows_it(void **state)
{
    (void)state;
    const char *text = "hola";
    assert_ptr_equal(span_of(text).ptr, text);
    assert_int_equal(span_of(text).len, 4);
    assert_int_equal(span_of("").len, 0);
    assert_int_equal(span_of(NULL).len, 0);
}

static void is_compares_length_and_bytes(void **state)
{
    (void)state;
    static const struct {
        struct span given;
        const char *text;
        bool want;
    } rows[] = {
        {LIT("abc"), "abc", true},  {LIT("abc"), "ab", false},  {LIT("ab"), "abc", false},
        {LIT("abc"), "abd", false}, {LIT("ab\0"), "ab", false}, {LIT(""), "", true},
        {LIT(""), "a", false},      {{NULL, 0}, "a", false},    {{NULL, 0}, "", true},
    };
    struct table t = {0};
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        table_want(&t, span_is(rows[i].given, rows[i].text) == rows[i].want, "row %zu",
                   i);
    table_end(&t);
}

static void equal_knows_empty_spans_without_memory(void **state)
{
    (void)state;
    assert_true(span_equal((struct span){NULL, 0}, span_of("")));
    assert_true(span_equal(span_of("ab"), (struct span){"abc", 2}));
    assert_false(span_equal(span_of("ab"), span_of("abc")));
    assert_false(span_equal(span_of("ab"), span_of("ac")));
    assert_true(span_equal((struct span){"a\0b", 3}, (struct span){"a\0b", 3}));
    assert_false(span_equal((struct span){"a\0b", 3}, (struct span){"a\0c", 3}));
}

static void prints_with_its_length(void **state)
{
    (void)state;
    char out[8];
    struct span s = {"abcdef", 3};
    snprintf(out, sizeof(out), "%.*s", SPAN_ARG(s));
    assert_string_equal(out, "abc");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(of_a_text_borrows_it),
        cmocka_unit_test(is_compares_length_and_bytes),
        cmocka_unit_test(equal_knows_empty_spans_without_memory),
        cmocka_unit_test(prints_with_its_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
