#include "sim/vfs.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "sim/chance.h"
#include "sim/death.h"
#include "sim/disk.h"
#include "sim/hours.h"
#include "sim/image.h"
#include "sim/trace.h"

#define REGIONS_MAX  16
#define PATH_BYTES   64
#define SECTOR_BYTES 4096
#define SYNC_LEAST   200 /* microseconds */
#define SYNC_MOST    4000
#define SYNC_SLOW    60000

struct file {
    sqlite3_file base;
    struct inode *inode; /* NULL: the judge's image */
    bool is_temporary;
    bool syncs_folder; /* with its first sync, as SQLite's unix VFS does for a journal */
    char *name;
    void *regions[REGIONS_MAX]; /* shared memory, of the one connection that there is */
};

static struct rng dice, delays;
static int slow_percent; /* of syncs */
static int last_errno;

static int broken(int code, int why)
{
    last_errno = why;
    return code;
}

/* ---- reading and writing ---- */

static int read_image(void *out, int len, sqlite3_int64 at)
{
    int got = (int)image_read(out, (size_t)len, (size_t)at);
    if (got == len)
        return SQLITE_OK;
    memset((char *)out + got, 0, (size_t)(len - got));
    return SQLITE_IOERR_SHORT_READ;
}

static int file_read(sqlite3_file *f, void *out, int len, sqlite3_int64 at)
{
    struct file *file = (struct file *)f;
    bool full = false;
    if (!file->inode)
        return read_image(out, len, at);
    if (death_came() || disk_fails(DISK_READ, &full))
        return broken(SQLITE_IOERR_READ, EIO);
    size_t got = inode_read(file->inode, out, (size_t)len, (size_t)at);
    if (got == (size_t)len)
        return SQLITE_OK;
    memset((char *)out + got, 0, (size_t)len - got);
    return SQLITE_IOERR_SHORT_READ;
}

/* A failing write may have done a part of its work. */
static int fail_write(struct file *file, const void *bytes, int len, sqlite3_int64 at,
                      bool full)
{
    size_t part = (size_t)rng_below(&delays, (uint64_t)len + 1);
    inode_write(file->inode, bytes, part, (size_t)at);
    return full ? broken(SQLITE_FULL, ENOSPC) : broken(SQLITE_IOERR_WRITE, EIO);
}

static int file_write(sqlite3_file *f, const void *bytes, int len, sqlite3_int64 at)
{
    struct file *file = (struct file *)f;
    bool full = false;
    if (!file->inode || death_came())
        return broken(SQLITE_IOERR_WRITE, EIO);
    if (file->is_temporary) {
        inode_write(file->inode, bytes, (size_t)len, (size_t)at);
        return SQLITE_OK;
    }
    if (death_before(DEATH_AT_DISK))
        return broken(SQLITE_IOERR_WRITE, EIO);
    if (disk_fails(DISK_WRITE, &full))
        return fail_write(file, bytes, len, at, full);
    trace_say("write %s %d at %lld", file->name, len, at);
    inode_write(file->inode, bytes, (size_t)len, (size_t)at);
    hours_pass(3);
    return death_after(DEATH_AT_DISK) ? broken(SQLITE_IOERR_WRITE, EIO) : SQLITE_OK;
}

static int file_truncate(sqlite3_file *f, sqlite3_int64 size)
{
    struct file *file = (struct file *)f;
    bool full = false;
    if (!file->inode || death_before(DEATH_AT_DISK) || disk_fails(DISK_TRUNCATE, &full))
        return broken(SQLITE_IOERR_TRUNCATE, EIO);
    trace_say("truncate %s to %lld", file->name, size);
    inode_truncate(file->inode, (size_t)size);
    return death_after(DEATH_AT_DISK) ? broken(SQLITE_IOERR_TRUNCATE, EIO) : SQLITE_OK;
}

static int64_t sync_time(void)
{
    int64_t most = chance_in_100(&delays, slow_percent) ? SYNC_SLOW : SYNC_MOST;
    return chance_between(&delays, SYNC_LEAST, most);
}

