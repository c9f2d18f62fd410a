#include "db/db.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "db/beside.h"
#include "db/internal.h"

#define BUSY_WAIT_MS      5000
#define LONGEST_TEXT      (16 * 1024 * 1024)
#define WAL_KEEP_BYTES    (64 * 1024 * 1024)
#define EXTENDED_TO_BASIC 0xff

static enum err_code code_of(int rc)
{
    switch (rc & EXTENDED_TO_BASIC) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return ERR_TEMPFAIL;
    case SQLITE_NOTADB:
        return ERR_INPUT;
    case SQLITE_PERM:
    case SQLITE_AUTH:
        return ERR_NOPERM;
    case SQLITE_ERROR:
    case SQLITE_CONSTRAINT:
    case SQLITE_MISUSE:
    case SQLITE_MISMATCH:
        return ERR_SOFTWARE;
    default:
        return ERR_IO;
    }
}

/* What SQLite's own words leave open. */
static const char *hint_of(int rc)
{
    switch (rc & EXTENDED_TO_BASIC) {
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
        return "; -wal and -shm are kept beside it, so the folder must be writable too";
    case SQLITE_FULL:
        return "; make room on the disk";
    case SQLITE_CORRUPT:
        return "; keep the file as it is and put the last good one in its place: remesa "
               "doctor tells what is broken";
    default:
        return "";
    }
}

void db_gone_if_no_memory(struct db *db)
{
    int rc = sqlite3_extended_errcode(db->handle);
    if (rc == SQLITE_NOMEM || rc == SQLITE_IOERR_NOMEM)
        mem_gone();
}

int db_fail(struct db *db, const char *doing, struct err *err)
{
    db_gone_if_no_memory(db);
    int rc = sqlite3_extended_errcode(db->handle);
    int os = sqlite3_system_errno(db->handle);
    bool tell_os = os != 0 && code_of(rc) == ERR_IO;
    return err_set(err, code_of(rc), "%s: %s: %s (SQLite %d)%s%s%s", db->path, doing,
                   sqlite3_errmsg(db->handle), rc, tell_os ? ": " : "",
                   tell_os ? strerror(os) : "", hint_of(rc));
}

/* Made by ourselves, so that no moment exists in which others could read it; SQLite gives
 * -wal and -shm the mode of the database. Nothing of ours is locked yet, so closing the
 * descriptor here does not drop a lock (sqlite.org/howtocorrupt.html, 2.2). */
static int make_private(const char *path, struct err *err)
{
    struct stat st;
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd >= 0) {
        beside_set_mode(fd, path);
        return close(fd);
    }
    if (errno != EEXIST)
        return err_set(err, ERR_CANTCREATE, "%s: cannot create it: %s", path,
                       strerror(errno));
    if (lstat(path, &st) != 0)
        return err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
    if (!S_ISREG(st.st_mode))
        return err_set(err, ERR_CANTCREATE, "%s: not a plain file; name the file itself",
                       path);
    if (access(path, W_OK) != 0) /* SQLite would open it all the same, for reading */
        return err_set(err, ERR_IO, "%s: cannot be written: %s", path, strerror(errno));
    return 0;
}

/* One that is ours and was there before: as open to others as one that we make. A group that is to have it gets it from
 * the owner. */
static int fit_mode(const char *path, const char *suffix, struct err *err)
{
    struct stat st;
    char *file = mem_printf("%s%s", path, suffix);
    mode_t want = beside_mode(path), now = 0;
    if (lstat(file, &st) == 0)
        now = st.st_mode & 0777;
    bool too_open = (now & ~want) != 0, lacks = now && (want & ~now) != 0;
    int rc = 0;
    if ((too_open || lacks) && chmod(file, want) != 0 && too_open)
        rc = err_set(err, ERR_NOPERM,
                     "%s: others may read it, and making it %04o failed: %s", file,
                     (unsigned)want, strerror(errno));
    free(file);
    return rc;
}

static int must_exist(const char *path, struct err *err)
{
    if (access(path, R_OK) == 0)
        return 0;
    return err_set(err, errno == ENOENT ? ERR_NOINPUT : ERR_NOPERM, "%s: %s", path,
                   strerror(errno));
}

