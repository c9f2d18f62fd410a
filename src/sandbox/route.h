/* Method and path to a handler. Pure. */
#ifndef REMESA_SANDBOX_ROUTE_H
#define REMESA_SANDBOX_ROUTE_H

#include "sandbox/call.h"

struct route {
    const char *endpoint; /* "GET /users/:id" */
    void (*handle)(struct call *c);
};

/* NULL: there is no such endpoint. `path` is without "/api"; *id is what stands for
 * ":id". */
const struct route *route_find(struct span method, struct span path, struct span *id);

#endif
