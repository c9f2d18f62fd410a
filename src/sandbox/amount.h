/* Money as the API takes and gives it: a JSON number or a numeric text in, a number out,
 * written as Ruby writes a Float (100.10 -> 100.1, 100 -> 100.0, 0.00001 -> 1.0e-05), but
 * exact: no digit passes through a double. Pure. */
#ifndef REMESA_SANDBOX_AMOUNT_H
#define REMESA_SANDBOX_AMOUNT_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/decimal.h"
#include "base/span.h"

/* Blanks around a number in a text are passed over, as Ruby does. */
bool amount_read(struct span text, struct decimal *out);

void amount_print(struct decimal d, struct buf *out);

#endif
