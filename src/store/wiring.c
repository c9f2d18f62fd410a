#include "store/wiring.h"

#include <stdlib.h>

#include "base/circles.h"
#include "base/mem.h"
#include "store/internal.h"

int wiring_begin(struct store *s, struct err *err)
{
    return db_run_script(
        s->db,
        "CREATE TEMP TABLE IF NOT EXISTS import_need ("
        " job_id INTEGER NOT NULL, ref TEXT NOT NULL, soft INTEGER NOT NULL,"
        " column_name TEXT NOT NULL,"
        " PRIMARY KEY (job_id, ref)) WITHOUT ROWID;"
        "DELETE FROM import_need",
        err);
}

int wiring_add(struct store *s, int64_t job_id, const struct row *row, struct err *err)
{
    for (size_t i = 0; i < row->need_count; i++) {
        struct stmt *q = db_stmt(s->db,
                                 "INSERT INTO import_need (job_id, ref, soft, "
                                 "column_name) VALUES (?, ?, ?, ?)",
                                 err);
        stmt_bind_int(q, job_id);
        stmt_bind_text(q, row->needs[i].ref);
        stmt_bind_int(q, row->needs[i].is_soft);
        stmt_bind_text(q, row->needs[i].column);
        if (stmt_run(q, err))
            return -1;
    }
    return 0;
}

/* ---- refs that nobody has ---- */

/* A line may be several jobs: its cell is told of once. */
static int complain_of_unknown(struct store *s, complain_fn *tell, void *ctx,
                               struct err *err)
{
    struct stmt *q = db_stmt(s->db,
                             "SELECT j.line, n.column_name, n.ref, "
                             "max(n.ref IS j.on_behalf_of) AS acts FROM import_need n "
                             "JOIN job j ON j.id = n.job_id "
                             "WHERE NOT EXISTS (SELECT 1 FROM job o WHERE o.ref = n.ref) "
                             "GROUP BY j.line, n.column_name, n.ref "
                             "ORDER BY min(n.job_id), n.ref",
                             err);
    int rc;
    while ((rc = stmt_step(q, err)) == 1) {
        char *text = mem_printf(
            "no job has the ref '%s', neither in this input nor in the database%s",
            stmt_text(q, "ref"),
            stmt_int(q, "acts")
                ? "; for a user that the API has already write # and its id"
                : "");
        tell(ctx, &(struct complaint){.line = stmt_int(q, "line"),
                                      .column = stmt_text(q, "column_name"),
                                      .text = text});
        free(text);
    }
    return rc;
}

static int insert_edges(struct store *s, struct err *err)
{
    return stmt_run(
        db_stmt(
            s->db,
            "INSERT INTO need (job_id, needed_id, soft) SELECT n.job_id, j.id, n.soft "
            "FROM import_need n JOIN job j ON j.ref = n.ref ORDER BY 1, 2",
            err),
        err);
}

/* ---- circles ----
 * An older job cannot need a new one, so a circle lies within the batch; and it has at least one edge
 * to a later row or to itself. Most files have none of those, and then there is nothing to look for. */

struct needs {
    int64_t
        first_id; /* the batch's jobs have ids in a row: they came in one transaction */
    int32_t *first, *to;
    int32_t count, room;
    struct graph graph;
};

static int has_forward_edge(struct store *s, int64_t batch_id, struct err *err)
{
    struct stmt *q =
        db_stmt(s->db,
                "SELECT n.job_id FROM job j CROSS JOIN need n ON n.job_id = j.id "
                "WHERE j.batch_id = ? AND n.needed_id >= n.job_id LIMIT 1",
                err);
    stmt_bind_int(q, batch_id);
    int rc = stmt_step(q, err);
    stmt_reset(q);
    return rc;
}

static int measure_batch(struct store *s, int64_t batch_id, struct needs *n,
                         struct err *err)
{
    struct stmt *q = db_stmt(s->db,
                             "SELECT min(id) AS first_id, max(id) AS last_id FROM job "
                             "WHERE batch_id = ?",
                             err);
    stmt_bind_int(q, batch_id);
    if (stmt_step(q, err) != 1)
        return -1;
    n->first_id = stmt_int(q, "first_id");
    int64_t nodes = stmt_int(q, "last_id") - n->first_id + 1;
    stmt_reset(q);
    if (nodes >= INT32_MAX)
        return err_set(err, ERR_INPUT, "more than %d rows in one import; cut the file",
                       INT32_MAX - 1);
    n->graph.nodes = (int32_t)nodes;
    n->first = mem_zero((size_t)nodes + 1, sizeof(*n->first));
    return 0;
}

static void add_edge(struct needs *n, int64_t needed_id)
{
    if (n->count == n->room) {
        n->room = n->room ? n->room * 2 : 1024;
        n->to = mem_resize(n->to, (size_t)n->room, sizeof(*n->to));
    }
    n->to[n->count++] = (int32_t)(needed_id - n->first_id);
}

