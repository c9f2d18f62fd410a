#include "base/mem.h"
#include "lib/check.h"
#include "model/action.h"
#include "model/fit.h"

#define ALL_TYPES(X)                                                                     \
    X(TEXT, "text")                                                                      \
    X(DECIMAL, "decimal")                                                                \
    X(CURRENCY, "currency")                                                              \
    X(INTEGER, "integer")                                                                \
    X(BOOLEAN, "boolean")                                                                \
    X(DATE, "date")                                                                      \
    X(EMAIL, "email")                                                                    \
    X(COUNTRY, "country")                                                                \
    X(ID, "id")                                                                          \
    X(CHOICE, "choice")                                                                  \
    X(JSON, "json")                                                                      \
    X(METHOD, "method")                                                                  \
    X(PATH, "path")

static void every_type_has_a_word_and_every_word_a_type(void **state)
{
    (void)state;
#define X(name, word)                                                                    \
    {                                                                                    \
        enum value_type type;                                                            \
        assert_string_equal(value_type_name(VALUE_##name), word);                        \
        assert_true(value_type_parse(span_of(word), &type));                             \
        assert_int_equal(type, VALUE_##name);                                            \
    }
    ALL_TYPES(X)
#undef X
    static const struct span none[] = {LIT(""),    LIT("Text"),  LIT("text "),
                                       LIT("tex"), LIT("money"), LIT("text\0"),
                                       {NULL, 0}};
    enum value_type type;
    for (size_t i = 0; i < COUNT_OF(none); i++)
        assert_false(value_type_parse(none[i], &type));
}

struct accept_row {
    struct span given;
    bool want;
};

static char domestic[] = "domestic", international[] = "international";
static char *choices[] = {domestic, international, NULL};

static void check_accepts(enum value_type type, const struct accept_row *rows,
                          size_t count)
{
    const struct action_field field = {.type = type,
                                       .choices = type == VALUE_CHOICE ? choices : NULL};
    struct table t = {0};
    for (size_t i = 0; i < count; i++) {
        struct exact copy = exact_open(rows[i].given);
        const char *want = NULL;
        bool got = action_field_accepts(&field, copy.text, &want);
        table_want(&t, got == rows[i].want, "%s row %zu '%.*s': got %d",
                   value_type_name(type), i, SPAN_ARG(rows[i].given), got);
        table_want(&t, got || (want && *want), "%s row %zu: says nothing",
                   value_type_name(type), i);
        exact_close(&copy);
    }
    table_end(&t);
}

#define CHECK_ACCEPTS(type, rows) check_accepts(type, rows, COUNT_OF(rows))

static void text_is_utf8_without_nul(void **state)
{
    (void)state;
    static const struct accept_row rows[] = {
        {LIT(""), true},
        {LIT("Jos\xc3\xa9\n"), true},
        {LIT("\xf0\x9f\x98\x80"), true},
        {LIT("a\0b"), false},
        {LIT("\0"), false},
        {LIT("Jos\xe9"), false},
        {LIT("\xc0\x80"), false},
        {LIT("\xed\xa0\x80"), false},
    };
    CHECK_ACCEPTS(VALUE_TEXT, rows);
}

static void decimal_is_how_a_person_writes_an_amount(void **state)
{
    (void)state;
    static const struct accept_row rows[] = {
        {LIT("0"), true},      {LIT("1250.50"), true}, {LIT("0.00000001"), true},
        {LIT(""), false},      {LIT("-1"), false},     {LIT("+1"), false},
        {LIT("1,5"), false},   {LIT("1e3"), false},    {LIT(" 1"), false},
        {LIT("01"), false},    {LIT(".5"), false},     {LIT("1."), false},
        {LIT("1.5\0"), false},
    };
    CHECK_ACCEPTS(VALUE_DECIMAL, rows);
}

static void currency_is_a_short_code(void **state)
{
    (void)state;
    static const struct accept_row rows[] = {
        {LIT("ars"), true},   {LIT("USD"), true},         {LIT("usdt"), true},
        {LIT("x2"), true},    {LIT("abcdefghijk"), true}, {LIT("abcdefghijkl"), false},
        {LIT("a"), false},    {LIT(""), false},           {LIT("us$"), false},
        {LIT("us d"), false}, {LIT("usd "), false},       {LIT("\xe2\x82\xac"), false},
        {LIT("us\0"), false}, {LIT("us-d"), false},
    };
    CHECK_ACCEPTS(VALUE_CURRENCY, rows);
}

static void integer_has_no_leading_zero_and_fits(void **state)
{
    (void)state;
    static const struct accept_row rows[] = {
        {LIT("0"), true},
        {LIT("7"), true},
        {LIT("-7"), true},
        {LIT("9223372036854775807"), true},
        {LIT("-9223372036854775808"), true},
        {LIT("9223372036854775808"), false},
        {LIT("-9223372036854775809"), false},
        {LIT(""), false},
        {LIT("-"), false},
        {LIT("00"), false},
        {LIT("01"), false},
        {LIT("-01"), false},
        {LIT("-0"), false},
        {LIT("1.0"), false},
        {LIT("+1"), false},
        {LIT("1 "), false},
        {LIT("1e2"), false},
        {LIT("1\0"), false},
    };
    CHECK_ACCEPTS(VALUE_INTEGER, rows);
}

static void boolean_is_one_of_two_words(void **state)
{
    (void)state;
    static const struct accept_row rows[] = {
        {LIT("true"), true},    {LIT("false"), true}, {LIT("True"), false},
        {LIT("TRUE"), false},   {LIT("1"), false},    {LIT("0"), false},
        {LIT("yes"), false},    {LIT(""), false},     {LIT("true "), false},
        {LIT("true\0"), false},
    };
    CHECK_ACCEPTS(VALUE_BOOLEAN, rows);
}

static void date_email_and_country(void **state)
{
    (void)state;
    static const struct accept_row dates[] = {
        {LIT("2024-02-29"), true},
        {LIT("2023-02-29"), false},
        {LIT("29/02/2024"), false},
        {LIT(""), false},
    };
    static const struct accept_row emails[] = {
        {LIT("a@b.co"), true},
        {LIT("a@b"), false},
        {LIT("a@b.co\r\nX: y"), false},
        {LIT(""), false},
    };
    static const struct accept_row countries[] = {
        {LIT("AR"), true},        {LIT("ar"), true},  {LIT("uY"), true},
        {LIT("ARG"), false},      {LIT("A"), false},  {LIT(""), false},
        {LIT("A1"), false},       {LIT("@A"), false}, {LIT("[]"), false},
        {LIT("{}"), false},       {LIT("`a"), false}, {LIT("A\0"), false},
        {LIT("\xc3\x91"), false}, {LIT("AD"), true},  {LIT("ZW"), true},
        {LIT("zw"), true},        {LIT("ZQ"), false}, {LIT("UK"), false},
        {LIT("D "), false},       {LIT(" A"), false}, {LIT("DE"), true},
        {LIT("EA"), false}, /* of "AE AF": no code begins within another */
    };
    CHECK_ACCEPTS(VALUE_DATE, dates);
    CHECK_ACCEPTS(VALUE_EMAIL, emails);
    CHECK_ACCEPTS(VALUE_COUNTRY, countries);
}

static void id_means_nothing_in_a_path_or_a_header(void **state)
{
    (void)state;
    static const struct accept_row rows[] = {
        {LIT("123"), true},
        {LIT("a1B2-c_d"), true},
        {LIT("0123456789012345678901234567890123456789012345678901234567890123"), true},
        {LIT("01234567890123456789012345678901234567890123456789012345678901234"), false},
        {LIT(""), false},
        {LIT("1/2"), false},
        {LIT(".."), false},
        {LIT("1.2"), false},
        {LIT("1?x=1"), false},
        {LIT("1#"), false},
        {LIT("1%2f"), false},
        {LIT("1;user=2"), false},
        {LIT("1\r\nX-Key: y"), false},
        {LIT("1\n"), false},
        {LIT("1 "), false},
        {LIT("1\0"), false},
        {LIT("\xc3\xb1"), false},
        {LIT("#1"), false},
        {LIT("@ref"), false},
    };
    CHECK_ACCEPTS(VALUE_ID, rows);
}

static void choice_is_one_of_the_words(void **state)
{
    (void)state;
    static const struct accept_row rows[] = {
        {LIT("domestic"), true},    {LIT("international"), true},
        {LIT("Domestic"), false},   {LIT("domesti"), false},
        {LIT("domestic "), false},  {LIT(""), false},
        {LIT("domestic\0"), false},
    };
    CHECK_ACCEPTS(VALUE_CHOICE, rows);
    const struct action_field wordless = {.type = VALUE_CHOICE};
    const char *want;
    assert_false(action_field_accepts(&wordless, span_of("x"), &want));
}

static void json_is_clean(void **state)
{
    (void)state;
    static const struct accept_row rows[] = {
        {LIT("{\"a\":[1.50]}"), true}, {LIT("1"), true},
        {LIT("null"), true},           {LIT(""), false},
        {LIT("{a:1}"), false},         {LIT("{\"a\":1,\"a\":2}"), false},
        {LIT("{} x"), false},          {LIT("\"\xff\""), false},
        {LIT("\"\\u0000\""), false},   {LIT("{\"a\":1"), false},
    };
    CHECK_ACCEPTS(VALUE_JSON, rows);
}

static void method_is_one_of_five_in_capitals(void **state)
{
    (void)state;
    static const struct accept_row rows[] = {
        {LIT("GET"), true},
        {LIT("POST"), true},
        {LIT("PUT"), true},
        {LIT("PATCH"), true},
        {LIT("DELETE"), true},
        {LIT("get"), false},
        {LIT("HEAD"), false},
        {LIT("OPTIONS"), false},
        {LIT("CONNECT"), false},
        {LIT("TRACE"), false},
        {LIT(""), false},
        {LIT("GET "), false},
        {LIT("GET / HTTP/1.1\r\nX: y"), false},
    };
    CHECK_ACCEPTS(VALUE_METHOD, rows);
}

static void path_stays_under_the_base_url(void **state)
{
    (void)state;
    static const struct accept_row rows[] = {
        {LIT("/"), true},
        {LIT("/users"), true},
        {LIT("/users/12/"), true},
        {LIT("/a-b_c~d.e"), true},
        {LIT("/v2.1/x..y"), true},
        {LIT("/users?filter[email]=a%40b.co&page[number]=2"), true},
        {LIT("/users?include=issues,user&x=a+b:c"), true},
        {LIT("/users?filter%5Bemail%5D=1"), true},
        {LIT("/a?b=c?d"), true},
        {LIT(""), false},
        {LIT("users"), false},
        {LIT("?x=1"), false},
        {LIT("http://evil.example/"), false},
        {LIT("//evil.example/"), false},
        {LIT("/users//12"), false},
        {LIT("/users//"), false},
        {LIT("/."), false},
        {LIT("/.."), false},
        {LIT("/../admin"), false},
        {LIT("/users/.."), false},
        {LIT("/users/../admin"), false},
        {LIT("/users/./12"), false},
        {LIT("/users/..?x=1"), false},
        {LIT("/users/%2e%2e/admin"), false},
        {LIT("/users/%2E%2E/admin"), false},
        {LIT("/users/.%2e/admin"), false},
        {LIT("/users%2f..%2fadmin"), false},
        {LIT("/users%2Fadmin"), false},
        {LIT("/users%5cadmin"), false},
        {LIT("/users%5Cadmin"), false},
        {LIT("/users\\admin"), false},
        {LIT("\\users"), false},
        {LIT("/users#x"), false},
        {LIT("/@evil.example/"), false},
        {LIT("/user@host"), false},
        {LIT("/users HTTP/1.1"), false},
        {LIT("/users\r\nX-Key: y"), false},
        {LIT("/users\n"), false},
        {LIT("/users\r"), false},
        {LIT("/users\t"), false},
        {LIT("/users\0"), false},
        {LIT("/users\0/../admin"), false},
        {LIT("/users/{id}"), false},
        {LIT("/users/<x>"), false},
        {LIT("/users/\"x\""), false},
        {LIT("/users/se\xc3\xb1or"), false},
        {LIT("/users/\x7f"), false},
        {LIT("/users;user=1"), false},
        /* RFC 3986, 2.1: '%' is followed by two hex digits */
        {LIT("/users%"), false},
        {LIT("/users%2"), false},
        {LIT("/users%zz"), false},
        /* encoded controls end up raw in whatever decodes them */
        {LIT("/users%0d%0aX-Key:y"), false},
        {LIT("/users%00"), false},
        /* a dot or slash in two disguises */
        {LIT("/users/%252e%252e/admin"), false},
    };
    CHECK_ACCEPTS(VALUE_PATH, rows);
}

static void path_has_a_longest(void **state)
{
    (void)state;
    char text[2001];
    const struct action_field field = {.type = VALUE_PATH};
    const char *want;
    memset(text, 'x', sizeof(text));
    text[0] = '/';
    assert_true(action_field_accepts(&field, (struct span){text, 2000}, &want));
    assert_false(action_field_accepts(&field, (struct span){text, 2001}, &want));
}

/* ---- looking things up, and freeing ---- */

static void a_text_may_have_a_longest(void **state)
{
    (void)state;
    const struct action_field f = {.type = VALUE_TEXT, .max = 2};
    static const struct accept_row rows[] = {
        {LIT(""), true},
        {LIT("ab"), true},
        {LIT("abc"), false},
        {LIT("\xc3\xb1\xf0\x9f\x98\x80"), true}, /* two characters */
        {LIT("\xc3\xb1\xc3\xb1\xc3\xb1"), false},
    };
    struct table t = {0};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const char *want;
        table_want(&t, action_field_accepts(&f, rows[i].given, &want) == rows[i].want,
                   "row %zu", i);
    }
    table_end(&t);
}

static void a_text_may_be_a_number_of_digits(void **state)
{
    (void)state;
    const struct action_field f = {.type = VALUE_TEXT, .digits = 3};
    static const struct accept_row rows[] = {
        {LIT("007"), true}, {LIT("07"), false},  {LIT("0007"), false},
        {LIT(""), false},   {LIT("0 7"), false}, {LIT("-07"), false},
    };
    struct table t = {0};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const char *want;
        table_want(&t, action_field_accepts(&f, rows[i].given, &want) == rows[i].want,
                   "row %zu", i);
    }
    table_end(&t);
}

static void what_the_api_may_know_better_is_unseen(void **state)
{
    (void)state;
    static char ars[] = "ars", *codes[] = {ars, NULL};
    const struct action_field choice = {.type = VALUE_CHOICE, .choices = choices},
                              listed = {.type = VALUE_CURRENCY, .choices = codes},
                              currency = {.type = VALUE_CURRENCY},
                              country = {.type = VALUE_COUNTRY},
                              date = {.type = VALUE_DATE};
    const struct {
        const struct action_field *field;
        struct span given;
        enum field_fit want;
    } rows[] = {
        {&choice, LIT("domestic"), FIT_GOOD},
        {&choice, LIT("cash"), FIT_UNSEEN},
        {&choice, LIT("image/webp"), FIT_UNSEEN},
        {&choice, LIT(""), FIT_WRONG},
        {&choice, LIT("two words"), FIT_WRONG},
        {&choice, LIT("a,b"), FIT_WRONG},
        {&choice, LIT("\xc3\xb1"), FIT_WRONG},
        {&choice, LIT("a\n"), FIT_WRONG},
        {&choice,
         LIT("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
         FIT_WRONG},
        {&listed, LIT("ARS"), FIT_GOOD},
        {&listed, LIT("usd"), FIT_UNSEEN},
        {&listed, LIT("u-d"), FIT_WRONG},
        {&currency, LIT("Usd"), FIT_GOOD},
        {&currency, LIT("btc"), FIT_GOOD},
        {&currency, LIT("zzz"), FIT_UNSEEN},
        {&currency, LIT("$"), FIT_WRONG},
        {&country, LIT("AR"), FIT_GOOD},
        {&country, LIT("ZQ"), FIT_WRONG},
        {&date, LIT("2026-02-29"), FIT_WRONG},
    };
    struct table t = {0};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const char *want;
        table_want(&t,
                   action_field_fit(rows[i].field, rows[i].given, &want) == rows[i].want,
                   "row %zu", i);
    }
    table_end(&t);
}

static void a_currency_may_have_words_of_its_own(void **state)
{
    (void)state;
    static char ars[] = "ars", *codes[] = {ars, NULL};
    const struct action_field f = {.type = VALUE_CURRENCY, .choices = codes};
    static const struct accept_row rows[] = {
        {LIT("ars"), true},   {LIT("ARS"), true},  {LIT("ar"), false},
        {LIT("arsx"), false}, {LIT("usd"), false},
    };
    struct table t = {0};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const char *want;
        table_want(&t, action_field_accepts(&f, rows[i].given, &want) == rows[i].want,
                   "row %zu", i);
    }
    table_end(&t);
}

