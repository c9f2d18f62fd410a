#include "base/buf.h"
#include "lib/check.h"

static void begins_empty_and_ended_by_a_nul(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 10);
    assert_string_equal(b.data, "");
    assert_int_equal(b.len, 0);
    assert_false(b.full);
    buf_close(&b);
}

static void adds_each_kind_in_order(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 100);
    assert_true(buf_add(&b, "ab", 2));
    assert_true(buf_add_text(&b, "cd"));
    assert_true(buf_add_span(&b, (struct span){"efgh", 2}));
    assert_true(buf_add_char(&b, '-'));
    assert_true(buf_printf(&b, "%d%s", 42, "!"));
    assert_string_equal(b.data, "abcdef-42!");
    assert_int_equal(b.len, 10);
    buf_close(&b);
}

static void keeps_nul_bytes_that_count(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 10);
    assert_true(buf_add(&b, "a\0b", 3));
    assert_int_equal(b.len, 3);
    assert_memory_equal(b.data, "a\0b", 4);
    buf_close(&b);
}

static void accepts_nothing_from_a_null_span(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 10);
    assert_true(buf_add(&b, NULL, 0));
    assert_true(buf_add_span(&b, (struct span){0}));
    assert_int_equal(b.len, 0);
    buf_close(&b);
}

static void holds_exactly_its_ceiling(void **state)
{
    (void)state;
    static const size_t ceilings[] = {0, 1, 62, 63, 64, 65, 127, 128, 1000};
    struct table t = {0};
    for (size_t i = 0; i < COUNT_OF(ceilings); i++) {
        struct buf b;
        buf_init(&b, ceilings[i]);
        size_t n = 0;
        while (n <= ceilings[i] && buf_add_char(&b, 'x'))
            n++;
        table_want(&t, n == ceilings[i] && b.len == n && b.full,
                   "ceiling %zu took %zu bytes", ceilings[i], n);
        table_want(&t, strlen(b.data) == n, "ceiling %zu: no NUL at %zu", ceilings[i], n);
        buf_close(&b);
    }
    table_end(&t);
}

static void stays_as_it_was_when_it_refuses(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 5);
    assert_true(buf_add_text(&b, "abc"));
    assert_false(buf_add_text(&b, "def"));
    assert_true(b.full);
    assert_false(buf_printf(&b, "%s", "def"));
    assert_false(buf_add_span(&b, (struct span){"defg", 4}));
    assert_false(buf_add(&b, "x", SIZE_MAX));
    assert_string_equal(b.data, "abc");
    assert_int_equal(b.len, 3);
    buf_close(&b);
}

static void remembers_the_refusal_while_smaller_pieces_still_fit(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 5);
    assert_false(buf_add_text(&b, "abcdef"));
    assert_true(buf_add_text(&b, "ab"));
    assert_true(b.full);
    buf_clear(&b);
    assert_false(b.full);
    assert_string_equal(b.data, "");
    assert_true(buf_add_text(&b, "abcde"));
    assert_false(b.full);
    buf_close(&b);
}

static void clear_keeps_the_memory(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 10000);
    for (int i = 0; i < 500; i++)
        assert_true(buf_add_text(&b, "0123456789"));
    size_t room = b.room;
    buf_clear(&b);
    assert_int_equal(b.room, room);
    buf_close(&b);
}

static void printf_of_long_text_grows_at_once(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 5000);
    assert_true(buf_printf(&b, "%04000d", 7));
    assert_int_equal(b.len, 4000);
    assert_int_equal(b.data[3999], '7');
    assert_false(buf_printf(&b, "%01001d", 7));
    assert_int_equal(b.len, 4000);
    buf_close(&b);
}

static void take_hands_over_and_closes(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 100);
    buf_add_text(&b, "mine now");
    char *text = buf_take(&b);
    assert_string_equal(text, "mine now");
    assert_null(b.data);
    buf_close(&b);
    free(text);
}

static void span_borrows_what_is_there(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 100);
    buf_add_text(&b, "abc");
    struct span s = buf_span(&b);
    assert_ptr_equal(s.ptr, b.data);
    assert_int_equal(s.len, 3);
    buf_close(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(begins_empty_and_ended_by_a_nul),
        cmocka_unit_test(adds_each_kind_in_order),
        cmocka_unit_test(keeps_nul_bytes_that_count),
        cmocka_unit_test(accepts_nothing_from_a_null_span),
        cmocka_unit_test(holds_exactly_its_ceiling),
        cmocka_unit_test(stays_as_it_was_when_it_refuses),
        cmocka_unit_test(remembers_the_refusal_while_smaller_pieces_still_fit),
        cmocka_unit_test(clear_keeps_the_memory),
        cmocka_unit_test(printf_of_long_text_grows_at_once),
        cmocka_unit_test(take_hands_over_and_closes),
        cmocka_unit_test(span_borrows_what_is_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
