/* Money: an exact amount of one currency. The only arithmetic on it is decimal's, which
 * is checked. */
#ifndef REMESA_MODEL_MONEY_H
#define REMESA_MODEL_MONEY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/decimal.h"
#include "base/span.h"

#define CURRENCY_TEXT_MAX 12 /* letters and digits with the NUL */

struct money {
    int64_t minor; /* in the currency's smallest unit, never negative */
    char currency[CURRENCY_TEXT_MAX]; /* lower case */
};

/* 2 to 11 letters and digits; written in lower case. */
bool currency_parse(struct span text, char out[CURRENCY_TEXT_MAX]);

/* Digits after the point that the currency has: ISO 4217's minor unit, 8 for the coins,
 * and 8 for a code that is not in the table, so that no digit of it is ever lost. */
int currency_places(const char *currency);

enum money_fault {
    MONEY_OK,
    MONEY_NOT_DECIMAL,
    MONEY_NOT_POSITIVE,
    MONEY_TOO_MANY_PLACES,
    MONEY_TOO_LARGE,
};
enum money_fault money_parse(struct span amount, const char *currency, struct money *out);
const char *money_fault_text(enum money_fault fault);

const char *money_text(struct money m, char out[DECIMAL_TEXT_MAX]); /* the amount alone */

#endif
