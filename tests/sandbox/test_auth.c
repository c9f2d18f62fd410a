#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sandbox/auth.h"

static void headers_are_taken_apart(void **state)
{
    (void)state;
    static const struct {
        const char *header, *key, *user;
        bool on_behalf;
    } table[] = {
        {"abcdefgh", "abcdefgh", "", false},
        {"abcdefgh; user=123", "abcdefgh", "123", true},
        {"abcdefgh ;user=123", "abcdefgh", "123", true},
        {"abcdefgh;user=123 ", "abcdefgh", "123", true},
        {"abcdefgh; user=", "abcdefgh", "", true},
        {"abcdefgh; user=1;2", "abcdefgh", "1;2", true},
        {"abcdefgh; usr=123", "abcdefgh; usr=123", "", false},
        {"abcdefgh;", "abcdefgh;", "", false},
        {"", "", "", false},
    };
    for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
        struct auth a = auth_read(span_of(table[i].header));
        if (!span_is(a.key, table[i].key) || a.on_behalf != table[i].on_behalf ||
            (a.on_behalf && !span_is(a.user, table[i].user)))
            fail_msg("\"%s\": key \"%.*s\"", table[i].header, SPAN_ARG(a.key));
    }
}

static void keys_are_judged(void **state)
{
    (void)state;
    assert_true(auth_key_ok(span_of("the-key"), "the-key"));
    assert_false(auth_key_ok(span_of("the-key2"), "the-key"));
    assert_false(auth_key_ok(span_of(""), "the-key"));
    assert_true(auth_key_ok(span_of("12345678"), NULL));
    assert_false(auth_key_ok(span_of("1234567"), NULL));
    assert_false(auth_key_ok(span_of("1234 5678"), NULL));
    assert_false(auth_key_ok(span_of("12345678\xc3\xa9"), NULL));
    assert_false(auth_key_ok(auth_read(span_of("12345678;usr=1")).key, NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(headers_are_taken_apart),
        cmocka_unit_test(keys_are_judged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
