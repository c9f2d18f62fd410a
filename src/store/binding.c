#include "store/binding.h"

#include <stdlib.h>

#include "base/mem.h"
#include "store/audit.h"
#include "store/internal.h"

/* 1 when it is bound, then *api is to be freed; 0 when not. */
static int read_binding(struct store *s, char **api, struct err *err)
{
    struct stmt *q = db_stmt(s->db, "SELECT api FROM binding", err);
    int rc = stmt_step(q, err);
    if (rc == 1)
        *api = mem_text(stmt_text(q, "api"));
    stmt_reset(q);
    return rc;
}

/* 1 when it is bound to `api`, 0 when it is not bound. */
static int compare(struct store *s, const char *api, struct err *err)
{
    char *bound;
    int rc = read_binding(s, &bound, err);
    if (rc != 1)
        return rc;
    if (strcmp(bound, api) != 0)
        rc = err_set(err, ERR_CONFIG,
                     "%s: it belongs to %s, where its first run went, and base_url is "
                     "now %s. Nothing is sent: take the base_url of before, or another "
                     "database (--db FILE)",
                     db_path(s->db), bound, api);
    free(bound);
    return rc;
}

int store_binding_check(struct store *s, const char *api, struct err *err)
{
    return compare(s, api, err) < 0 ? -1 : 0;
}

static int insert_binding(struct store *s, const char *api, struct wall now,
                          struct err *err)
{
    struct stmt *q = db_stmt(
        s->db, "INSERT INTO binding (only, api, bound_at, bound_by) VALUES (1, ?, ?, ?)",
        err);
    stmt_bind_text(q, api);
    stmt_bind_int(q, now.ms);
    stmt_bind_text(q, s->me.name);
    return stmt_run(q, err);
}

static int bind_inside(struct store *s, const char *api, struct wall now, struct err *err)
{
    struct audit a;
    if (insert_binding(s, api, now, err))
        return -1;
    audit_open(&a);
    jsonw_text(&a.w, "api", api);
    return audit_add(&a, s, "bind", db_path(s->db), now, err);
}

int store_bind(struct store *s, const char *api, struct wall now, struct err *err)
{
    int rc = compare(s, api, err);
    if (rc)
        return rc < 0 ? -1 : 0;
    if (store_begin(s, err))
        return -1;
    if (bind_inside(s, api, now, err) == 0 && store_commit(s, err) == 0)
        return 0;
    store_rollback(s);
    return -1;
}

int store_unbound_url(struct store *s, char **base_url, struct err *err)
{
    struct stmt *q = db_stmt(s->db,
                             "SELECT base_url FROM run WHERE NOT EXISTS "
                             "(SELECT 1 FROM binding) ORDER BY id LIMIT 1",
                             err);
    int rc = stmt_step(q, err);
    *base_url = rc == 1 ? mem_text(stmt_text(q, "base_url")) : NULL;
    stmt_reset(q);
    return rc < 0 ? -1 : 0;
}
