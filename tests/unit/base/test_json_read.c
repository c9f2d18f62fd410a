/* Looking into JSON that passed json_check. */
#include "base/buf.h"
#include "base/json.h"
#include "lib/check.h"

static const char document[] =
    " { \"data\" : { \"id\" : \"12\" , \"amount\":-1250.50e+2, \"s\":\"a]}b\\\"{[\" },"
    "\"list\":[ 10 ,[20,21], {\"x\":30},\"]\",true ], \"\":{\"\":\"nameless\"},"
    "\"a/b\":1,\"m~n\":2,\"~1\":3,\"~\":4, \"yes\":true,\"no\":false,\"nil\":null,"
    "\"0\":\"zero\", \"e\":{},\"f\":[ ] } ";

static void finds_what_the_pointer_names(void **state)
{
    (void)state;
    static const struct {
        const char *pointer;
        const char *want; /* NULL: nothing there */
    } rows[] = {
        {"/data/id", "\"12\""},
        {"/data/amount", "-1250.50e+2"},
        {"/data/s", "\"a]}b\\\"{[\""},
        {"/list/0", "10"},
        {"/list/1", "[20,21]"},
        {"/list/1/1", "21"},
        {"/list/2/x", "30"},
        {"/list/3", "\"]\""},
        {"/list/4", "true"},
        {"/", "{\"\":\"nameless\"}"},
        {"//", "\"nameless\""},
        {"/a~1b", "1"},
        {"/m~0n", "2"},
        {"/~01", "3"},
        {"/~0", "4"},
        {"/yes", "true"},
        {"/no", "false"},
        {"/nil", "null"},
        {"/0", "\"zero\""},
        {"/e", "{}"},
        {"/f", "[ ]"},
        {"/dat", NULL},
        {"/data2", NULL},
        {"/Data", NULL},
        {"/data/", NULL},
        {"/data/id/", NULL},
        {"/data/id/0", NULL},
        {"/list/5", NULL},
        {"/list/-", NULL},
        {"/list/-1", NULL},
        {"/list/+0", NULL},
        {"/list/x", NULL},
        {"/list/", NULL},
        {"/list/99999999999999999999", NULL},
        {"/list/4294967296", NULL},
        {"/e/x", NULL},
        {"/f/0", NULL},
        {"/a/b", NULL},
        {"/nil/x", NULL},
        {"data", NULL},
        {"data/id", NULL},
        /* RFC 6901, 4: an index has no leading zero and no sign; '~' is followed by 0 or
           1 */
        {"/list/00", NULL},
        {"/list/01", NULL},
        {"/list/-0", NULL},
        {"/~2", NULL},
        {"/~", NULL},
    };
    struct table t = {0};
    struct exact copy = exact_open((struct span)LIT(document));
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct span raw = {"", 0};
        bool got = json_at(copy.text, rows[i].pointer, &raw);
        bool right = rows[i].want ? got && span_is(raw, rows[i].want) : !got;
        table_want(&t, right, "%s: got %d '%.*s'", rows[i].pointer, got, SPAN_ARG(raw));
    }
    table_end(&t);
    exact_close(&copy);
}

static void the_empty_pointer_is_the_whole(void **state)
{
    (void)state;
    static const char *const rows[] = {"{}", "[]", "1", "-1.5", "\"a\"", "true", "null"};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char padded[32];
        struct span raw;
        snprintf(padded, sizeof(padded), " \n%s\t ", rows[i]);
        assert_true(json_at(span_of(padded), "", &raw));
        assert_true(span_is(raw, rows[i]));
        assert_true(json_at(span_of(rows[i]), "", &raw));
        assert_true(span_is(raw, rows[i]));
    }
}

static void types_are_told_by_the_first_byte(void **state)
{
    (void)state;
    static const struct {
        const char *raw;
        enum json_type want;
    } rows[] = {
        {"{}", JSON_OBJECT}, {"[]", JSON_ARRAY},    {"\"\"", JSON_STRING},
        {"0", JSON_NUMBER},  {"-1", JSON_NUMBER},   {"9", JSON_NUMBER},
        {"true", JSON_TRUE}, {"false", JSON_FALSE}, {"null", JSON_NULL},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_int_equal(json_type_of(span_of(rows[i].raw)), rows[i].want);
}

/* ---- cursors ---- */

static void write_walk(const char *container, struct buf *out)
{
    struct exact copy = exact_open(span_of(container));
    struct json_cursor cursor = {0};
    struct span key, value;
    while (json_next(copy.text, &cursor, &key, &value))
        buf_printf(out, "<%.*s=%.*s>", SPAN_ARG(key), SPAN_ARG(value));
    assert_false(json_next(copy.text, &cursor, &key, &value)); /* and again */
    exact_close(&copy);
}

static void a_cursor_walks_in_order(void **state)
{
    (void)state;
    static const struct {
        const char *given;
        const char *want;
    } rows[] = {
        {"{}", ""},
        {"[]", ""},
        {"{ }", ""},
        {"[ \n]", ""},
        {"[1]", "<=1>"},
        {"[1,2,3]", "<=1><=2><=3>"},
        {"[ 1 , 2 ]", "<=1><=2>"},
        {"[[],[1,[2]],{}]", "<=[]><=[1,[2]]><={}>"},
        {"[\"a,b\",\"]\",\"\\\"\"]", "<=\"a,b\"><=\"]\"><=\"\\\"\">"},
        {"{\"a\":1}", "<\"a\"=1>"},
        {"{ \"a\" : 1 , \"b\" : \"c\" }", "<\"a\"=1><\"b\"=\"c\">"},
        {"{\"a:b\":{\"c\":[1,2]},\"}\":null}", "<\"a:b\"={\"c\":[1,2]}><\"}\"=null>"},
        {"{\"\":true}", "<\"\"=true>"},
        {"[-1.5e3,null]", "<=-1.5e3><=null>"},
        {"[\"\\\\\",\"\\\\\\\"\"]", "<=\"\\\\\"><=\"\\\\\\\"\">"},
    };
    struct table t = {0};
    struct buf out;
    buf_init(&out, 4096);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        buf_clear(&out);
        write_walk(rows[i].given, &out);
        table_want(&t, strcmp(out.data, rows[i].want) == 0, "%s: got %s", rows[i].given,
                   out.data);
    }
    table_end(&t);
    buf_close(&out);
}