static int file_sync(sqlite3_file *f, int flags)
{
    struct file *file = (struct file *)f;
    bool full = false;
    (void)flags;
    if (!file->inode || death_before(DEATH_AT_DISK) || disk_fails(DISK_SYNC, &full))
        return broken(SQLITE_IOERR_FSYNC, EIO);
    trace_say("sync %s", file->name);
    hours_pass(sync_time());
    inode_sync(file->inode);
    if (file->syncs_folder)
        disk_sync_folder();
    file->syncs_folder = false;
    return death_after(DEATH_AT_DISK) ? broken(SQLITE_IOERR_FSYNC, EIO) : SQLITE_OK;
}

static int file_size(sqlite3_file *f, sqlite3_int64 *out)
{
    const struct file *file = (struct file *)f;
    *out = (sqlite3_int64)(file->inode ? inode_size(file->inode) : image_size());
    return SQLITE_OK;
}

/* ---- locks and shared memory: there is one connection at a time ---- */

static int file_lock(sqlite3_file *f, int level)
{
    (void)f, (void)level;
    return SQLITE_OK;
}

static int file_is_reserved(sqlite3_file *f, int *out)
{
    (void)f;
    *out = 0;
    return SQLITE_OK;
}

static int file_control(sqlite3_file *f, int op, void *arg)
{
    (void)f, (void)op, (void)arg;
    return SQLITE_NOTFOUND;
}

static int file_sector(sqlite3_file *f)
{
    (void)f;
    return SECTOR_BYTES;
}

