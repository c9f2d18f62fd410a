/* Rows of a table or view of somebody else's SQLite file. Columns mean what they mean in
 * a CSV; NULL is an absent cell. A row's line is its number in rowid order (of a view, or
 * of a table without rowids: in the order in which it answers). One statement reads it
 * all, hence one state of the file.
 *
 * A REAL is refused wherever it stands: it is not what somebody wrote but what a double
 * made of it. */
#ifndef REMESA_INTAKE_SOURCE_SQLITE_H
#define REMESA_INTAKE_SOURCE_SQLITE_H

#include "base/err.h"
#include "model/action.h"
#include "model/row.h"

/* `table` NULL: the only one that the file has. Whoever opens closes, with out->close;
 * the catalogue must live until then. The file is opened read-only. What is wrong with
 * the columns is told with line 0.
 *
 * Errors: ERR_NOINPUT no such file or table, ERR_USAGE several tables and none named (the
 * text lists them), ERR_INPUT not a database, no tables, or no `ref` and `action`; and
 * those of db_open. */
int source_sqlite_open(struct source *out, const char *path, const char *table,
                       const struct catalogue *c, complain_fn *complain, void *ctx,
                       struct err *err);

#endif
