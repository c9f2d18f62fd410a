#include "model/document.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/scan.h"
#include "model/magic.h"

#define BLOCK (64 * 1024)

/* ---- the file ---- */

static int tell_open(struct err *err)
{
    if (errno == ENOENT || errno == ENOTDIR)
        return err_set(err, ERR_INPUT, "there is no such file");
    if (errno == ELOOP)
        return err_set(err, ERR_INPUT, "is a symbolic link: name the file itself");
    return err_set(err, ERR_INPUT, "cannot be opened: %s", strerror(errno));
}

static int check_size(int64_t size, int64_t max, struct err *err)
{
    if (size == 0)
        return err_set(err, ERR_INPUT, "is empty");
    if (size > max)
        return err_set(err, ERR_INPUT, "is too long: %lld bytes, of at most %lld",
                       (long long)size, (long long)max);
    return 0;
}

/* O_NONBLOCK: a FIFO must be refused, not waited for. */
static int open_file(const char *path, int64_t max, int64_t *size, struct err *err)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return tell_open(err);
    int rc = 0;
    if (fstat(fd, &st))
        rc = err_set(err, ERR_INPUT, "cannot be read: %s", strerror(errno));
    else if (!S_ISREG(st.st_mode))
        rc = err_set(err, ERR_INPUT, "is not a regular file");
    else
        rc = check_size(st.st_size, max, err);
    if (rc) {
        close(fd);
        return -1;
    }
    *size = st.st_size;
    return fd;
}

/* Counts what is read: a file that shrinks meanwhile has another digest. `head` gets the
 * first bytes. */
static int digest(int fd, char out[SHA256_HEX_MAX], struct buf *head, struct err *err)
{
    static const int64_t most = DOCUMENT_MAX + 1;
    char *block = mem_zero(BLOCK, 1);
    struct sha256 *sha = sha256_begin();
    int64_t total = 0;
    ssize_t n;
    while (total <= most && (n = pread(fd, block, BLOCK, total)) != 0) {
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            break;
        if (total == 0 && head)
            buf_add(head, block, (size_t)n < MAGIC_BYTES ? (size_t)n : MAGIC_BYTES);
        sha256_add(sha, (struct span){block, (size_t)n});
        total += n;
    }
    int rc = n < 0 ? err_set(err, ERR_INPUT, "cannot be read: %s", strerror(errno)) : 0;
    sha256_end(sha, out);
    free(block);
    return rc;
}

/* ---- looking ---- */

/* Absolute, so that the run may be started from elsewhere. To be freed; NULL: no such
 * folder. */
static char *absolute(const char *folder, struct span cell)
{
    if (cell.ptr[0] == '/')
        return mem_span(cell);
    char *real = realpath(folder && folder[0] ? folder : ".", NULL);
    char *path = real ? mem_printf("%s/%.*s", real, SPAN_ARG(cell)) : NULL;
    free(real);
    return path;
}

static bool is_among(const char *media, char *const *choices)
{
    for (size_t i = 0; choices && choices[i]; i++)
        if (strcmp(media, choices[i]) == 0)
            return true;
    return !choices;
}

static int check_kind(struct document *d, const struct buf *head, char *const *choices,
                      struct err *err)
{
    const char *media = magic_media(buf_span(head), d->path);
    if (!media)
        return err_set(err, ERR_INPUT,
                       "its first bytes are those of no kind of file "
                       "that is taken (`remesa actions` lists them)");
    if (!is_among(media, choices))
        return err_set(err, ERR_INPUT,
                       "is %s, which is not taken here (`remesa actions` lists what is)",
                       media);
    snprintf(d->media, sizeof(d->media), "%s", media);
    return 0;
}

static int look(struct document *d, char *const *choices, int64_t max, struct err *err)
{
    struct buf head;
    int fd = open_file(d->path, max ? max : DOCUMENT_MAX, &d->size, err);
    if (fd < 0)
        return -1;
    buf_init(&head, MAGIC_BYTES);
    int rc = digest(fd, d->sha256, &head, err);
    if (rc == 0)
        rc = check_kind(d, &head, choices, err);
    buf_close(&head);
    close(fd);
    return rc;
}

int document_look(struct document *out, const char *folder, struct span cell,
                  char *const *choices, int64_t max, struct err *err)
{
    *out = (struct document){0};
    if (cell.len == 0 || cell.len > DOCUMENT_CELL_MAX / 2 || !scan_is_utf8(cell) ||
        memchr(cell.ptr, '\0', cell.len))
        return err_set(err, ERR_INPUT, "is not the name of a file");
    out->path = absolute(folder, cell);
    if (!out->path || strlen(out->path) > DOCUMENT_CELL_MAX / 2)
        document_close(out);
    else if (look(out, choices, max, err) == 0)
        return 0;
    else {
        document_close(out);
        return -1;
    }
    return err_set(err, ERR_INPUT, "is not the name of a file");
}

void document_close(struct document *d)
{
    free(d->path);
    *d = (struct document){0};
}

const char *document_name(const struct document *d)
{
    return strrchr(d->path, '/') + 1;
}

bool document_media_is_known(const char *media)
{
    return magic_knows(media);
}

/* ---- the canonical cell ---- */

void document_write(const struct document *d, struct buf *out)
{
    buf_printf(out, "%s %lld %s %s", d->media, (long long)d->size, d->sha256, d->path);
}

static bool take_word(struct span *rest, struct span *word)
{
    const char *blank = rest->len ? memchr(rest->ptr, ' ', rest->len) : NULL;
    if (!blank)
        return false;
    *word = (struct span){rest->ptr, (size_t)(blank - rest->ptr)};
    *rest = (struct span){blank + 1, rest->len - word->len - 1};
    return true;
}

bool document_read(struct document *out, struct span cell)
{
    struct span media, size, sha256;
    *out = (struct document){0};
    if (!take_word(&cell, &media) || !take_word(&cell, &size) ||
        !take_word(&cell, &sha256) || cell.len == 0 || cell.ptr[0] != '/' ||
        media.len >= DOCUMENT_MEDIA_MAX || sha256.len != SHA256_HEX_MAX - 1 ||
        !scan_int(size, 1, DOCUMENT_MAX, &out->size))
        return false;
    snprintf(out->media, sizeof(out->media), "%.*s", SPAN_ARG(media));
    snprintf(out->sha256, sizeof(out->sha256), "%.*s", SPAN_ARG(sha256));
    out->path = mem_span(cell);
    if (magic_knows(out->media))
        return true;
    document_close(out);
    return false;
}

/* ---- sending ---- */

int document_open(const struct document *d, int *fd, struct err *err)
{
    char now[SHA256_HEX_MAX];
    int64_t size;
    *fd = open_file(d->path, DOCUMENT_MAX, &size, err);
    if (*fd < 0)
        return err_wrap(err, "%s", d->path);
    int rc = digest(*fd, now, NULL, err);
    if (rc == 0 && size != d->size)
        rc = err_set(err, ERR_INPUT,
                     "has changed since it was imported: %lld bytes, it had %lld",
                     (long long)size, (long long)d->size);
    else if (rc == 0 && strcmp(now, d->sha256) != 0)
        rc = err_set(err, ERR_INPUT,
                     "has changed since it was imported: its SHA-256 is another");
    if (rc == 0)
        return 0;
    close(*fd);
    *fd = -1;
    return err_wrap(err, "%s", d->path);
}

bool document_is_data_uri(struct span cell)
{
    static const char start[] = "data:";
    return cell.len >= sizeof(start) - 1 &&
           memcmp(cell.ptr, start, sizeof(start) - 1) == 0;
}
