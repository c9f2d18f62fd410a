/* Currencies: the codes of ISO 4217 (list one, as published by SIX for the standard's
 * maintenance agency, as of January 2025, without metals and test codes) and some coins. A
 * code that is not here may still be one. */
#ifndef REMESA_MODEL_CURRENCY_H
#define REMESA_MODEL_CURRENCY_H

#include <stdbool.h>

#include "base/span.h"

#define CURRENCY_TEXT_MAX 12 /* letters and digits with the NUL */

/* 2 to 11 letters and digits; written in lower case. */
bool currency_parse(struct span text, char out[CURRENCY_TEXT_MAX]);

/* The rest takes a code in lower case. */
bool currency_is_known(const char *currency);

/* Digits after the point that the currency has: ISO 4217's minor unit, a coin's own; 8 for
 * a code that is not known. Ether and DAI have 18 on their chain: of those, 64 bits would
 * hold 9.2 units, so they are counted in thousand millionths (gwei). */
int currency_places(const char *currency);

#endif
