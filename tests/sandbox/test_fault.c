#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sandbox/fault.h"

static void good_rules_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *text, *method, *path, *kind;
        uint32_t millionths;
        int64_t first, number;
        enum fault_word word;
    } table[] = {
        {"POST /users:commit-then-close:1", "POST", "/users", "commit-then-close",
         1000000, -1, 0, WORD_NONE},
        {"* *:500:0.25", "*", "*", "500", 250000, -1, 0, WORD_NONE},
        {"GET /api/users/:500:0.000001", "GET", "/users", "500", 1, -1, 0, WORD_NONE},
        {"GET /users/*:401:x3", "GET", "/users/*", "401", 0, 3, 0, WORD_NONE},
        {"POST /users:404:1", "POST", "/users", "404", 1000000, -1, 0, WORD_NONE},
        {"POST /users:422:1", "POST", "/users", "422", 1000000, -1, 0, WORD_NONE},
        {"POST /users:422:x2:email", "POST", "/users", "422", 0, 2, 0, WORD_NONE},
        {"POST /users:429:1:7", "POST", "/users", "429", 1000000, -1, 7, WORD_NUMBER},
        {"POST /users:429:1:date", "POST", "/users", "429", 1000000, -1, 0, WORD_DATE},
        {"POST /users:429:1:none", "POST", "/users", "429", 1000000, -1, 0, WORD_NONE},
        {"POST /users:429:1", "POST", "/users", "429", 1000000, -1, 0, WORD_NONE},
        {"POST /users:wrong-length:1", "POST", "/users", "wrong-length", 1000000, -1, 0,
         WORD_SHORT},
        {"POST /users:wrong-length:1:long", "POST", "/users", "wrong-length", 1000000, -1,
         0, WORD_LONG},
        {"GET /users:slow:0:1500", "GET", "/users", "slow", 0, -1, 1500, WORD_NUMBER},
        {"GET /users:cut-list:1:2", "GET", "/users", "cut-list", 1000000, -1, 2,
         WORD_NUMBER},
        {"* *:lost-page:1", "*", "*", "lost-page", 1000000, -1, 0, WORD_NONE},
        {"* *:lost-page:1:2", "*", "*", "lost-page", 1000000, -1, 2, WORD_NUMBER},
        {"* *:dup-rows:1", "*", "*", "dup-rows", 1000000, -1, 0, WORD_NONE},
        {"* *:list-slow:1:9", "*", "*", "list-slow", 1000000, -1, 9, WORD_NUMBER},
        {"* *:late-apply:1:50", "*", "*", "late-apply", 1000000, -1, 50, WORD_NUMBER},
        {"* *:late-apply:1:50,hang", "*", "*", "late-apply", 1000000, -1, 50, WORD_HANG},
        {"* *:late-apply-after-list:1", "*", "*", "late-apply-after-list", 1000000, -1, 1,
         WORD_NONE},
        {"* *:late-apply-after-list:1:hang", "*", "*", "late-apply-after-list", 1000000,
         -1, 1, WORD_HANG},
        {"* *:late-apply-after-list:1:3", "*", "*", "late-apply-after-list", 1000000, -1,
         3, WORD_NUMBER},
        {"* *:late-apply-after-list:1:3,hang", "*", "*", "late-apply-after-list", 1000000,
         -1, 3, WORD_HANG},
        {"* *:dup-effect:1", "*", "*", "dup-effect", 1000000, -1, 0, WORD_NONE},
        {"* *:dup-effect:1:close", "*", "*", "dup-effect", 1000000, -1, 0, WORD_CLOSE},
        {"* *:lie-200-no-id:1", "*", "*", "lie-200-no-id", 1000000, -1, 0, WORD_APPLIED},
        {"* *:lie-200-no-id:1:not-applied", "*", "*", "lie-200-no-id", 1000000, -1, 0,
         WORD_NOT_APPLIED},
    };
    for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
        struct fault f;
        struct err err = {0};
        if (fault_read(&f, table[i].text, &err))
            fail_msg("%s", err.text);
        assert_string_equal(f.method, table[i].method);
        assert_string_equal(f.path, table[i].path);
        assert_string_equal(f.kind->name, table[i].kind);
        assert_int_equal(f.millionths, table[i].millionths);
        assert_int_equal(f.first, table[i].first);
        assert_int_equal(f.number, table[i].number);
        assert_int_equal(f.word, table[i].word);
        fault_close(&f);
    }
}

