#include "base/json.h"
#include "base/rng.h"
#include "lib/check.h"
#include "model/params.h"

static bool add(struct params *p, const char *name, const char *value)
{
    return params_add(p, span_of(name), span_of(value));
}

/* The canonical form of p; freed by the caller. */
static char *written(const struct params *p)
{
    struct buf out;
    buf_init(&out, 4 * 1024 * 1024);
    params_write(p, &out);
    return buf_take(&out);
}

static void assert_written(const struct params *p, const char *want)
{
    char *got = written(p);
    assert_string_equal(got, want);
    free(got);
}

static void are_sorted_by_name_whatever_the_order_of_adding(void **state)
{
    (void)state;
    static const char *const names[] = {"b",   "a", "ab",       "B",
                                        "a.c", "z", "\xc3\xb1", "a-c"};
    for (size_t first = 0; first < COUNT_OF(names); first++) {
        struct params p;
        params_init(&p);
        for (size_t i = 0; i < COUNT_OF(names); i++)
            assert_true(add(&p, names[(first + i) % COUNT_OF(names)], "v"));
        assert_written(
            &p, "{\"B\":\"v\",\"a\":\"v\",\"a-c\":\"v\",\"a.c\":\"v\",\"ab\":\"v\","
                "\"b\":\"v\",\"z\":\"v\",\"\xc3\xb1\":\"v\"}");
        params_close(&p);
    }
}

static void a_name_stands_once_and_the_first_value_stays(void **state)
{
    (void)state;
    struct params p;
    params_init(&p);
    assert_true(add(&p, "a", "1"));
    assert_false(add(&p, "a", "2"));
    assert_true(add(&p, "A", "3"));
    assert_true(add(&p, "", "empty"));
    assert_false(add(&p, "", "again"));
    assert_int_equal(p.count, 3);
    assert_string_equal(params_get(&p, "a"), "1");
    assert_string_equal(params_get(&p, ""), "empty");
    params_close(&p);
}

static void a_name_without_memory_is_the_empty_name(void **state)
{
    (void)state;
    struct params p;
    params_init(&p);
    assert_true(add(&p, "a", "1"));
    assert_true(params_add(&p, (struct span){NULL, 0}, (struct span){NULL, 0}));
    assert_string_equal(params_get(&p, ""), "");
    params_close(&p);
}

static void get_wants_the_whole_name(void **state)
{
    (void)state;
    struct params p;
    params_init(&p);
    assert_null(params_get(&p, "a"));
    add(&p, "body.cbu", "1");
    assert_string_equal(params_get(&p, "body.cbu"), "1");
    assert_null(params_get(&p, "body"));
    assert_null(params_get(&p, "body.cbux"));
    assert_null(params_get(&p, "BODY.CBU"));
    params_close(&p);
}

static void names_and_values_are_copies(void **state)
{
    (void)state;
    struct params p;
    char name[] = "name", value[] = "value";
    params_init(&p);
    params_add(&p, (struct span){name, 4}, (struct span){value, 3});
    name[0] = value[0] = 'X';
    assert_string_equal(params_get(&p, "name"), "val");
    params_close(&p);
}

static void nothing_is_an_empty_object(void **state)
{
    (void)state;
    struct params p;
    params_init(&p);
    assert_written(&p, "{}");
    params_close(&p);
}

/* ---- written and read back ---- */

static void assert_round_trip(const struct params *p)
{
    struct params back;
    struct err err = {0};
    char *json = written(p);
    params_init(&back);
    if (params_read(&back, span_of(json), &err))
        fail_msg("%s: %s", json, err.text);
    assert_int_equal(back.count, p->count);
    for (size_t i = 0; i < p->count; i++) {
        assert_string_equal(back.items[i].name, p->items[i].name);
        assert_string_equal(back.items[i].value, p->items[i].value);
    }
    params_close(&back);
    free(json);
}

static void any_value_is_read_back_as_it_was(void **state)
{
    (void)state;
    struct params p;
    params_init(&p);
    add(&p, "a", "");
    add(&p, "b", "quote \" backslash \\ tags </script>");
    add(&p, "c", "\x01\x1f\x7f\n\r\t");
    add(&p, "d", "\xc3\xb1\xf0\x9f\x98\x80");
    add(&p, "e", "{\"json\":[1,\"x\"]}");
    add(&p, "body.cbu", "0000003100012345678901");
    assert_round_trip(&p);
    params_close(&p);
}

/* A name that a person's JSON may have must come back from the form in which it is
 * stored. */
