#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

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

static void a_withdrawal_without_its_password_is_401(void **state)
{
    (void)state;
    struct world w;
    struct otp_secret secret = {.user = 594};
    world_open(&w);
    people(&w);
    assert_true(otp_read_secret(span_of("GEZDGNBVGY3TQOJQ"), &secret));
    w.options.otp_secrets = &secret;
    w.options.otp_count = 1;
    ask(&w, "POST", "/api/coin_withdrawals", AS "594", GOOD_COIN);
    assert_int_equal(w.reply.answer.status, 401);
    ask(&w, "POST", "/api/coin_withdrawals", AS "595", GOOD_COIN);
    assert_int_equal(w.reply.answer.status, 200);
    char code[7];
    otp_code(&secret, w.now_us / SEC_US, code); /* the world's wall clock begins at 0 */
    read_request(&w, "POST", "/api/coin_withdrawals", AS "594", GOOD_COIN);
    buf_add_text(&w.reader.request.password, code);
    serve(&w.sandbox, &w.reader.request, (struct mono){w.now_us}, &w.reply);
    assert_int_equal(w.reply.answer.status, 200);
    assert_int_equal(effects(&w), 5);
    world_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(codes_are_those_of_the_rfc),
        cmocka_unit_test(a_withdrawal_without_its_password_is_401),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
