#include "lib/check.h"
#include "model/ref.h"

static void refs_are_short_words(void **state)
{
    (void)state;
    static const struct {
        struct span given;
        bool want;
    } rows[] = {
        {LIT("a"), true},
        {LIT("user-00017"), true},
        {LIT("2026-11/x"), false},
        {LIT("pago_2026.11:ana+1@x"), true},
        {LIT("se\xc3\xb1or"), true},
        {LIT("a@b"), true},
        {LIT("a#b"), true},
        {LIT("-"), true},
        {LIT("a\"'\\<>b"), true},
        {LIT(""), false},
        {{NULL, 0}, false},
        {LIT("@a"), false},
        {LIT("#a"), false},
        {LIT("/"), false},
        {LIT("a/b"), false},
        {LIT("a b"), false},
        {LIT(" a"), false},
        {LIT("a\t"), false},
        {LIT("a\n"), false},
        {LIT("a\0"), false},
        {LIT("a\x7f"), false},
        {LIT("\x1b[m"), false},
        {LIT("\xff"), false},
        {LIT("a\xc3"), false},
        {LIT("\xc0\xaf"), false},
        {LIT("a\xc2\x85z"), false}, /* control characters of two bytes */
        {LIT("a\xc2\x9bz"), false},
    };
    struct table t = {0};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct exact copy = exact_open(rows[i].given);
        table_want(&t, ref_is_valid(copy.text) == rows[i].want, "row %zu '%.*s'", i,
                   SPAN_ARG(rows[i].given));
        exact_close(&copy);
    }
    table_end(&t);
}

static void refs_end_at_their_ceiling(void **state)
{
    (void)state;
    char text[REF_MAX_BYTES + 1];
    memset(text, 'x', sizeof(text));
    assert_true(ref_is_valid((struct span){text, REF_MAX_BYTES}));
    assert_false(ref_is_valid((struct span){text, REF_MAX_BYTES + 1}));
}

static void cells_stand_for_themselves_or_use_a_job(void **state)
{
    (void)state;
    static const struct {
        struct span given;
        enum ref_cell want;
        const char *ref;
        const char *pointer;
    } rows[] = {
        {LIT(""), REF_CELL_TEXT, NULL, NULL},
        {{NULL, 0}, REF_CELL_TEXT, NULL, NULL},
        {LIT("plain"), REF_CELL_TEXT, NULL, NULL},
        {LIT("a@b.co"), REF_CELL_TEXT, NULL, NULL},
        {LIT(" @a"), REF_CELL_TEXT, NULL, NULL},
        {LIT("@@"), REF_CELL_QUOTED, NULL, NULL},
        {LIT("@@ana"), REF_CELL_QUOTED, NULL, NULL},
        {LIT("@@@"), REF_CELL_QUOTED, NULL, NULL},
        {LIT("@u1"), REF_CELL_USE, "u1", ""},
        {LIT("@u1/attributes/x"), REF_CELL_USE, "u1", "/attributes/x"},
        {LIT("@u1/x/0/y~1z"), REF_CELL_USE, "u1", "/x/0/y~1z"},
        {LIT("@a@b"), REF_CELL_USE, "a@b", ""},
        {LIT("@se\xc3\xb1or/id"), REF_CELL_USE, "se\xc3\xb1or", "/id"},
        {LIT("@"), REF_CELL_WRONG, NULL, NULL},
        {LIT("@/"), REF_CELL_WRONG, NULL, NULL},
        {LIT("@/x"), REF_CELL_WRONG, NULL, NULL},
        {LIT("@u1/"), REF_CELL_WRONG, NULL, NULL},
        {LIT("@#1"), REF_CELL_WRONG, NULL, NULL},
        {LIT("@a b"), REF_CELL_WRONG, NULL, NULL},
        {LIT("@ a"), REF_CELL_WRONG, NULL, NULL},
        {LIT("@a\n"), REF_CELL_WRONG, NULL, NULL},
        {LIT("@\xff"), REF_CELL_WRONG, NULL, NULL},
        {LIT("@a\0"), REF_CELL_WRONG, NULL, NULL},
    };
    struct table t = {0};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct exact copy = exact_open(rows[i].given);
        struct ref_use use = {{"", 0}, {"", 0}};
        enum ref_cell got = ref_read_cell(copy.text, &use);
        bool right = got == rows[i].want &&
                     (got != REF_CELL_USE || (span_is(use.ref, rows[i].ref) &&
                                              span_is(use.pointer, rows[i].pointer)));
        table_want(&t, right, "row %zu '%.*s': got %d '%.*s' '%.*s'", i,
                   SPAN_ARG(rows[i].given), got, SPAN_ARG(use.ref),
                   SPAN_ARG(use.pointer));
        exact_close(&copy);
    }
    table_end(&t);
}

static void an_actor_is_a_job_or_an_id(void **state)
{
    (void)state;
    static const struct {
        struct span given;
        enum ref_actor want;
        const char *name;
    } rows[] = {
        {LIT("u1"), REF_ACTOR_JOB, "u1"},
        {LIT("@u1"), REF_ACTOR_JOB, "u1"},
        {LIT("123"), REF_ACTOR_JOB, "123"}, /* a ref may look like a number */
        {LIT("#123"), REF_ACTOR_ID, "123"},
        {LIT("#1"), REF_ACTOR_ID, "1"},
        {LIT("#123456789012345678"), REF_ACTOR_ID, "123456789012345678"},
        {LIT("#1234567890123456789"), REF_ACTOR_WRONG, NULL},
        {LIT(""), REF_ACTOR_WRONG, NULL},
        {{NULL, 0}, REF_ACTOR_WRONG, NULL},
        {LIT("#"), REF_ACTOR_WRONG, NULL},
        {LIT("#-1"), REF_ACTOR_WRONG, NULL},
        {LIT("#1a"), REF_ACTOR_WRONG, NULL},
        {LIT("#1\r\nX: y"), REF_ACTOR_WRONG, NULL},
        {LIT("#1\0"), REF_ACTOR_WRONG, NULL},
        {LIT("##1"), REF_ACTOR_WRONG, NULL},
        {LIT("#@u1"), REF_ACTOR_WRONG, NULL},
        {LIT("@"), REF_ACTOR_WRONG, NULL},
        {LIT("@@u1"), REF_ACTOR_WRONG, NULL},
        {LIT("@#1"), REF_ACTOR_WRONG, NULL},
        {LIT("@u1/id"), REF_ACTOR_WRONG, NULL},
        {LIT("u 1"), REF_ACTOR_WRONG, NULL},
        {LIT("u1\r\n"), REF_ACTOR_WRONG, NULL},
    };
    struct table t = {0};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct exact copy = exact_open(rows[i].given);
        struct span name = {"", 0};
        enum ref_actor got = ref_read_actor(copy.text, &name);
        table_want(&t,
                   got == rows[i].want &&
                       (got == REF_ACTOR_WRONG || span_is(name, rows[i].name)),
                   "row %zu '%.*s': got %d", i, SPAN_ARG(rows[i].given), got);
        exact_close(&copy);
    }
    table_end(&t);
}

static void an_actor_without_memory_is_wrong(void **state)
{
    (void)state;
    struct span name;
    assert_int_equal(ref_read_actor((struct span){NULL, 0}, &name), REF_ACTOR_WRONG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refs_are_short_words),
        cmocka_unit_test(refs_end_at_their_ceiling),
        cmocka_unit_test(cells_stand_for_themselves_or_use_a_job),
        cmocka_unit_test(an_actor_is_a_job_or_an_id),
        cmocka_unit_test(an_actor_without_memory_is_wrong),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
