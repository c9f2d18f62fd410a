#include "api/key.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/span.h"

#define FILE_MAX_BYTES 4096 /* a key and some blank; more is some other file */

/* What such a file holds. */
struct holds {
    const char *what;
    bool blanks; /* may stand inside */
};
static const struct holds api_key = {"API key", false};
static const struct holds otp_secret = {"secret for one-time passwords", true};

/* ---- the page ---- */

static int page_open(struct key *key, struct err *err)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t room = (FILE_MAX_BYTES + 1 + page - 1) / page * page;
    void *at =
        mmap(NULL, room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (at == MAP_FAILED)
        return err_set(err, ERR_SOFTWARE, "no memory page for the key: %s",
                       strerror(errno));
    /* Best effort: a small RLIMIT_MEMLOCK is no reason not to pay people. mlock2: of mlock the sanitizers make
     * nothing, and no test could see it. */
    bool is_locked = mlock2(at, room, 0) == 0;
    (void)madvise(at, room, MADV_DONTDUMP);
    *key = (struct key){at, room, is_locked};
    return 0;
}

void key_wipe(struct key *key)
{
    if (key->text) {
        explicit_bzero(key->text, key->room);
        munmap(key->text, key->room);
    }
    *key = (struct key){0};
}

bool key_can_be_locked(void)
{
    struct key key;
    struct err ignored;
    if (page_open(&key, &ignored))
        return false;
    bool is_locked = key.is_locked;
    key_wipe(&key);
    return is_locked;
}

void key_scrub_text(const char *secret, char *text)
{
    size_t len = strlen(secret);
    for (char *at = text; len && at && (at = strstr(at, secret)); at += len)
        memset(at, '*', len);
}

void key_scrub(const struct key *key, char *text)
{
    key_scrub_text(key->text, text);
}

/* ---- the file ---- */

static int explain_open(const struct holds *holds, const char *path, struct err *err)
{
    switch (errno) {
    case ENOENT:
    case ENOTDIR:
        return err_set(err, ERR_NOINPUT,
                       "%s: no such file: put the %s on its first line, then "
                       "chmod 600 %s",
                       path, holds->what, path);
    case ELOOP:
        return err_set(err, ERR_NOPERM, "%s: a symbolic link: name the key file itself",
                       path);
    case EACCES:
        return err_set(err, ERR_NOPERM, "%s: you may not read it: chown it to yourself",
                       path);
    default:
        return err_set(err, ERR_IO, "%s: cannot be opened: %s", path, strerror(errno));
    }
}

/* systemd gives a unit's credential to its user by an access list, which shows as a group
 * bit (0440) on a file of root's. */
static int check_rights(const char *path, const struct stat *st, bool credential,
                        struct err *err)
{
    mode_t forbidden = credential ? 037 : 077;
    if (!S_ISREG(st->st_mode))
        return err_set(err, ERR_CONFIG, "%s: not a regular file", path);
    if (st->st_uid != geteuid() && st->st_uid != 0)
        return err_set(err, ERR_NOPERM,
                       "%s: belongs to another user: chown it to yourself", path);
    if (st->st_mode & forbidden)
        return err_set(err, ERR_NOPERM, "%s: others may read or change it: chmod 600 %s",
                       path, path);
    return 0;
}

static int fill(struct key *key, int fd, const struct holds *holds, const char *path,
                size_t *len, struct err *err)
{
    *len = 0;
    while (*len <= FILE_MAX_BYTES) {
        ssize_t n = read(fd, key->text + *len, FILE_MAX_BYTES + 1 - *len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_set(err, ERR_IO, "%s: cannot be read: %s", path, strerror(errno));
        if (n == 0)
            return 0;
        *len += (size_t)n;
    }
    return err_set(err, ERR_CONFIG, "%s: too long to be %s %s", path,
                   holds == &api_key ? "an" : "a", holds->what);
}

/* ---- the text ---- */

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static struct span first_line(struct span text)
{
    const char *end = text.len ? memchr(text.ptr, '\n', text.len) : NULL;
    if (end)
        text.len = (size_t)(end - text.ptr);
    while (text.len && is_blank(text.ptr[text.len - 1]))
        text.len--;
    while (text.len && is_blank(text.ptr[0]))
        text = (struct span){text.ptr + 1, text.len - 1};
    return text;
}

/* Whatever passes goes into a header as it is: "KEY; user=ID" (CWE-93). */
static bool is_key(const struct holds *holds, struct span line)
{
    for (size_t i = 0; i < line.len; i++)
        if (holds->blanks && line.ptr[i] == ' ')
            continue;
        else if (line.ptr[i] <= ' ' || line.ptr[i] >= 0x7f || line.ptr[i] == ';')
            return false;
    return line.len >= KEY_LEN_MIN && line.len <= KEY_LEN_MAX;
}

static int keep_line(struct key *key, size_t len, const struct holds *holds,
                     const char *path, struct err *err)
{
    struct span line = first_line((struct span){key->text, len});
    if (line.len == 0)
        return err_set(err, ERR_CONFIG, "%s: empty: put the %s on its first line", path,
                       holds->what);
    if (!is_key(holds, line))
        return err_set(err, ERR_CONFIG,
                       "%s: the first line is no %s: %d to %d visible ASCII "
                       "characters, no blank and no ';'",
                       path, holds->what, KEY_LEN_MIN, KEY_LEN_MAX);
    size_t kept = line.len;
    memmove(key->text, line.ptr, kept);
    explicit_bzero(key->text + kept, key->room - kept);
    return 0;
}

static int read_from(struct key *key, int fd, const struct holds *holds, const char *path,
                     bool credential, struct err *err)
{
    struct stat st;
    size_t len;
    if (fstat(fd, &st))
        return err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
    if (check_rights(path, &st, credential, err) || page_open(key, err))
        return -1;
    if (fill(key, fd, holds, path, &len, err) == 0 &&
        keep_line(key, len, holds, path, err) == 0)
        return 0;
    key_wipe(key);
    return -1;
}

/* O_NONBLOCK: a FIFO must be refused, not waited for. */
static int read_path(struct key *key, const struct holds *holds, const char *path,
                     bool credential, struct err *err)
{
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return explain_open(holds, path, err);
    int rc = read_from(key, fd, holds, path, credential, err);
    close(fd);
    return rc;
}

static bool is_inside(const char *folder, const char *path)
{
    size_t n = strlen(folder);
    return strncmp(path, folder, n) == 0 && path[n] == '/' && !strchr(path + n + 1, '/');
}

static const char *credentials(void)
{
    const char *folder = getenv("CREDENTIALS_DIRECTORY");
    return folder && folder[0] == '/' ? folder : NULL;
}

int key_read_otp(struct key *out, const char *path, struct err *err)
{
    const char *folder = credentials();
    *out = (struct key){0};
    return read_path(out, &otp_secret, path, folder && is_inside(folder, path), err);
}

int key_read(struct key *out, const char *path, struct err *err)
{
    const char *folder = credentials();
    *out = (struct key){0};
    if (path)
        return read_path(out, &api_key, path, folder && is_inside(folder, path), err);
    if (!folder)
        return err_set(err, ERR_CONFIG,
                       "no API key: write it into a file, chmod 600 FILE, and give "
                       "--api-key-file FILE");
    char *full = mem_printf("%s/api_key", folder);
    int rc = read_path(out, &api_key, full, true, err);
    free(full);
    return rc;
}