static void a_name_taken_from_an_object_can_be_stored(void **state)
{
    (void)state;
    static const char *const objects[] = {"{\"a<b\":\"1\",\"c>\":2}", "{\"a\x7f\":1}",
                                          "{\"a\\\"b\":1}", "{\"\\u0061\":1}"};
    for (size_t i = 0; i < COUNT_OF(objects); i++) {
        struct params p;
        struct err err;
        params_init(&p);
        if (params_read_object(&p, span_of(objects[i]), &err) == 0)
            assert_round_trip(&p);
        params_close(&p);
    }
}

static void equal_parameters_give_equal_bytes(void **state)
{
    (void)state;
    struct params p, q;
    struct err err;
    params_init(&p);
    params_init(&q);
    assert_int_equal(
        params_read_object(&p, span_of("{\"b\":1,\"a\":{\"y\":\"2\",\"x\":true}}"), &err),
        0);
    assert_int_equal(
        params_read_object(
            &q, span_of(" {\"a\":{\"x\":\"true\",\"y\":2} ,\n\"b\":\"1\",\"n\":null}"),
            &err),
        0);
    char *one = written(&p), *two = written(&q);
    assert_string_equal(one, two);
    free(one);
    free(two);
    params_close(&p);
    params_close(&q);
}

/* ---- objects that a person wrote ---- */

static void objects_are_flattened(void **state)
{
    (void)state;
    static const struct {
        const char *given;
        const char *want;
    } rows[] = {
        {"{}", "{}"},
        {" { } ", "{}"},
        {"{\"a\":\"x\"}", "{\"a\":\"x\"}"},
        {"{\"a\":1.50}", "{\"a\":\"1.50\"}"},
        {"{\"a\":-1e+3}", "{\"a\":\"-1e+3\"}"},
        {"{\"a\":12345678901234567890.00}", "{\"a\":\"12345678901234567890.00\"}"},
        {"{\"a\":true,\"b\":false}", "{\"a\":\"true\",\"b\":\"false\"}"},
        {"{\"a\":null}", "{}"},
        {"{\"a\":\"\"}", "{\"a\":\"\"}"},
        {"{\"a\":{\"b\":{\"c\":1}}}", "{\"a.b.c\":\"1\"}"},
        {"{\"a\":{\"b\":1,\"c\":2},\"d\":3}",
         "{\"a.b\":\"1\",\"a.c\":\"2\",\"d\":\"3\"}"},
        {"{\"longer\":{\"b\":1},\"s\":2}", "{\"longer.b\":\"1\",\"s\":\"2\"}"},
        {"{\"a\":[1, {\"b\":2}]}", "{\"a\":\"[1, {\\\"b\\\":2}]\"}"},
        {"{\"a\":\"\\u00f1\\n\"}", "{\"a\":\"\xc3\xb1\\u000a\"}"},
        {"{\"a.b\":1}", "{\"a.b\":\"1\"}"},
        {"{\"@x\":\"@ref/attributes/y\"}", "{\"@x\":\"@ref/attributes/y\"}"},
    };
    struct table t = {0};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct exact copy = exact_open(span_of(rows[i].given));
        struct params p;
        struct err err = {0};
        params_init(&p);
        int rc = params_read_object(&p, copy.text, &err);
        char *got = written(&p);
        table_want(&t, rc == 0 && strcmp(got, rows[i].want) == 0, "%s: got %s %s",
                   rows[i].given, got, err.text);
        free(got);
        params_close(&p);
        exact_close(&copy);
    }
    table_end(&t);
}

struct refuse_row {
    struct span given;
    const char *says; /* somewhere in the text */
};

static void check_refused(const struct refuse_row *rows, size_t count,
                          int (*read)(struct params *, struct span, struct err *))
{
    struct table t = {0};
    for (size_t i = 0; i < count; i++) {
        struct exact copy = exact_open(rows[i].given);
        struct params p;
        struct err err = {0};
        params_init(&p);
        int rc = read(&p, copy.text, &err);
        table_want(&t,
                   rc == -1 && err.code == ERR_INPUT && strstr(err.text, rows[i].says),
                   "'%.*s': got %d '%s'", SPAN_ARG(rows[i].given), rc, err.text);
        params_close(&p);
        exact_close(&copy);
    }
    table_end(&t);
}

