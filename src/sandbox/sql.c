#include "sandbox/sql.h"

#include <stdlib.h>

#include "base/log.h"

#define APPLICATION_ID                                                                   \
    1382700376 /* "RjSX": a ledger of this sandbox, and no other file */

static const char schema[] =
    "CREATE TABLE IF NOT EXISTS request("
    " id INTEGER PRIMARY KEY,"
    " at_us INTEGER NOT NULL," /* wall microseconds when it was complete */
    " method TEXT NOT NULL,"
    " path TEXT NOT NULL," /* as received */
    " user_id TEXT,"       /* of '; user=', as received */
    " status INTEGER,"     /* decided, if the client saw it or not */
    " fault TEXT,"
    " body TEXT NOT NULL," /* as received */
    " authorization_ok INTEGER NOT NULL,"
    " query TEXT NOT NULL,"
    " endpoint TEXT NOT NULL," /* 'POST /users' */
    " x_request_id TEXT NOT NULL) STRICT;"
    "CREATE TABLE IF NOT EXISTS effect("
    " id INTEGER PRIMARY KEY,"
    " request_id INTEGER NOT NULL REFERENCES request(id),"
    " kind TEXT NOT NULL,"
    " resource_id TEXT NOT NULL,"
    " user_id TEXT,"   /* whose it is; NULL: the master's */
    " reference TEXT," /* email or label */
    " amount TEXT,"    /* digit for digit as received */
    " currency TEXT,"
    " body TEXT NOT NULL) STRICT;" /* the resource as created */
    "CREATE TABLE IF NOT EXISTS resource("
    " kind TEXT NOT NULL,"
    " id INTEGER NOT NULL,"
    " user_id INTEGER NOT NULL,"
    " created_us INTEGER NOT NULL,"
    " reference TEXT,"
    " amount TEXT,"
    " attributes TEXT NOT NULL,"
    " relationships TEXT,"
    " related_id INTEGER,"
    " deleted INTEGER NOT NULL DEFAULT 0,"
    " PRIMARY KEY(kind, id)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS resource_of_user ON resource(kind, user_id, id);"
    "CREATE INDEX IF NOT EXISTS resource_email ON resource(reference COLLATE NOCASE)"
    " WHERE kind='users';"
    "CREATE INDEX IF NOT EXISTS resource_related ON resource(kind, related_id)"
    " WHERE related_id IS NOT NULL;"
    "CREATE INDEX IF NOT EXISTS resource_payee"
    " ON resource(json_extract(relationships, '$.user.data.id'))"
    " WHERE kind='concierge_request_outputs';"
    "CREATE TABLE IF NOT EXISTS state("
    " kind TEXT NOT NULL,"
    " id INTEGER NOT NULL,"
    " state TEXT NOT NULL,"
    " since_us INTEGER NOT NULL,"
    " due_us INTEGER," /* when it moves on; NULL: it waits for something, or is final */
    " failures INTEGER NOT NULL DEFAULT 0,"
    " PRIMARY KEY(kind, id)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS state_due ON state(due_us) WHERE due_us IS NOT NULL;"
    "CREATE TABLE IF NOT EXISTS shift(by_us INTEGER NOT NULL) STRICT;";

static const char *const texts[] = {
#define X(name, text) text,
    SQL_STATEMENTS(X)
#undef X
};

static _Noreturn void give_up(struct sql *s)
{
    log_say(LOG_ERROR, "the ledger cannot be kept: %s", sqlite3_errmsg(s->db));
    exit(err_exit_status(ERR_IO));
}

static int fail(struct sql *s, const char *file, struct err *err)
{
    return err_set(err, ERR_CANTCREATE, "ledger %s: %s", file, sqlite3_errmsg(s->db));
}

static int read_pragma(struct sql *s, const char *text, int64_t *out)
{
    sqlite3_stmt *st;
    if (sqlite3_prepare_v2(s->db, text, -1, &st, NULL))
        return -1;
    bool row = sqlite3_step(st) == SQLITE_ROW;
    *out = row ? sqlite3_column_int64(st, 0) : 0;
    return sqlite3_finalize(st);
}

