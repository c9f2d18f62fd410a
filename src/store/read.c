#include "store/read.h"

#include "base/mem.h"
#include "store/holds.h"
#include "store/internal.h"

#define VIEW_COLUMNS_MAX 32

/* Known: the job that made the user, or any other for it, is of an earlier batch. */
#define THIS_BATCH "(SELECT id FROM batch WHERE name = ?1)"
#define PAYEES                                                                           \
    "SELECT EXISTS (SELECT 1 FROM job WHERE ref = p.payee AND batch_id < " THIS_BATCH    \
    ") OR p.payee IN (SELECT on_behalf_of FROM job WHERE batch_id < " THIS_BATCH         \
    " AND on_behalf_of IS NOT NULL) AS known FROM (SELECT DISTINCT on_behalf_of AS "     \
    "payee FROM job WHERE batch_id = " THIS_BATCH " AND minor IS NOT NULL "              \
    "AND on_behalf_of IS NOT NULL) p"

/* All batches count a currency in the same unit (model/money.h). */
#define EXACT_SUM                                                                        \
    "CASE m.places WHEN 0 THEN printf('%d', sum(j.minor)) ELSE printf('%d.%0*d', "       \
    "sum(j.minor) / m.unit, m.places, sum(j.minor) % m.unit) END"
#define FROM_MONEY                                                                       \
    "FROM job j JOIN batch b ON b.id = j.batch_id JOIN batch_money m ON m.batch_id = "   \
    "j.batch_id AND m.currency = j.currency WHERE (?1 IS NULL OR b.name = ?1) "
#define LAST_RUN "(SELECT max(id) FROM run)"
/* By a hold, or by a cap when its turn comes (store_caps_foresee). */
#define IS_HELD(j)                                                                       \
    "(EXISTS (SELECT 1 FROM hold WHERE job_id = " j ".id AND released_at IS NULL) OR "   \
    "EXISTS (SELECT 1 FROM held_soon WHERE job_id = " j ".id))"
#define NOT_HELD     "NOT " IS_HELD("j")
#define NEED_IS_HELD IS_HELD("d")

