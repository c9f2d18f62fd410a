#include "intake/decode.h"

#include <errno.h>
#include <iconv.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define HELD_MAX 8 /* bytes: longer than any character */

struct decode {
    const char *encoding; /* NULL: UTF-8 */
    bool begun;
    bool is_open;
    iconv_t open;
    char held[HELD_MAX]; /* the start of a character, or of the file */
    size_t held_len;
};

struct decode *decode_open(const char *encoding)
{
    struct decode *d = mem_zero(1, sizeof(*d));
    bool other = encoding && strcmp(encoding, "utf-8") != 0;
    d->encoding = other ? encoding : NULL;
    return d;
}

void decode_close(struct decode *d)
{
    if (d && d->is_open)
        iconv_close(d->open);
    free(d);
}

/* ---- how the file begins ---- */

static bool begins(struct span bytes, const char *mark)
{
    return bytes.len >= strlen(mark) && memcmp(bytes.ptr, mark, strlen(mark)) == 0;
}

static const char *utf16_by_mark(struct span bytes)
{
    return begins(bytes, "\xff\xfe")   ? "UTF-16LE"
           : begins(bytes, "\xfe\xff") ? "UTF-16BE"
                                       : NULL;
}

static int choose(struct decode *d, struct span bytes, const char **name, struct err *err)
{
    const char *utf16 = utf16_by_mark(bytes);
    *name = NULL;
    if (!d->encoding && utf16)
        return err_set(err, ERR_INPUT, "this is UTF-16: try --encoding utf-16");
    if (!d->encoding)
        return 0;
    bool wants_utf16 = strcmp(d->encoding, "utf-16") == 0;
    if (wants_utf16 && !utf16)
        return err_set(err, ERR_INPUT,
                       "not UTF-16, which begins with a byte order mark: leave "
                       "--encoding out, or save the file as UTF-8");
    if (!wants_utf16 && utf16)
        return err_set(err, ERR_INPUT, "not %s but UTF-16: try --encoding utf-16",
                       d->encoding);
    if (!wants_utf16 && begins(bytes, "\xef\xbb\xbf"))
        return err_set(err, ERR_INPUT, "not %s but UTF-8: leave --encoding out",
                       d->encoding);
    *name = utf16 ? utf16 : "CP1252";
    return 0;
}

static int begin(struct decode *d, struct span bytes, struct err *err)
{
    const char *name;
    d->begun = true;
    if (choose(d, bytes, &name, err))
        return -1;
    if (!name)
        return 0;
    d->open = iconv_open("UTF-8", name);
    d->is_open = d->open != (iconv_t)-1;
    return d->is_open
               ? 0
               : err_set(err, ERR_CONFIG, "the C library of this system cannot read %s",
                         d->encoding);
}

/* ---- pieces ---- */

/* Takes what makes whole characters off the front of *bytes. */
static int convert(struct decode *d, struct span *bytes, struct buf *out, struct err *err)
{
    char piece[4096];
    int rc = 0;
    while (bytes->len && rc == 0) {
        char *from = (char *)bytes->ptr, *to = piece; /* iconv does not write to it */
        size_t left = bytes->len, room = sizeof(piece);
        size_t done = iconv(d->open, &from, &left, &to, &room);
        int why = errno;
        buf_add(out, piece, sizeof(piece) - room);
        *bytes = (struct span){from, left};
        if (done != (size_t)-1 || why == E2BIG)
            continue;
        if (why == EINVAL)
            break;
        rc = err_set(err, ERR_INPUT, "0x%02x is no character of %s",
                     (unsigned char)bytes->ptr[0], d->encoding);
    }
    return rc;
}

static void hold(struct decode *d, struct span bytes)
{
    d->held_len = bytes.len < HELD_MAX ? bytes.len : HELD_MAX;
    memmove(d->held, bytes.ptr, d->held_len);
}

static int add(struct decode *d, struct span bytes, bool is_last, struct buf *out,
               struct err *err)
{
    if (!d->begun && begin(d, bytes, err))
        return -1;
    if (!d->is_open) {
        buf_add_span(out, bytes);
        d->held_len = 0;
        return 0;
    }
    if (convert(d, &bytes, out, err))
        return -1;
    hold(d, bytes);
    return is_last && bytes.len
               ? err_set(err, ERR_INPUT, "the file ends within a character")
               : 0;
}

int decode_add(struct decode *d, struct span bytes, bool is_last, struct buf *out,
               struct err *err)
{
    bool enough = d->begun || is_last || d->held_len + bytes.len >= 3;
    if (d->held_len == 0 && enough)
        return add(d, bytes, is_last, out, err);
    struct buf joined;
    buf_init(&joined, HELD_MAX + bytes.len);
    buf_add(&joined, d->held, d->held_len);
    buf_add_span(&joined, bytes);
    int rc = 0;
    if (enough)
        rc = add(d, buf_span(&joined), is_last, out, err);
    else
        hold(d, buf_span(&joined));
    buf_close(&joined);
    return rc;
}
