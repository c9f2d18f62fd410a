/* A batch's CSV given back, every column in the order of the input and one line for each
 * line, with what became of it: state, remote_id, amount, currency, error.
 *
 * Of a line with several jobs (a recipe) the state is the worst; the ids and amounts are
 * those of the jobs that carry money. What a server said is never run by a spreadsheet. */
#ifndef REMESA_REPORT_LINES_H
#define REMESA_REPORT_LINES_H

#include <stdio.h>

#include "store/store.h"

/* ERR_NOINPUT as store_lines_open. Faults of `out` are its stream's to tell. */
int lines_print(FILE *out, struct store *s, const char *batch, struct err *err);

#endif
