#include "base/mem.h"
#include "base/rng.h"
#include "lib/check.h"
#include "model/row.h"

static void a_row_begins_empty_and_closes_twice(void **state)
{
    (void)state;
    struct row r;
    row_init(&r);
    assert_null(r.ref);
    assert_int_equal(r.need_count, 0);
    assert_false(r.has_money);
    r.ref = mem_text("a");
    r.action = mem_text("create_user");
    r.on_behalf_of = mem_text("#1");
    params_add(&r.params, span_of("x"), span_of("y"));
    row_add_need(&r, span_of("b"), false, "needs");
    row_close(&r); /* the leak checker counts */
    assert_null(r.ref);
    assert_int_equal(r.need_count, 0);
    row_close(&r);
}

static void needs_are_sorted_and_each_stands_once(void **state)
{
    (void)state;
    static const char *const refs[] = {"m", "b", "z", "m", "a", "b", "ab", "B", "z"};
    static const char *const want[] = {"B", "a", "ab", "b", "m", "z"};
    struct row r;
    row_init(&r);
    for (size_t i = 0; i < COUNT_OF(refs); i++)
        row_add_need(&r, span_of(refs[i]), false, "needs");
    assert_int_equal(r.need_count, COUNT_OF(want));
    for (size_t i = 0; i < COUNT_OF(want); i++)
        assert_string_equal(r.needs[i].ref, want[i]);
    row_close(&r);
}

static void the_first_column_that_asked_is_remembered(void **state)
{
    (void)state;
    struct row r;
    row_init(&r);
    row_add_need(&r, span_of("a"), false, "on_behalf_of");
    row_add_need(&r, span_of("a"), false, "needs");
    assert_int_equal(r.need_count, 1);
    assert_string_equal(r.needs[0].column, "on_behalf_of");
    row_close(&r);
}

static void a_need_is_a_copy_of_a_piece(void **state)
{
    (void)state;
    struct row r;
    char cell[] = "@u1/attributes/x";
    row_init(&r);
    row_add_need(&r, (struct span){cell + 1, 2}, false, "x");
    cell[1] = 'X';
    assert_string_equal(r.needs[0].ref, "u1");
    row_close(&r);
}

static void many_needs_in_any_order_stay_sorted(void **state)
{
    (void)state;
    struct rng rng;
    struct row r;
    bool seen[200] = {false};
    size_t distinct = 0;
    rng_init(&rng, 6);
    row_init(&r);
    for (int i = 0; i < 500; i++) {
        char ref[8];
        size_t n = rng_below(&rng, COUNT_OF(seen));
        snprintf(ref, sizeof(ref), "r%zu", n);
        row_add_need(&r, span_of(ref), false, "needs");
        distinct += !seen[n];
        seen[n] = true;
        assert_int_equal(r.need_count, distinct);
    }
    for (size_t i = 1; i < r.need_count; i++)
        assert_true(strcmp(r.needs[i - 1].ref, r.needs[i].ref) < 0);
    row_close(&r);
}

static void there_is_room_for_so_many_needs(void **state)
{
    (void)state;
    struct row r;
    char ref[8];
    row_init(&r);
    for (int i = ROW_NEEDS_MAX; i > 0; i -= 2) { /* from behind, then between them */
        snprintf(ref, sizeof(ref), "%05d", i);
        assert_true(row_add_need(&r, span_of(ref), false, "needs"));
    }
    for (int i = 1; i < ROW_NEEDS_MAX; i += 2) {
        snprintf(ref, sizeof(ref), "%05d", i);
        assert_true(row_add_need(&r, span_of(ref), true, "needs"));
    }
    assert_int_equal(r.need_count, ROW_NEEDS_MAX);
    assert_false(row_add_need(&r, span_of("00000"), false, "needs"));
    assert_true(row_add_need(&r, span_of("00002"), false, "needs")); /* is there */
    for (int i = 1; i <= ROW_NEEDS_MAX; i++) {
        snprintf(ref, sizeof(ref), "%05d", i);
        assert_string_equal(r.needs[i - 1].ref, ref);
        assert_int_equal(r.needs[i - 1].is_soft, i % 2);
    }
    row_close(&r);
}

static void a_soft_need_that_is_needed_hard_too_is_hard(void **state)
{
    (void)state;
    static const struct {
        bool first, second, want;
    } rows[] = {{true, true, true}, {true, false, false}, {false, true, false}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct row r;
        row_init(&r);
        row_add_need(&r, span_of("a"), rows[i].first, "needs");
        row_add_need(&r, span_of("a"), rows[i].second, "needs");
        assert_int_equal(r.need_count, 1);
        assert_int_equal(r.needs[0].is_soft, rows[i].want);
        row_close(&r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(there_is_room_for_so_many_needs),
        cmocka_unit_test(a_soft_need_that_is_needed_hard_too_is_hard),
        cmocka_unit_test(a_row_begins_empty_and_closes_twice),
        cmocka_unit_test(needs_are_sorted_and_each_stands_once),
        cmocka_unit_test(the_first_column_that_asked_is_remembered),
        cmocka_unit_test(a_need_is_a_copy_of_a_piece),
        cmocka_unit_test(many_needs_in_any_order_stay_sorted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
