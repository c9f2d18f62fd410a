/* What a run needs of the machine, and what another has left in the folder of the database. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/timex.h>
#include <unistd.h>

#include "api/key.h"
#include "app/doctor.h"
#include "base/clock.h"
#include "base/mem.h"
#include "db/beside.h"
#include "db/db.h"
#include "db/lock.h"

#define TEXT_MAX       4096
#define FREE_LEAST     (INT64_C(64) * 1024 * 1024)
#define FREE_PER_BYTES 3 /* of the database's size: results, attempts, the log */
#define NODES_LEAST    100
#define CLOCKS_MS      1000 /* two machines may have written to one database */
#define SCRATCH        "-doctor"

void doctor_tell(const struct doctor *d, bool well, const char *what, const char *fmt,
                 ...)
{
    char text[TEXT_MAX];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    d->tell(d->ctx, well, what, text);
}

static char *folder_of(const char *path)
{
    char *folder = mem_text(path), *slash = strrchr(folder, '/');
    if (slash) {
        slash[slash == folder] = '\0';
        return folder;
    }
    free(folder);
    return mem_text(".");
}

/* Whoever may write there may put another file in the place of this one. The sticky bit forbids that. */
static bool is_open_folder(const char *folder)
{
    struct stat st;
    return stat(folder, &st) == 0 && (st.st_mode & 022) && !(st.st_mode & S_ISVTX);
}

/* ---- the key ---- */

static char *key_path(const struct remesa *r)
{
    const char *folder = getenv("CREDENTIALS_DIRECTORY");
    if (r->settings.api_key_file)
        return mem_text(r->settings.api_key_file);
    return folder ? mem_printf("%s/api_key", folder) : NULL;
}

/* What is wrong with the file itself is told with the settings. */
void doctor_key(const struct doctor *d)
{
    struct stat st;
    char *path = key_path(d->remesa);
    if (path && lstat(path, &st) == 0) {
        char *folder = folder_of(path);
        bool open = is_open_folder(folder);
        doctor_tell(d, !open, "key", "%s: mode %04o, user %d%s%s%s", path,
                    (unsigned)(st.st_mode & 07777), (int)st.st_uid,
                    open ? "; others may replace it: chmod go-w " : "",
                    open ? folder : "", "");
        free(folder);
    }
    free(path);
    if (!key_can_be_locked())
        doctor_tell(
            d, true, "memory",
            "the key cannot be locked in memory and may be swapped out to a disk: "
            "ulimit -l 64, or LimitMEMLOCK=64K of the service, lets it");
}

/* ---- the disk ---- */

static int64_t size_of(const char *path, const char *suffix)
{
    struct stat st;
    char *file = mem_printf("%s%s", path, suffix);
    int64_t size = stat(file, &st) == 0 ? st.st_size : -1;
    free(file);
    return size;
}

void doctor_disk(const struct doctor *d)
{
    struct statvfs fs;
    const char *path = d->remesa->database;
    char *folder = folder_of(path);
    if (statvfs(folder, &fs) == 0) {
        int64_t size = size_of(path, ""), wal = size_of(path, "-wal");
        int64_t left = (int64_t)(fs.f_bavail * fs.f_frsize);
        bool nodes = fs.f_files == 0 || fs.f_favail >= NODES_LEAST;
        doctor_tell(d, left >= FREE_LEAST && left / FREE_PER_BYTES >= size && nodes,
                    "disk",
                    "%lld MB are free%s; the database has %lld kB, its log %lld kB",
                    (long long)(left >> 20), nodes ? "" : ", and no room for new files",
                    (long long)((size > 0 ? size : 0) >> 10),
                    (long long)((wal > 0 ? wal : 0) >> 10));
    }
    if (beside_mode(path) == 0660)
        doctor_tell(d, true, "folder", "%s: shared with its group, as for four eyes",
                    folder);
    else if (is_open_folder(folder))
        doctor_tell(d, false, "folder",
                    "%s: others may replace the database: chmod go-w %s", folder, folder);
    free(folder);
}

/* ---- SQLite ---- */

static void forget(const char *path)
{
    static const char *const suffixes[] = {"-wal", "-shm", ""};
    for (size_t i = 0; i < sizeof(suffixes) / sizeof(*suffixes); i++) {
        char *file = mem_printf("%s%s", path, suffixes[i]);
        unlink(file);
        free(file);
    }
}

/* Opening one for writing sets its pragmas and reads them back. Not the database itself: a run may hold it. */
static void try_pragmas(const struct doctor *d)
{
    struct db *db;
    struct err err;
    char *path = mem_printf("%s" SCRATCH, d->remesa->database);
    forget(path);
    bool well = db_open(&db, path, DB_READ_WRITE, &err) == 0;
    if (well)
        db_close(db);
    forget(path);
    doctor_tell(d, well, "pragmas", "%s",
                well ? "WAL and synchronous=FULL hold in this folder: a commit outlives "
                       "a power cut"
                     : err.text);
    free(path);
}

void doctor_sqlite(const struct doctor *d)
{
    try_pragmas(d);
    if (db_has_wal_reset_fault())
        doctor_tell(
            d, true, "sqlite",
            "this SQLite has the WAL-reset fault (mended in 3.51.3): beside a run let no "
            "other program write to the database for long, or checkpoint it");
}

/* ---- the clock ---- */

void doctor_clock(const struct doctor *d, int64_t newest_ms)
{
    char now_text[WALL_TEXT_MAX], newest_text[WALL_TEXT_MAX];
    struct timex kernel = {0};
    struct wall now = clock_wall();
    struct mono before = clock_mono();
    wall_text(now, now_text);
    wall_text((struct wall){newest_ms}, newest_text);
    if (now.ms + CLOCKS_MS < newest_ms)
        doctor_tell(
            d, false, "clock",
            "it is %s here, and the database knows of %s: it went back, and times of "
            "waiting would be wrong",
            now_text, newest_text);
    else if (clock_mono().us < before.us)
        doctor_tell(d, false, "clock", "the monotonic clock runs backwards");
    else
        doctor_tell(
            d, true, "clock", "%s%s", now_text,
            ntp_adjtime(&kernel) == TIME_ERROR ? "; nothing keeps it in time (NTP)" : "");
}

/* ---- leftovers ---- */

static void tell_temporary(const struct doctor *d, const char *path, const char *suffix)
{
    if (path && size_of(path, suffix) >= 0)
        doctor_tell(d, false, "leftover", "%s%s: of a program that was killed: remove it",
                    path, suffix);
}

void doctor_leftovers(const struct doctor *d, int64_t open_attempts)
{
    char who[200];
    const char *path = d->remesa->database;
    bool held = db_lock_is_held(path, who, sizeof(who));
    if (held) {
        doctor_tell(d, true, "lock", "held by %s", who[0] ? who : "another program");
        return; /* what is there now is its own */
    }
    if (size_of(path, "-wal") > 0)
        doctor_tell(d, true, "log",
                    "%s-wal is of a program that was killed: the next run takes it in; "
                    "never remove "
                    "it",
                    path);
    if (open_attempts > 0)
        doctor_tell(
            d, false, "attempts",
            "%lld are open, and no run works: the last one was killed. The next `remesa "
            "run` puts them in doubt, or sends again what may be",
            (long long)open_attempts);
    tell_temporary(d, path, "-mark.new");
    tell_temporary(d, d->remesa->settings.metrics_file, ".new");
}
