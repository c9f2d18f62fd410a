#include "store/digest.h"

#include <inttypes.h>

#include "store/internal.h"

/* ?1 a batch's name or NULL, ?2 a run or 0. */
#define SCOPE                                                                            \
    "WITH scope AS MATERIALIZED (SELECT id, name FROM batch WHERE (?1 IS NULL OR name "  \
    "= ?1) AND (?2 = 0 OR id IN (SELECT j.batch_id FROM attempt a JOIN job j ON j.id = " \
    "a.job_id WHERE a.run_id = ?2))) "

#define ATTEMPTS                                                                         \
    "FROM scope s JOIN job j ON j.batch_id = s.id JOIN attempt a ON a.job_id = j.id "    \
    "WHERE (?2 = 0 OR a.run_id = ?2) "

/* As the view `results` tells it. */
#define HELD                                                                             \
    "(SELECT 'held: ' || group_concat(h.reason, '; ') FROM hold h WHERE h.job_id = "     \
    "j.id AND h.released_at IS NULL AND j.state = 'queued')"

#define LISTED                                                                           \
    "SELECT s.name AS batch, j.ref, j.action, j.on_behalf_of, j.state, "                 \
    "CASE WHEN j.minor IS NULL THEN NULL WHEN m.places = 0 THEN printf('%d', j.minor) "  \
    "ELSE printf('%d.%0*d', j.minor / m.unit, m.places, j.minor % m.unit) END AS "       \
    "amount, j.currency, j.remote_id, coalesce(" HELD ", j.error) AS error, "            \
    "strftime('%Y-%m-%dT%H:%M:%fZ', j.finished_at / 1000.0, 'unixepoch') AS "            \
    "finished_at "                                                                       \
    "FROM scope s CROSS JOIN job j ON j.batch_id = s.id "                                \
    "LEFT JOIN batch_money m ON m.batch_id = s.id AND m.currency = j.currency "

#define TROUBLED                                                                         \
    "(j.state IN ('in_doubt', 'failed', 'skipped') OR (j.state = 'queued' AND EXISTS "   \
    "(SELECT 1 FROM hold h WHERE h.job_id = j.id AND h.released_at IS NULL))) "

static const char *const queries[] = {
    [DIGEST_BATCHES] = SCOPE "SELECT name AS batch FROM scope ORDER BY id LIMIT ?3",
    [DIGEST_STATES] = SCOPE
    "SELECT j.state, count(*) AS jobs, count(j.currency) AS payments FROM scope s "
    "CROSS JOIN job j ON j.batch_id = s.id GROUP BY j.state LIMIT ?3",
    /* What was skipped has the ref of another in its text: one reason, not thousands. */
    [DIGEST_REASONS] = SCOPE
    ", lost AS (SELECT j.id, j.ref, j.action, j.state, j.http_status, CASE j.state WHEN "
    "'skipped' THEN 'something that it needs did not succeed' ELSE coalesce(j.error, "
    "'no reason was recorded') END AS reason FROM scope s CROSS JOIN job j ON j.batch_id "
    "= s.id WHERE j.state IN ('failed', 'skipped')), "
    "numbered AS (SELECT *, row_number() OVER (PARTITION BY action, state, http_status, "
    "reason ORDER BY id) AS n FROM lost) "
    "SELECT count(*) AS jobs, action, state, http_status, reason, "
    "group_concat(ref, ' ') FILTER (WHERE n <= 5) AS refs FROM numbered "
    "GROUP BY action, state, http_status, reason "
    "ORDER BY state = 'skipped', jobs DESC, min(id) LIMIT ?3",
    [DIGEST_LATENCY] = SCOPE
    "SELECT j.action, a.elapsed_us / 1000 AS elapsed_ms, count(*) AS attempts " ATTEMPTS
    "AND a.elapsed_us IS NOT NULL AND a.sends > 0 GROUP BY 1, 2 ORDER BY 1, 2 LIMIT ?3",
    [DIGEST_JOBS] = SCOPE LISTED "ORDER BY j.id LIMIT ?3",
    [DIGEST_TROUBLE] = SCOPE LISTED
    "WHERE " TROUBLED
    "ORDER BY j.state <> 'in_doubt', j.state <> 'queued', j.state, j.id LIMIT ?3",
    [DIGEST_OTHERS] = SCOPE LISTED "WHERE NOT " TROUBLED "ORDER BY j.id DESC LIMIT ?3",
};