static void a_currency_may_be_a_part_of_the_text(void **state)
{
    (void)state;
    static const struct {
        enum currency_part part;
        const char *text, *want;
    } rows[] = {
        {CURRENCY_WHOLE, "btc_usd", "btc_usd"}, {CURRENCY_FIRST, "btc_usd", "btc"},
        {CURRENCY_LAST, "btc_usd", "usd"},      {CURRENCY_FIRST, "usd", "usd"},
        {CURRENCY_LAST, "usd", "usd"},          {CURRENCY_LAST, "btc_", ""},
        {CURRENCY_FIRST, "_usd", ""},           {CURRENCY_LAST, "", ""},
    };
    struct table t = {0};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct action a = {.currency_part = rows[i].part};
        struct span got = action_currency(&a, span_of(rows[i].text));
        table_want(&t, span_is(got, rows[i].want), "%s: '%.*s'", rows[i].text,
                   SPAN_ARG(got));
    }
    table_end(&t);
}

static void a_sample_is_the_field_s_or_by_its_type_and_always_good(void **state)
{
    (void)state;
#define X(name, word)                                                                    \
    {                                                                                    \
        const struct action_field f = {.type = VALUE_##name,                             \
                                       .choices = VALUE_##name == VALUE_CHOICE ? choices \
                                                                               : NULL};  \
        const char *want;                                                                \
        assert_true(action_field_accepts(&f, span_of(action_field_sample(&f)), &want));  \
    }
    ALL_TYPES(X)
#undef X
    static char own[] = "ana";
    const struct action_field with = {.type = VALUE_TEXT, .sample = own};
    assert_string_equal(action_field_sample(&with), "ana");
    const struct action_field word = {.type = VALUE_CHOICE, .choices = choices};
    assert_string_equal(action_field_sample(&word), "domestic");
}

