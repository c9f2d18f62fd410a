#include "base/base64.h"
#include "lib/check.h"

/* RFC 4648, 10. */
static void the_standard_s_examples(void **state)
{
    (void)state;
    static const struct {
        const char *given, *want;
    } rows[] = {
        {"", ""},
        {"f", "Zg=="},
        {"fo", "Zm8="},
        {"foo", "Zm9v"},
        {"foob", "Zm9vYg=="},
        {"fooba", "Zm9vYmE="},
        {"foobar", "Zm9vYmFy"},
        {"\xff\xfe\xfb\xf0", "//778A=="},
    };
    struct table t = {0};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char out[16] = "";
        base64_write(span_of(rows[i].given), out);
        table_want(&t, strcmp(out, rows[i].want) == 0, "%s: %s", rows[i].given, out);
        table_want(&t,
                   base64_length((int64_t)strlen(rows[i].given)) ==
                       (int64_t)strlen(rows[i].want),
                   "%s: length", rows[i].given);
    }
    table_end(&t);
}

static void every_byte_and_not_one_past_the_end(void **state)
{
    (void)state;
    char bytes[256];
    for (int i = 0; i < 256; i++)
        bytes[i] = (char)i;
    struct exact in = exact_open((struct span){bytes, sizeof(bytes)});
    struct exact out = exact_open((struct span){bytes, 256});
    base64_write((struct span){in.text.ptr, 190}, (char *)out.text.ptr); /* 256 signs */
    assert_memory_equal(out.text.ptr, "AAECAwQFBgcICQoLDA0ODxAREhMUFRYX", 32);
    assert_int_equal(out.text.ptr[253], 'Q');
    assert_int_equal(out.text.ptr[254], '=');
    exact_close(&in);
    exact_close(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_standard_s_examples),
        cmocka_unit_test(every_byte_and_not_one_past_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
