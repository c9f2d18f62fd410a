/* What json_check lets through and what it refuses. */
#include "base/buf.h"
#include "base/json.h"
#include "base/rng.h"
#include "lib/check.h"

static int check_exact(struct span text, struct err *err)
{
    struct exact copy = exact_open(text);
    int rc = json_check(copy.text, err);
    exact_close(&copy);
    return rc;
}

static void check_rows(const struct span *rows, size_t count, int want)
{
    struct table t = {0};
    for (size_t i = 0; i < count; i++) {
        struct err err = {0};
        int got = check_exact(rows[i], &err);
        table_want(&t, got == want, "row %zu '%.*s': got %d %s", i, SPAN_ARG(rows[i]),
                   got, err.text);
        table_want(&t, got == 0 || err.code == ERR_INPUT, "row %zu: code", i);
    }
    table_end(&t);
}

static void accepts_every_kind_of_value(void **state)
{
    (void)state;
    static const struct span rows[] = {
        LIT("{}"),
        LIT("[]"),
        LIT("\"\""),
        LIT("0"),
        LIT("-0"),
        LIT("-0.0e-0"),
        LIT("1e5"),
        LIT("1E+5"),
        LIT("0e1"),
        LIT("123456789012345678901234567890.5e99999"),
        LIT("true"),
        LIT("false"),
        LIT("null"),
        LIT(" \t\r\n[ 1 , 2 ]\n"),
        LIT("{\"a\":1,\"b\":[true,false,null],\"c\":{\"d\":\"e\"}}"),
        LIT("{\"\":0}"),
        LIT("{\"a\":{\"a\":{\"a\":1}}}"),
        LIT("[{\"a\":1},{\"a\":1}]"),
        LIT("{\"a\":1,\"A\":1,\"a \":1}"),
        LIT("[[],{},[[]],[{}]]"),
    };
    check_rows(rows, COUNT_OF(rows), 0);
}

static void accepts_every_escape_and_clean_utf8(void **state)
{
    (void)state;
    static const struct span rows[] = {
        LIT("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\""),
        LIT("\"\\u0001\\u001f\\u00e1\\u20aC\\uABCD\""),
        LIT("\"\\ud83d\\ude00\""),
        LIT("\"\\uDBFF\\uDFFF\""),
        LIT("\"\\ud800\\udc00\""),
        LIT("\"\\ud7ff\\ue000\\uffff\""),
        LIT("\"\xc3\xa1 \xe2\x82\xac \xf0\x9f\x98\x80\""),
        LIT("\"\xf4\x8f\xbf\xbf\""),
        LIT("\"\xed\x9f\xbf\xee\x80\x80\""),
        LIT("\"\x7f\""),
        LIT("{\"clave \xc3\xb1\":1}"),
    };
    check_rows(rows, COUNT_OF(rows), 0);
}

static void refuses_broken_structure(void **state)
{
    (void)state;
    static const struct span rows[] = {
        LIT(""),           {NULL, 0},
        LIT(" "),          LIT("\0"),
        LIT("{"),          LIT("}"),
        LIT("["),          LIT("]"),
        LIT("[}"),         LIT("{]"),
        LIT("[1,]"),       LIT("[,1]"),
        LIT("[,]"),        LIT("[1,,2]"),
        LIT("[1 2]"),      LIT("[1:2]"),
        LIT("{,}"),        LIT("{\"a\"}"),
        LIT("{\"a\":}"),   LIT("{\"a\" 1}"),
        LIT("{\"a\":1,}"), LIT("{\"a\":1 \"b\":2}"),
        LIT("{\"a\"::1}"), LIT("{a:1}"),
        LIT("{'a':1}"),    LIT("{1:1}"),
        LIT("{null:1}"),   LIT("{[]:1}"),
        LIT(","),          LIT(":"),
        LIT("/* */1"),     LIT("1//x"),
        LIT("#"),          LIT("'a'"),
    };
    check_rows(rows, COUNT_OF(rows), -1);
}

static void refuses_text_after_the_end(void **state)
{
    (void)state;
    static const struct span rows[] = {
        LIT("1 2"),
        LIT("{}{}"),
        LIT("{} x"),
        LIT("[]]"),
        LIT("{}}"),
        LIT("nullnull"),
        LIT("truefalse"),
        LIT("nulls"),
        LIT("1\0"),
        LIT("{}\0"),
        LIT("\"a\"\"b\""),
        LIT("1,"),
        LIT("{},"),
        LIT("1\f"),
        LIT("1\v"),
        LIT("1\xc2\xa0"),
        LIT("{}\xef\xbb\xbf"),
    };
    check_rows(rows, COUNT_OF(rows), -1);
}

