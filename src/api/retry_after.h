/* The Retry-After header (RFC 9110, 10.2.3): seconds, or a date in one of HTTP's three
 * forms (5.6.7). */
#ifndef REMESA_API_RETRY_AFTER_H
#define REMESA_API_RETRY_AFTER_H

#include "base/clock.h"
#include "model/http.h"

#define RETRY_AFTER_MAX_MS (INT64_C(3600) * 1000)

/* One of HTTP's three forms of a date, as in the header Date; in milliseconds since 1970. */
bool http_date_read(const char *text, int64_t *ms);

/* Milliseconds to wait, at most RETRY_AFTER_MAX_MS; -1: nothing is asked for, or what is
 * asked lies in the past or cannot be read. A date counts from the answer's own Date, so
 * that a wrong clock here does no harm; from `now` when there is none. */
int64_t retry_after_ms(const struct http_response *r, struct wall now);

#endif
