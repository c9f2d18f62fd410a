/* Rows of a view for a person (aligned columns) or for a program (JSON). */
#ifndef REMESA_REPORT_TABLE_H
#define REMESA_REPORT_TABLE_H

#include <stdio.h>

#include "base/jsonw.h"
#include "store/read.h"

/* A table with a heading; prints nothing when there are no rows. Returns the number of
 * rows, or -1. `columns` picks and orders them, ended by NULL; NULL: all. */
int table_print(FILE *out, struct store *s, enum store_view view, const char *key,
                int64_t limit, const char *const *columns, struct err *err);

/* "name": [{...}, ...]. */
int table_json(struct jsonw *w, const char *name, struct store *s, enum store_view view,
               const char *key, int64_t limit, struct err *err);

#endif
