/* The filters that a list knows, read from the query. Every other one is passed over, as
 * the API does. */
#ifndef REMESA_SANDBOX_FILTER_H
#define REMESA_SANDBOX_FILTER_H

#include "sandbox/call.h"

struct filter {
    struct resource_filter rows;
    struct buf value;
};

/* Those of the user acted for. */
void filter_init(struct filter *f, const struct call *c, const char *kind);
void filter_close(struct filter *f);

/* filter[from]: a date, else it is passed over. */
void filter_read_from(struct filter *f, const struct call *c);
/* filter[FIELD]; NULL: none. */
void filter_read_field(struct filter *f, const struct call *c, const char *field);
/* `name` as in the query; NULL: none. */
void filter_read_parent(struct filter *f, const struct call *c, const char *name);

#endif
