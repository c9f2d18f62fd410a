/* What spreadsheets do to cells on their way into a CSV. */
#ifndef REMESA_INTAKE_SPREADSHEET_H
#define REMESA_INTAKE_SPREADSHEET_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/span.h"
#include "model/action.h"

/* "1,23E+15": a long number as Excel shows it, whose other digits are gone. */
bool spreadsheet_has_rounded(struct span cell);
#define SPREADSHEET_ROUNDED                                                              \
    "Excel has rounded it, and the digits are lost: format the column as text and "      \
    "export again"

/* Would a number of that form be taken for a value of the field? */
bool spreadsheet_may_harm(const struct action_field *f, struct span cell);

/* "1082998,10" with a point, and "1082998" as it is; false: it is neither. */
bool spreadsheet_decimal(struct span cell, struct buf *out);

/* What to add to a complaint about a wrong decimal; "" when there is nothing to say.
 * `comma`: it was read with a comma. */
const char *spreadsheet_decimal_hint(struct span cell, bool comma);

#endif
