#include "db/stmt.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "db/internal.h"

struct stmt {
    struct db *db;
    sqlite3_stmt *handle;
    const char *sql; /* of a cached one: its address is the key */
    int bound;       /* values bound since the reset */
    int wanted;
    int hint; /* the column that was read last: the next one read is mostly its neighbour
               */
};

static _Noreturn void misuse(const struct stmt *s, const char *what)
{
    fprintf(stderr, "remesa: statement misused: %s: %s\n", what, sqlite3_sql(s->handle));
    abort();
}

/* ---- making and keeping ---- */

static struct stmt *make(struct db *db, const char *sql, unsigned flags, struct err *err)
{
    sqlite3_stmt *handle = NULL;
    if (sqlite3_prepare_v3(db->handle, sql, -1, flags, &handle, NULL) != SQLITE_OK) {
        db_fail(db, "cannot prepare a statement", err);
        return NULL;
    }
    struct stmt *s = mem_zero(1, sizeof(*s));
    *s = (struct stmt){.db = db, .handle = handle, .sql = sql};
    s->wanted = sqlite3_bind_parameter_count(handle);
    return s;
}

struct stmt *db_make(struct db *db, const char *sql, struct err *err)
{
    return make(db, sql, 0, err);
}

void stmt_free(struct stmt *s)
{
    if (!s)
        return;
    sqlite3_finalize(s->handle);
    free(s);
}

void stmt_close(struct stmt *s)
{
    stmt_free(s);
}

static size_t place_of(const struct db *db, const char *sql)
{
    size_t at =
        ((uintptr_t)sql * UINT64_C(0x9e3779b97f4a7c15) >> 32) & (db->cached_room - 1);
    while (db->cached[at] && db->cached[at]->sql != sql)
        at = (at + 1) & (db->cached_room - 1);
    return at;
}

static void grow_cache(struct db *db)
{
    struct stmt **old = db->cached;
    size_t old_room = db->cached_room;
    db->cached_room = old_room ? old_room * 2 : 64;
    db->cached = mem_zero(db->cached_room, sizeof(*db->cached));
    for (size_t i = 0; i < old_room; i++)
        if (old[i])
            db->cached[place_of(db, old[i]->sql)] = old[i];
    free(old);
}

struct stmt *db_stmt(struct db *db, const char *sql, struct err *err)
{
    if (db->cached_count * 2 >= db->cached_room)
        grow_cache(db);
    struct stmt **slot = &db->cached[place_of(db, sql)];
    if (*slot) {
        stmt_reset(*slot);
        return *slot;
    }
    *slot = make(db, sql, SQLITE_PREPARE_PERSISTENT, err);
    if (*slot)
        db->cached_count++;
    return *slot;
}

/* ---- binding ---- */

static int next_place(struct stmt *s)
{
    if (s->bound == s->wanted)
        misuse(s, "too many values bound");
    return ++s->bound;
}

void stmt_bind_int(struct stmt *s, int64_t value)
{
    if (s)
        sqlite3_bind_int64(s->handle, next_place(s), value);
}

void stmt_bind_span(struct stmt *s, struct span text)
{
    if (s)
        sqlite3_bind_text64(s->handle, next_place(s), text.ptr, text.len, SQLITE_STATIC,
                            SQLITE_UTF8);
}

void stmt_bind_text(struct stmt *s, const char *text)
{
    if (text)
        stmt_bind_span(s, span_of(text));
    else
        stmt_bind_null(s);
}

void stmt_bind_null(struct stmt *s)
{
    if (s)
        sqlite3_bind_null(s->handle, next_place(s));
}

/* ---- running ---- */

int stmt_step(struct stmt *s, struct err *err)
{
    if (!s)
        return -1; /* db_stmt has set err */
    if (s->bound != s->wanted)
        misuse(s, "too few values bound");
    int rc = sqlite3_step(s->handle);
    if (rc == SQLITE_ROW)
        return 1;
    if (rc != SQLITE_DONE)
        db_fail(s->db, "a statement failed", err);
    stmt_reset(s);
    return rc == SQLITE_DONE ? 0 : -1;
}

int stmt_run(struct stmt *s, struct err *err)
{
    int rc = stmt_step(s, err);
    while (rc == 1)
        rc = sqlite3_step(s->handle) == SQLITE_ROW ? 1 : 0;
    if (!s || rc < 0)
        return -1;
    if (sqlite3_reset(s->handle) != SQLITE_OK)
        rc = db_fail(s->db, "a statement failed", err);
    stmt_reset(s);
    return rc;
}

int stmt_run_one(struct stmt *s, const char *what, struct err *err)
{
    if (stmt_run(s, err))
        return -1;
    if (db_changes(s->db) == 1)
        return 0;
    return err_set(err, ERR_SOFTWARE, "%s: %s: %lld rows changed instead of one",
                   s->db->path, what, (long long)db_changes(s->db));
}

void stmt_reset(struct stmt *s)
{
    if (!s)
        return;
    sqlite3_reset(s->handle);
    sqlite3_clear_bindings(s->handle);
    s->bound = 0;
}

/* ---- reading ---- */

const char *stmt_column_name(struct stmt *s, int column)
{
    const char *name = sqlite3_column_name(s->handle, column);
    if (!name)
        mem_gone();
    return name;
}

static const char *text_of(struct stmt *s, int column)
{
    const char *text = (const char *)sqlite3_column_text(s->handle, column);
    if (!text)
        db_gone_if_no_memory(s->db);
    return text;
}

static int column_of(struct stmt *s, const char *name)
{
    int count = sqlite3_column_count(s->handle);
    for (int i = 0; i < count; i++) {
        int at = (s->hint + 1 + i) % count;
        if (strcmp(stmt_column_name(s, at), name) == 0)
            return s->hint = at;
    }
    misuse(s, name);
}

int64_t stmt_int(struct stmt *s, const char *column)
{
    return sqlite3_column_int64(s->handle, column_of(s, column));
}

const char *stmt_text(struct stmt *s, const char *column)
{
    return text_of(s, column_of(s, column));
}

bool stmt_is_null(struct stmt *s, const char *column)
{
    return sqlite3_column_type(s->handle, column_of(s, column)) == SQLITE_NULL;
}

int stmt_column_count(struct stmt *s)
{
    return sqlite3_column_count(s->handle);
}

enum stmt_type stmt_column_type(struct stmt *s, int column)
{
    switch (sqlite3_column_type(s->handle, column)) {
    case SQLITE_INTEGER:
        return STMT_INTEGER;
    case SQLITE_FLOAT:
        return STMT_REAL;
    case SQLITE_TEXT:
        return STMT_TEXT;
    case SQLITE_BLOB:
        return STMT_BLOB;
    default:
        return STMT_NULL;
    }
}

struct span stmt_column_span(struct stmt *s, int column)
{
    const char *text = text_of(s, column);
    return (struct span){text ? text : "",
                         (size_t)sqlite3_column_bytes(s->handle, column)};
}

int db_one_int(struct db *db, const char *sql, int64_t *out, struct err *err)
{
    struct stmt *q = db_make(db, sql, err);
    int rc = stmt_step(q, err);
    if (rc == 1)
        *out = stmt_int(q, "n");
    stmt_close(q);
    return rc == 1 ? 0 : -1;
}
