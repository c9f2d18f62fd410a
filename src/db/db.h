/* A SQLite connection: opening it safely, transactions, errors as texts. Mechanism only:
 * what the tables are is `store`'s matter.
 *
 * A read-write connection is WAL with synchronous=FULL, and both are read back: only that
 * pair keeps a commit through a power cut (sqlite.org/pragma.html#pragma_synchronous).
 * There must be one such connection per database in the world; `db_lock` sees to that
 * among our own programs. */
#ifndef REMESA_DB_DB_H
#define REMESA_DB_DB_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

struct db;

#define DB_MEMORY ":memory:" /* as a path: a scratch database that nobody else sees */

enum db_mode {
    DB_READ_ONLY,  /* must exist; never writes, never checkpoints */
    DB_READ_WRITE, /* made with mode 0600 when it is not there; tightened to 0600 when it
                      is */
};

/* Errors: ERR_NOINPUT no such file, ERR_INPUT not a database, ERR_CANTCREATE,
 * ERR_TEMPFAIL locked by somebody else, ERR_IO disk. Symbolic links are refused for
 * DB_READ_WRITE. */
int db_open(struct db **out, const char *path, enum db_mode mode, struct err *err);
void db_close(
    struct db *db); /* NULL is fine; every stmt made with db_make is closed before */

const char *db_library(void); /* "SQLite 3.40.1 (built with 3.40.1)" */
/* Two connections that write and checkpoint at once may lose a commit (sqlite.org/wal.html). */
bool db_has_wal_reset_fault(void);

const char *db_path(const struct db *db);

int db_begin(struct db *db, struct err *err); /* BEGIN IMMEDIATE */
int db_commit(struct db *db, struct err *err);
void db_rollback(struct db *db); /* nothing when no transaction is open */

/* Triggers of the tables, on at first. Off only for statements of the program that do by themselves what
 * the triggers hold for others. */
void db_triggers(struct db *db, bool on);

/* Several statements of text that is part of the program (a migration, a pragma). */
int db_run_script(struct db *db, const char *sql, struct err *err);

/* The whole of `from` as it is at this moment, into the empty `to`; writers beside it are not held up. */
int db_copy(struct db *to, struct db *from, struct err *err);

int64_t db_last_id(const struct db *db);
int64_t db_changes(const struct db *db);

/* Changes when another connection has committed (PRAGMA data_version). -1 on error. */
int64_t db_data_version(struct db *db);

/* PRAGMA application_id of our files: "reme". ERR_CONFIG: somebody else's database. */
#define DB_APPLICATION_ID 0x72656d65
int db_check_ours(struct db *db, bool *empty, struct err *err);

/* Moves the WAL into the file and empties it, as far as readers allow it without waiting: what was overwritten is then gone from the
 * disk too. */
int db_checkpoint(struct db *db, struct err *err);

/* Sets err from the connection's last error. Always -1. For `db` itself. Does not come
 * back when memory is short. */
int db_fail(struct db *db, const char *doing, struct err *err);

/* "table" -> "\"table\"" with quotes doubled: an SQL identifier. */
void db_quote_name(struct buf *out, const char *name);

#endif
