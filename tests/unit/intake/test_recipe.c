/* What a recipe may say, and how it is told what it may not. */
#include "intake/recipe.h"

#include "unit/intake/catalogue.h"

#define RECIPE(lists)    "{\"r\":{\"summary\":\"s\"," lists "}}"
#define ROWS(steps)      RECIPE("\"rows\":[" steps "]")
#define STEP(name, more) "{\"name\":\"" name "\",\"action\":\"create_payout\"" more "}"
#define WHO              ",\"on_behalf_of\":\"{who}\""
#define PARAMS(more)                                                                     \
    ",\"params\":{\"amount\":\"{sum}\",\"currency\":\"ars\",\"instruction\":\"{to}"      \
    "\"" more "}"
#define USER(name, more) "{\"name\":\"" name "\",\"action\":\"create_user\"" more "}"

/* "" when it is fine. */
static const char *fault_of(const char *json, struct err *err)
{
    struct catalogue c = test_catalogue();
    struct recipe_book b = {0};
    *err = (struct err){0};
    if (recipe_read(&b, span_of(json), "x.json", err) == 0)
        recipe_check(&b.recipes[0], &c, err);
    recipe_book_close(&b);
    return err->text;
}

static void what_does_not_fit_is_told_with_its_place(void **state)
{
    (void)state;
    static const struct {
        const char *json, *want;
    } rows[] = {
        {"[]", "x.json: wanted an object"},
        {"{\"r\":1}", "x.json: r: wanted an object"},
        {"{\"r\":{\"rows\":[" USER("a", "") "]}}", "x.json: r: has no summary"},
        {RECIPE("\"row\":[]"), "x.json: r: row: there is no such member"},
        {RECIPE("\"before\":[]"), "x.json: r: rows: a recipe has at least one"},
        {ROWS(""), "x.json: r: rows: a recipe has at least one"},
        {ROWS("1"), "x.json: r: rows: step 1: wanted an object"},
        {ROWS("{}"), "x.json: r: rows: step 1: has no name"},
        {ROWS("{\"name\":\"a\"}"), "x.json: r: rows: step \"a\": has no action"},
        {ROWS(USER("a", ",\"parms\":{}")),
         "step \"a\": parms: there is no such member: did you mean 'params'?"},
        {ROWS(USER("A.b", "")), "name: 'A.b': wanted small letters, digits and _"},
        {ROWS(USER("a", "") "," USER("a", "")), "name: 'a' is another step's name"},
        {ROWS(USER("a", ",\"params\":{\"email\":1}")),
         "step \"a\": params: email: wanted a text"},
        {ROWS(USER("a", ",\"params\":{\"email\":\"\"}")), "email: the text is empty"},
        {ROWS(USER("a", ",\"params\":{\"email\":\"{x\"}")),
         "email: a '{' is never closed"},
        {ROWS(USER("a", ",\"params\":{\"email\":\"x}\"}")), "email: a '}' without '{'"},
        {ROWS(USER("a", ",\"params\":{\"email\":\"{}\"}")),
         "email: '{}' names no column"},
        {ROWS(USER("a", ",\"params\":{\"email\":\"@a\"}")),
         "email: no step before this one is called 'a'"},
        {ROWS(USER("acount", "") "," USER("b", ",\"params\":{\"email\":\"@account\"}")),
         "called 'account': did you mean 'acount'?"},
        {ROWS(USER("a", ",\"needs\":[\"before.b\"]")), "needs: no step before this one"},
        {ROWS(USER("a", ",\"needs\":\"b\"")), "needs: wanted a list of steps"},
        {ROWS(USER("a", ",\"when\":[1]")), "when: wanted a text"},
        {ROWS(USER("a", ",\"kept\":1")), "kept: wanted true or false"},
        {ROWS(USER("a", ",\"kept\":true")), "kept: goes with once_per"},
        {RECIPE("\"rows\":[" USER("a", "") "],\"before\":[" USER(
             "b", ",\"when\":[\"x\"]") "]"),
         "before: step \"b\": when: only a step of the rows has it"},
        {RECIPE("\"rows\":[" USER("a", "") "],\"after\":[" USER(
             "b", ",\"params\":{\"email\":\"{ref}\"}") "]"),
         "after: step \"b\": params: email: {ref} belongs to a row"},
        {RECIPE("\"rows\":[" USER("a", "") "],\"after\":[" USER(
             "b", ",\"needs\":[\"a\"]") "]"),
         "no step before this one is called 'a'"},
        /* what waits for every line */
        {RECIPE("\"rows\":[" USER("a", "") "],\"after\":[" USER(
             "b", ",\"needs\":[\"each a\"]") "]"),
         ""},
        {RECIPE("\"rows\":[" USER("a", "") "],\"after\":[" USER("b", "") "," USER(
             "c", ",\"needs\":[\"each ?a\",\"?b\"]") "]"),
         ""},
        {RECIPE("\"rows\":[" USER("a", "") "],\"after\":[" USER(
             "b", ",\"needs\":[\"each c\"]") "]"),
         "after: step \"b\": needs: no step before this one is called 'c'"},
        {RECIPE("\"rows\":[" USER("a", "") "],\"after\":[" USER(
             "b", ",\"needs\":[\"each\"]") "]"),
         "needs: no step before this one is called 'each'"},
        {RECIPE("\"rows\":[" USER("a", "") "],\"after\":[" USER(
             "b", ",\"needs\":[\"? a\"]") "]"),
         "needs: no step before this one is called ' a'"},
        {RECIPE("\"rows\":[" USER("a", "") "],\"after\":[" USER("b", "") "," USER(
             "c", ",\"needs\":[\"each b\"]") "]"),
         "needs: no step before this one is called 'b'"},
        {RECIPE("\"before\":[" USER("x", "") "],\"rows\":[" USER(
             "a", "") "],\"after\":[" USER("b", ",\"needs\":[\"each before.x\"]") "]"),
         "needs: 'each before.x': it is no step of the lines"},
        {ROWS(USER("a", "") "," USER("b", ",\"needs\":[\"each a\"]")),
         "step \"b\": needs: 'each a': only a step of `after` waits for every line"},
        {RECIPE("\"before\":[" USER("a", ",\"needs\":[\"each a\"]") "]"),
         "'each a': only a step of `after` waits"},
        /* what differs from row to row has no place in a job that rows share */
        {ROWS(USER("a", ",\"once_per\":\"{p}\",\"params\":{\"email\":\"{ref}\"}")),
         "step \"a\": params: email: {ref} and {batch} differ"},
        {ROWS(USER("a", "") "," USER("b", ",\"once_per\":\"{p}\",\"needs\":[\"a\"]")),
         "step \"b\": needs: 'a' differs where this job is the same"},
        {ROWS(USER("a", ",\"once_per\":\"{q}\"") "," USER(
             "b", ",\"once_per\":\"{p}\",\"params\":{\"email\":\"@a\"}")),
         "step \"b\": params: email: 'a' differs where this job is the same"},
        {ROWS(USER("a", ",\"once_per\":\"{q}\"") "," USER("b", ",\"once_per\":\"@a\"")),
         "step \"b\": once_per: wanted a name"},
        /* against the catalogue */
        {ROWS("{\"name\":\"a\",\"action\":\"create_usr\"}"),
         "recipe 'r': step \"a\": action: 'create_usr' is no action: did you mean "
         "'create_user'?"},
        {ROWS(USER("a", ",\"params\":{\"emial\":\"x\"}")),
         "step \"a\": params: create_user takes no 'emial': did you mean 'email'?"},
        {ROWS(STEP("a", PARAMS(""))), "step \"a\": on_behalf_of: missing"},
        {ROWS(USER("a", WHO)), "step \"a\": on_behalf_of: create_user is never done"},
        {ROWS(STEP("a", WHO ",\"params\":{\"amount\":\"1\",\"currency\":\"ars\"}")),
         "step \"a\": params: instruction is missing: create_payout wants it"},
        {ROWS(STEP("a", WHO PARAMS(""))), ""},
        {ROWS(USER("a", "") "," STEP("b", ",\"on_behalf_of\":\"@a\"" PARAMS(""))), ""},
        {RECIPE("\"rows\":[" STEP(
             "b", ",\"on_behalf_of\":\"@before.a\"" PARAMS(
                      ",\"label\":\"{{{ref}}}\"")) "],\"before\":[" USER("a", "") "]"),
         ""},
    };
    struct table t = {0};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct err err;
        const char *got = fault_of(rows[i].json, &err);
        bool right =
            *rows[i].want ? strstr(got, rows[i].want) && err.code == ERR_CONFIG : !*got;
        table_want(&t, right, "%s\n    got:  %s\n    want: %s", rows[i].json, got,
                   rows[i].want);
    }
    table_end(&t);
}

