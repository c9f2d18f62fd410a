/* What a person is shown before it is sent: all that is queued, and nothing else. */
#include "store/outgoing.h"

#include "unit/store/on_desk.h"

static bool totals_are(const struct outgoing *o, const char *want)
{
    char got[300] = "", amount[DECIMAL_TEXT_MAX];
    for (size_t i = 0; i < o->total_count; i++) {
        size_t len = strlen(got);
        snprintf(got + len, sizeof(got) - len, "%s%s %s", len ? ", " : "",
                 money_text(o->totals[i], amount), o->totals[i].currency);
    }
    if (strcmp(got, want) != 0)
        print_error("  %s and not %s\n", got, want);
    return strcmp(got, want) == 0;
}

static void what_is_queued_is_counted_by_currency(void **state)
{
    (void)state;
    struct outgoing o;
    struct err err;
    take_in("july", {"u1"}, {"p1", .minor = 150, .needs = "u1", .currency = "usd"},
            {"p2", .minor = 1, .currency = "usd"},
            {"p3", .minor = 700, .currency = "ars"},
            {"sent", .minor = 5000, .currency = "ars"}, {"gone", .minor = 4},
            {"doubt", .minor = 8}, {"held", .minor = 100, .currency = "usd"});
    desk_done(&desk, "sent", JOB_SUCCEEDED);
    desk_done(&desk, "doubt", JOB_IN_DOUBT);
    desk_move(&desk, "gone", JOB_CANCELLED);
    sql_run(desk.db, "INSERT INTO hold (job_id, kind, reason, held_at) SELECT id, 'cap', "
                     "'too much', 1 FROM job WHERE ref = 'held'");
    sql_run(desk.db, "INSERT INTO inbox (ref) VALUES ('a'), ('b');"
                     "INSERT INTO inbox (ref, problem) VALUES ('c', 'bad')");
    assert_int_equal(store_outgoing(desk.store, &o, &err), 0);
    assert_int_equal(o.jobs, 4);
    assert_int_equal(o.inbox, 2);
    assert_true(totals_are(&o, "7.00 ars, 1.51 usd"));
    outgoing_close(&o);
}

static void nothing_is_nothing(void **state)
{
    (void)state;
    struct outgoing o;
    struct err err;
    assert_int_equal(store_outgoing(desk.store, &o, &err), 0);
    assert_int_equal(o.jobs + o.inbox, 0);
    assert_true(totals_are(&o, ""));
    outgoing_close(&o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(what_is_queued_is_counted_by_currency),
        test(nothing_is_nothing),
    };
    return cmocka_run_group_tests_name("store: outgoing", tests, NULL, NULL);
}
