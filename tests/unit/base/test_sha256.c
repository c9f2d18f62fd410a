#include "base/sha256.h"
#include "lib/check.h"

static void digests_of_the_standard_s_examples(void **state)
{
    (void)state;
    static const struct {
        const char *given;
        const char *want;
    } rows[] = {
        {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char hex[SHA256_HEX_MAX];
        struct sha256 *s = sha256_begin();
        sha256_add(s, span_of(rows[i].given));
        sha256_end(s, hex);
        assert_string_equal(hex, rows[i].want);
    }
}

static void pieces_give_the_digest_of_the_whole(void **state)
{
    (void)state;
    char hex[SHA256_HEX_MAX];
    struct sha256 *s = sha256_begin();
    for (int i = 0; i < 1000000; i++)
        sha256_add(s, (struct span){"a", 1});
    sha256_add(s, (struct span){NULL, 0});
    sha256_end(s, hex);
    assert_string_equal(
        hex, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

static void two_digests_do_not_disturb_each_other(void **state)
{
    (void)state;
    char one[SHA256_HEX_MAX], two[SHA256_HEX_MAX];
    struct sha256 *a = sha256_begin(), *b = sha256_begin();
    sha256_add(a, span_of("ab"));
    sha256_add(b, span_of("abc"));
    sha256_add(a, span_of("c"));
    sha256_end(a, one);
    sha256_end(b, two);
    assert_string_equal(one, two);
}

static void giving_up_frees(void **state)
{
    (void)state;
    struct sha256 *s = sha256_begin();
    sha256_add(s, span_of("abc"));
    sha256_end(s, NULL);
}

/* RFC 7914, 11. */
static void a_stretched_digest_is_the_standard_s(void **state)
{
    (void)state;
    char hex[SHA256_HEX_MAX];
    sha256_stretch(span_of("passwd"), span_of("salt"), 1, hex);
    assert_string_equal(
        hex, "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc");
    sha256_stretch(span_of("Password"), span_of("NaCl"), 80000, hex);
    assert_string_equal(
        hex, "4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56");
}

/* RFC 2202, 3: the first case. */
static void a_keyed_digest_is_the_standard_s(void **state)
{
    (void)state;
    static const unsigned char want[SHA1_BYTES] = {
        0xb6, 0x17, 0x31, 0x86, 0x55, 0x05, 0x72, 0x64, 0xe2, 0x8b,
        0xc0, 0xb6, 0xfb, 0x37, 0x8c, 0x8e, 0xf1, 0x46, 0xbe, 0x00};
    char key[20];
    unsigned char got[SHA1_BYTES];
    memset(key, 0x0b, sizeof(key));
    sha1_hmac((struct span){key, sizeof(key)}, span_of("Hi There"), got);
    assert_memory_equal(got, want, sizeof(want));
}

int main(void)
{
    sha256_setup(); /* as a run does: every digest here is made in memory of ours */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(digests_of_the_standard_s_examples),
        cmocka_unit_test(pieces_give_the_digest_of_the_whole),
        cmocka_unit_test(two_digests_do_not_disturb_each_other),
        cmocka_unit_test(giving_up_frees),
        cmocka_unit_test(a_stretched_digest_is_the_standard_s),
        cmocka_unit_test(a_keyed_digest_is_the_standard_s),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