static const char *column(const struct recipe *r, size_t i)
{
    static char text[128];
    const struct recipe_column *c = &r->columns[i];
    snprintf(text, sizeof(text), "%s%s%s%s%s%s", c->name, c->required ? " required" : "",
             c->of_rows ? " rows" : "", c->of_batch ? " batch" : "",
             c->names_user ? " user" : "", c->fills ? " field" : "");
    return text;
}

#define BEFORE "\"before\":[" USER("u", ",\"params\":{\"email\":\"{mail}\"}") "]"
#define FEE                                                                              \
    ",\"when\":[\"fee\"],\"on_behalf_of\":\"{other}\",\"params\":{\"amount\":\"{fee}\"," \
    "\"currency\":\"ars\",\"instruction\":\"{bank}\"}"
#define NAMED   PARAMS(",\"label\":\"{first} {last}\"")
#define COLUMNS "\"rows\":[" STEP("a", WHO NAMED) "," STEP("b", FEE) "]"

static void the_columns_are_what_the_steps_use_and_the_catalogue_requires(void **state)
{
    (void)state;
    static const char json[] = RECIPE(BEFORE "," COLUMNS);
    static const char *const want[] = {"ref required rows",
                                       "batch rows",
                                       "mail required batch field",
                                       "who required rows user",
                                       "sum required rows field",
                                       "to required rows field",
                                       "first rows",
                                       "last rows",
                                       "fee rows field",
                                       "other rows user",
                                       "bank rows field"};
    struct catalogue c = test_catalogue();
    struct recipe_book b = {0};
    struct err err;
    struct table t = {0};
    assert_int_equal(recipe_read(&b, span_of(json), "x.json", &err), 0);
    assert_int_equal(recipe_check(&b.recipes[0], &c, &err), 0);
    assert_int_equal(b.recipes[0].column_count, COUNT_OF(want));
    for (size_t i = 0; i < COUNT_OF(want); i++)
        table_want(&t, strcmp(column(&b.recipes[0], i), want[i]) == 0, "%s, not %s",
                   column(&b.recipes[0], i), want[i]);
    recipe_book_close(&b);
    table_end(&t);
}

