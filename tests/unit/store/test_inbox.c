/* Rows that other programs put down. */
#include "store/inbox.h"

#include "unit/store/on_desk.h"

struct heard {
    struct buf text;
    int stop_at; /* the row at which reading is given up; 0: none */
    int rows;
};

static int hear_row(void *ctx, const struct inbox_row *row, struct err *err)
{
    struct heard *h = ctx;
    if (++h->rows == h->stop_at)
        return err_set(err, ERR_INPUT, "enough");
    buf_printf(&h->text, "%lld %s %s %s %s %s;", (long long)row->id,
               row->ref ? row->ref : "-", row->action ? row->action : "-",
               row->on_behalf_of ? row->on_behalf_of : "-", row->needs ? row->needs : "-",
               row->params ? row->params : "-");
    return 0;
}

static void new_rows_are_read_in_order(void **state)
{
    (void)state;
    struct err err;
    struct heard h = {0};
    buf_init(&h.text, 10000);
    assert_false(store_inbox_has_new(desk.store));
    sql_run(
        desk.db,
        "INSERT INTO inbox (ref, action, on_behalf_of, needs, params, problem) VALUES "
        "('a', 'create_user', NULL, NULL, '{}', NULL),"
        "('b', NULL, NULL, NULL, NULL, 'no action'),"
        "('c', 'pay', 'a', 'x y', '{\"n\":\"1\"}', NULL)");
    assert_true(store_inbox_has_new(desk.store));
    assert_int_equal(store_inbox_each(desk.store, hear_row, &h, &err), 0);
    assert_string_equal(h.text.data,
                        "1 a create_user - - {};3 c pay a x y {\"n\":\"1\"};");
    buf_close(&h.text);
}

static void a_reader_may_stop(void **state)
{
    (void)state;
    struct err err;
    struct heard h = {.stop_at = 2};
    buf_init(&h.text, 10000);
    sql_run(desk.db, "INSERT INTO inbox (ref) VALUES ('a'), ('b'), ('c')");
    assert_int_equal(store_inbox_each(desk.store, hear_row, &h, &err), -1);
    assert_string_equal(err.text, "enough");
    assert_int_equal(h.rows, 2);
    buf_close(&h.text);
}

static int mark_every_second(void *ctx, const struct inbox_row *row, struct err *err)
{
    int *rows = ctx;
    ++*rows;
    return row->id % 2 ? 0 : store_inbox_problem(desk.store, row->id, "odd", err);
}

static void problems_may_be_told_while_reading(void **state)
{
    (void)state;
    struct err err;
    int rows = 0;
    for (int i = 0; i < 20; i++)
        sql_run(desk.db, "INSERT INTO inbox (ref) VALUES ('a')");
    assert_int_equal(store_begin(desk.store, &err), 0);
    assert_int_equal(store_inbox_each(desk.store, mark_every_second, &rows, &err), 0);
    assert_int_equal(store_commit(desk.store, &err), 0);
    assert_int_equal(rows, 20);
    assert_sql(desk.db, "SELECT count(*) FROM inbox WHERE problem = 'odd'", "10");
}

static void several_problems_of_a_row_stand_together_and_it_stays(void **state)
{
    (void)state;
    struct err err;
    sql_run(desk.db, "INSERT INTO inbox (ref) VALUES ('a'), ('b')");
    assert_int_equal(store_inbox_problem(desk.store, 1, "no action", &err), 0);
    assert_int_equal(store_inbox_problem(desk.store, 1, "no amount", &err), 0);
    assert_int_equal(store_inbox_problem(desk.store, 99, "nobody", &err), -1);
    assert_int_equal(store_inbox_clear(desk.store, &err), 0);
    assert_sql(desk.db, "SELECT ref, problem FROM inbox", "a|no action; no amount");
    assert_false(store_inbox_has_new(desk.store));
    sql_run(desk.db, "UPDATE inbox SET problem = NULL"); /* mended */
    assert_true(store_inbox_has_new(desk.store));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(new_rows_are_read_in_order),
        test(a_reader_may_stop),
        test(problems_may_be_told_while_reading),
        test(several_problems_of_a_row_stand_together_and_it_stays),
    };
    return cmocka_run_group_tests_name("store: inbox", tests, NULL, NULL);
}
