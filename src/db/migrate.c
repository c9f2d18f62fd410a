#include "db/migrate.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/sha256.h"
#include "db/stmt.h"

static void digest(struct span text, char out[SHA256_HEX_MAX])
{
    struct sha256 *s = sha256_begin();
    sha256_add(s, text);
    sha256_end(s, out);
}

static int64_t number_of(const struct embed *migration)
{
    return strtol(migration->name, NULL, 10);
}

/* Returns 1 when it is applied already, 0 when not. */
static int find_applied(struct db *db, const struct embed *migration, struct err *err)
{
    char want[SHA256_HEX_MAX];
    struct stmt *s =
        db_stmt(db, "SELECT sha256 FROM schema_migration WHERE number = ?", err);
    stmt_bind_int(s, number_of(migration));
    int rc = stmt_step(s, err);
    if (rc != 1)
        return rc;
    digest(migration->text, want);
    if (strcmp(stmt_text(s, "sha256"), want) != 0)
        rc = err_set(
            err, ERR_CONFIG,
            "%s: migration %s was applied with other content; this program is not of "
            "the line that made the file",
            db_path(db), migration->name);
    stmt_reset(s);
    return rc;
}

static int refuse_newer(struct db *db, const struct embed *migrations, struct err *err)
{
    int64_t newest_here = 0, newest_there = 0;
    for (const struct embed *m = migrations; m->name; m++)
        newest_here = number_of(m);
    if (db_one_int(db, "SELECT coalesce(max(number), 0) AS n FROM schema_migration",
                   &newest_there, err))
        return -1;
    if (newest_there <= newest_here)
        return 0;
    return err_set(
        err, ERR_CONFIG,
        "%s: written by a newer remesa (schema %lld, this one knows %lld); use that one",
        db_path(db), (long long)newest_there, (long long)newest_here);
}

static int record(struct db *db, const struct embed *migration, const char *program,
                  struct err *err)
{
    char sha256[SHA256_HEX_MAX];
    digest(migration->text, sha256);
    struct stmt *s = db_stmt(
        db,
        "INSERT INTO schema_migration (number, name, sha256, program, applied_at) "
        "VALUES (?, ?, ?, ?, strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))",
        err);
    stmt_bind_int(s, number_of(migration));
    stmt_bind_text(s, migration->name);
    stmt_bind_text(s, sha256);
    stmt_bind_text(s, program);
    return stmt_run(s, err);
}

static int apply_one(struct db *db, const struct embed *migration, const char *program,
                     struct err *err)
{
    if (db_begin(db, err))
        return -1;
    if (db_run_script(db, migration->text.ptr, err) == 0 &&
        record(db, migration, program, err) == 0 && db_commit(db, err) == 0)
        return 0;
    db_rollback(db);
    return err_wrap(err, "migration %s", migration->name);
}

static int prepare_empty(struct db *db, struct err *err)
{
    return db_run_script(
        db,
        "CREATE TABLE schema_migration (number INTEGER PRIMARY KEY,"
        " name TEXT NOT NULL, sha256 TEXT NOT NULL, program TEXT NOT NULL,"
        " applied_at TEXT NOT NULL) STRICT",
        err);
}

int migrate_apply(struct db *db, const struct embed *migrations, const char *program,
                  struct err *err)
{
    bool empty;
    if (db_check_ours(db, &empty, err) || (empty && prepare_empty(db, err)) ||
        refuse_newer(db, migrations, err))
        return -1;
    for (const struct embed *m = migrations; m->name; m++) {
        int applied = find_applied(db, m, err);
        if (applied < 0 || (applied == 0 && apply_one(db, m, program, err)))
            return -1;
    }
    return 0;
}

int migrate_check(struct db *db, const struct embed *migrations, struct err *err)
{
    bool empty;
    if (db_check_ours(db, &empty, err))
        return -1;
    if (empty)
        return err_set(err, ERR_NOINPUT, "%s: nothing has been imported into it yet",
                       db_path(db));
    if (refuse_newer(db, migrations, err))
        return -1;
    for (const struct embed *m = migrations; m->name; m++) {
        int applied = find_applied(db, m, err);
        if (applied < 0)
            return -1;
        if (applied == 0)
            return err_set(err, ERR_CONFIG,
                           "%s: written by an older remesa; `remesa run` or `remesa "
                           "import` brings it "
                           "up to date",
                           db_path(db));
    }
    return 0;
}
