/* Money that is not what was imported is told, whatever hand or disk has changed it. */
#include "store/balance.h"

#include "store/read.h"
#include "unit/store/on_desk.h"

static struct money declared_sums[] = {{300, "ars"}, {5, "usd"}};
static const struct totals declared = {4, declared_sums, 2};

/* july: 3.00 ars in two jobs, 0.05 usd in one, and a user; with what its sender said. august: 7 clp. */
static void two_batches(void)
{
    desk.declared = &declared;
    take_in("july", {"u"}, {"a", .minor = 100, .currency = "ars"},
            {"b", .minor = 200, .currency = "ars"}, {"c", .minor = 5});
    desk.declared = NULL;
    take_in("august", {"d", .minor = 7, .currency = "clp"});
}

static void hear(void *ctx, const struct imbalance *i)
{
    imbalance_describe(ctx, i);
    buf_add_char(ctx, '\n');
}

static bool tells(const struct balance_scope *scope, const char *want)
{
    struct buf heard;
    struct err err;
    buf_init(&heard, 8192);
    if (store_balance(desk.store, scope, hear, &heard, &err))
        fail_msg("%s", err.text);
    bool is_so = strcmp(heard.data, want) == 0;
    if (!is_so)
        print_error("  told: %s", heard.data);
    buf_close(&heard);
    return is_so;
}

static const struct balance_scope everything = {.everything = true};

/* As with somebody's sqlite3 shell, who has taken the guards away. */
#define NO_GUARDS                                                                        \
    "PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON;"                   \
    "DROP TRIGGER job_stays; DROP TRIGGER job_keeps_its_content;"                        \
    "DROP TRIGGER job_is_not_replaced; DROP TRIGGER job_begins_at_the_beginning;"        \
    "DROP TRIGGER job_moves_by_the_table;"

static const struct {
    const char *sql, *want;
} damages[] = {
    {"", ""},
    {"UPDATE job SET minor = 201 WHERE ref = 'b'",
     "batch july: imported 3.00 ars, its jobs come to 3.01: 0.01 more\n"},
    {"UPDATE job SET minor = minor + 1 WHERE ref = 'a'; UPDATE job SET minor = minor - 1 "
     "WHERE ref = 'b'",
     ""}, /* the digest of its rows is what tells of this one */
    {"DELETE FROM job WHERE ref = 'b'",
     "batch july: imported 4 jobs, and it has 3: 1 less\n"
     "batch july: imported 3.00 ars, its jobs come to 1.00: 2.00 less\n"},
    {"DELETE FROM job WHERE ref = 'u'",
     "batch july: imported 4 jobs, and it has 3: 1 less\n"},
    {"DELETE FROM job WHERE ref = 'd'",
     "batch august: imported 1 job, and it has 0: 1 less\n"
     "batch august: imported 7 clp, its jobs come to 0: 7 less\n"},
    {"INSERT INTO job (batch_id, line, ref, action, needs, params, currency, minor) "
     "VALUES (2, 9, 'eve', 'pay', '', '{}', 'clp', 1)",
     "batch august: imported 1 job, and it has 2: 1 more\n"
     "batch august: imported 7 clp, its jobs come to 8: 1 more\n"},
    {"UPDATE batch_money SET imported = 301 WHERE currency = 'ars'",
     "batch july: declared 3.00 ars, imported 3.01: 0.01 more\n"
     "batch july: imported 3.01 ars, its jobs come to 3.00: 0.01 less\n"},
    {"UPDATE batch_money SET declared = 4 WHERE currency = 'usd'",
     "batch july: declared 0.04 usd, imported 0.05: 0.01 more\n"},
    {"DELETE FROM batch_money WHERE currency = 'clp'",
     "batch august: imported 0 clp, its jobs come to 7: 7 more\n"},
    {"UPDATE job SET currency = 'usd' WHERE ref = 'a'",
     "batch july: imported 3.00 ars, its jobs come to 2.00: 1.00 less\n"
     "batch july: imported 0.05 usd, its jobs come to 1.05: 1.00 more\n"},
    {"UPDATE job SET currency = 'a name that is too long' WHERE ref IN ('a', 'b')",
     "batch july: imported 3.00 ars, its jobs come to 0.00: 3.00 less\n"
     "batch july: imported 0.00000000 a name that, its jobs come to 0.00000300: "
     "0.00000300 more\n"},
    {"UPDATE job SET batch_id = 2 WHERE ref = 'c'",
     "batch july: imported 4 jobs, and it has 3: 1 less\n"
     "batch july: imported 0.05 usd, its jobs come to 0.00: 0.05 less\n"
     "batch august: imported 1 job, and it has 2: 1 more\n"
     "batch august: imported 0.00 usd, its jobs come to 0.05: 0.05 more\n"},
    {"UPDATE job SET state = 'paid' WHERE ref = 'd'",
     "batch august: imported 1 job, and it has 0: 1 less\n"
     "batch august: imported 7 clp, its jobs come to 0: 7 less\n"},
    {"UPDATE job SET currency = NULL, minor = NULL WHERE ref = 'd'",
     "batch august: imported 7 clp, its jobs come to 0: 7 less\n"},
    {"UPDATE job SET minor = 9223372036854775807 WHERE ref IN ('a', 'b')",
     "batch july: imported 3.00 ars, its jobs come to more than a total can hold\n"},
    {"UPDATE job SET minor = -9223372036854775807 WHERE ref = 'd'",
     "batch august: imported 7 clp, its jobs come to -9223372036854775807\n"},
    {"UPDATE batch SET jobs = 5 WHERE name = 'july'",
     "batch july: imported 5 jobs, and it has 4: 1 less\n"},
};