static void the_shortest_row_has_the_required_and_one_of_those(void **state)
{
    (void)state;
    static char a1[] = "a", b1[] = "b", c1[] = "c", *either[] = {a1, b1, NULL};
    struct action_field f[] = {
        {.name = a1}, {.name = b1}, {.name = c1}, {.name = c1, .required = true}};
    const struct action a = {.one_of = either}, plain = {0};
    static const bool want[] = {true, false, false, true};
    for (size_t i = 0; i < COUNT_OF(f); i++)
        assert_int_equal(action_field_is_shown(&a, &f[i]), want[i]);
    assert_false(action_field_is_shown(&plain, &f[0]));
    assert_true(action_is_one_of(&a, "b"));
    assert_false(action_is_one_of(&a, "c"));
    assert_false(action_is_one_of(&plain, "a"));
}

static char **texts(const char *a, const char *b)
{
    char **list = mem_zero(3, sizeof(*list));
    list[0] = mem_text(a);
    list[1] = mem_text(b);
    return list;
}

static void fill(struct action *a, const char *name)
{
    *a = (struct action){
        .name = mem_text(name),
        .summary = mem_text("s"),
        .method = mem_text("POST"),
        .path = mem_text("/p"),
        .version = mem_text("2.1"),
        .resource_type = mem_text("users"),
        .tag = mem_text("email"),
        .amount_field = mem_text("amount"),
        .currency_field = mem_text("currency"),
        .state_pointer = mem_text("/attributes/status"),
        .final_good = texts("done", "paid"),
        .final_bad = texts("cancelled", NULL),
        .family = mem_text("users"),
        .one_of = texts("email", "kind"),
        .find = {.path = mem_text("/p"),
                 .match = texts("email", NULL),
                 .also = texts("kind", NULL),
                 .states = texts("done", NULL),
                 .since = mem_text("/t")},
        .fields = mem_zero(2, sizeof(struct action_field)),
        .field_count = 2,
    };
    a->fields[0] =
        (struct action_field){.name = mem_text("email"), .help = mem_text("h")};
    a->fields[1] = (struct action_field){.name = mem_text("kind"),
                                         .resource_type = mem_text("r"),
                                         .sample = mem_text("x"),
                                         .choices = texts("x", "y")};
}

