#include "intake/source_sqlite.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "db/db.h"
#include "db/stmt.h"
#include "intake/judge.h"

#define CELL_MAX (1024 * 1024) /* bytes, as of a whole CSV record */

struct source_sqlite {
    struct db *db;
    struct stmt *rows;
    struct judge *judge;
    struct listener listener;
    int64_t line;
    bool at_end;        /* one step more would begin anew */
    struct span *cells; /* of one row */
    size_t count;
};

static int64_t count_lines(void *ctx)
{
    const struct source_sqlite *s = ctx;
    return s->line;
}

static void close_source(void *ctx)
{
    struct source_sqlite *s = ctx;
    stmt_close(s->rows);
    db_close(s->db);
    judge_close(s->judge);
    free(s->cells);
    free(s);
}

/* The file is not ours: what SQLite takes for a fault of the program is one of the file.
 */
static int blame_file(struct err *err)
{
    if (err->code == ERR_SOFTWARE || err->code == ERR_CANTCREATE)
        err->code = ERR_INPUT;
    return -1;
}

/* ---- which table ---- */

struct choice {
    char *name; /* NULL: none that fits */
    bool has_rowid;
    int64_t seen;
    struct buf names; /* of all tables and views, for a message */
};

#define TABLES                                                                           \
    "SELECT name, type = 'table' AND NOT wr AS has_rowid, "                              \
    "?1 IS NULL OR name = ?1 COLLATE NOCASE AS fits FROM pragma_table_list "             \
    "WHERE schema = 'main' AND type IN ('table', 'view') "                               \
    "AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name"

static int look_at_tables(struct source_sqlite *s, const char *table, struct choice *c,
                          struct err *err)
{
    struct stmt *list = db_stmt(s->db, TABLES, err);
    stmt_bind_text(list, table);
    int rc;
    while ((rc = stmt_step(list, err)) == 1) {
        buf_printf(&c->names, "%s%s", c->names.len ? ", " : "", stmt_text(list, "name"));
        if (!stmt_int(list, "fits"))
            continue;
        c->seen++;
        c->has_rowid = stmt_int(list, "has_rowid") != 0;
        free(c->name);
        c->name = mem_text(stmt_text(list, "name"));
    }
    return rc;
}

static int check_choice(const struct source_sqlite *s, const char *table,
                        const struct choice *c, struct err *err)
{
    const char *path = db_path(s->db);
    if (c->names.len == 0)
        return err_set(err, ERR_INPUT, "%s: has no table", path);
    if (c->seen == 0)
        return err_set(err, ERR_NOINPUT, "%s: no table '%s'; it has: %s", path, table,
                       c->names.data);
    if (c->seen > 1)
        return err_set(err, ERR_USAGE, "%s: several tables, name one with --table: %s",
                       path, c->names.data);
    return 0;
}

static int select_rows(struct source_sqlite *s, const struct choice *c, struct err *err)
{
    struct buf sql;
    buf_init(&sql, 64 * 1024);
    buf_add_text(&sql, "SELECT * FROM main.");
    db_quote_name(&sql, c->name);
    if (c->has_rowid)
        buf_add_text(&sql, " ORDER BY rowid");
    if (sql.full)
        err_set(err, ERR_INPUT, "%s: the table's name is too long", db_path(s->db));
    else
        s->rows = db_make(s->db, sql.data, err);
    buf_close(&sql);
    return s->rows ? 0 : blame_file(err);
}

static int find_rows(struct source_sqlite *s, const char *table, struct err *err)
{
    struct choice c = {0};
    buf_init(&c.names, 512);
    int rc = look_at_tables(s, table, &c, err) ? blame_file(err)
                                               : check_choice(s, table, &c, err);
    if (rc == 0)
        rc = select_rows(s, &c, err);
    buf_close(&c.names);
    free(c.name);
    return rc;
}

/* ---- its columns and rows ---- */

static int read_header(struct source_sqlite *s, struct err *err)
{
    s->count = (size_t)stmt_column_count(s->rows);
    s->cells = mem_zero(s->count, sizeof(*s->cells));
    for (size_t i = 0; i < s->count; i++)
        s->cells[i] = span_of(stmt_column_name(s->rows, (int)i));
    if (judge_header(s->judge, 0, s->cells, s->count, err))
        return err_wrap(err, "%s", db_path(s->db));
    return 0;
}

static const char *fault_of_cell(enum stmt_type type, struct span cell)
{
    if (type == STMT_REAL)
        return "stored as a floating-point number: store it as TEXT";
    if (type == STMT_BLOB)
        return "stored as a BLOB: store it as TEXT";
    return cell.len > CELL_MAX ? "longer than 1 MB" : NULL;
}

/* False when a cell is of the wrong kind; the row is read all the same, to tell all that
 * is wrong. */
static bool read_cells(struct source_sqlite *s)
{
    bool good = true;
    for (size_t i = 0; i < s->count; i++) {
        enum stmt_type type = stmt_column_type(s->rows, (int)i); /* before it is a text */
        s->cells[i] = stmt_column_span(s->rows, (int)i);
        const char *fault = fault_of_cell(type, s->cells[i]);
        if (fault)
            complain_say(&s->listener, s->line, judge_column(s->judge, i), "%s", fault);
        good &= fault == NULL;
    }
    return good;
}

static int next_row(void *ctx, struct row *row, struct err *err)
{
    struct source_sqlite *s = ctx;
    int rc;
    if (s->at_end)
        return 0;
    while ((rc = stmt_step(s->rows, err)) == 1) {
        s->line++;
        bool good = read_cells(s);
        if (!judge_record(s->judge, s->line, s->cells, s->count, row))
            continue;
        if (good)
            return 1;
        row_close(row);
    }
    s->at_end = true;
    return rc == 0 ? 0 : blame_file(err);
}

static int open_file(struct source_sqlite *s, const char *path, struct err *err)
{
    struct stat what;
    if (stat(path, &what) == 0 && S_ISDIR(what.st_mode))
        return err_set(err, ERR_INPUT, "%s: is a directory, not a database", path);
    return db_open(&s->db, path, DB_READ_ONLY, err) ? blame_file(err) : 0;
}

int source_sqlite_open(struct source *out, const char *path, const char *table,
                       const struct catalogue *c, complain_fn *complain, void *ctx,
                       struct err *err)
{
    struct source_sqlite *s = mem_zero(1, sizeof(*s));
    s->listener = (struct listener){complain, ctx};
    s->judge = judge_open(c, s->listener);
    if (open_file(s, path, err) || find_rows(s, table, err) || read_header(s, err)) {
        close_source(s);
        return -1;
    }
    *out = (struct source){s, next_row, count_lines, close_source};
    return 0;
}