static void what_is_not_as_it_was_imported_is_told(void **state)
{
    (void)state;
    struct table t = {0};
    two_batches();
    sql_run(desk.db, NO_GUARDS);
    for (size_t i = 0; i < COUNT_OF(damages); i++) {
        sql_run(desk.db, "SAVEPOINT here");
        sql_run(desk.db, damages[i].sql);
        table_want(&t, tells(&everything, damages[i].want), "%s", damages[i].sql);
        sql_run(desk.db, "ROLLBACK TO here; RELEASE here");
    }
    table_end(&t);
}

static void it_balances_in_every_state(void **state)
{
    (void)state;
    two_batches();
    desk_done(&desk, "u", JOB_FOLLOWING);
    desk_done(&desk, "a", JOB_SUCCEEDED);
    desk_done(&desk, "b", JOB_FAILED);
    desk_done(&desk, "c", JOB_IN_DOUBT);
    desk_send(&desk, "d");
    assert_true(tells(&everything, ""));
}

static void a_scope_is_a_run_s_or_one_batch(void **state)
{
    (void)state;
    struct err err;
    const struct balance_scope july = {true, "july"}, run = {false, NULL};
    two_batches();
    desk_done(&desk, "d", JOB_SUCCEEDED);
    sql_run(desk.db, "UPDATE batch_money SET imported = imported + 1 WHERE currency <> "
                     "'ars'");
    assert_true(tells(&july, "batch july: declared 0.05 usd, imported 0.06: 0.01 more\n"
                             "batch july: imported 0.06 usd, its jobs come to 0.05: 0.01 "
                             "less\n"));
    assert_int_equal(store_scope_begin(desk.store, &err), 0); /* august is done */
    assert_true(tells(&run, "batch july: declared 0.05 usd, imported 0.06: 0.01 more\n"
                            "batch july: imported 0.06 usd, its jobs come to 0.05: 0.01 "
                            "less\n"));
    assert_int_equal(store_scope_add(desk.store, "august", &err), 0);
    assert_false(tells(&run, ""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(what_is_not_as_it_was_imported_is_told),
        test(it_balances_in_every_state),
        test(a_scope_is_a_run_s_or_one_batch),
    };
    return cmocka_run_group_tests_name("store: balance", tests, NULL, NULL);
}
