/* One cell of a CSV that we write. */
#ifndef REMESA_BASE_CSV_CELL_H
#define REMESA_BASE_CSV_CELL_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/span.h"

/* Adds `text`, in quotes where it needs them. `is_ours`: it is no cell that somebody gave
 * us and wants back, so a spreadsheet must not run it: one that begins with = + - @ TAB or
 * CR gets a ' before it (CWE-1236). */
void csv_cell_write(struct buf *out, struct span text, char delimiter, bool is_ours);

#endif
