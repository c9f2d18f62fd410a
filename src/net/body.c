#include "net/body.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/base64.h"
#include "base/mem.h"

#define RAW_MAX   ((size_t)12 * 1024) /* of whole threes, so that no padding is inside */
#define CODED_MAX (RAW_MAX / 3 * 4)

void body_init(struct body *b)
{
    *b = (struct body){0};
    buf_init(&b->text, HTTP_REQUEST_MAX);
}

void body_clear(struct body *b)
{
    struct buf text = b->text;
    for (int i = 0; i < b->file_count; i++)
        close(b->files[i].fd);
    if (b->sha)
        sha256_end(b->sha, NULL);
    if (b->room)
        explicit_bzero(b->room, RAW_MAX + CODED_MAX);
    free(b->room);
    explicit_bzero(text.data, text.room);
    buf_clear(&text);
    *b = (struct body){.text = text};
}

void body_close(struct body *b)
{
    body_clear(b);
    buf_close(&b->text);
}

bool body_take(struct body *b, const struct http_request *r)
{
    for (int i = 0; i < r->file_count; i++) {
        struct http_file file = r->files[i];
        file.fd = fcntl(file.fd, F_DUPFD_CLOEXEC, 0);
        if (file.fd < 0)
            return false;
        b->files[b->file_count++] = file;
    }
    return buf_add_span(&b->text, buf_span(&r->body));
}

/* ---- reading ---- */

static bool read_whole(int fd, char *out, size_t want, int64_t at)
{
    while (want) {
        ssize_t n = pread(fd, out, want, at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        out += n;
        at += n;
        want -= (size_t)n;
    }
    return true;
}

/* The file may have been written to since it was looked at: the server must not get a
 * whole request with other bytes in it. */
static bool file_is_as_it_was(struct body *b, const struct http_file *f)
{
    char now[SHA256_HEX_MAX];
    sha256_end(b->sha, now);
    b->sha = NULL;
    return strcmp(now, f->sha256) == 0;
}

static bool next_of_file(struct body *b)
{
    const struct http_file *f = &b->files[b->file];
    int64_t left = f->size - b->file_at;
    size_t n = left < (int64_t)RAW_MAX ? (size_t)left : RAW_MAX;
    if (!b->room)
        b->room = mem_zero(RAW_MAX + CODED_MAX, 1);
    if (!b->sha)
        b->sha = sha256_begin();
    if (!read_whole(f->fd, b->room, n, b->file_at))
        return false;
    sha256_add(b->sha, (struct span){b->room, n});
    base64_write((struct span){b->room, n}, b->room + RAW_MAX);
    b->piece = (struct span){b->room + RAW_MAX, (size_t)base64_length((int64_t)n)};
    b->file_at += (int64_t)n;
    if (b->file_at < f->size)
        return true;
    b->file++;
    b->file_at = 0;
    return file_is_as_it_was(b, f);
}

/* Where the text goes to before the next file, or its end. */
static size_t text_end(const struct body *b)
{
    return b->file < b->file_count ? b->files[b->file].at : b->text.len;
}

static size_t take_span(struct span *from, char *out, size_t room)
{
    size_t n = from->len < room ? from->len : room;
    if (n)
        memcpy(out, from->ptr, n);
    *from = (struct span){from->ptr + n, from->len - n};
    return n;
}

size_t body_read(struct body *b, char *out, size_t room)
{
    if (b->broken)
        return BODY_BROKEN;
    if (b->piece.len)
        return take_span(&b->piece, out, room);
    struct span text = {b->text.data + b->at, text_end(b) - b->at};
    if (text.len) {
        size_t n = take_span(&text, out, room);
        b->at += n;
        return n;
    }
    if (b->file == b->file_count)
        return 0;
    b->broken = !next_of_file(b);
    return b->broken ? BODY_BROKEN : take_span(&b->piece, out, room);
}
