#include "net/body.h"

#include <unistd.h>

#include "base/base64.h"
#include "base/buf.h"
#include "lib/check.h"

#define OUT_MAX ((size_t)4 * 1024 * 1024)

static void digest_of(struct span bytes, char out[SHA256_HEX_MAX])
{
    struct sha256 *s = sha256_begin();
    sha256_add(s, bytes);
    sha256_end(s, out);
}

/* A file that nobody else can name. */
static struct http_file file_of(struct span bytes, size_t at)
{
    char name[] = "/tmp/remesa-body-XXXXXX";
    struct http_file f = {.at = at, .fd = mkstemp(name), .size = (int64_t)bytes.len};
    assert_true(f.fd >= 0);
    unlink(name);
    assert_int_equal(write(f.fd, bytes.ptr, bytes.len), bytes.len);
    digest_of(bytes, f.sha256);
    return f;
}

static char *pattern(size_t len)
{
    char *bytes = malloc(len);
    assert_non_null(bytes);
    for (size_t i = 0; i < len; i++)
        bytes[i] = (char)(i * 7 + i / 251);
    return bytes;
}

static size_t read_all(struct body *b, char *out, size_t room, bool *broken)
{
    size_t total = 0, n;
    while ((n = body_read(b, out + total, room)) != 0 && n != BODY_BROKEN)
        total += n;
    *broken = n == BODY_BROKEN;
    return total;
}

/* Text around and between files of lengths at which a piece just ends, read in mouthfuls of every kind. */
static void text_and_files_come_out_in_their_order(void **state)
{
    (void)state;
    static const size_t sizes[] = {1, 2, 3, 12287, 12288, 12289, 24576, 100000};
    static const size_t rooms[] = {1, 3, 4, 1000, 16384, 65536};
    char *out = malloc(OUT_MAX), *want = malloc(OUT_MAX);
    struct table t = {0};
    for (size_t i = 0; i < COUNT_OF(sizes) * COUNT_OF(rooms); i++) {
        size_t size = sizes[i / COUNT_OF(rooms)], room = rooms[i % COUNT_OF(rooms)];
        char *bytes = pattern(size);
        struct http_request r;
        struct body b;
        bool broken;
        http_request_init(&r);
        body_init(&b);
        buf_add_text(&r.body, "{\"a\":\"\",\"b\":\"\"}");
        r.files[r.file_count++] = file_of((struct span){bytes, size}, 6);
        r.files[r.file_count++] = file_of((struct span){bytes, size}, 13);
        assert_true(body_take(&b, &r));
        int64_t length = http_request_length(&r);
        http_request_close(&r); /* the body has its own descriptors */
        size_t coded = (size_t)base64_length((int64_t)size);
        memcpy(want, "{\"a\":\"", 6);
        base64_write((struct span){bytes, size}, want + 6);
        memcpy(want + 6 + coded, "\",\"b\":\"", 7);
        base64_write((struct span){bytes, size}, want + 13 + coded);
        memcpy(want + 13 + 2 * coded, "\"}", 2);
        size_t got = read_all(&b, out, room, &broken);
        table_want(&t,
                   !broken && got == 15 + 2 * coded && (int64_t)got == length &&
                       memcmp(out, want, got) == 0,
                   "%zu bytes by %zu: %zu of %zu", size, room, got, 15 + 2 * coded);
        body_close(&b);
        free(bytes);
    }
    table_end(&t);
    free(out);
    free(want);
}

/* What is read of a file that was written to since must never add up to a whole request. */
static void a_file_that_changes_cuts_the_body_off(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        off_t at, length; /* a byte there is another one; or it has become so long */
    } rows[] = {{"first byte", 0, 0},
                {"last byte", 29999, 0},
                {"shorter", -1, 29999},
                {"empty", -1, 0}};
    char *out = malloc(OUT_MAX), *bytes = pattern(30000);
    struct table t = {0};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct http_request r;
        struct body b;
        bool broken;
        http_request_init(&r);
        body_init(&b);
        buf_add_text(&r.body, "\"\"");
        r.files[r.file_count++] = file_of((struct span){bytes, 30000}, 1);
        if (rows[i].at >= 0)
            assert_int_equal(pwrite(r.files[0].fd, "\x01", 1, rows[i].at), 1);
        else
            assert_int_equal(ftruncate(r.files[0].fd, rows[i].length), 0);
        assert_true(body_take(&b, &r));
        size_t got = read_all(&b, out, 5000, &broken);
        table_want(&t, broken && b.broken && got < 1 + 40000, "%s: %zu", rows[i].name,
                   got);
        table_want(&t, body_read(&b, out, 5000) == BODY_BROKEN, "%s: again",
                   rows[i].name);
        body_close(&b);
        http_request_close(&r);
    }
    table_end(&t);
    free(out);
    free(bytes);
}

static void one_that_was_cleared_is_as_new(void **state)
{
    (void)state;
    char out[64];
    bool broken;
    struct http_request r;
    struct body b;
    http_request_init(&r);
    body_init(&b);
    buf_add_text(&r.body, "xy");
    r.files[r.file_count++] = file_of((struct span)LIT("foobar"), 1);
    for (int i = 0; i < 3; i++) {
        assert_true(body_take(&b, &r));
        size_t got = i == 1 ? body_read(&b, out, 3) : read_all(&b, out, 3, &broken);
        assert_memory_equal(out, "xZm9vYmFyy", i == 1 ? got : 10);
        body_clear(&b);
        assert_int_equal(body_read(&b, out, 3), 0);
    }
    body_close(&b);
    http_request_close(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_and_files_come_out_in_their_order),
        cmocka_unit_test(a_file_that_changes_cuts_the_body_off),
        cmocka_unit_test(one_that_was_cleared_is_as_new),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