static void two_cursors_do_not_disturb_each_other(void **state)
{
    (void)state;
    struct span text = span_of("[1,2]"), key, value;
    struct json_cursor one = {0}, two = {0};
    assert_true(json_next(text, &one, &key, &value));
    assert_true(json_next(text, &one, &key, &value));
    assert_true(span_is(value, "2"));
    assert_true(json_next(text, &two, &key, &value));
    assert_true(span_is(value, "1"));
    assert_false(json_next(text, &one, &key, &value));
}

/* ---- strings ---- */

static void unquote_undoes_every_escape(void **state)
{
    (void)state;
    static const struct {
        const char *given;
        const char *want;
    } rows[] = {
        {"\"\"", ""},
        {"\"plain\"", "plain"},
        {"\"\\\"\"", "\""},
        {"\"\\\\\"", "\\"},
        {"\"\\/\"", "/"},
        {"\"\\b\\f\\n\\r\\t\"", "\b\f\n\r\t"},
        {"\"\\u0041\\u005a\"", "AZ"},
        {"\"\\u007f\\u0080\"", "\x7f\xc2\x80"},
        {"\"\\u07ff\\u0800\"", "\xdf\xbf\xe0\xa0\x80"},
        {"\"\\uffff\"", "\xef\xbf\xbf"},
        {"\"\\u00E1\\u00e1\"", "\xc3\xa1\xc3\xa1"},
        {"\"\\ud83d\\ude00!\"", "\xf0\x9f\x98\x80!"},
        {"\"\\ud800\\udc00\\udbff\\udfff\"", "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf"},
        {"\"\xc3\xb1\\n\xe2\x82\xac\"", "\xc3\xb1\n\xe2\x82\xac"},
        {"\"\\\\u0041\"", "\\u0041"},
        {"\"\\\\\\\\n\"", "\\\\n"},
        {"\"a\\u0022b\"", "a\"b"},
    };
    struct table t = {0};
    struct buf out;
    buf_init(&out, 100);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct exact copy = exact_open(span_of(rows[i].given));
        struct err err;
        buf_clear(&out);
        table_want(&t, json_check(copy.text, &err) == 0, "%s: not clean", rows[i].given);
        table_want(&t,
                   json_unquote(copy.text, &out) && strcmp(out.data, rows[i].want) == 0,
                   "%s: got %s", rows[i].given, out.data);
        exact_close(&copy);
    }
    table_end(&t);
    buf_close(&out);
}

static void unquote_adds_and_says_when_it_does_not_fit(void **state)
{
    (void)state;
    struct buf out;
    buf_init(&out, 5);
    assert_true(json_unquote(span_of("\"ab\""), &out));
    assert_true(json_unquote(span_of("\"\\u20ac\""), &out));
    assert_string_equal(out.data, "ab\xe2\x82\xac");
    assert_false(json_unquote(span_of("\"c\""), &out));
    assert_true(out.full);
    buf_close(&out);
}

static void text_at_reads_strings_and_numbers_only(void **state)
{
    (void)state;
    static const struct {
        const char *pointer;
        const char *want;
    } rows[] = {
        {"/data/id", "12"},
        {"/data/amount", "-1250.50e+2"},
        {"/data/s", "a]}b\"{["},
        {"//", "nameless"},
        {"/data", NULL},
        {"/list", NULL},
        {"/yes", NULL},
        {"/no", NULL},
        {"/nil", NULL},
        {"/nothing", NULL},
        {"", NULL},
    };
    struct table t = {0};
    struct buf out;
    buf_init(&out, 100);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        buf_clear(&out);
        bool got = json_text_at(span_of(document), rows[i].pointer, &out);
        bool right = rows[i].want ? got && strcmp(out.data, rows[i].want) == 0 : !got;
        table_want(&t, right, "%s: got %d %s", rows[i].pointer, got, out.data);
    }
    table_end(&t);
    buf_close(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_what_the_pointer_names),
        cmocka_unit_test(the_empty_pointer_is_the_whole),
        cmocka_unit_test(types_are_told_by_the_first_byte),
        cmocka_unit_test(a_cursor_walks_in_order),
        cmocka_unit_test(two_cursors_do_not_disturb_each_other),
        cmocka_unit_test(unquote_undoes_every_escape),
        cmocka_unit_test(unquote_adds_and_says_when_it_does_not_fit),
        cmocka_unit_test(text_at_reads_strings_and_numbers_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
