#include "store/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "db/db.h"
#include "db/lock.h"
#include "db/migrate.h"
#include "store/internal.h"

#define PROGRAM "remesa " REMESA_VERSION

extern const struct embed store_migrations[]; /* migrations/, embedded at build */

/* A CHECK with a list of words costs SQLite a table of its own at each write, a quarter of a run. What
 * this program writes is right by its types, the table of moves and the triggers; everybody else's
 * connection keeps the checks, and integrity_check of one that may write looks at them.
 * The cache holds the indices of a million jobs while they are taken in. */
static int tune(struct store *s, struct err *err)
{
    return db_run_script(
        s->db, "PRAGMA ignore_check_constraints = ON; PRAGMA cache_size = -16384", err);
}

static int open_writer(struct store *s, const char *path, const char *who,
                       struct err *err)
{
    bool shared = strcmp(path, DB_MEMORY) != 0;
    if (shared && db_lock_take(&s->lock, path, who, err))
        return -1;
    if (db_open(&s->db, path, DB_READ_WRITE, err))
        return -1;
    if (migrate_apply(s->db, store_migrations, PROGRAM, err) || tune(s, err))
        return -1;
    s->data_version = db_data_version(s->db);
    return 0;
}

static int open_reader(struct store *s, const char *path, struct err *err)
{
    if (db_open(&s->db, path, DB_READ_ONLY, err))
        return -1;
    return migrate_check(s->db, store_migrations, err);
}

static struct store *blank(void)
{
    struct store *s = mem_zero(1, sizeof(*s));
    person_read(&s->me);
    return s;
}

int store_open(struct store **out, const char *path, enum store_access access,
               const char *who, struct err *err)
{
    struct store *s = blank();
    int rc = access == STORE_WRITE ? open_writer(s, path, who, err)
                                   : open_reader(s, path, err);
    if (rc) {
        store_close(s);
        return -1;
    }
    *out = s;
    return 0;
}

static int copy_from(struct store *s, const char *path, struct err *err)
{
    struct db *from;
    if (db_open(&from, path, DB_READ_ONLY, err))
        return err->code == ERR_NOINPUT ? 0 : -1;
    bool empty;
    int rc = db_check_ours(from, &empty, err) || db_copy(s->db, from, err) ? -1 : 0;
    db_close(from);
    return rc;
}

static int open_copy(struct store *s, const char *path, struct err *err)
{
    if (db_open(&s->db, DB_MEMORY, DB_READ_WRITE, err) || copy_from(s, path, err))
        return -1;
    return migrate_apply(s->db, store_migrations, PROGRAM, err) || tune(s, err) ? -1 : 0;
}

int store_open_copy(struct store **out, const char *path, struct err *err)
{
    struct store *s = blank();
    if (open_copy(s, path, err)) {
        store_close(s);
        return -1;
    }
    *out = s;
    return 0;
}

void store_close(struct store *s)
{
    if (!s)
        return;
    import_free(s);
    free(s->result_id);
    free(s->result_answer);
    mark_close(&s->kept);
    if (s->db)
        db_rollback(s->db);
    db_close(s->db);
    db_lock_drop(s->lock); /* after the connection: nobody may come in while it closes */
    free(s);
}

int store_begin(struct store *s, struct err *err)
{
    return db_begin(s->db, err);
}

int store_commit(struct store *s, struct err *err)
{
    return db_commit(s->db, err);
}

void store_rollback(struct store *s)
{
    db_rollback(s->db);
}

int store_hold(struct store *s, struct err *err)
{
    int64_t unused; /* a transaction begins with its first read */
    return db_run_script(s->db, "BEGIN", err) ||
                   db_one_int(s->db, "SELECT count(*) AS n FROM identity", &unused, err)
               ? -1
               : 0;
}

bool store_changed_outside(struct store *s)
{
    int64_t version = db_data_version(s->db);
    bool changed = version != s->data_version;
    s->data_version = version;
    return changed;
}

int store_tidy(struct store *s, struct err *err)
{
    return db_checkpoint(s->db, err);
}

bool store_row(struct store *s, struct stmt *q)
{
    int rc = stmt_step(q, &s->unread);
    s->is_unread |= rc < 0;
    return rc == 1;
}

int store_check(const struct store *s, struct err *err)
{
    if (!s->is_unread)
        return 0;
    *err = s->unread;
    return -1;
}

struct money money_of_job(struct stmt *q)
{
    const char *currency = stmt_text(q, "currency");
    struct money m = {.minor = currency ? stmt_int(q, "minor") : 0};
    snprintf(m.currency, sizeof(m.currency), "%s", currency ? currency : "");
    return m;
}

struct db *store_db(struct store *s)
{
    return s->db;
}