static const char *const queries[] = {
    [VIEW_PROGRESS] = "SELECT * FROM progress WHERE ?1 IS NULL OR batch = ?1 LIMIT ?2",
    [VIEW_MONEY] = "SELECT * FROM money WHERE ?1 IS NULL OR batch = ?1 LIMIT ?2",
    [VIEW_RESULTS] = "SELECT * FROM results WHERE ?1 IS NULL OR batch = ?1 LIMIT ?2",
    [VIEW_FAILURES] = "SELECT * FROM failures WHERE ?1 IS NULL OR batch = ?1 LIMIT ?2",
    [VIEW_DOUBTS] = "SELECT * FROM doubts WHERE ?1 IS NULL OR batch = ?1 LIMIT ?2",
    [VIEW_HOLDS] = "SELECT * FROM holds WHERE ?1 IS NULL OR batch = ?1 LIMIT ?2",
    [VIEW_RELEASABLE] =
        "SELECT h.* FROM holds h JOIN hold_kind k ON k.kind = h.kind WHERE k.by_release "
        "AND (?1 IS NULL OR h.batch = ?1) LIMIT ?2",
    [VIEW_APPROVALS] = "SELECT * FROM approvals WHERE ?1 IS NULL OR batch = ?1 LIMIT ?2",
    [VIEW_PROPOSALS] = "SELECT * FROM proposals WHERE ?1 IS NULL OR batch = ?1 LIMIT ?2",
    [VIEW_JOB] =
        "SELECT b.name AS batch, b.source, j.line, j.ref, j.action, j.on_behalf_of, "
        "j.needs, j.params, j.currency, j.state, j.unmet, j.ready, "
        "CASE WHEN j.due_at > 0 THEN strftime('%Y-%m-%dT%H:%M:%fZ', j.due_at / 1000.0, "
        "'unixepoch') END AS due_at, "
        "r.remote_id, r.remote_state, r.http_status, r.error, r.attempts, r.request_id, "
        "r.finished_at FROM job j JOIN batch b ON b.id = j.batch_id "
        "JOIN results r ON r.ref = j.ref WHERE j.ref = ?1 LIMIT ?2",
    [VIEW_NEEDS] =
        "SELECT d.ref, d.state, d.remote_id FROM job j JOIN need n ON n.job_id = j.id "
        "JOIN job d ON d.id = n.needed_id WHERE j.ref = ?1 ORDER BY d.id LIMIT ?2",
    [VIEW_ATTEMPTS] = "SELECT * FROM attempts WHERE ref = ?1 LIMIT ?2",
    [VIEW_INBOX] = "SELECT id, ref, action, problem, added_at FROM inbox "
                   "WHERE problem IS NOT NULL AND ?1 IS NULL ORDER BY id LIMIT ?2",
    [VIEW_LOST_BATCHES] = "SELECT * FROM lost_batches WHERE ?1 IS NULL LIMIT ?2",
    [VIEW_REFS] = "SELECT ref FROM job WHERE ref >= ?1 ORDER BY ref LIMIT ?2",
    [VIEW_BATCH_ACTIONS] =
        "SELECT j.action, count(*) AS jobs FROM job j JOIN batch b ON b.id = j.batch_id "
        "WHERE b.name = ?1 GROUP BY j.action ORDER BY min(j.id) LIMIT ?2",
    [VIEW_BATCH_MONEY] =
        "SELECT m.currency, (SELECT count(*) FROM job WHERE batch_id = " THIS_BATCH
        " AND currency = m.currency) AS jobs, m.imported AS total FROM money m "
        "WHERE m.batch = ?1 LIMIT ?2",
    [VIEW_BATCH_PAYEES] =
        "SELECT count(*) FILTER (WHERE known = 0) AS new_payees, "
        "count(*) FILTER (WHERE known = 1) AS known_payees FROM (" PAYEES ") LIMIT ?2",
    [VIEW_PLAN_MONEY] =
        "SELECT j.currency, count(*) AS jobs, " EXACT_SUM " AS amount " FROM_MONEY
        "AND EXISTS (SELECT 1 FROM attempt a WHERE a.job_id = j.id AND a.run_id "
        "= " LAST_RUN ") GROUP BY j.currency ORDER BY j.currency LIMIT ?2",
    [VIEW_PLAN_WAITING] =
        "SELECT j.action, count(*) AS jobs, coalesce(d.action, 'its turn') AS waits_for, "
        "CASE WHEN d.state = 'queued' AND " NEED_IS_HELD
        " THEN 'held' ELSE d.state END AS which_is "
        "FROM job j JOIN batch b ON b.id = j.batch_id LEFT JOIN job d ON d.id = "
        "(SELECT n.needed_id FROM need n JOIN job d ON d.id = n.needed_id "
        "WHERE n.job_id = j.id AND NOT " NEED_IS_MET " ORDER BY d.id LIMIT 1) "
        "WHERE j.state = 'queued' AND " NOT_HELD " AND (?1 IS NULL OR b.name = ?1) "
        "GROUP BY j.action, d.action, which_is ORDER BY min(j.id) "
        "LIMIT ?2",
    [VIEW_PLAN_HELD] =
        "SELECT h.kind AS hold, count(*) AS jobs, j.ref AS first, h.reason AS why "
        "FROM (SELECT job_id, kind, reason FROM hold WHERE released_at IS NULL UNION ALL "
        "SELECT job_id, '" HOLD_CAP "', reason FROM held_soon) h "
        "JOIN job j ON j.id = h.job_id JOIN batch b ON b.id = j.batch_id "
        "WHERE j.state = 'queued' AND (?1 IS NULL OR b.name = ?1) GROUP BY h.kind, "
        "CASE h.kind WHEN '" HOLD_CAP "' THEN substr(h.reason, 1, instr(h.reason, ':')) "
        "END ORDER BY min(j.id) LIMIT ?2",
    [VIEW_PLAN_UNSENT] =
        "SELECT j.ref, j.action, j.error FROM job j JOIN batch b ON b.id = j.batch_id "
        "WHERE j.state = 'failed' AND j.finished_at >= (SELECT started_at FROM run "
        "WHERE id = " LAST_RUN ") AND NOT EXISTS (SELECT 1 FROM attempt a WHERE "
        "a.job_id = j.id AND a.run_id = " LAST_RUN ") AND (?1 IS NULL OR b.name = ?1) "
        "ORDER BY j.id LIMIT ?2",
    [VIEW_QUEUED_ACTIONS] =
        "SELECT j.action, count(*) AS jobs FROM job j JOIN batch b ON b.id = j.batch_id "
        "WHERE j.state = 'queued' AND " NOT_HELD
        " AND (?1 IS NULL OR b.name = ?1) GROUP BY j.action "
        "ORDER BY min(j.id) LIMIT ?2",
    [VIEW_QUEUED_MONEY] = "SELECT j.currency, count(*) AS jobs, " EXACT_SUM
                          " AS amount " FROM_MONEY "AND j.state = 'queued' AND " NOT_HELD
                          " GROUP BY j.currency ORDER BY j.currency LIMIT ?2",
};

const char *view_text(const struct view_row *row, const char *column)
{
    for (int i = 0; i < row->count; i++)
        if (strcmp(row->cells[i].column, column) == 0)
            return row->cells[i].text;
    return NULL;
}

static void fill_row(struct stmt *q, struct view_cell *cells, int count)
{
    for (int i = 0; i < count; i++) {
        enum stmt_type type = stmt_column_type(q, i);
        cells[i].column = stmt_column_name(q, i);
        cells[i].is_number = type == STMT_INTEGER;
        cells[i].text = type == STMT_NULL ? NULL : stmt_column_span(q, i).ptr;
    }
}