static void bad_rules_are_refused_with_a_reason(void **state)
{
    (void)state;
    static const struct {
        const char *text, *reason;
    } table[] = {
        {"", "METHOD"},
        {"/users:500:1", "METHOD"},
        {" /users:500:1", "METHOD"},
        {"METHODTHATISTOOLONG /users:500:1", "METHOD"},
        {"POST users:500:1", "path"},
        {"POST :500:1", "path"},
        {"POST /users:boom:1", "no fault \"boom\""},
        {"POST /users", "no fault \"\""},
        {"POST /users:500", "probability"},
        {"POST /users:500:1.1", "probability"},
        {"POST /users:500:-1", "probability"},
        {"POST /users:500:0.0000001", "probability"},
        {"POST /users:500:x0", "probability"},
        {"POST /users:500:x", "probability"},
        {"POST /users:500:1:2", "takes no argument"},
        {"POST /users:404:1:email", "takes no argument"},
        {"POST /users:422:1:a b", "name of an attribute"},
        {"POST /users:422:1:\"", "name of an attribute"},
        {"POST /users:422:1:"
         "a123456789b123456789c123456789d123456789e123456789f123456789g123",
         "name of an attribute"},
        {"POST /users:slow:1", "milliseconds"},
        {"POST /users:slow:1:soon", "milliseconds"},
        {"POST /users:slow:1:-5", "milliseconds"},
        {"POST /users:cut-list:1", "rows"},
        {"POST /users:429:1:later", "seconds, date or none"},
        {"POST /users:wrong-length:1:5", "short or long"},
        {"* *:lost-page:1:0", "page"},
        {"* *:lost-page:1:x", "page"},
        {"* *:slow:1:5,hang", "milliseconds"},
        {"* *:429:1:5,", "seconds, date or none"},
        {"* *:late-apply:1", "milliseconds"},
        {"* *:late-apply:1:hang", "milliseconds"},
        {"* *:late-apply:1:5,", "milliseconds"},
        {"* *:late-apply:1:5,close", "milliseconds"},
        {"* *:late-apply-after-list:1:0", "lists"},
        {"* *:late-apply-after-list:1:,hang", "lists"},
        {"* *:dup-effect:1:reset", "takes close"},
        {"* *:lie-200-no-id:1:maybe", "applied or not-applied"},
        {"* *:lie-200-other-amount:1:5", "takes no argument"},
    };
    for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
        struct fault f;
        struct err err = {0};
        if (fault_read(&f, table[i].text, &err) != -1)
            fail_msg("\"%s\" was taken", table[i].text);
        assert_int_equal(err.code, ERR_USAGE);
        if (!strstr(err.text, table[i].reason) || !strstr(err.text, "--fault"))
            fail_msg("\"%s\": %s", table[i].text, err.text);
        fault_close(&f);
    }
}

static const char *pick(struct fault *faults, size_t count, const char *method,
                        const char *path, struct rng *rng)
{
    const struct fault *f =
        fault_pick(faults, count, span_of(method), span_of(path), rng);
    return f ? f->kind->name : "none";
}

static void the_first_rule_that_matches_and_fires_wins(void **state)
{
    (void)state;
    static const char *const rules[] = {
        "POST /users:500:x1", "POST /users:502-html:0",        "POST *:403-html:1",
        "* /users/*:401:1",   "GET /users:500-after-commit:1",
    };
    struct fault faults[5];
    struct err err;
    struct rng rng;
    rng_init(&rng, 1);
    for (int i = 0; i < 5; i++)
        assert_int_equal(fault_read(&faults[i], rules[i], &err), 0);
    assert_string_equal(pick(faults, 5, "POST", "/users", &rng), "500");
    assert_string_equal(pick(faults, 5, "POST", "/users", &rng), "403-html");
    assert_string_equal(pick(faults, 5, "POST", "/users/7", &rng), "403-html");
    assert_string_equal(pick(faults, 5, "GET", "/users/7", &rng), "401");
    assert_string_equal(pick(faults, 5, "GET", "/users/", &rng), "none");
    assert_string_equal(pick(faults, 5, "GET", "/users", &rng), "500-after-commit");
    assert_string_equal(pick(faults, 5, "PUT", "/users", &rng), "none");
    for (int i = 0; i < 5; i++)
        fault_close(&faults[i]);
}

static void faults_of_lists_fire_for_lists_only(void **state)
{
    (void)state;
    static const char *const kinds[] = {
        "late-list:1:5", "cut-list:1:5",      "lost-page:1",  "dup-rows:1",
        "list-500:1",    "other-user-rows:1", "list-slow:1:5"};
    for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
        char rule[64] = "* *:";
        struct fault f;
        struct err err;
        struct rng rng;
        rng_init(&rng, 1);
        assert_int_equal(fault_read(&f, strncat(rule, kinds[i], 50), &err), 0);
        assert_string_equal(pick(&f, 1, "POST", "/users", &rng), "none");
        assert_string_equal(pick(&f, 1, "GET", "/users/7", &rng), "none");
        assert_string_equal(pick(&f, 1, "GET", "/users", &rng), f.kind->name);
        fault_close(&f);
    }
}

static int count_fired(struct fault *f, uint64_t seed, uint64_t *pattern)
{
    struct rng rng;
    int fired = 0;
    rng_init(&rng, seed);
    *pattern = 0;
    for (int i = 0; i < 10000; i++) {
        bool hit = fault_pick(f, 1, span_of("GET"), span_of("/users"), &rng);
        fired += hit;
        if (i < 64)
            *pattern |= (uint64_t)hit << i;
    }
    return fired;
}

static void luck_is_about_right_and_can_be_played_again(void **state)
{
    (void)state;
    struct fault f;
    struct err err;
    uint64_t first, again, other;
    assert_int_equal(fault_read(&f, "GET /users:500:0.3", &err), 0);
    assert_in_range(count_fired(&f, 7, &first), 2850, 3150);
    count_fired(&f, 7, &again);
    count_fired(&f, 8, &other);
    assert_true(first == again);
    assert_true(first != other);
    fault_close(&f);
}

static void a_long_answer_is_a_wrong_length_too(void **state)
{
    (void)state;
    struct fault f;
    struct err err;
    assert_int_equal(fault_wire_of(NULL), WIRE_ANSWER);
    assert_int_equal(fault_read(&f, "GET /x:wrong-length:1", &err), 0);
    assert_int_equal(fault_wire_of(&f), WIRE_SHORT);
    fault_close(&f);
    assert_int_equal(fault_read(&f, "GET /x:wrong-length:1:long", &err), 0);
    assert_int_equal(fault_wire_of(&f), WIRE_LONG);
    fault_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_rules_are_read),
        cmocka_unit_test(bad_rules_are_refused_with_a_reason),
        cmocka_unit_test(the_first_rule_that_matches_and_fires_wins),
        cmocka_unit_test(faults_of_lists_fire_for_lists_only),
        cmocka_unit_test(luck_is_about_right_and_can_be_played_again),
        cmocka_unit_test(a_long_answer_is_a_wrong_length_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