/* As SQLite's unix VFS says of every file system that it does not know better. */
static int file_abilities(sqlite3_file *f)
{
    (void)f;
    return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

static int shm_map(sqlite3_file *f, int number, int size, int extend, void volatile **out)
{
    struct file *file = (struct file *)f;
    if (death_came())
        return broken(SQLITE_IOERR_SHMMAP, EIO);
    if (number >= REGIONS_MAX)
        abort();
    if (!file->regions[number] && extend)
        file->regions[number] = mem_zero((size_t)size, 1);
    *out = file->regions[number];
    return SQLITE_OK;
}

static int shm_lock(sqlite3_file *f, int offset, int count, int flags)
{
    (void)f, (void)offset, (void)count, (void)flags;
    return death_came() ? broken(SQLITE_IOERR_SHMLOCK, EIO) : SQLITE_OK;
}

static void shm_barrier(sqlite3_file *f)
{
    (void)f;
}

static int shm_unmap(sqlite3_file *f, int is_deleted)
{
    struct file *file = (struct file *)f;
    (void)is_deleted;
    for (int i = 0; i < REGIONS_MAX; i++) {
        free(file->regions[i]);
        file->regions[i] = NULL;
    }
    return SQLITE_OK;
}

static int file_close(sqlite3_file *f)
{
    struct file *file = (struct file *)f;
    shm_unmap(f, 0);
    if (file->inode)
        inode_close(file->inode);
    free(file->name);
    file->base.pMethods = NULL;
    return SQLITE_OK;
}

static const sqlite3_io_methods methods = {
    .iVersion = 2,
    .xClose = file_close,
    .xRead = file_read,
    .xWrite = file_write,
    .xTruncate = file_truncate,
    .xSync = file_sync,
    .xFileSize = file_size,
    .xLock = file_lock,
    .xUnlock = file_lock,
    .xCheckReservedLock = file_is_reserved,
    .xFileControl = file_control,
    .xSectorSize = file_sector,
    .xDeviceCharacteristics = file_abilities,
    .xShmMap = shm_map,
    .xShmLock = shm_lock,
    .xShmBarrier = shm_barrier,
    .xShmUnmap = shm_unmap,
};

/* ---- names ---- */

static struct inode *inode_of(const char *name, int flags)
{
    struct inode *n = disk_look(name);
    if (n || !(flags & SQLITE_OPEN_CREATE))
        return n;
    trace_say("create %s", name);
    return disk_create(name);
}

static int vfs_open(sqlite3_vfs *v, const char *name, sqlite3_file *f, int flags,
                    int *out_flags)
{
    struct file *file = (struct file *)f;
    bool full = false, is_image = name && strcmp(name, VFS_IMAGE) == 0;
    (void)v;
    *file = (struct file){0};
    if (!is_image && (death_came() || disk_fails(DISK_OPEN, &full)))
        return broken(SQLITE_CANTOPEN, EIO);
    if (!is_image) {
        file->inode = name ? inode_of(name, flags) : disk_temporary();
        if (!file->inode)
            return broken(SQLITE_CANTOPEN, ENOENT);
        inode_open(file->inode);
    }
    file->is_temporary = !name;
    file->syncs_folder = (flags & SQLITE_OPEN_CREATE) &&
                         (flags & (SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_WAL));
    file->name = mem_text(name ? name : "temporary");
    file->base.pMethods = &methods;
    if (out_flags)
        *out_flags = flags;
    return SQLITE_OK;
}

static int vfs_delete(sqlite3_vfs *v, const char *name, int sync_folder)
{
    (void)v;
    if (death_before(DEATH_AT_DISK))
        return broken(SQLITE_IOERR_DELETE, EIO);
    trace_say("remove %s%s", name, sync_folder ? ", synced" : "");
    if (!disk_remove(name, sync_folder))
        return broken(SQLITE_IOERR_DELETE_NOENT, ENOENT);
    return death_after(DEATH_AT_DISK) ? broken(SQLITE_IOERR_DELETE, EIO) : SQLITE_OK;
}

static int vfs_access(sqlite3_vfs *v, const char *name, int flags, int *out)
{
    (void)v, (void)flags;
    const struct inode *n = disk_look(name);
    *out = n && (flags != SQLITE_ACCESS_EXISTS || inode_size(n) > 0);
    return SQLITE_OK;
}

static int vfs_full_path(sqlite3_vfs *v, const char *name, int room, char *out)
{
    (void)v;
    sqlite3_snprintf(room, out, "%s", name);
    return SQLITE_OK;
}

static int vfs_randomness(sqlite3_vfs *v, int len, char *out)
{
    (void)v;
    for (int i = 0; i < len; i++)
        out[i] = (char)rng_next(&dice);
    return len;
}

static int vfs_sleep(sqlite3_vfs *v, int us)
{
    (void)v;
    hours_pass(us);
    return us;
}

static int vfs_time(sqlite3_vfs *v, sqlite3_int64 *julian_ms)
{
    (void)v;
    *julian_ms = hours_wall_ms() + INT64_C(210866760000000);
    return SQLITE_OK;
}

static int vfs_last_error(sqlite3_vfs *v, int room, char *out)
{
    (void)v, (void)room, (void)out;
    return last_errno;
}

void vfs_register(void)
{
    static sqlite3_vfs vfs = {
        .iVersion = 2,
        .szOsFile = sizeof(struct file),
        .mxPathname = PATH_BYTES,
        .zName = "sim",
        .xOpen = vfs_open,
        .xDelete = vfs_delete,
        .xAccess = vfs_access,
        .xFullPathname = vfs_full_path,
        .xRandomness = vfs_randomness,
        .xSleep = vfs_sleep,
        .xGetLastError = vfs_last_error,
        .xCurrentTimeInt64 = vfs_time,
    };
    sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 1200, 500);
    if (sqlite3_vfs_register(&vfs, 1) != SQLITE_OK)
        abort();
}

void vfs_begin(uint64_t seed, int slow_syncs)
{
    slow_percent = slow_syncs;
    dice = chance_of(seed, CHANCE_SQLITE);
    delays = chance_of(seed, CHANCE_DISK);
    sqlite3_randomness(0, NULL); /* its generator begins anew, from the dice */
}
