/* What kind of file is it? By its first bytes, as its maker's format says. */
#ifndef REMESA_MODEL_MAGIC_H
#define REMESA_MODEL_MAGIC_H

#include <stdbool.h>

#include "base/span.h"

#define MAGIC_BYTES 16 /* that are looked at */

/* "image/png"; NULL: of no known kind. `name` is asked only where a kind of container holds
 * several: "bill.docx". */
const char *magic_media(struct span head, const char *name);
bool magic_knows(const char *media);

#endif
