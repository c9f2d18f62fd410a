#include "base/rng.h"
#include "intake/decode.h"
#include "lib/check.h"

/* Bytes in pieces of `step` at most; what came out, or "!" and what is wrong. */
static void decode(const char *encoding, struct span bytes, size_t step, struct buf *out)
{
    struct decode *d = decode_open(encoding);
    struct err err;
    int rc = 0;
    while (rc == 0 && bytes.len) {
        size_t n = bytes.len < step ? bytes.len : step;
        struct exact piece = exact_open((struct span){bytes.ptr, n});
        rc = decode_add(d, piece.text, false, out, &err);
        exact_close(&piece);
        bytes = (struct span){bytes.ptr + n, bytes.len - n};
    }
    if (rc == 0)
        rc = decode_add(d, (struct span){bytes.ptr, 0}, true, out, &err);
    if (rc)
        buf_printf(out, "!%s", err.text);
    decode_close(d);
}

static const struct {
    const char *encoding;
    struct span given;
    const char *want;
} rows[] = {
    {NULL, LIT("a\xc3\xb1\xff"), "a\xc3\xb1\xff"}, /* the reader's to judge */
    {"utf-8", LIT("a"), "a"},
    {NULL, LIT(""), ""},
    {NULL, LIT("\xef\xbb\xbfz"), "\xef\xbb\xbfz"},
    {NULL, LIT("\xff\xfe"), "!this is UTF-16: try --encoding utf-16"},
    {NULL, LIT("\xfe\xff\0a"), "!this is UTF-16: try --encoding utf-16"},
    {"utf-16",
     LIT("\xff\xfe"
         "a\0\xf1\0\x4e\x67"),
     "\xef\xbb\xbf"
     "a\xc3\xb1\xe6\x9d\x8e"},
    {"utf-16", LIT("\xfe\xff\0a\0\xf1\x67\x4e"),
     "\xef\xbb\xbf"
     "a\xc3\xb1\xe6\x9d\x8e"},
    {"utf-16", LIT("\xff\xfe\x3d\xd8\x00\xde"), "\xef\xbb\xbf\xf0\x9f\x98\x80"},
    {"utf-16",
     LIT("\xff\xfe"
         "a\0b"),
     "\xef\xbb\xbf"
     "a!the file ends within a character"},
    {"utf-16", LIT("\xff\xfe\x3d\xd8"), "\xef\xbb\xbf!the file ends within a character"},
    {"utf-16",
     LIT("\xff\xfe"
         "a\0\x00\xde"
         "b\0"),
     "\xef\xbb\xbf"
     "a!0x00 is no character of utf-16"},
    {"utf-16", LIT("a\0b\0"),
     "!not UTF-16, which begins with a byte order mark: leave --encoding out, or save "
     "the "
     "file as UTF-8"},
    {"utf-16", LIT("a"),
     "!not UTF-16, which begins with a byte order mark: leave --encoding out, or save "
     "the "
     "file as UTF-8"},
    {"windows-1252", LIT("Mu\xf1oz \x80"), "Mu\xc3\xb1oz \xe2\x82\xac"},
    {"windows-1252", LIT("x"), "x"},
    {"windows-1252", LIT("x\x81z"), "x!0x81 is no character of windows-1252"},
    {"windows-1252",
     LIT("\xff\xfe"
         "a\0"),
     "!not windows-1252 but UTF-16: try --encoding utf-16"},
    {"windows-1252", LIT("\xef\xbb\xbfz"),
     "!not windows-1252 but UTF-8: leave --encoding out"},
};

static void every_encoding_comes_out_as_utf8_in_pieces_of_any_size(void **state)
{
    (void)state;
    struct table t = {0};
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        for (size_t step = 1; step < 8; step++) {
            struct buf out;
            buf_init(&out, 1000);
            decode(rows[i].encoding, rows[i].given, step, &out);
            table_want(&t, strcmp(out.data, rows[i].want) == 0, "row %zu by %zu: %s", i,
                       step, out.data);
            buf_close(&out);
        }
    table_end(&t);
}

/* Any bytes at all: the same in one piece and in many, and never more than is promised. */
static void any_bytes_give_the_same_in_any_pieces(void **state)
{
    (void)state;
    static const char *const encodings[] = {NULL, "utf-16", "windows-1252"};
    struct rng rng;
    rng_init(&rng, 7);
    for (int i = 0; i < 3000; i++) {
        char bytes[64];
        size_t len = rng_below(&rng, sizeof(bytes));
        for (size_t b = 0; b < len; b++)
            bytes[b] = (char)rng_below(&rng, 256);
        if (len > 1 && i % 3 == 1)
            memcpy(bytes, "\xff\xfe", 2);
        struct buf whole, pieces;
        buf_init(&whole, 2000);
        buf_init(&pieces, 2000);
        decode(encodings[i % 3], (struct span){bytes, len}, len + 1, &whole);
        decode(encodings[i % 3], (struct span){bytes, len}, 1 + rng_below(&rng, 9),
               &pieces);
        assert_string_equal(whole.data, pieces.data);
        buf_close(&whole);
        buf_close(&pieces);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_encoding_comes_out_as_utf8_in_pieces_of_any_size),
        cmocka_unit_test(any_bytes_give_the_same_in_any_pieces),
    };
    return cmocka_run_group_tests_name("intake: decode", tests, NULL, NULL);
}
