/* What looks as if it had been paid before is held when it is taken in. */
#include "store/holds.h"

#include "unit/store/on_desk.h"

#define DAY (INT64_C(24) * 3600 * 1000)

static char instruction[] = "instruction", label[] = "label";
static char *by_account[] = {instruction, NULL};
static struct action actions[] = {{.name = (char *)"pay", .payee = by_account},
                                  {.name = (char *)"bid"},
                                  {.name = (char *)"account", .tag = label}};
static const struct catalogue catalogue = {.actions = actions,
                                           .count = COUNT_OF(actions)};

static void look_back(int64_t days)
{
    desk.catalogue = &catalogue;
    desk.duplicate_days = days;
}

#define HELD "SELECT ref, kind, reason FROM holds"

static void the_later_one_is_held(void **state)
{
    (void)state;
    look_back(7);
    struct import_result got =
        take_in("july", {"a", "pay", .minor = 500, .params = "instruction=12"},
                {"b", "pay", .minor = 500, .params = "instruction=12"},
                {"c", "pay", .minor = 500, .params = "instruction=12"});
    assert_int_equal(got.held, 2);
    assert_sql(desk.db, HELD,
               "b|duplicate|same payee, amount and currency as a, line 2 of the same "
               "input "
               "c|duplicate|same payee, amount and currency as a, line 2 of the same "
               "input");
    assert_true(desk_ready(&desk, "a"));
    assert_false(desk_ready(&desk, "b"));
    assert_true(desk_is_sound(&desk));
    assert_string_equal(desk.complaints.data,
                        "line 3 held b: same payee, amount and currency as a, line 2 of "
                        "the same input\n"
                        "line 4 held c: same payee, amount and currency as a, line 2 of "
                        "the same input\n");
}

static void what_is_no_duplicate(void **state)
{
    (void)state;
    look_back(7);
    take_in(
        "july", {"a", "pay", .minor = 500, .params = "instruction=12"},
        {"amount", "pay", .minor = 501, .params = "instruction=12"},
        {"currency", "pay", .minor = 500, .currency = "ars", .params = "instruction=12"},
        {"payee", "pay", .minor = 500, .params = "instruction=13"},
        {"nobody", "pay", .minor = 500}, {"nobody-2", "pay", .minor = 500},
        {"bid-1", "bid", .minor = 500, .params = "instruction=12"},
        {"bid-2", "bid", .minor = 500, .params = "instruction=12"},
        {"no money", "pay", .params = "instruction=12"});
    assert_sql(desk.db, HELD, "");
    assert_true(desk_is_sound(&desk));
}

/* The account is made by a job of each file, under another name. */
static void another_night_pays_the_same_account(void **state)
{
    (void)state;
    look_back(7);
    desk.now.ms = 400 * DAY;
    take_in(
        "july", {"acc-1", "account", .params = "cbu=285 label=july"},
        {"pay-1", "pay", .minor = 500, .params = "instruction=@acc-1", .needs = "acc-1"});
    desk.now.ms += 6 * DAY;
    take_in(
        "august",
        {"pay-2", "pay", .minor = 500, .params = "instruction=@acc-2",
         .needs = "acc-2"}, /* the account stands below it */
        {"acc-2", "account", .params = "cbu=285 label=august"},
        {"acc-3", "account", .params = "cbu=286 label=august"},
        {"pay-3", "pay", .minor = 500, .params = "instruction=@acc-3", .needs = "acc-3"});
    assert_sql(desk.db, HELD,
               "pay-2|duplicate|same payee, amount and currency as pay-1 of batch july, "
               "imported 1971-02-05");
    desk_done(&desk, "acc-2", JOB_SUCCEEDED);
    assert_false(desk_ready(&desk, "pay-2"));
    assert_true(desk_is_sound(&desk));
}

static void only_so_many_days_are_looked_back(void **state)
{
    (void)state;
    static const struct {
        int64_t days, age;
        bool held;
    } rows[] = {{7, 7 * DAY, true},
                {7, 7 * DAY + 1, false},
                {1, 2 * DAY, false},
                {30, 20 * DAY, true},
                {0, 0, false}};
    struct table t = {0};
    desk.now.ms = 400 * DAY;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char first[8], second[8], params[32];
        snprintf(first, sizeof(first), "a%zu", i);
        snprintf(second, sizeof(second), "b%zu", i);
        snprintf(params, sizeof(params), "instruction=%zu", i);
        look_back(rows[i].days);
        take_in(first, {first, "pay", .minor = 500, .params = params});
        desk.now.ms += rows[i].age;
        struct import_result got =
            take_in(second, {second, "pay", .minor = 500, .params = params});
        table_want(&t, got.held == rows[i].held, "%lld days, %lld ms",
                   (long long)rows[i].days, (long long)rows[i].age);
    }
    table_end(&t);
}

static void what_was_lost_was_not_paid(void **state)
{
    (void)state;
    static const enum job_state rows[] = {JOB_FAILED, JOB_SUCCEEDED, JOB_FOLLOWING,
                                          JOB_IN_DOUBT};
    struct table t = {0};
    look_back(7);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char first[8], second[8], params[32];
        snprintf(first, sizeof(first), "a%zu", i);
        snprintf(second, sizeof(second), "b%zu", i);
        snprintf(params, sizeof(params), "instruction=%zu", i);
        take_in(first, {first, "pay", .minor = 500, .params = params});
        desk_done(&desk, first, rows[i]);
        struct import_result got =
            take_in(second, {second, "pay", .minor = 500, .params = params});
        table_want(&t, got.held == (rows[i] != JOB_FAILED), "%s",
                   job_state_name(rows[i]));
    }
    table_end(&t);
}

static void what_is_held_is_told(void **state)
{
    (void)state;
    struct import_result got;
    look_back(7);
    take_in("july", {"a", "pay", .minor = 500, .params = "instruction=12"});
    static const struct line again[] = {
        {"b", "pay", .minor = 500, .params = "instruction=12"}};
    assert_int_equal(desk_try_import(&desk, NULL, again, 1, &got), 0);
    assert_int_equal(got.held, 1);
    assert_non_null(strstr(desk.complaints.data, "held b: same payee"));
}

static void a_payee_is_kept(void **state)
{
    (void)state;
    look_back(7);
    take_in("july", {"a", "pay", .minor = 500, .params = "instruction=12"});
    assert_sql(desk.db, "SELECT length(payee) FROM job", "32");
    assert_true(sql_refused(desk.db, "UPDATE job SET payee = NULL", "keeps what was"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(the_later_one_is_held),
        test(what_is_no_duplicate),
        test(another_night_pays_the_same_account),
        test(only_so_many_days_are_looked_back),
        test(what_was_lost_was_not_paid),
        test(what_is_held_is_told),
        test(a_payee_is_kept),
    };
    return cmocka_run_group_tests_name("store: duplicates", tests, NULL, NULL);
}