static void refuses_wrong_numbers_and_words(void **state)
{
    (void)state;
    static const struct span rows[] = {
        LIT("-"),
        LIT("+1"),
        LIT(".5"),
        LIT("-.5"),
        LIT("5."),
        LIT("1.e1"),
        LIT("01"),
        LIT("00"),
        LIT("-01"),
        LIT("-00.5"),
        LIT("1e"),
        LIT("1e+"),
        LIT("1e-"),
        LIT("1e+-1"),
        LIT("1e1.5"),
        LIT("0x1"),
        LIT("1_0"),
        LIT("--1"),
        LIT("- 1"),
        LIT("1 .5"),
        LIT("NaN"),
        LIT("Infinity"),
        LIT("-Infinity"),
        LIT("nan"),
        LIT("True"),
        LIT("TRUE"),
        LIT("tru"),
        LIT("t"),
        LIT("fals"),
        LIT("nul"),
        LIT("n"),
        LIT("undefined"),
        LIT("[01]"),
        LIT("[-]"),
        LIT("[1.]"),
        LIT("\xd9\xa1"),
        LIT("\xef\xbc\x91"),
        LIT("1,5"),
    };
    check_rows(rows, COUNT_OF(rows), -1);
}

static void refuses_wrong_strings(void **state)
{
    (void)state;
    static const struct span rows[] = {
        LIT("\""),
        LIT("\"a"),
        LIT("\"\\"),
        LIT("\"\\\""),
        LIT("\"\\x\""),
        LIT("\"\\'\""),
        LIT("\"\\0\""),
        LIT("\"\\\0\""),
        LIT("\"\\U0041\""),
        LIT("\"\\u\""),
        LIT("\"\\u12\""),
        LIT("\"\\u123\""),
        LIT("\"\\u123g\""),
        LIT("\"\\u 123\""),
        LIT("\"\\u+123\""),
        LIT("\"\\u0000\""),
        LIT("\"\\ud800\""),
        LIT("\"\\ud800x\""),
        LIT("\"\\ud800\\n\""),
        LIT("\"\\ud800\\u\""),
        LIT("\"\\ud800\\u0041\""),
        LIT("\"\\ud800\\ud800\""),
        LIT("\"\\udc00\""),
        LIT("\"\\udfff\\ud800\""),
        LIT("\"\\uDBFF\\uE000\""),
        LIT("\"\0\""),
        LIT("\"\n\""),
        LIT("\"\t\""),
        LIT("\"\x1b[31m\""),
        LIT("\"\x1f\""),
    };
    check_rows(rows, COUNT_OF(rows), -1);
}

static void refuses_bytes_that_are_not_utf8(void **state)
{
    (void)state;
    static const struct span rows[] = {
        LIT("\"\x80\""), /* a tail alone */
        LIT("\"\xbf\""),
        LIT("\"\xc3\""), /* the tail is missing */
        LIT("\"\xc3(\""),
        LIT("\"\xe2\x82\""),
        LIT("\"\xf0\x9f\x98\""),
        LIT("\"\xc0\x80\""), /* overlong NUL */
        LIT("\"\xc0\xaf\""), /* overlong '/' */
        LIT("\"\xc1\xbf\""),
        LIT("\"\xe0\x80\xaf\""),
        LIT("\"\xe0\x9f\xbf\""),
        LIT("\"\xf0\x80\x80\xaf\""),
        LIT("\"\xf0\x8f\xbf\xbf\""),
        LIT("\"\xed\xa0\x80\""), /* surrogates */
        LIT("\"\xed\xbf\xbf\""),
        LIT("\"\xed\xa0\xbd\xed\xb8\x80\""), /* CESU-8 */
        LIT("\"\xf4\x90\x80\x80\""),         /* past U+10FFFF */
        LIT("\"\xf5\x80\x80\x80\""),
        LIT("\"\xf8\x88\x80\x80\x80\""),
        LIT("\"\xff\""),
        LIT("\"\xfe\xff\""),
        LIT("{\"\xe1\":1}"),   /* Latin-1 in a key */
        LIT("\xef\xbb\xbf{}"), /* BOM */
        LIT("\xff\xfe{\0}\0"), /* UTF-16 */
        LIT("{\0}\0"),
    };
    check_rows(rows, COUNT_OF(rows), -1);
}

