#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sandbox/amount.h"
#include "sandbox/jsonapi.h"

static void amounts_go_out_as_ruby_prints_them_but_exact(void **state)
{
    (void)state;
    static const struct {
        const char *given, *want;
    } table[] = {
        {"100.10", "100.1"},
        {"100", "100.0"},
        {"0", "0.0"},
        {"0.00", "0.0"},
        {"7.5", "7.5"},
        {" 7.5 ", "7.5"},
        {"1e2", "100.0"},
        {"1.5E-1", "0.15"},
        {"0.01034418", "0.01034418"},
        {"0.1", "0.1"},
        {"0.0001", "0.0001"},
        {"0.00001", "1.0e-05"},
        {"0.00001234", "1.234e-05"},
        {"0.000000000000000001", "1.0e-18"},
        {"1234567.89", "1234567.89"},
        {"9007199254740993.01", "9007199254740993.01"}, /* no double holds it */
        {"0.123456789012345678", "0.123456789012345678"},
        {"1000000000000000", "1000000000000000.0"},
        {"9999999999999999", "9999999999999999.0"},
        {"10000000000000000", "1.0e+16"},
        {"9223372036854775807", "9.223372036854775807e+18"},
        {"-100.10", "-100.1"},
    };
    struct buf got;
    buf_init(&got, 100);
    for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
        struct decimal d;
        buf_clear(&got);
        if (!amount_read(span_of(table[i].given), &d))
            fail_msg("%s was not read", table[i].given);
        amount_print(d, &got);
        assert_string_equal(got.data, table[i].want);
    }
    buf_close(&got);
}

static void what_is_no_number_is_not_read(void **state)
{
    (void)state;
    static const char *const table[] = {"",   " ",  "x",   "1,5", "1.",  ".5",  "+1",
                                        "01", "1e", "--1", "1 2", "0x1", "NaN", "1.2.3"};
    struct decimal d;
    for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++)
        if (amount_read(span_of(table[i]), &d))
            fail_msg("\"%s\" was read", table[i]);
}

static void withdrawals_move_with_time(void **state)
{
    (void)state;
    static const struct {
        const char *kind, *amount;
        int64_t age_ms, settle_ms;
        const char *want;
    } table[] = {
        {"cash_withdrawals", "100.00", 0, 1000, "received"},
        {"cash_withdrawals", "100.00", 499, 1000, "received"},
        {"cash_withdrawals", "100.00", 500, 1000, "pending"},
        {"cash_withdrawals", "100.00", 999, 1000, "pending"},
        {"cash_withdrawals", "100.00", 1000, 1000, "settled"},
        {"coin_withdrawals", "0.5", 1000, 1000, "done"},
        {"cash_withdrawals", "100.13", 999, 1000, "pending"},
        {"cash_withdrawals", "100.13", 1000, 1000, "cancelled"},
        {"coin_withdrawals", "13", 1000, 1000, "cancelled"},
        {"coin_withdrawals", "3", 1000, 1000, "done"},
        {"cash_withdrawals", "100.130", 1000, 1000, "settled"},
        {"cash_withdrawals", "100.13", 99999999, 0, "received"},
    };
    for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++)
        assert_string_equal(jsonapi_status(span_of(table[i].kind),
                                           span_of(table[i].amount),
                                           table[i].age_ms * 1000, table[i].settle_ms),
                            table[i].want);
    assert_null(jsonapi_status(span_of("users"), (struct span){0}, 0, 1000));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(amounts_go_out_as_ruby_prints_them_but_exact),
        cmocka_unit_test(what_is_no_number_is_not_read),
        cmocka_unit_test(withdrawals_move_with_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
