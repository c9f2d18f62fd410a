/* Rehearsal and production are kept apart: what the settings speak of, and whether this database may
 * go there. */
#include <stdlib.h>

#include "app/internal.h"
#include "base/clock.h"
#include "net/url.h"
#include "store/binding.h"

#define API_TEXT_MAX 4096

int remesa_is_production(struct remesa *r, bool *production)
{
    struct url_base base;
    if (url_base_open(&base, r->settings.base_url, &r->err))
        return -1;
    *production = url_is_production(&base);
    url_base_close(&base);
    return 0;
}

int app_check_production(struct remesa *r)
{
    bool production;
    if (remesa_is_production(r, &production))
        return -1;
    if (!production || r->settings.production)
        return 0;
    return err_set(&r->err, ERR_CONFIG,
                   "%s is production: money would move. If that is meant, say so with "
                   "--production, or `production = yes` in remesa.conf",
                   r->settings.base_url);
}

/* To be freed. */
static char *name_of(const char *base_url, struct err *err)
{
    struct url_base base;
    struct buf name;
    if (url_base_open(&base, base_url, err))
        return NULL;
    buf_init(&name, API_TEXT_MAX);
    url_base_name(&base, &name);
    url_base_close(&base);
    return buf_take(&name);
}

/* A database from before there were bindings is bound to where its first run went. */
static int bind_as_it_was(struct store *store, struct err *err)
{
    char *url;
    struct err ignored;
    if (store_unbound_url(store, &url, err))
        return -1;
    char *name = url ? name_of(url, &ignored) : NULL;
    int rc = name ? store_bind(store, name, clock_wall(), err) : 0;
    free(name);
    free(url);
    return rc;
}

int app_bind(struct remesa *r, struct store *store)
{
    char *name = name_of(r->settings.base_url, &r->err);
    int rc = name && bind_as_it_was(store, &r->err) == 0
                 ? store_bind(store, name, clock_wall(), &r->err)
                 : -1;
    free(name);
    return rc;
}

/* What keeps the file from being read is told by who needs it. */
int app_check_binding(struct remesa *r)
{
    struct store *store;
    struct err ignored;
    if (store_open(&store, r->database, STORE_READ, "", &ignored))
        return 0;
    char *name = name_of(r->settings.base_url, &r->err);
    int rc = name ? store_binding_check(store, name, &r->err) : -1;
    free(name);
    store_close(store);
    return rc;
}