static void bind_scope(struct stmt *q, const struct digest_scope *scope)
{
    stmt_bind_text(q, scope->batch);
    stmt_bind_int(q, scope->run);
}

int digest_read(struct store *s, enum digest what, const struct digest_scope *scope,
                int64_t limit, view_row_fn *each, void *ctx, struct err *err)
{
    struct stmt *q = db_stmt(s->db, queries[what], err);
    bind_scope(q, scope);
    stmt_bind_int(q, limit ? limit : -1);
    return read_rows(q, each, ctx, err);
}

int digest_span(struct store *s, const struct digest_scope *scope,
                struct digest_span *out, struct err *err)
{
    struct stmt *q = db_stmt(s->db,
                             SCOPE "SELECT min(a.opened_at) AS first, "
                                   "max(coalesce(a.closed_at, a.opened_at)) AS "
                                   "last " ATTEMPTS,
                             err);
    *out = (struct digest_span){0};
    bind_scope(q, scope);
    int rc = stmt_step(q, err);
    if (rc == 1 && !stmt_is_null(q, "first")) {
        out->any = true;
        out->first.ms = stmt_int(q, "first");
        out->last.ms = stmt_int(q, "last");
    }
    stmt_reset(q);
    return rc < 0 ? -1 : 0;
}

int digest_tempo(struct store *s, const struct digest_scope *scope,
                 const struct digest_steps *steps, view_row_fn *each, void *ctx,
                 struct err *err)
{
    struct stmt *q =
        db_stmt(s->db,
                SCOPE ", seen AS (SELECT a.opened_at AS at, 'asked' AS what " ATTEMPTS
                      "UNION ALL SELECT a.closed_at, a.outcome " ATTEMPTS
                      "AND a.closed_at IS NOT NULL) "
                      "SELECT (at - ?3) / ?4 AS slot, what, count(*) AS n FROM seen "
                      "WHERE at >= ?3 GROUP BY 1, 2 ORDER BY 1",
                err);
    bind_scope(q, scope);
    stmt_bind_int(q, steps->from.ms);
    stmt_bind_int(q, steps->width_ms);
    return read_rows(q, each, ctx, err);
}

int digest_find_run(struct store *s, int64_t *number, struct err *err)
{
    struct stmt *q =
        db_stmt(s->db, "SELECT max(id) AS n FROM run WHERE ?1 = 0 OR id = ?1", err);
    int64_t wanted = *number;
    stmt_bind_int(q, wanted);
    int rc = stmt_step(q, err);
    bool found = rc == 1 && !stmt_is_null(q, "n");
    *number = found ? stmt_int(q, "n") : 0;
    stmt_reset(q);
    if (rc < 0)
        return -1;
    if (!found && wanted)
        return err_set(err, ERR_NOINPUT, "there is no run %" PRId64, wanted);
    return found ? 0 : err_set(err, ERR_NOINPUT, "nothing has been run yet");
}

int digest_run(struct store *s, int64_t number, view_row_fn *each, void *ctx,
               struct err *err)
{
    struct stmt *q = db_stmt(
        s->db,
        "SELECT id AS run, "
        "strftime('%Y-%m-%dT%H:%M:%fZ', started_at / 1000.0, 'unixepoch') AS started_at, "
        "strftime('%Y-%m-%dT%H:%M:%fZ', ended_at / 1000.0, 'unixepoch') AS ended_at, "
        "exit_status, base_url FROM run WHERE ?1 = 0 OR id = ?1 ORDER BY id DESC LIMIT 1",
        err);
    stmt_bind_int(q, number);
    return read_rows(q, each, ctx, err);
}
