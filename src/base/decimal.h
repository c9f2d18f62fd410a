/* An exact decimal number: units / 10^places. Never a double on any path.
 *
 * Arithmetic is checked: false means that the result does not fit, and *out is untouched.
 */
#ifndef REMESA_BASE_DECIMAL_H
#define REMESA_BASE_DECIMAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"

#define DECIMAL_PLACES_MAX 18
#define DECIMAL_TEXT_MAX   40 /* sign, 19 digits, leading zeros, point, NUL */

struct decimal {
    int64_t units;
    int places; /* 0 to DECIMAL_PLACES_MAX */
};

/* How a person or a CSV writes an amount: digits, one optional point with digits on both
 * sides, no sign, no exponent, no blank, no leading zero but the one before the point.
 * What this accepts is also a JSON number, digit for digit. */
bool decimal_parse_plain(struct span text, struct decimal *out)
    __attribute__((warn_unused_result));

/* How a JSON document writes a number (RFC 8259, 6): sign and exponent too. Exact, or
 * false. */
bool decimal_parse_json(struct span text, struct decimal *out)
    __attribute__((warn_unused_result));

bool decimal_add(struct decimal a, struct decimal b, struct decimal *out)
    __attribute__((warn_unused_result));

/* The same value with `places` places; false when digits would be lost or it does not
 * fit. */
bool decimal_rescale(struct decimal d, int places, struct decimal *out)
    __attribute__((warn_unused_result));

bool decimal_same(struct decimal a, struct decimal b); /* by value: 1.50 is 1.5 */
int decimal_compare(struct decimal a,
                    struct decimal b); /* -1, 0, 1: by value, always exact */

const char *decimal_text(struct decimal d, char out[DECIMAL_TEXT_MAX]);

#endif
