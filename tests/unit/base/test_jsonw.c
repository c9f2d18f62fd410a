#include "base/json.h"
#include "base/jsonw.h"
#include "base/rng.h"
#include "lib/check.h"

static void puts_the_commas_itself(void **state)
{
    (void)state;
    struct buf out;
    struct jsonw w;
    buf_init(&out, 1000);
    jsonw_init(&w, &out);
    jsonw_open(&w, NULL, '{');
    jsonw_text(&w, "a", "x");
    jsonw_open(&w, "empty", '[');
    jsonw_close(&w, ']');
    jsonw_open(&w, "list", '[');
    jsonw_int(&w, NULL, -1);
    jsonw_bool(&w, NULL, true);
    jsonw_open(&w, NULL, '{');
    jsonw_close(&w, '}');
    jsonw_text(&w, NULL, NULL);
    jsonw_close(&w, ']');
    jsonw_raw(&w, "raw", span_of("1.50"));
    jsonw_span(&w, "span", (struct span){"yes!", 3});
    jsonw_bool(&w, "b", false);
    jsonw_close(&w, '}');
    assert_string_equal(out.data, "{\"a\":\"x\",\"empty\":[],\"list\":[-1,true,{},null],"
                                  "\"raw\":1.50,\"span\":\"yes\",\"b\":false}");
    buf_close(&out);
}

static void writes_integers_of_the_whole_range(void **state)
{
    (void)state;
    struct buf out;
    struct jsonw w;
    buf_init(&out, 100);
    jsonw_init(&w, &out);
    jsonw_open(&w, NULL, '[');
    jsonw_int(&w, NULL, INT64_MIN);
    jsonw_int(&w, NULL, 0);
    jsonw_int(&w, NULL, INT64_MAX);
    jsonw_close(&w, ']');
    assert_string_equal(out.data, "[-9223372036854775808,0,9223372036854775807]");
    buf_close(&out);
}

static void quotes_what_json_and_html_could_trip_over(void **state)
{
    (void)state;
    static const struct {
        const char *given;
        const char *want;
    } rows[] = {
        {"", "\"\""},
        {"plain", "\"plain\""},
        {"a\"b\\c", "\"a\\\"b\\\\c\""},
        {"\n\r\t\b\x01\x1f", "\"\\u000a\\u000d\\u0009\\u0008\\u0001\\u001f\""},
        {"\x7f", "\"\\u007f\""},
        {"</script><!--", "\"\\u003c/script\\u003e\\u003c!--\""},
        {"\xc3\xb1 \xf0\x9f\x98\x80", "\"\xc3\xb1 \xf0\x9f\x98\x80\""},
    };
    struct table t = {0};
    struct buf out;
    buf_init(&out, 1000);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        buf_clear(&out);
        jsonw_quote(&out, span_of(rows[i].given));
        table_want(&t, strcmp(out.data, rows[i].want) == 0, "%s: got %s", rows[i].given,
                   out.data);
    }
    table_end(&t);
    buf_close(&out);
}

static void keys_are_quoted_like_values(void **state)
{
    (void)state;
    struct buf out;
    struct jsonw w;
    buf_init(&out, 1000);
    jsonw_init(&w, &out);
    jsonw_open(&w, NULL, '{');
    jsonw_int(&w, "a\"b\n", 1);
    jsonw_close(&w, '}');
    assert_string_equal(out.data, "{\"a\\\"b\\u000a\":1}");
    buf_close(&out);
}

/* A server's bytes reach log and report; whatever they are, what comes out must be JSON.
 */
static void bytes_that_are_not_utf8_still_give_clean_json(void **state)
{
    (void)state;
    static const struct span rows[] = {
        LIT("\xff"),         LIT("a\x80z"),   LIT("\xc3"),         LIT("\xe1ndale"),
        LIT("\xed\xa0\x80"), LIT("\xc0\xaf"), LIT("\xf0\x9f\x98"),
    };
    struct table t = {0};
    struct buf out;
    buf_init(&out, 1000);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct err err = {0};
        buf_clear(&out);
        jsonw_quote(&out, rows[i]);
        table_want(&t, json_check(buf_span(&out), &err) == 0, "row %zu: %s", i, err.text);
    }
    table_end(&t);
    buf_close(&out);
}

static void random_clean_text(struct rng *rng, struct buf *out)
{
    static const char *const pieces[] = {"a",    "\"",       "\\",
                                         "\n",   "\x01",     "<",
                                         ">",    "/",        "\t",
                                         "\x7f", "\xc3\xb1", "\xe2\x82\xac",
                                         "u0",   " ",        "\xf0\x9f\x98\x80"};
    for (uint64_t n = rng_below(rng, 20); n > 0; n--)
        buf_add_text(out, pieces[rng_below(rng, COUNT_OF(pieces))]);
}

static void what_is_quoted_is_unquoted_to_the_same_bytes(void **state)
{
    (void)state;
    struct buf given, quoted, back;
    struct rng rng;
    rng_init(&rng, 5);
    buf_init(&given, 200);
    buf_init(&quoted, 2000);
    buf_init(&back, 200);
    for (int i = 0; i < 10000; i++) {
        struct err err;
        buf_clear(&given);
        buf_clear(&quoted);
        buf_clear(&back);
        random_clean_text(&rng, &given);
        jsonw_quote(&quoted, buf_span(&given));
        assert_int_equal(json_check(buf_span(&quoted), &err), 0);
        assert_true(json_unquote(buf_span(&quoted), &back));
        assert_true(span_equal(buf_span(&given), buf_span(&back)));
    }
    buf_close(&given);
    buf_close(&quoted);
    buf_close(&back);
}

static void a_ceiling_shows_in_the_buffer(void **state)
{
    (void)state;
    struct buf out;
    struct jsonw w;
    buf_init(&out, 8);
    jsonw_init(&w, &out);
    jsonw_open(&w, NULL, '{');
    jsonw_text(&w, "key", "a long value");
    jsonw_close(&w, '}');
    assert_true(out.full);
    assert_true(out.len <= 8);
    buf_close(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(puts_the_commas_itself),
        cmocka_unit_test(writes_integers_of_the_whole_range),
        cmocka_unit_test(quotes_what_json_and_html_could_trip_over),
        cmocka_unit_test(keys_are_quoted_like_values),
        cmocka_unit_test(bytes_that_are_not_utf8_still_give_clean_json),
        cmocka_unit_test(what_is_quoted_is_unquoted_to_the_same_bytes),
        cmocka_unit_test(a_ceiling_shows_in_the_buffer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
