#include "store/payees.h"

#include <stdlib.h>

#include "base/mem.h"
#include "model/payee.h"
#include "store/holds.h"
#include "store/internal.h"

struct filling {
    struct store *store;
    const struct catalogue *catalogue;
    struct err *err;
    bool has_failed;
};

/* 1 with the action and the params of a job, 0 when there is none. To be closed. */
static int read_job(struct filling *f, struct span ref, const struct action **action,
                    struct params *params)
{
    struct stmt *q =
        db_stmt(f->store->db, "SELECT action, params FROM job WHERE ref = ?", f->err);
    stmt_bind_span(q, ref);
    int rc = stmt_step(q, f->err);
    params_init(params);
    if (rc == 1) {
        *action = catalogue_find(f->catalogue, span_of(stmt_text(q, "action")));
        if (params_read(params, span_of(stmt_text(q, "params")), f->err))
            rc = -1;
    }
    stmt_reset(q);
    return rc;
}

static bool add_content(void *ctx, struct span ref, struct buf *out)
{
    struct filling *f = ctx;
    struct params params;
    const struct action *action = NULL;
    int rc = read_job(f, ref, &action, &params);
    f->has_failed |= rc < 0;
    if (rc == 1)
        payee_content(action, &params, out);
    params_close(&params);
    return rc == 1;
}

static int write_payee(struct filling *f, int64_t id, const char *payee)
{
    struct stmt *q =
        db_stmt(f->store->db, "UPDATE job SET payee = ? WHERE id = ?", f->err);
    stmt_bind_text(q, payee);
    stmt_bind_int(q, id);
    return stmt_run_one(q, "writing a payee", f->err);
}

static int fill_one(struct filling *f, int64_t id, const struct action *a,
                    const char *params_text)
{
    struct params params;
    char payee[PAYEE_MAX];
    params_init(&params);
    int rc = params_read(&params, span_of(params_text), f->err);
    bool has_payee = rc == 0 && payee_digest(a, &params, add_content, f, payee);
    params_close(&params);
    if (rc || f->has_failed)
        return -1;
    return has_payee ? write_payee(f, id, payee) : 0;
}

/* The next job that moves money; 1, with its id and copies of its texts. */
static int next_payment(struct filling *f, int64_t batch_id, int64_t *id,
                        const struct action **action, char **params)
{
    struct stmt *q = db_stmt(f->store->db,
                             "SELECT id, action, params FROM job WHERE id > ? "
                             "AND +batch_id = ? AND currency IS NOT NULL "
                             "ORDER BY id LIMIT 1",
                             f->err);
    stmt_bind_int(q, *id);
    stmt_bind_int(q, batch_id);
    int rc = stmt_step(q, f->err);
    if (rc == 1) {
        *id = stmt_int(q, "id");
        *action = catalogue_find(f->catalogue, span_of(stmt_text(q, "action")));
        *params = mem_text(stmt_text(q, "params"));
    }
    stmt_reset(q);
    return rc;
}

static int before_batch(struct store *s, int64_t batch_id, int64_t *id, struct err *err)
{
    struct stmt *q = db_stmt(
        s->db, "SELECT coalesce(min(id), 1) - 1 AS before FROM job WHERE batch_id = ?",
        err);
    stmt_bind_int(q, batch_id);
    int rc = stmt_step(q, err);
    if (rc == 1)
        *id = stmt_int(q, "before");
    stmt_reset(q);
    return rc == 1 ? 0 : -1;
}

int payees_fill(struct store *s, int64_t batch_id, const struct catalogue *c,
                struct err *err)
{
    struct filling f = {.store = s, .catalogue = c, .err = err};
    const struct action *action;
    char *params;
    int64_t id;
    int rc;
    if (before_batch(s, batch_id, &id, err))
        return -1;
    while ((rc = next_payment(&f, batch_id, &id, &action, &params)) == 1) {
        rc = action && action->payee ? fill_one(&f, id, action, params) : 0;
        free(params);
        if (rc)
            return -1;
    }
    return rc;
}

/* ---- duplicates ---- */

int payees_hold_duplicates(struct store *s, int64_t batch_id, struct wall since,
                           struct wall now, int64_t *held, struct err *err)
{
    struct stmt *q = db_stmt(
        s->db,
        "INSERT INTO hold (job_id, kind, reason, held_at) "
        "SELECT j.id, '" HOLD_DUPLICATE "', "
        "'same payee, amount and currency as ' || e.ref || CASE WHEN e.batch_id = "
        "j.batch_id THEN ', line ' || e.line || ' of the same input' ELSE ' of batch ' "
        "|| b.name || ', imported ' || "
        "strftime('%Y-%m-%d', b.imported_at / 1000, 'unixepoch') END, ?3 "
        "FROM job j JOIN job e ON e.id = (SELECT o.id FROM job o "
        "WHERE o.payee = j.payee AND o.currency = j.currency AND o.minor = j.minor "
        "AND o.id < j.id AND o.state NOT IN ('failed', 'skipped', 'cancelled') "
        "AND (o.batch_id = j.batch_id OR "
        "(SELECT imported_at FROM batch WHERE id = o.batch_id) >= ?2) "
        "ORDER BY o.id LIMIT 1) "
        "JOIN batch b ON b.id = e.batch_id "
        "WHERE j.batch_id = ?1 AND j.payee IS NOT NULL AND j.state = 'queued'",
        err);
    stmt_bind_int(q, batch_id);
    stmt_bind_int(q, since.ms);
    stmt_bind_int(q, now.ms);
    if (stmt_run(q, err))
        return -1;
    *held += db_changes(s->db);
    return 0;
}