static void refuses_a_key_twice_in_one_object(void **state)
{
    (void)state;
    static const struct span rows[] = {
        LIT("{\"a\":1,\"a\":1}"),
        LIT("{\"a\":1,\"b\":2,\"a\":3}"),
        LIT("{\"\":1,\"\":2}"),
        LIT("[{\"x\":{\"a\":1,\"a\":2}}]"),
        LIT("{\"a\":{\"a\":1},\"a\":2}"),
        LIT("{\"\xc3\xb1\":1,\"\xc3\xb1\":2}"),
        LIT("{\"a\":1,\"\\u0061\":2}"), /* the same key in another spelling */
        LIT("{\"\\u0061\":1,\"\\u0061\":2}"),
        LIT("{\"a/b\":1,\"a\\/b\":2}"),
    };
    check_rows(rows, COUNT_OF(rows), -1);
}

/* ---- ceilings ---- */

static void nest(struct buf *out, int depth, const char *innermost)
{
    buf_clear(out);
    for (int i = 0; i < depth; i++)
        buf_add_text(out, i % 2 ? "{\"k\":" : "[");
    buf_add_text(out, innermost);
    for (int i = depth - 1; i >= 0; i--)
        buf_add_char(out, i % 2 ? '}' : ']');
}

static void nesting_ends_at_the_ceiling(void **state)
{
    (void)state;
    static const struct {
        int depth; /* of the containers around it */
        const char *innermost;
        int want;
    } rows[] = {
        {JSON_DEPTH_MAX - 1, "1", 0},  {JSON_DEPTH_MAX, "1", 0},
        {JSON_DEPTH_MAX + 1, "1", -1}, {JSON_DEPTH_MAX - 1, "[]", 0},
        {JSON_DEPTH_MAX, "[]", -1},    {JSON_DEPTH_MAX, "{}", -1},
        {JSON_DEPTH_MAX, "[ ]", -1},
    };
    struct table t = {0};
    struct buf text;
    buf_init(&text, 4096);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct err err;
        nest(&text, rows[i].depth, rows[i].innermost);
        table_want(&t, check_exact(buf_span(&text), &err) == rows[i].want, "%d around %s",
                   rows[i].depth, rows[i].innermost);
    }
    table_end(&t);
    buf_close(&text);
}

static void a_megabyte_of_brackets_does_not_eat_the_stack(void **state)
{
    (void)state;
    const size_t len = 1024 * 1024;
    char *text = malloc(len);
    struct err err;
    assert_non_null(text);
    memset(text, '[', len);
    assert_int_equal(json_check((struct span){text, len}, &err), -1);
    for (size_t i = 0; i + 5 <= len; i += 5)
        memcpy(text + i, "{\"a\":", 5);
    assert_int_equal(json_check((struct span){text, len}, &err), -1);
    free(text);
}

static void side_by_side_is_not_nesting(void **state)
{
    (void)state;
    struct buf text;
    struct err err;
    buf_init(&text, 4096);
    buf_add_char(&text, '[');
    for (int i = 0; i < 200; i++)
        buf_add_text(&text, "[[1]],");
    buf_add_text(&text, "1]");
    assert_int_equal(check_exact(buf_span(&text), &err), 0);
    buf_close(&text);
}

static int check_members(int members)
{
    struct buf text;
    struct err err;
    buf_init(&text, 100000);
    buf_add_char(&text, '{');
    for (int i = 0; i < members; i++)
        buf_printf(&text, "%s\"k%d\":%d", i ? "," : "", i, i);
    buf_add_char(&text, '}');
    int rc = check_exact(buf_span(&text), &err);
    buf_close(&text);
    return rc;
}

static void members_of_one_object_end_at_the_ceiling(void **state)
{
    (void)state;
    assert_int_equal(check_members(JSON_MEMBERS_MAX), 0);
    assert_int_equal(check_members(JSON_MEMBERS_MAX + 1), -1);
}

/* ---- faults and their places ---- */