/* Edges in order of job_id, so that the lists are filled from left to right. */
static int read_edges(struct store *s, int64_t batch_id, struct needs *n, struct err *err)
{
    struct stmt *q =
        db_stmt(s->db,
                "SELECT n.job_id, n.needed_id FROM need n JOIN job j ON j.id = n.job_id "
                "WHERE j.batch_id = ?1 AND n.needed_id >= ?2 ORDER BY n.job_id",
                err);
    int32_t filled = 0;
    int rc;
    stmt_bind_int(q, batch_id);
    stmt_bind_int(q, n->first_id);
    while ((rc = stmt_step(q, err)) == 1) {
        for (int32_t job = (int32_t)(stmt_int(q, "job_id") - n->first_id); filled <= job;)
            n->first[filled++] = n->count;
        add_edge(n, stmt_int(q, "needed_id"));
    }
    while (filled <= n->graph.nodes)
        n->first[filled++] = n->count;
    n->graph.first = n->first;
    n->graph.to = n->to;
    return rc;
}

static int tell_circle(struct store *s, int64_t id, complain_fn *tell, void *ctx,
                       struct err *err)
{
    struct stmt *q = db_stmt(s->db, "SELECT line, ref, needs FROM job WHERE id = ?", err);
    stmt_bind_int(q, id);
    if (stmt_step(q, err) != 1)
        return -1;
    char *text = mem_printf(
        "'%s' waits for itself in a circle (it needs: %s); it could never start",
        stmt_text(q, "ref"), stmt_text(q, "needs"));
    tell(ctx, &(struct complaint){
                  .line = stmt_int(q, "line"), .column = "needs", .text = text});
    free(text);
    stmt_reset(q);
    return 0;
}

static int tell_circles(struct store *s, const struct needs *n, complain_fn *tell,
                        void *ctx, struct err *err)
{
    int32_t *circle = mem_zero((size_t)n->graph.nodes, sizeof(*circle));
    int rc = 0;
    if (circles_find(&n->graph, circle) > 0)
        for (int32_t i = 0; i < n->graph.nodes && rc == 0; i++)
            if (circle[i])
                rc = tell_circle(s, n->first_id + i, tell, ctx, err);
    free(circle);
    return rc;
}

static int complain_of_circles(struct store *s, int64_t batch_id, complain_fn *tell,
                               void *ctx, struct err *err)
{
    struct needs n = {0};
    int rc = has_forward_edge(s, batch_id, err);
    if (rc < 1)
        return rc;
    rc = measure_batch(s, batch_id, &n, err) || read_edges(s, batch_id, &n, err) ||
         tell_circles(s, &n, tell, ctx, err);
    free(n.first);
    free(n.to);
    return rc ? -1 : 0;
}

int wiring_resolve(struct store *s, int64_t batch_id, complain_fn *complain, void *ctx,
                   struct err *err)
{
    if (complain_of_unknown(s, complain, ctx, err) || insert_edges(s, err))
        return -1;
    return complain_of_circles(s, batch_id, complain, ctx, err);
}

/* ---- what may start ---- */

static int run_for_batch(struct store *s, const char *sql, int64_t batch_id,
                         struct err *err)
{
    struct stmt *q = db_make(s->db, sql, err);
    stmt_bind_int(q, batch_id);
    int rc = stmt_run(q, err);
    stmt_close(q);
    return rc;
}

/* Needs that are lost already, from an earlier batch: each such job takes its new
 * dependants along. */
static int skip_the_lost(struct store *s, int64_t batch_id, struct wall now,
                         struct err *err)
{
    struct stmt *q =
        db_make(s->db,
                "SELECT DISTINCT n.needed_id FROM need n JOIN job j ON j.id = n.job_id "
                "JOIN job d ON d.id = n.needed_id WHERE j.batch_id = ? "
                "AND n.soft = 0 AND j.state = 'queued' "
                "AND d.state IN ('failed', 'skipped', 'cancelled') "
                "LIMIT 1",
                err);
    struct move_effect effect = {0};
    int rc = 1;
    while (rc == 1) {
        stmt_bind_int(q, batch_id);
        rc = stmt_step(q, err);
        int64_t lost = rc == 1 ? stmt_int(q, "needed_id") : 0;
        stmt_reset(q);
        if (rc == 1 &&
            queue_need_lost(s, &(struct lost_need){lost, true}, now, &effect, err))
            rc = -1;
    }
    stmt_close(q);
    return rc;
}

int wiring_release(struct store *s, int64_t batch_id, struct wall now, struct err *err)
{
    if (run_for_batch(
            s,
            "UPDATE job SET unmet = c.unmet FROM (SELECT n.job_id, count(*) AS unmet "
            "FROM job j JOIN need n ON n.job_id = j.id JOIN job d ON d.id = n.needed_id "
            "WHERE j.batch_id = ? AND NOT " NEED_IS_MET " GROUP BY n.job_id) AS c "
            "WHERE job.id = c.job_id",
            batch_id, err) ||
        skip_the_lost(s, batch_id, now, err))
        return -1;
    if (run_for_batch(s,
                      "UPDATE job SET ready = 1 WHERE batch_id = ? AND state = 'queued' "
                      "AND unmet = 0 AND on_behalf_of IS NULL AND ready = 0",
                      batch_id, err))
        return -1;
    return run_for_batch(
        s,
        "UPDATE job SET ready = 1 WHERE id IN (SELECT min(j.id) FROM job j "
        "WHERE j.batch_id = ? AND j.state = 'queued' AND j.unmet = 0 "
        "AND j.on_behalf_of IS NOT NULL AND NOT EXISTS (SELECT 1 FROM job t "
        "WHERE t.on_behalf_of = j.on_behalf_of AND t.ready = 1) "
        "GROUP BY j.on_behalf_of)",
        batch_id, err);
}
