/* Rows of a CSV file. */
#ifndef REMESA_INTAKE_SOURCE_CSV_H
#define REMESA_INTAKE_SOURCE_CSV_H

#include "base/err.h"
#include "intake/csv.h"
#include "model/action.h"
#include "model/row.h"

/* Opens `path` ("-": standard input) and reads the header. Whoever opens closes, with
 * out->close; the catalogue must live until then. Complaints come from here and from
 * out->next.
 *
 * Errors: ERR_NOINPUT no such file, ERR_NOPERM not ours to read, ERR_IO, ERR_INPUT a
 * directory, an empty file, or a first line that names no columns. */
int source_csv_open(struct source *out, const char *path,
                    const struct csv_options *options, const struct catalogue *c,
                    complain_fn *complain, void *ctx, struct err *err);

#endif
