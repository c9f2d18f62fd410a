#include "model/rate.h"

#include "base/decimal.h"

bool rate_parse(struct span text, int64_t *milli_rate)
{
    struct decimal d, milli;
    if (!decimal_parse_plain(text, &d) || !decimal_rescale(d, 3, &milli) ||
        milli.units < 0 || milli.units > INT64_C(100000) * 1000)
        return false;
    *milli_rate = milli.units;
    return true;
}