static void finds_actions_and_fields_by_their_whole_name(void **state)
{
    (void)state;
    struct catalogue c = {.actions = mem_zero(2, sizeof(struct action)), .count = 2};
    fill(&c.actions[0], "create_user");
    fill(&c.actions[1], "get_user");
    const struct action *a = catalogue_find(&c, span_of("get_user"));
    assert_ptr_equal(a, &c.actions[1]);
    assert_null(catalogue_find(&c, span_of("get")));
    assert_null(catalogue_find(&c, span_of("get_users")));
    assert_null(catalogue_find(&c, (struct span){NULL, 0}));
    assert_ptr_equal(action_field(a, span_of("kind")), &a->fields[1]);
    assert_null(action_field(a, span_of("kin")));
    assert_null(action_field(a, span_of("Kind")));
    catalogue_close(&c); /* the leak checker counts */
    assert_int_equal(c.count, 0);
    catalogue_close(&c);
}

static void an_action_is_followed_when_it_has_good_ends(void **state)
{
    (void)state;
    const struct action followed = {.final_good = choices}, plain = {0};
    assert_true(action_is_followed(&followed));
    assert_false(action_is_followed(&plain));
}

static void a_half_built_action_closes(void **state)
{
    (void)state;
    struct action a = {.name = mem_text("x"),
                       .fields = mem_zero(1, sizeof(struct action_field)),
                       .field_count = 1};
    action_close(&a);
    assert_null(a.name);
    assert_int_equal(a.field_count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_type_has_a_word_and_every_word_a_type),
        cmocka_unit_test(text_is_utf8_without_nul),
        cmocka_unit_test(decimal_is_how_a_person_writes_an_amount),
        cmocka_unit_test(currency_is_a_short_code),
        cmocka_unit_test(integer_has_no_leading_zero_and_fits),
        cmocka_unit_test(boolean_is_one_of_two_words),
        cmocka_unit_test(date_email_and_country),
        cmocka_unit_test(id_means_nothing_in_a_path_or_a_header),
        cmocka_unit_test(choice_is_one_of_the_words),
        cmocka_unit_test(json_is_clean),
        cmocka_unit_test(method_is_one_of_five_in_capitals),
        cmocka_unit_test(path_stays_under_the_base_url),
        cmocka_unit_test(path_has_a_longest),
        cmocka_unit_test(a_text_may_have_a_longest),
        cmocka_unit_test(a_text_may_be_a_number_of_digits),
        cmocka_unit_test(what_the_api_may_know_better_is_unseen),
        cmocka_unit_test(a_currency_may_have_words_of_its_own),
        cmocka_unit_test(a_currency_may_be_a_part_of_the_text),
        cmocka_unit_test(a_sample_is_the_field_s_or_by_its_type_and_always_good),
        cmocka_unit_test(the_shortest_row_has_the_required_and_one_of_those),
        cmocka_unit_test(finds_actions_and_fields_by_their_whole_name),
        cmocka_unit_test(an_action_is_followed_when_it_has_good_ends),
        cmocka_unit_test(a_half_built_action_closes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
