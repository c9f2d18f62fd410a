#include "db/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/mem.h"
#include "db/beside.h"

struct db_lock {
    int fd;
};

static int held_by_another(int fd, const char *db_path, struct err *err)
{
    char who[200] = "";
    ssize_t n = pread(fd, who, sizeof(who) - 1, 0);
    if (n > 0)
        who[strcspn(who, "\n")] = '\0';
    return err_set(err, ERR_TEMPFAIL,
                   "%s: held by %s: wait for it to end, or stop it with SIGTERM", db_path,
                   who[0] ? who : "another program");
}

/* In a folder in which the database could be made, it is the disk that has changed. */
static int cannot_open(const char *path, const char *db_path, struct err *err)
{
    int why = errno;
    return err_set(err, access(db_path, F_OK) == 0 ? ERR_IO : ERR_CANTCREATE,
                   "%s: cannot create it: %s", path, strerror(why));
}

static int write_who(int fd, const char *who)
{
    char *line = mem_printf("%s\n", who);
    size_t len = strlen(line);
    bool ok = ftruncate(fd, 0) == 0 && pwrite(fd, line, len, 0) == (ssize_t)len;
    free(line);
    return ok ? 0 : -1;
}

int db_lock_take(struct db_lock **out, const char *db_path, const char *who,
                 struct err *err)
{
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    char *path = mem_printf("%s-lock", db_path);
    int fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    int rc = 0;
    if (fd >= 0)
        beside_set_mode(fd, db_path);
    if (fd < 0)
        rc = cannot_open(path, db_path, err);
    else if (fcntl(fd, F_OFD_SETLK, &whole) != 0)
        rc = errno == EAGAIN || errno == EACCES
                 ? held_by_another(fd, db_path, err)
                 : err_set(err, ERR_IO, "%s: cannot lock it: %s", path, strerror(errno));
    else if (write_who(fd, who) != 0)
        rc = err_set(err, ERR_IO, "%s: cannot write to it: %s", path, strerror(errno));
    free(path);
    if (rc) {
        if (fd >= 0)
            close(fd);
        return -1;
    }
    *out = mem_zero(1, sizeof(**out));
    (*out)->fd = fd;
    return 0;
}

bool db_lock_is_held(const char *db_path, char *who, size_t room)
{
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    char *path = mem_printf("%s-lock", db_path);
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    free(path);
    who[0] = '\0';
    if (fd < 0)
        return false;
    bool held = fcntl(fd, F_OFD_GETLK, &whole) == 0 && whole.l_type != F_UNLCK;
    ssize_t n = held ? pread(fd, who, room - 1, 0) : 0;
    who[n > 0 ? n : 0] = '\0';
    who[strcspn(who, "\n")] = '\0';
    close(fd);
    return held;
}

void db_lock_drop(struct db_lock *lock)
{
    if (!lock)
        return;
    close(lock->fd);
    free(lock);
}
