#include "store/secrets.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/sha256.h"
#include "model/row.h"
#include "store/internal.h"

/* ---- coming ---- */

#define ROUNDS 10000 /* some milliseconds for each, for who wants to guess */

static char *read_salt(struct store *s, struct err *err)
{
    struct stmt *q = db_stmt(s->db, "SELECT salt FROM secret_salt", err);
    char *salt = stmt_step(q, err) == 1 ? mem_text(stmt_text(q, "salt")) : NULL;
    stmt_reset(q);
    return salt;
}

/* Bound to the job and its field: equal passwords of two jobs are not seen to be equal. */
static int digest(struct store *s, const struct row *row, const struct param *p,
                  char **out, struct err *err)
{
    char hex[SHA256_HEX_MAX];
    char *base = read_salt(s, err);
    if (!base)
        return -1;
    char *salt = mem_printf("%s %s %s", base, row->ref, p->name);
    sha256_stretch(span_of(p->value), span_of(salt), ROUNDS, hex);
    *out = mem_printf(SECRET_DIGEST "%s", hex);
    free(salt);
    free(base);
    return 0;
}

int secrets_stand_in(struct store *s, const struct row *row, struct params *out,
                     struct err *err)
{
    for (size_t i = 0; i < row->params.count; i++)
        params_add(out, span_of(row->params.items[i].name),
                   span_of(row->params.items[i].value));
    for (size_t i = 0; i < row->secrets.count; i++) {
        const struct param *p = &row->secrets.items[i];
        const char *mark = params_get(out, p->name);
        char *stands = NULL;
        if (strcmp(mark, SECRET_ONCE) == 0)
            continue;
        if (digest(s, row, p, &stands, err))
            return -1;
        params_set(out, p->name, stands);
        free(stands);
    }
    return 0;
}

int secrets_add(struct store *s, int64_t job_id, const struct row *row, struct err *err)
{
    for (size_t i = 0; i < row->secrets.count; i++) {
        struct stmt *q = db_stmt(
            s->db, "INSERT INTO secret (job_id, name, value) VALUES (?, ?, ?)", err);
        stmt_bind_int(q, job_id);
        stmt_bind_text(q, row->secrets.items[i].name);
        stmt_bind_text(q, row->secrets.items[i].value);
        if (stmt_run(q, err))
            return -1;
    }
    return 0;
}

/* ---- being used ---- */

static bool stands_for_one(const char *value)
{
    return strcmp(value, SECRET_ONCE) == 0 ||
           strncmp(value, SECRET_DIGEST, strlen(SECRET_DIGEST)) == 0;
}

int store_secrets_fill(struct store *s, int64_t job_id, struct params *params,
                       const char **missing, struct err *err)
{
    struct stmt *q =
        db_stmt(s->db, "SELECT name, value FROM secret WHERE job_id = ?", err);
    int rc;
    stmt_bind_int(q, job_id);
    while ((rc = stmt_step(q, err)) == 1) {
        const char *stands = params_get(params, stmt_text(q, "name"));
        if (stands && stands_for_one(stands))
            params_set(params, stmt_text(q, "name"), stmt_text(q, "value"));
    }
    stmt_reset(q);
    if (rc < 0)
        return -1;
    for (size_t i = 0; i < params->count; i++)
        if (stands_for_one(params->items[i].value)) {
            *missing = params->items[i].name;
            return 0;
        }
    return 1;
}

/* ---- going ---- */

int store_secrets_drop(struct store *s, struct err *err)
{
    int64_t any = 0;
    if (db_one_int(s->db, "SELECT EXISTS (SELECT 1 FROM secret) AS n", &any, err))
        return -1;
    if (!any)
        return 0;
    struct stmt *q =
        db_stmt(s->db,
                "DELETE FROM secret WHERE job_id IN (SELECT s.job_id FROM secret s "
                "JOIN job j ON j.id = s.job_id "
                "WHERE j.state NOT IN ('queued', 'sending', 'in_doubt'))",
                err);
    return stmt_run(q, err);
}
