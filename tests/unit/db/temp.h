/* A folder of its own for a test, gone with everything in it at the end; and plain SQL,
 * as somebody with the sqlite3 shell would type it. */
#ifndef TESTS_UNIT_DB_TEMP_H
#define TESTS_UNIT_DB_TEMP_H

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "db/db.h"
#include "db/stmt.h"
#include "lib/check.h"

struct temp {
    char dir[200];
    char db[256]; /* a path in it, no file yet */
};

static inline void temp_open(struct temp *t)
{
    const char *base = getenv("TMPDIR");
    snprintf(t->dir, sizeof(t->dir), "%s/remesa-test-XXXXXX", base ? base : "/tmp");
    if (!mkdtemp(t->dir))
        fail_msg("cannot make %s", t->dir);
    snprintf(t->db, sizeof(t->db), "%s/a.db", t->dir);
}

static inline void temp_close(struct temp *t)
{
    char path[512];
    DIR *dir = opendir(t->dir);
    struct dirent *e;
    while (dir && (e = readdir(dir))) {
        snprintf(path, sizeof(path), "%s/%s", t->dir, e->d_name);
        if (e->d_name[0] != '.' && unlink(path) != 0)
            rmdir(path);
    }
    if (dir)
        closedir(dir);
    rmdir(t->dir);
}

static inline struct db *temp_db(const char *path, enum db_mode mode)
{
    struct db *db = NULL;
    struct err err;
    if (db_open(&db, path, mode, &err))
        fail_msg("%s", err.text);
    return db;
}

/* The column `n` of the first row. */
static inline int64_t sql_int(struct db *db, const char *sql)
{
    struct err err;
    struct stmt *s = db_make(db, sql, &err);
    if (!s || stmt_step(s, &err) != 1)
        fail_msg("%s: %s", sql, err.text);
    int64_t n = stmt_int(s, "n");
    stmt_close(s);
    return n;
}

/* All rows as text: cells parted by '|', rows by blanks; the caller frees it. */
static inline char *sql_text(struct db *db, const char *sql)
{
    struct err err;
    struct buf out;
    int rc = -1;
    struct stmt *s = db_make(db, sql, &err);
    buf_init(&out, 1024 * 1024);
    while (s && (rc = stmt_step(s, &err)) == 1) {
        for (int i = 0; i < stmt_column_count(s); i++) {
            buf_add_text(&out, i ? "|" : out.len ? " " : "");
            buf_add_span(&out, stmt_column_span(s, i));
        }
    }
    stmt_close(s);
    if (rc < 0)
        fail_msg("%s: %s", sql, err.text);
    return buf_take(&out);
}

static inline bool sql_is(struct db *db, const char *sql, const char *want)
{
    char *got = sql_text(db, sql);
    bool same = strcmp(got, want) == 0;
    if (!same)
        print_error("  %s\n  gives  %s\n  and not %s\n", sql, got, want);
    free(got);
    return same;
}

#define sql_run(db, sql)                                                                 \
    do {                                                                                 \
        struct err sql_err;                                                              \
        if (db_run_script((db), (sql), &sql_err))                                        \
            fail_msg("%s: %s", (sql), sql_err.text);                                     \
    } while (0)

#define assert_sql(db, sql, want) assert_true(sql_is((db), (sql), (want)))

/* The statement must fail, and say `words`. */
static inline bool sql_refused(struct db *db, const char *sql, const char *words)
{
    struct err err;
    if (db_run_script(db, sql, &err) == 0) {
        print_error("  not refused: %s\n", sql);
        return false;
    }
    if (!strstr(err.text, words)) {
        print_error("  %s\n  is refused with  %s\n  and not  %s\n", sql, err.text, words);
        return false;
    }
    return true;
}

#endif
