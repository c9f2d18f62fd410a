/* Hours of the day, "22:00-06:00": from the first minute up to the second, across midnight when that is
 * the earlier one. Of which day and time zone is for the caller to know. */
#ifndef REMESA_MODEL_HOURS_H
#define REMESA_MODEL_HOURS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"

struct hours {
    int64_t from, to; /* minutes after midnight; equal: none at all */
};

/* "05:30", in minutes after midnight. */
bool time_of_day_parse(struct span text, int64_t *minutes);

/* Two times of the day that differ, with '-' between them. */
bool hours_parse(struct span text, struct hours *out);
bool hours_hold(const struct hours *h, int64_t minute);

#endif
