/* Which API a database belongs to: that of its first run, for ever. */
#ifndef REMESA_STORE_BINDING_H
#define REMESA_STORE_BINDING_H

#include "base/clock.h"
#include "store/store.h"

/* ERR_CONFIG, with both and what to do, when it is bound to another than `api` (url_base_name). */
int store_binding_check(struct store *s, const char *api, struct err *err);

/* The same, and binds it when it is not bound yet. In a transaction of its own. */
int store_bind(struct store *s, const char *api, struct wall now, struct err *err);

/* The base_url of the first run of a database that is not bound: one from before there were bindings.
 * NULL: it is bound, or has never run. To be freed. */
int store_unbound_url(struct store *s, char **base_url, struct err *err);

#endif