int read_rows(struct stmt *q, view_row_fn *each, void *ctx, struct err *err)
{
    struct view_cell cells[VIEW_COLUMNS_MAX];
    int rc;
    while ((rc = stmt_step(q, err)) == 1) {
        int count = stmt_column_count(q);
        fill_row(q, cells, count);
        if (!each(ctx, &(struct view_row){cells, count}))
            break;
    }
    stmt_reset(q);
    return rc < 0 ? -1 : 0;
}

int store_read(struct store *s, enum store_view view, const char *key, int64_t limit,
               view_row_fn *each, void *ctx, struct err *err)
{
    struct stmt *q = db_stmt(s->db, queries[view], err);
    stmt_bind_text(q, key);
    stmt_bind_int(q, limit ? limit : -1);
    return read_rows(q, each, ctx, err);
}

/* ---- what a run is about ---- */

int store_scope_begin(struct store *s, struct err *err)
{
    if (db_run_script(
            s->db,
            "CREATE TEMP TABLE IF NOT EXISTS run_scope (batch_id INTEGER PRIMARY KEY);"
            "DELETE FROM run_scope",
            err))
        return -1;
    return store_scope_widen(s, err);
}

int store_scope_widen(struct store *s, struct err *err)
{
    return stmt_run(
        db_stmt(s->db,
                "INSERT OR IGNORE INTO run_scope SELECT b.id FROM batch b WHERE EXISTS "
                "(SELECT 1 FROM job WHERE batch_id = b.id "
                "AND state IN ('queued', 'sending', 'following', 'in_doubt'))",
                err),
        err);
}

int store_scope_add(struct store *s, const char *batch, struct err *err)
{
    struct stmt *q = db_stmt(
        s->db, "INSERT OR IGNORE INTO run_scope SELECT id FROM batch WHERE name = ?",
        err);
    stmt_bind_text(q, batch);
    return stmt_run(q, err);
}

int store_scope_counts(struct store *s, int64_t counts[JOB_STATE_COUNT], struct err *err)
{
    struct stmt *q = db_stmt(s->db,
                             "SELECT j.state, count(*) AS jobs FROM run_scope r "
                             "CROSS JOIN job j ON j.batch_id = r.batch_id "
                             "GROUP BY r.batch_id, j.state", /* as the index has them */
                             err);
    int rc;
    memset(counts, 0, sizeof(*counts) * JOB_STATE_COUNT);
    while ((rc = stmt_step(q, err)) == 1) {
        enum job_state state;
        if (job_state_parse(span_of(stmt_text(q, "state")), &state))
            counts[state] += stmt_int(q, "jobs");
    }
    return rc;
}

int store_can_start(struct store *s, bool *can, struct err *err)
{
    int64_t n = 0;
    int rc = db_one_int(
        s->db,
        "SELECT EXISTS (SELECT 1 FROM job WHERE state = 'queued' AND ready = 1) "
        "OR EXISTS (SELECT 1 FROM attempt WHERE closed_at IS NULL) AS n",
        &n, err);
    *can = n != 0;
    return rc;
}

int store_usual_answer(struct store *s, int64_t *us, struct err *err)
{
    return db_one_int(
        s->db,
        "WITH lately AS (SELECT elapsed_us FROM attempt WHERE outcome = 'accepted' "
        "ORDER BY id DESC LIMIT 201) SELECT coalesce((SELECT elapsed_us FROM lately "
        "ORDER BY elapsed_us LIMIT 1 OFFSET (SELECT count(*) / 2 FROM lately)), 0) AS n",
        us, err);
}

int store_queued_count(struct store *s, int64_t *jobs, struct err *err)
{
    return db_one_int(s->db, "SELECT count(*) AS n FROM job WHERE state = 'queued'", jobs,
                      err);
}

char *store_ref_of(struct store *s, int64_t job_id)
{
    struct err ignored;
    struct stmt *q = db_stmt(s->db, "SELECT ref FROM job WHERE id = ?", &ignored);
    stmt_bind_int(q, job_id);
    char *ref = stmt_step(q, &ignored) == 1 ? mem_text(stmt_text(q, "ref")) : NULL;
    stmt_reset(q);
    return ref;
}

bool store_is_in_batch(struct store *s, const char *ref, const char *batch)
{
    struct err ignored;
    struct stmt *q = db_stmt(s->db,
                             "SELECT 1 FROM job j JOIN batch b ON b.id = j.batch_id "
                             "WHERE j.ref = ? AND b.name = ?",
                             &ignored);
    stmt_bind_text(q, ref);
    stmt_bind_text(q, batch);
    bool is_in = stmt_step(q, &ignored) == 1;
    stmt_reset(q);
    return is_in;
}
