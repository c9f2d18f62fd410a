/* What a server says of its quota, and when that begins anew:
 *   RateLimit: limit=100, remaining=0, reset=5       draft-ietf-httpapi-ratelimit-headers-06
 *   RateLimit: "default";r=0;t=5                     the same draft, from -08 on
 *   RateLimit-Remaining: 0, RateLimit-Reset: 5       its first revisions
 *   X-RateLimit-Remaining, X-RateLimit-Reset         common before it; the reset in seconds from now or
 *                                                    since 1970, told apart by size
 * Only a quota that is used up asks for a wait. What is left of one is not set against the requests in
 * flight: most of those the server has counted already. Whatever cannot be read is ignored: these
 * fields are advice (section 7 of the draft), and a 429 says it louder. */
#ifndef REMESA_API_RATE_LIMIT_H
#define REMESA_API_RATE_LIMIT_H

#include "base/clock.h"
#include "model/http.h"

/* Milliseconds until the quota begins anew, at most RETRY_AFTER_MAX_MS; 0: no wait is asked for. */
int64_t rate_limit_wait_ms(const struct http_response *r, struct wall now);

#endif
