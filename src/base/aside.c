#include "base/aside.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

static void forget(struct aside *a)
{
    free(a->path);
    free(a->fresh);
    *a = (struct aside){0};
}

int aside_open(struct aside *a, const char *path, struct err *err)
{
    *a = (struct aside){.path = mem_text(path), .fresh = mem_printf("%s.XXXXXX", path)};
    int fd = mkstemp(a->fresh); /* 0600, and nobody else's link */
    a->file = fd < 0 ? NULL : fdopen(fd, "w");
    if (a->file)
        return 0;
    err_set(err, ERR_CANTCREATE, "%s: cannot be written: %s", path, strerror(errno));
    if (fd >= 0)
        close(fd);
    forget(a);
    return -1;
}

void aside_drop(struct aside *a)
{
    fclose(a->file);
    unlink(a->fresh);
    forget(a);
}

int aside_keep(struct aside *a, struct err *err)
{
    bool good = fflush(a->file) == 0 && !ferror(a->file) && fsync(fileno(a->file)) == 0;
    int why = errno;
    good = fclose(a->file) == 0 && good && rename(a->fresh, a->path) == 0;
    if (!good) {
        err_set(err, ERR_IO, "%s: cannot be written: %s", a->path,
                strerror(errno ? errno : why));
        unlink(a->fresh);
    }
    forget(a);
    return good ? 0 : -1;
}

bool aside_is_same_file(const char *a, const char *b)
{
    struct stat x, y;
    return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev &&
           x.st_ino == y.st_ino;
}
