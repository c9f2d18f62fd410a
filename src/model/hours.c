#include "model/hours.h"

#include "base/scan.h"

#define TIME_LEN 5 /* "05:30" */

bool time_of_day_parse(struct span text, int64_t *minutes)
{
    int64_t hour, minute;
    if (text.len != TIME_LEN || text.ptr[2] != ':' ||
        !scan_int((struct span){text.ptr, 2}, 0, 23, &hour) ||
        !scan_int((struct span){text.ptr + 3, 2}, 0, 59, &minute))
        return false;
    *minutes = hour * 60 + minute;
    return true;
}

bool hours_parse(struct span text, struct hours *out)
{
    struct hours h;
    if (text.len != 2 * TIME_LEN + 1 || text.ptr[TIME_LEN] != '-' ||
        !time_of_day_parse((struct span){text.ptr, TIME_LEN}, &h.from) ||
        !time_of_day_parse((struct span){text.ptr + TIME_LEN + 1, TIME_LEN}, &h.to) ||
        h.from == h.to)
        return false;
    *out = h;
    return true;
}

bool hours_hold(const struct hours *h, int64_t minute)
{
    if (h->from <= h->to)
        return minute >= h->from && minute < h->to;
    return minute >= h->from || minute < h->to;
}
