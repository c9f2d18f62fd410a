/* A prepared statement: bind in order, step, read by name.
 *
 *     struct stmt *s = db_stmt(db, "SELECT id FROM job WHERE ref = ?", err);
 *     stmt_bind_text(s, ref);
 *     int rc = stmt_step(s, err);          1 a row, 0 no more, -1 error
 *     id = stmt_int(s, "id");
 *     stmt_reset(s);
 *
 * Binding too few or too many values, and reading a column that is not there, are faults
 * of the program: they end it. */
#ifndef REMESA_DB_STMT_H
#define REMESA_DB_STMT_H

#include "base/span.h"
#include "db/db.h"

struct stmt;

/* Prepared once per connection and kept: `sql` must be a string literal, it is known by
 * its address. Comes back reset, with nothing bound. NULL with err set when it cannot be
 * prepared. */
struct stmt *db_stmt(struct db *db, const char *sql, struct err *err);

/* For SQL that is made at run time; the caller closes it. */
struct stmt *db_make(struct db *db, const char *sql, struct err *err);
void stmt_close(struct stmt *s);

/* NULL statement: nothing happens, so that a chain of binds needs one check at the step.
 * Texts are not copied: they must stay until the statement is reset. */
void stmt_bind_int(struct stmt *s, int64_t value);
void stmt_bind_text(struct stmt *s, const char *text); /* NULL: SQL NULL */
void stmt_bind_span(struct stmt *s, struct span text);
void stmt_bind_null(struct stmt *s);

int stmt_step(struct stmt *s,
              struct err *err); /* 1 row, 0 done (reset by itself), -1 error (reset) */
int stmt_run(struct stmt *s, struct err *err); /* to the end, rows passed over; 0 or -1 */
void stmt_reset(struct stmt *s);

/* A statement that must change exactly one row; anything else is ERR_SOFTWARE and says
 * `what`. */
int stmt_run_one(struct stmt *s, const char *what, struct err *err);

/* Of a SELECT with one row and one column, named n. */
int db_one_int(struct db *db, const char *sql, int64_t *out, struct err *err);

int64_t stmt_int(struct stmt *s, const char *column);
const char *stmt_text(struct stmt *s,
                      const char *column); /* NULL for SQL NULL; until the next step */
bool stmt_is_null(struct stmt *s, const char *column);

/* By number, for tables whose columns are not known before. */
enum stmt_type { STMT_NULL, STMT_INTEGER, STMT_REAL, STMT_TEXT, STMT_BLOB };
int stmt_column_count(struct stmt *s);
const char *stmt_column_name(struct stmt *s, int column);
enum stmt_type stmt_column_type(struct stmt *s, int column);
struct span stmt_column_span(struct stmt *s, int column);

#endif
