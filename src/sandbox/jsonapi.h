/* A resource as the API writes it down: string ids, attributes, relationships; a
 * withdrawal's status, which moves with time. Pure. */
#ifndef REMESA_SANDBOX_JSONAPI_H
#define REMESA_SANDBOX_JSONAPI_H

#include <stdint.h>

#include "base/jsonw.h"
#include "sandbox/resource.h"

void jsonapi_resource(struct jsonw *w, const char *key, const struct resource *r,
                      int64_t now_us, int64_t settle_ms);

/* received, after half of `settle_ms` pending, after all of it settled (cash) or done
 * (coin) - or cancelled, when the amount's text ends in "13": that is the 2xx that was no
 * success. NULL for what is no withdrawal. 0 ms: received for ever. */
const char *jsonapi_status(struct span kind, struct span amount, int64_t age_us,
                           int64_t settle_ms);

/* "NAME":{"data":{"type":"TYPE","id":"ID"}} */
void jsonapi_relate(struct jsonw *w, const char *name, const char *type, int64_t id);

#endif
