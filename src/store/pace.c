#include "store/pace.h"

#include "store/internal.h"

static int read_run(struct store *s, struct run_pace *out, struct err *err)
{
    struct stmt *q = db_stmt(
        s->db,
        "SELECT id, started_at, ended_at IS NULL AS is_open FROM run ORDER BY id DESC "
        "LIMIT 1",
        err);
    int rc = stmt_step(q, err);
    if (rc == 1 && stmt_int(q, "is_open")) {
        out->is_running = true;
        out->run = stmt_int(q, "id");
        out->started_at.ms = stmt_int(q, "started_at");
    }
    stmt_reset(q);
    return rc < 0 ? -1 : 0;
}

/* By number, which is nearly the order of time: a million older ones are not looked at. */
static int read_pace(struct store *s, struct wall now, struct run_pace *out,
                     struct err *err)
{
    struct stmt *q = db_stmt(
        s->db,
        "SELECT count(*) AS n, min(opened_at) AS first, max(opened_at) AS last FROM "
        "(SELECT opened_at, run_id FROM attempt ORDER BY id DESC LIMIT ?3) "
        "WHERE run_id = ?1 AND opened_at > ?2",
        err);
    stmt_bind_int(q, out->run);
    stmt_bind_int(q, now.ms - PACE_SPAN_MS);
    stmt_bind_int(q, PACE_ATTEMPTS);
    int rc = stmt_step(q, err);
    if (rc == 1 && stmt_int(q, "n") > 0) {
        out->requests = stmt_int(q, "n");
        out->left_off.ms = stmt_int(q, "last");
        out->over_ms = now.ms - stmt_int(q, "first"); /* a lull since then counts */
    }
    stmt_reset(q);
    return rc < 0 ? -1 : 0;
}

int store_pace(struct store *s, struct wall now, struct run_pace *out, struct err *err)
{
    char who[64];
    *out = (struct run_pace){0};
    if (!db_lock_is_held(db_path(s->db), who, sizeof(who)))
        return 0; /* a run that died has left its row open, too */
    if (read_run(s, out, err))
        return -1;
    return out->is_running ? read_pace(s, now, out, err) : 0;
}

int64_t pace_time_for(const struct run_pace *p, int64_t jobs)
{
    if (!p->is_running || p->requests < 2 || p->over_ms <= 0)
        return -1;
    if (jobs > INT64_MAX / p->over_ms)
        return -1;
    return jobs * p->over_ms / p->requests;
}
