/* Method and path to a handler: the endpoints with a handler of their own first, then the
 * usual ones of every kind in the table (kinds.h). Pure. */
#ifndef REMESA_SANDBOX_ROUTE_H
#define REMESA_SANDBOX_ROUTE_H

#include "sandbox/call.h"

struct route {
    char endpoint[96]; /* "GET /users/:id" */
    void (*handle)(struct call *c);
    const struct kind *kind; /* that the path begins with; NULL: not in the table */
    bool open;               /* no key is needed */
    struct span id;          /* what stands for ":id" */
};

/* False: there is no such endpoint. `path` is without "/api". */
bool route_find(struct span method, struct span path, struct route *out);

#endif