static void objects_with_a_fault_are_refused_by_its_name(void **state)
{
    (void)state;
    static const struct refuse_row rows[] = {
        {LIT(""), "JSON"},
        {{NULL, 0}, "JSON"},
        {LIT("[]"), "object"},
        {LIT("\"a\""), "object"},
        {LIT("1"), "object"},
        {LIT("null"), "object"},
        {LIT("{\"a\":1"), "JSON"},
        {LIT("{\"a\":1}}"), "JSON"},
        {LIT("{\"a\":1,\"a\":2}"), "twice"},
        {LIT("{\"a.b\":1,\"a\":{\"b\":2}}"), "'a.b'"},
        {LIT("{\"\":1}"), "empty"},
        {LIT("{\"a\":{\"\":1}}"), "empty"},
        {LIT("{\"a\":\"\\u0000\"}"), "JSON"},
        {LIT("{\"a\":\"\xff\"}"), "JSON"},
    };
    check_refused(rows, COUNT_OF(rows), params_read_object);
}

static void the_stored_form_is_flat_and_of_texts_only(void **state)
{
    (void)state;
    static const struct refuse_row rows[] = {
        {LIT(""), "JSON"},
        {LIT("[]"), "object"},
        {LIT("{\"a\":1}"), "'a'"},
        {LIT("{\"a\":null}"), "'a'"},
        {LIT("{\"a\":true}"), "'a'"},
        {LIT("{\"a\":[]}"), "'a'"},
        {LIT("{\"a\":{}}"), "'a'"},
        {LIT("{\"a\":{\"b\":\"c\"}}"), "'a'"},
        {LIT("{\"b\":\"x\",\"a\":1}"), "'a'"},
        {LIT("{\"a\":\"1\",\"a\":\"2\"}"), "twice"},
    };
    check_refused(rows, COUNT_OF(rows), params_read);
}

static int read_name_of(size_t bytes, bool nested)
{
    struct params p;
    struct err err;
    struct buf json;
    params_init(&p);
    buf_init(&json, 4096);
    buf_add_text(&json, nested ? "{\"a\":{\"" : "{\"");
    for (size_t i = nested ? 2 : 0; i < bytes; i++)
        buf_add_char(&json, 'x');
    buf_add_text(&json, nested ? "\":\"v\"}}" : "\":\"v\"}");
    int rc = params_read_object(&p, buf_span(&json), &err);
    buf_close(&json);
    params_close(&p);
    return rc;
}

static void names_end_at_256_bytes_dots_included(void **state)
{
    (void)state;
    for (int nested = 0; nested < 2; nested++) {
        assert_int_equal(read_name_of(256, nested), 0);
        assert_int_equal(read_name_of(257, nested), -1);
    }
}

static void deep_objects_with_long_names_are_refused_not_cut(void **state)
{
    (void)state;
    struct params p;
    struct err err;
    struct buf json;
    params_init(&p);
    buf_init(&json, 10000);
    for (int i = 0; i < 60; i++)
        buf_add_text(&json, "{\"12345678\":");
    buf_add_text(&json, "1");
    for (int i = 0; i < 60; i++)
        buf_add_char(&json, '}');
    assert_int_equal(params_read_object(&p, buf_span(&json), &err), -1);
    assert_int_equal(p.count, 0);
    buf_close(&json);
    params_close(&p);
}

static void random_order_agrees_with_sorted_order(void **state)
{
    (void)state;
    struct rng rng;
    rng_init(&rng, 8);
    for (int round = 0; round < 200; round++) {
        struct params p;
        params_init(&p);
        for (int i = 0; i < 60; i++) {
            char name[16];
            snprintf(name, sizeof(name), "k%d", (int)rng_below(&rng, 80));
            bool known = params_get(&p, name) != NULL;
            assert_int_equal(add(&p, name, name), !known);
            assert_string_equal(params_get(&p, name), name);
        }
        for (size_t i = 1; i < p.count; i++)
            assert_true(strcmp(p.items[i - 1].name, p.items[i].name) < 0);
        assert_round_trip(&p);
        params_close(&p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(are_sorted_by_name_whatever_the_order_of_adding),
        cmocka_unit_test(a_name_stands_once_and_the_first_value_stays),
        cmocka_unit_test(get_wants_the_whole_name),
        cmocka_unit_test(names_and_values_are_copies),
        cmocka_unit_test(nothing_is_an_empty_object),
        cmocka_unit_test(any_value_is_read_back_as_it_was),
        cmocka_unit_test(a_name_taken_from_an_object_can_be_stored),
        cmocka_unit_test(equal_parameters_give_equal_bytes),
        cmocka_unit_test(objects_are_flattened),
        cmocka_unit_test(objects_with_a_fault_are_refused_by_its_name),
        cmocka_unit_test(the_stored_form_is_flat_and_of_texts_only),
        cmocka_unit_test(names_end_at_256_bytes_dots_included),
        cmocka_unit_test(deep_objects_with_long_names_are_refused_not_cut),
        cmocka_unit_test(random_order_agrees_with_sorted_order),
        cmocka_unit_test(a_name_without_memory_is_the_empty_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
