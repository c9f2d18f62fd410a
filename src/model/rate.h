/* Requests a second, as a person writes them: "5", "0.5", at most three decimals. */
#ifndef REMESA_MODEL_RATE_H
#define REMESA_MODEL_RATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"

#define RATE_WANTED                                                                      \
    "a number of requests a second, at most three decimals, such as 5 or 0.5"

/* Endpoints with a rate of their own, at most. */
#define RATE_BUDGETS_MAX 16

/* *milli_rate: requests in a thousand seconds, 0 to 100,000,000. */
bool rate_parse(struct span text, int64_t *milli_rate);

#endif