/* A database that has tables and not our mark belongs to somebody else: the engine's,
 * say. */
static int check_owner(struct sql *s, const char *file, struct err *err)
{
    int64_t mark, tables;
    if (read_pragma(s, "PRAGMA application_id", &mark) ||
        read_pragma(s, "SELECT count(*) FROM sqlite_schema", &tables))
        return fail(s, file, err);
    if (tables == 0 || mark == APPLICATION_ID)
        return 0;
    return err_set(err, ERR_INPUT, "ledger %s: is the database of another program", file);
}

static int set_up(struct sql *s, const char *file, struct err *err)
{
    char mark[64];
    sqlite3_snprintf(sizeof(mark), mark, "PRAGMA application_id=%d", APPLICATION_ID);
    sqlite3_busy_timeout(s->db, 10000);
    if (check_owner(s, file, err))
        return -1;
    if (sqlite3_exec(s->db, "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;", NULL,
                     NULL, NULL) ||
        sqlite3_exec(s->db, mark, NULL, NULL, NULL) ||
        sqlite3_exec(s->db, schema, NULL, NULL, NULL))
        return fail(s, file, err);
    for (int i = 0; i < SQL_COUNT; i++)
        if (sqlite3_prepare_v3(s->db, texts[i], -1, SQLITE_PREPARE_PERSISTENT,
                               &s->statements[i], NULL))
            return fail(s, file, err);
    return 0;
}

int sql_open(struct sql *s, const char *file, struct err *err)
{
    const char *name = file ? file : ":memory:";
    *s = (struct sql){0};
    if (sqlite3_open(name, &s->db))
        fail(s, name, err);
    else if (set_up(s, name, err) == 0)
        return 0;
    sql_close(s);
    return -1;
}

void sql_close(struct sql *s)
{
    for (int i = 0; i < SQL_COUNT; i++)
        sqlite3_finalize(s->statements[i]);
    sqlite3_close(s->db);
    *s = (struct sql){0};
}

sqlite3_stmt *sql_use(struct sql *s, enum sql_name name)
{
    sqlite3_stmt *st = s->statements[name];
    sqlite3_reset(st);
    sqlite3_clear_bindings(st);
    return st;
}

sqlite3_stmt *sql_write(struct sql *s, enum sql_name name)
{
    if (!s->writing)
        sql_run(s, sql_use(s, SQL_BEGIN));
    s->writing = true;
    return sql_use(s, name);
}

void sql_commit(struct sql *s)
{
    if (s->writing)
        sql_run(s, sql_use(s, SQL_COMMIT));
    s->writing = false;
}

void sql_bind_text(sqlite3_stmt *st, int at, struct span text)
{
    if (text.ptr)
        sqlite3_bind_text(st, at, text.ptr, (int)text.len, SQLITE_STATIC);
}

void sql_bind_int(sqlite3_stmt *st, int at, int64_t value)
{
    sqlite3_bind_int64(st, at, value);
}

bool sql_row(struct sql *s, sqlite3_stmt *st)
{
    int code = sqlite3_step(st);
    if (code == SQLITE_ROW)
        return true;
    if (code != SQLITE_DONE)
        give_up(s);
    sqlite3_reset(st);
    return false;
}

void sql_run(struct sql *s, sqlite3_stmt *st)
{
    while (sql_row(s, st))
        ;
}

int64_t sql_number(struct sql *s, sqlite3_stmt *st)
{
    int64_t value = sql_row(s, st) ? sqlite3_column_int64(st, 0) : 0;
    sqlite3_reset(st);
    return value;
}

struct span sql_text(sqlite3_stmt *st, int column)
{
    const char *text = (const char *)sqlite3_column_text(st, column);
    return (struct span){text, (size_t)sqlite3_column_bytes(st, column)};
}