static void says_at_which_byte_it_stopped(void **state)
{
    (void)state;
    static const struct {
        const char *given;
        const char *want;
    } rows[] = {
        {"", "at byte 1"},          {"[1,x]", "at byte 4"}, {"{\"a\":1,}", "at byte 8"},
        {"{\"a\" 1}", "at byte 6"}, {"{} x", "at byte 4"},  {"\"a\tb\"", "at byte 3"},
        {"\"a\xff\"", "at byte 3"}, {"[1", "at byte 3"},
    };
    struct table t = {0};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct err err = {0};
        check_exact(span_of(rows[i].given), &err);
        table_want(&t, strstr(err.text, rows[i].want) != NULL, "'%s': %s", rows[i].given,
                   err.text);
    }
    table_end(&t);
}

static const char document[] =
    "{\"data\":{\"type\":\"users\",\"id\":\"12\",\"attributes\":{\"amount\":-1250.50e+2,"
    "\"name\":\"Jos\xc3\xa9 \\ud83d\\ude00\\n\",\"list\":[1,true,false,null,{}],"
    "\"none\":null}},\"meta\":[]}";

static void a_text_cut_at_any_byte_is_refused(void **state)
{
    (void)state;
    struct err err;
    size_t whole = sizeof(document) - 1;
    assert_int_equal(check_exact((struct span){document, whole}, &err), 0);
    struct table t = {0};
    for (size_t n = 0; n < whole; n++)
        table_want(&t, check_exact((struct span){document, n}, &err) == -1, "cut at %zu",
                   n);
    table_end(&t);
}

/* Whatever passes the check may be walked, unquoted and looked into without a read past
 * its end. */
static void walk(struct span raw, struct buf *scratch)
{
    struct json_cursor cursor = {0};
    struct span key, value;
    enum json_type type = json_type_of(raw);
    buf_clear(scratch);
    if (type == JSON_STRING)
        json_unquote(raw, scratch);
    if (type != JSON_OBJECT && type != JSON_ARRAY)
        return;
    while (json_next(raw, &cursor, &key, &value)) {
        assert_true(value.len > 0);
        assert_true(value.ptr >= raw.ptr && value.ptr + value.len < raw.ptr + raw.len);
        assert_int_equal(key.len >= 2, type == JSON_OBJECT);
        walk(value, scratch);
    }
}

static void broken_at_random_it_is_refused_or_still_safe_to_walk(void **state)
{
    (void)state;
    static const char pool[] = "{}[]\",:\\u0d8e1.-+tn \x80\xc3\xff\0\x1f";
    struct buf scratch;
    struct rng rng;
    int passed = 0;
    buf_init(&scratch, 4096);
    rng_init(&rng, 4);
    for (int i = 0; i < 50000; i++) {
        struct exact copy = exact_open((struct span){document, sizeof(document) - 1});
        for (uint64_t n = 1 + rng_below(&rng, 3); n > 0; n--)
            copy.memory[rng_below(&rng, copy.text.len)] =
                pool[rng_below(&rng, sizeof(pool))];
        struct err err;
        struct span whole;
        if (json_check(copy.text, &err) == 0) {
            passed++;
            assert_true(json_at(copy.text, "", &whole));
            walk(whole, &scratch);
        }
        exact_close(&copy);
    }
    assert_true(passed > 100);
    buf_close(&scratch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accepts_every_kind_of_value),
        cmocka_unit_test(accepts_every_escape_and_clean_utf8),
        cmocka_unit_test(refuses_broken_structure),
        cmocka_unit_test(refuses_text_after_the_end),
        cmocka_unit_test(refuses_wrong_numbers_and_words),
        cmocka_unit_test(refuses_wrong_strings),
        cmocka_unit_test(refuses_bytes_that_are_not_utf8),
        cmocka_unit_test(refuses_a_key_twice_in_one_object),
        cmocka_unit_test(nesting_ends_at_the_ceiling),
        cmocka_unit_test(a_megabyte_of_brackets_does_not_eat_the_stack),
        cmocka_unit_test(side_by_side_is_not_nesting),
        cmocka_unit_test(members_of_one_object_end_at_the_ceiling),
        cmocka_unit_test(says_at_which_byte_it_stopped),
        cmocka_unit_test(a_text_cut_at_any_byte_is_refused),
        cmocka_unit_test(broken_at_random_it_is_refused_or_still_safe_to_walk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