static int read_back(struct db *db, const char *sql, const char *want, struct err *err)
{
    struct stmt *s = db_make(db, sql, err);
    if (!s)
        return -1;
    int rc = stmt_step(s, err);
    struct span got = rc == 1 ? stmt_column_span(s, 0) : span_of("nothing");
    if (rc >= 0 && !span_is(got, want))
        rc = err_set(err, ERR_IO,
                     "%s: '%s' answers '%.*s', not '%s': a commit would not outlive a "
                     "power cut here",
                     db->path, sql, SPAN_ARG(got), want);
    stmt_close(s);
    return rc < 0 ? -1 : 0;
}

int db_check_ours(struct db *db, bool *empty, struct err *err)
{
    int64_t id = 0, tables = 0;
    if (db_one_int(db, "SELECT application_id AS n FROM pragma_application_id", &id,
                   err) ||
        db_one_int(db, "SELECT count(*) AS n FROM sqlite_schema", &tables, err))
        return -1;
    *empty = tables == 0;
    if (id == DB_APPLICATION_ID || (id == 0 && tables == 0))
        return 0;
    return err_set(err, ERR_CONFIG,
                   "%s: a SQLite file of another program; name another file with --db",
                   db->path);
}

static int mark_as_ours(struct db *db, struct err *err)
{
    char sql[64];
    snprintf(sql, sizeof(sql), "PRAGMA application_id = %d", DB_APPLICATION_ID);
    return db_run_script(db, sql, err);
}

/* Before anything about the file is changed: it might be somebody else's. */
static int own(struct db *db, struct err *err)
{
    bool empty;
    if (db_check_ours(db, &empty, err) || (empty && mark_as_ours(db, err)))
        return -1;
    return fit_mode(db->path, "", err) || fit_mode(db->path, "-wal", err) ||
           fit_mode(db->path, "-shm", err);
}

/* The answer of the pragma that sets it comes before its own commit, which may fail. */
static int set_wal(struct db *db, struct err *err)
{
    char limit[64];
    snprintf(limit, sizeof(limit), "PRAGMA journal_size_limit = %d", WAL_KEEP_BYTES);
    if (db_run_script(db, "PRAGMA journal_mode = WAL", err) ||
        read_back(db, "PRAGMA journal_mode", "wal", err))
        return -1;
    return db_run_script(db, limit, err);
}

/* What a program wrote and had not synced when it was killed is read as if it were on disk. It is put
 * there, before anybody is told of it: a checkpoint syncs the log first. */
static int keep_what_was_left(struct db *db, struct err *err)
{
    return db_run_script(db, "PRAGMA wal_checkpoint(PASSIVE)", err);
}

