#include "db/beside.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

static int fail(struct err *err, const char *path, const char *doing)
{
    return err_set(err, ERR_IO, "%s: cannot %s it: %s", path, doing, strerror(errno));
}

static int read_all(int fd, const char *path, struct buf *out, struct err *err)
{
    char piece[4096];
    ssize_t n;
    while ((n = read(fd, piece, sizeof(piece))) > 0)
        if (!buf_add(out, piece, (size_t)n))
            return err_set(err, ERR_IO, "%s: longer than any that remesa writes", path);
    return n < 0 ? fail(err, path, "read") : 1;
}

int beside_read(const char *db_path, const char *suffix, struct buf *out, struct err *err)
{
    char *path = mem_printf("%s%s", db_path, suffix);
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    int rc = 0;
    if (fd >= 0)
        rc = read_all(fd, path, out, err);
    else if (errno != ENOENT)
        rc = fail(err, path, "open");
    if (fd >= 0)
        close(fd);
    free(path);
    return rc;
}

/* To be freed. */
static char *folder_of(const char *path)
{
    char *folder = mem_text(path);
    char *slash = strrchr(folder, '/');
    if (slash)
        slash[slash == folder] = '\0';
    else
        snprintf(folder, strlen(path) + 1, ".");
    return folder;
}

unsigned beside_mode(const char *db_path)
{
    const mode_t shared = S_ISGID | S_IRWXG;
    struct stat st;
    char *folder = folder_of(db_path);
    bool is_shared = stat(folder, &st) == 0 && (st.st_mode & shared) == shared &&
                     (st.st_mode & S_IRWXO) == 0;
    free(folder);
    return is_shared ? 0660 : 0600;
}

void beside_set_mode(int fd, const char *db_path)
{
    struct stat st;
    mode_t mode = beside_mode(db_path);
    if (fstat(fd, &st) == 0 && st.st_uid == geteuid() && (st.st_mode & 0777) != mode)
        fchmod(fd, mode);
}

static int write_synced(const char *path, const char *db_path, struct span text,
                        struct err *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return fail(err, path, "create");
    beside_set_mode(fd, db_path);
    int rc = 0;
    if (write(fd, text.ptr, text.len) != (ssize_t)text.len || fsync(fd) != 0)
        rc = fail(err, path, "write");
    if (close(fd) != 0 && rc == 0)
        rc = fail(err, path, "write");
    return rc;
}

/* Only with this is a name there after a power cut. */
static int sync_folder_of(const char *path, struct err *err)
{
    char *folder = folder_of(path);
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int rc = fd >= 0 && fsync(fd) == 0 ? 0 : fail(err, folder, "sync");
    if (fd >= 0)
        close(fd);
    free(folder);
    return rc;
}

int beside_write(const char *db_path, const char *suffix, struct span text,
                 struct err *err)
{
    char *path = mem_printf("%s%s", db_path, suffix);
    char *fresh = mem_printf("%s.new", path);
    int rc = write_synced(fresh, db_path, text, err);
    if (rc == 0 && rename(fresh, path) != 0)
        rc = fail(err, path, "replace");
    if (rc == 0)
        rc = sync_folder_of(path, err);
    free(fresh);
    free(path);
    return rc;
}

int64_t beside_file_number(const char *db_path)
{
    struct stat st;
    return stat(db_path, &st) == 0 ? (int64_t)st.st_ino : 0;
}
