/* Money: an exact amount of one currency. The only arithmetic on it is decimal's, which
 * is checked. */
#ifndef REMESA_MODEL_MONEY_H
#define REMESA_MODEL_MONEY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/decimal.h"
#include "base/span.h"
#include "model/currency.h"

struct money {
    int64_t minor; /* in the currency's smallest unit, never negative */
    char currency[CURRENCY_TEXT_MAX]; /* lower case */
};

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
