/* ISO 3166-1 alpha-2, the codes that were assigned officially in 2024, in either case of letters. The API
 * checks countries against the same list. */
#ifndef REMESA_MODEL_COUNTRY_H
#define REMESA_MODEL_COUNTRY_H

#include <stdbool.h>

#include "base/span.h"

bool country_is_known(struct span code);

#endif
