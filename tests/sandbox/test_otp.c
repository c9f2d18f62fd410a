#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "sandbox/world.h"

/* RFC 6238, appendix B: the last six digits of its SHA-1 column. */
static void codes_are_those_of_the_rfc(void **state)
{
    (void)state;
    static const struct {
        int64_t seconds;
        const char *code;
    } table[] = {
        {59, "287082"},         {1111111109, "081804"}, {1111111111, "050471"},
        {1234567890, "005924"}, {2000000000, "279037"}, {20000000000, "353130"},
    };
    struct otp_secret secret = {0};
    char code[7];
    assert_true(otp_read_secret(span_of("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"), &secret));
    for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
        otp_code(&secret, table[i].seconds, code);
        assert_string_equal(code, table[i].code);
    }
    assert_true(otp_good(&secret, span_of("287082"), 59 + 30));
    assert_true(otp_good(&secret, span_of("287082"), 59 - 30));
    assert_false(otp_good(&secret, span_of("287082"), 59 + 60));
    assert_false(otp_good(&secret, span_of(""), 59));
    assert_false(otp_read_secret(span_of("GEZDGNBV"), &secret));
    assert_false(otp_read_secret(span_of("GEZDGNBVGY3TQOJ1"), &secret));
}

#define OWN    "GEZDGNBVGY3TQOJQ"
#define COMMON "MFRGGZDFMZTWQ2LK"

/* The status of a coin withdrawal with the password that `secret` has now, or with none.
 * The world's wall clock begins at 0. */
static int withdraw(struct world *w, const char *user, const char *secret)
{
    struct otp_secret read = {0};
    char code[7], header[64] = "";
    if (secret) {
        assert_true(otp_read_secret(span_of(secret), &read));
        otp_code(&read, w->now_us / SEC_US, code);
        snprintf(header, sizeof(header), "One-Time-Password: %s\r\n", code);
    }
    read_with(w, "POST", "/api/coin_withdrawals", user, header, GOOD_COIN);
    serve(&w->sandbox, &w->reader.request, (struct mono){w->now_us}, &w->reply);
    return w->reply.answer.status;
}

/* Of user 594 one of his own; `common` for everybody else. */
static void world_of_secrets(struct world *w, struct otp_secret secrets[2], bool common)
{
    world_open(w);
    people(w);
    assert_true(otp_read_secret(span_of(COMMON), &secrets[0]));
    assert_true(otp_read_secret(span_of(OWN), &secrets[1]));
    secrets[0].user = common ? 0 : 1;
    secrets[1].user = 594;
    w->options.otp_secrets = secrets;
    w->options.otp_count = 2;
}

static void a_withdrawal_without_its_password_is_401(void **state)
{
    (void)state;
    static const struct {
        bool common;
        const char *user, *secret;
        int status;
    } table[] = {
        {false, AS "594", NULL, 401},   {false, AS "594", OWN, 200},
        {false, AS "594", COMMON, 401}, {false, AS "595", NULL, 200},
        {true, AS "595", NULL, 401},    {true, AS "595", COMMON, 200},
        {true, AS "594", COMMON, 401},  {true, AS "594", OWN, 200},
    };
    for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
        struct world w;
        struct otp_secret secrets[2];
        world_of_secrets(&w, secrets, table[i].common);
        int status = withdraw(&w, table[i].user, table[i].secret);
        if (status != table[i].status)
            fail_msg("row %zu: %d", i, status);
        assert_int_equal(effects(&w), status == 200 ? 4 : 3);
        world_close(&w);
    }
}

static void cash_wants_it_too_and_nothing_else_does(void **state)
{
    (void)state;
    struct world w;
    struct otp_secret secrets[2];
    world_of_secrets(&w, secrets, true);
    ask(&w, "POST", "/api/cash_withdrawals", AS "594",
        PAY("\"amount\":1,\"fiat_code\":\"usd\"", "2071"));
    assert_int_equal(w.reply.answer.status, 401);
    assert_string_equal(w.reply.answer.body.data,
                        "{\"error\":\"Invalid One Time Password\"}");
    ask(&w, "GET", "/api/cash_withdrawals", AS "594", "");
    assert_int_equal(w.reply.answer.status, 200);
    ask(&w, "POST", "/api/phone_seeds", AS "594", OF("phone_seeds", ""));
    assert_int_equal(w.reply.answer.status, 201);
    world_close(&w);
}

static void a_password_is_kept_with_a_late_request(void **state)
{
    (void)state;
    struct world w;
    struct otp_secret secrets[2];
    world_of_secrets(&w, secrets, false);
    world_fault(&w, "POST /coin_withdrawals:late-apply:1:1000");
    withdraw(&w, AS "594", OWN);
    assert_int_equal(effects(&w), 3);
    serve_late(&w.sandbox, (struct mono){w.now_us + 1000000});
    assert_int_equal(effects(&w), 4);
    world_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(codes_are_those_of_the_rfc),
        cmocka_unit_test(a_withdrawal_without_its_password_is_401),
        cmocka_unit_test(cash_wants_it_too_and_nothing_else_does),
        cmocka_unit_test(a_password_is_kept_with_a_late_request),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
