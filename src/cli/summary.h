/* What a check has found in a file, for a person or as one line of JSON. */
#ifndef REMESA_CLI_SUMMARY_H
#define REMESA_CLI_SUMMARY_H

#include <stdio.h>

#include "base/buf.h"
#include "base/jsonw.h"
#include "remesa/remesa.h"

struct summary {
    bool json;
    struct buf complaints, tables; /* JSON, or lines */
    struct jsonw complaint, row;
    const char *table; /* that the last row was of; NULL: none yet */
};

void summary_open(struct summary *s, bool json);
void summary_close(struct summary *s);

void summary_complain(struct summary *s, bool is_warning, int64_t line,
                      const char *column, const char *text);
/* `table`: a text of the program. */
void summary_row(struct summary *s, const char *table, const struct remesa_cell *cells,
                 int count);

/* For a person nothing when `status` is not 0: the complaints were told. */
void summary_print(FILE *out, struct summary *s, const char *path,
                   const struct remesa_imported *got, int status);

#endif
