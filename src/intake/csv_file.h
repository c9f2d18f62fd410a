/* Records of a CSV file, from the open file to its end: what source_csv and source_recipe
 * have in common. */
#ifndef REMESA_INTAKE_CSV_FILE_H
#define REMESA_INTAKE_CSV_FILE_H

#include "base/err.h"
#include "intake/csv.h"

struct csv_file;

/* Opens `path` ("-": standard input) and reads the first record, the names of the columns,
 * which is good until the next. ERR_NOINPUT, ERR_NOPERM, ERR_IO, ERR_INPUT. What is wrong
 * with a line goes to `l`. */
int csv_file_open(struct csv_file **out, const char *path,
                  const struct csv_options *options, struct listener l,
                  struct csv_record *header, struct err *err);
void csv_file_close(struct csv_file *f); /* NULL is fine */
char csv_file_delimiter(const struct csv_file *f);
const char *csv_file_name(const struct csv_file *f); /* for messages */

/* 1 a record, good until the next call; 0 none is left; -1 reading failed. */
int csv_file_next(struct csv_file *f, struct csv_record *record, struct err *err);
int64_t
csv_file_lines(const struct csv_file *f); /* of data so far, those with a fault too */

#endif
