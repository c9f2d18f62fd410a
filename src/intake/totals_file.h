/* The control totals that lie beside an input: payees.csv.totals beside payees.csv. */
#ifndef REMESA_INTAKE_TOTALS_FILE_H
#define REMESA_INTAKE_TOTALS_FILE_H

#include "model/totals.h"

/* What stands there, added to *t (totals_merge). No file, or no path that has a folder ("-"): nothing. */
int totals_file_read(struct totals *t, const char *input, struct err *err);

#endif