static int set_up(struct db *db, enum db_mode mode, struct err *err)
{
    sqlite3_extended_result_codes(db->handle, 1);
    sqlite3_busy_timeout(db->handle, BUSY_WAIT_MS);
    sqlite3_limit(db->handle, SQLITE_LIMIT_LENGTH, LONGEST_TEXT);
    sqlite3_limit(db->handle, SQLITE_LIMIT_ATTACHED, 0);
    sqlite3_db_config(db->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(db->handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_db_config(db->handle, SQLITE_DBCONFIG_ENABLE_TRIGGER, mode == DB_READ_WRITE,
                      NULL);
    if (db_run_script(
            db, "PRAGMA cell_size_check = ON; SELECT count(*) FROM sqlite_schema", err))
        return -1;
    if (mode == DB_READ_ONLY)
        return 0;
    if (db_run_script(db,
                      "PRAGMA foreign_keys = ON; PRAGMA synchronous = FULL; PRAGMA "
                      "secure_delete = ON",
                      err))
        return -1;
    if (strcmp(db->path, DB_MEMORY) == 0)
        return 0; /* nothing of it is meant to last */
    if (own(db, err))
        return -1;
    if (set_wal(db, err) || read_back(db, "PRAGMA synchronous", "2", err) ||
        read_back(db, "PRAGMA secure_delete", "1", err))
        return -1;
    return keep_what_was_left(db, err);
}

int db_open(struct db **out, const char *path, enum db_mode mode, struct err *err)
{
    int flags = mode == DB_READ_ONLY ? SQLITE_OPEN_READONLY
                                     : SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOFOLLOW;
    bool memory = strcmp(path, DB_MEMORY) == 0;
    if (!memory &&
        (mode == DB_READ_ONLY ? must_exist(path, err) : make_private(path, err)))
        return -1;
    struct db *db = mem_zero(1, sizeof(*db));
    db->path = mem_text(path);
    int rc = sqlite3_open_v2(path, &db->handle, flags | SQLITE_OPEN_NOMUTEX, NULL);
    if (rc != SQLITE_OK ? db_fail(db, "cannot open it", err) : set_up(db, mode, err)) {
        db_close(db);
        return -1;
    }
    *out = db;
    return 0;
}

void db_close(struct db *db)
{
    if (!db)
        return;
    for (size_t i = 0; i < db->cached_room; i++)
        stmt_free(db->cached[i]);
    free(db->cached);
    if (sqlite3_close(db->handle) != SQLITE_OK)
        abort(); /* a statement of db_make was not closed */
    free(db->path);
    free(db);
}

const char *db_library(void)
{
    static char text[64];
    snprintf(text, sizeof(text), "SQLite %s (built with " SQLITE_VERSION ")",
             sqlite3_libversion());
    return text;
}

bool db_has_wal_reset_fault(void)
{
    return sqlite3_libversion_number() < 3051003;
}

const char *db_path(const struct db *db)
{
    return db->path;
}

void db_triggers(struct db *db, bool on)
{
    sqlite3_db_config(db->handle, SQLITE_DBCONFIG_ENABLE_TRIGGER, on, NULL);
}

int db_run_script(struct db *db, const char *sql, struct err *err)
{
    if (sqlite3_exec(db->handle, sql, NULL, NULL, NULL) == SQLITE_OK)
        return 0;
    return db_fail(db, "a statement failed", err);
}

int db_begin(struct db *db, struct err *err)
{
    return stmt_run(db_stmt(db, "BEGIN IMMEDIATE", err), err);
}

int db_commit(struct db *db, struct err *err)
{
    return stmt_run(db_stmt(db, "COMMIT", err), err);
}

void db_rollback(struct db *db)
{
    struct err ignored;
    if (!sqlite3_get_autocommit(db->handle))
        stmt_run(db_stmt(db, "ROLLBACK", &ignored), &ignored);
}

int db_copy(struct db *to, struct db *from, struct err *err)
{
    sqlite3_backup *b = sqlite3_backup_init(to->handle, "main", from->handle, "main");
    if (!b)
        return db_fail(to, "cannot be copied into", err);
    sqlite3_backup_step(b, -1);
    return sqlite3_backup_finish(b) == SQLITE_OK
               ? 0
               : db_fail(to, "the copy of the database failed", err);
}

int64_t db_last_id(const struct db *db)
{
    return sqlite3_last_insert_rowid(db->handle);
}

int64_t db_changes(const struct db *db)
{
    return sqlite3_changes64(db->handle);
}

int64_t db_data_version(struct db *db)
{
    struct err ignored;
    struct stmt *s = db_stmt(db, "PRAGMA data_version", &ignored);
    int64_t version = stmt_step(s, &ignored) == 1 ? stmt_int(s, "data_version") : -1;
    stmt_reset(s);
    return version;
}

int db_checkpoint(struct db *db, struct err *err)
{
    sqlite3_busy_timeout(db->handle, 0); /* a reader that is still there: next time */
    int rc = stmt_run(db_stmt(db, "PRAGMA wal_checkpoint(TRUNCATE)", err), err);
    sqlite3_busy_timeout(db->handle, BUSY_WAIT_MS);
    return rc;
}

void db_quote_name(struct buf *out, const char *name)
{
    buf_add_char(out, '"');
    for (; *name; name++) {
        if (*name == '"')
            buf_add_char(out, '"');
        buf_add_char(out, *name);
    }
    buf_add_char(out, '"');
}