static void a_later_file_replaces_by_name(void **state)
{
    (void)state;
    struct recipe_book b;
    struct recipe *r;
    struct err err;
    assert_int_equal(recipe_book_open(&b, NULL, &err), 0);
    size_t builtin = b.count;
    assert_int_equal(recipe_find(&b, "pay", &r, &err), 0);
    char old[RECIPE_DIGEST_MAX];
    memcpy(old, r->digest, sizeof(old));
    static const char json[] = "{\"pay\":{\"summary\":\"mine\",\"rows\":[" USER(
        "a", "") "]},"
                 "\"more\":{\"summary\":\"more\",\"rows\":[" USER("a", "") "]}}";
    assert_int_equal(recipe_read(&b, span_of(json), "x.json", &err), 0);
    assert_int_equal(b.count, builtin + 1);
    assert_int_equal(recipe_find(&b, "pay", &r, &err), 0);
    assert_string_equal(r->summary, "mine");
    assert_string_not_equal(r->digest, old);
    assert_int_equal(recipe_find(&b, "pya", &r, &err), -1);
    assert_int_equal(err.code, ERR_USAGE);
    assert_string_equal(err.text, "there is no recipe 'pya': did you mean 'pay'?");
    recipe_book_close(&b);
}

static void a_file_that_is_not_there_is_told(void **state)
{
    (void)state;
    struct recipe_book b;
    struct err err;
    assert_int_equal(recipe_book_open(&b, "/nowhere/recipes.json", &err), -1);
    assert_int_equal(err.code, ERR_NOINPUT);
    assert_string_equal(err.text, "/nowhere/recipes.json: No such file or directory");
    recipe_book_close(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_does_not_fit_is_told_with_its_place),
        cmocka_unit_test(the_columns_are_what_the_steps_use_and_the_catalogue_requires),
        cmocka_unit_test(a_later_file_replaces_by_name),
        cmocka_unit_test(a_file_that_is_not_there_is_told),
    };
    return cmocka_run_group_tests_name("intake: recipe", tests, NULL, NULL);
}
