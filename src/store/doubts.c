#include "store/doubts.h"

#include "base/mem.h"
#include "store/internal.h"

void doubt_close(struct doubt *d)
{
    queued_job_close(&d->job);
}

static void read_doubt(struct stmt *q, struct doubt *out)
{
    *out = (struct doubt){
        .job = queue_read_job(q),
        .sent_at = {stmt_int(q, "opened_at")},
        .ended_at = {stmt_int(q, "closed_at")},
        .look_ups = (int)stmt_int(q, "look_ups"),
        .negatives = (int)stmt_int(q, "negatives"),
    };
}

static int next_look(struct store *s, struct wall now, struct wall *next_due,
                     struct err *err)
{
    struct stmt *q =
        db_stmt(s->db,
                "SELECT due_at FROM job WHERE state = 'in_doubt' AND due_at > ? "
                "ORDER BY due_at LIMIT 1",
                err);
    return queue_first_due(q, now, next_due, err);
}

int store_doubts_load(struct store *s, struct wall now, int limit, doubt_skip_fn *skip,
                      void *ctx, struct doubt *out, struct wall *next_due,
                      struct err *err)
{
    struct stmt *q = db_stmt(
        s->db,
        "SELECT j.id, j.attempts, j.ref, j.action, j.on_behalf_of, j.params, "
        "a.opened_at, a.closed_at, "
        "(SELECT count(*) FROM look_up l WHERE l.job_id = j.id AND l.attempt = "
        "j.attempts) AS look_ups, "
        "(SELECT count(*) FROM look_up l WHERE l.job_id = j.id AND l.attempt = "
        "j.attempts "
        " AND l.outcome = 'not_there') AS negatives "
        "FROM job j JOIN attempt a ON a.job_id = j.id AND a.number = j.attempts "
        "WHERE j.state = 'in_doubt' AND j.due_at > 0 AND j.due_at <= ? ORDER BY j.due_at",
        err);
    int have = 0, rc = 0;
    stmt_bind_int(q, now.ms);
    while (have < limit && (rc = stmt_step(q, err)) == 1)
        if (!skip(ctx, stmt_int(q, "id")))
            read_doubt(q, &out[have++]);
    stmt_reset(q);
    if (rc >= 0 && next_look(s, now, next_due, err) == 0)
        return have;
    while (have > 0)
        doubt_close(&out[--have]);
    return -1;
}

int store_doubts_rearm(struct store *s, struct wall now, struct err *err)
{
    struct stmt *q = db_stmt(
        s->db, "UPDATE job SET due_at = ? WHERE state = 'in_doubt' AND due_at = 0", err);
    stmt_bind_int(q, now.ms);
    return stmt_run(q, err);
}

static int record(struct store *s, const struct look_up *l, struct wall now,
                  struct err *err)
{
    static const char *const names[] = {
#define X(name, text) [LOOK_UP_##name] = text,
        LOOK_UPS(X)
#undef X
    };
    struct stmt *q =
        db_stmt(s->db,
                "INSERT INTO look_up (job_id, attempt, run_id, path, outcome, rows_seen, "
                "control, evidence, looked_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                err);
    stmt_bind_int(q, l->job_id);
    stmt_bind_int(q, l->attempt);
    stmt_bind_int(q, l->run_id);
    stmt_bind_text(q, l->path);
    stmt_bind_text(q, names[l->outcome]);
    stmt_bind_int(q, l->rows);
    stmt_bind_int(q, l->control);
    stmt_bind_text(q, l->evidence);
    stmt_bind_int(q, now.ms);
    return stmt_run(q, err);
}

int store_look_up(struct store *s, const struct look_up *l, struct wall again,
                  struct wall now, struct err *err)
{
    if (record(s, l, now, err))
        return -1;
    struct stmt *q = db_stmt(
        s->db, "UPDATE job SET due_at = ? WHERE id = ? AND state = 'in_doubt'", err);
    stmt_bind_int(q, again.ms);
    stmt_bind_int(q, l->job_id);
    return stmt_run_one(q, "recording a look-up", err);
}

bool store_is_of_another(struct store *s, int64_t job_id, const char *action,
                         const char *remote_id)
{
    struct stmt *q = db_stmt(
        s->db,
        "SELECT id FROM job WHERE action = ? AND remote_id = ? AND id <> ? LIMIT 1",
        &s->unread);
    stmt_bind_text(q, action);
    stmt_bind_text(q, remote_id);
    stmt_bind_int(q, job_id);
    bool there = store_row(s, q);
    stmt_reset(q);
    return there;
}

char *store_control(struct store *s, int64_t job_id, const char *action,
                    const char *on_behalf_of)
{
    char *found = NULL;
    struct stmt *q =
        db_stmt(s->db,
                "SELECT remote_id FROM job WHERE action = ? AND on_behalf_of IS ? "
                "AND remote_id IS NOT NULL AND id < ? ORDER BY id DESC LIMIT 1",
                &s->unread);
    stmt_bind_text(q, action);
    stmt_bind_text(q, on_behalf_of);
    stmt_bind_int(q, job_id);
    if (store_row(s, q))
        found = mem_text(stmt_text(q, "remote_id"));
    stmt_reset(q);
    return found;
}

int store_doubt_hand_over(struct store *s, int64_t job_id, struct err *err)
{
    struct stmt *q = db_stmt(
        s->db, "UPDATE job SET due_at = 0 WHERE id = ? AND state = 'in_doubt'", err);
    stmt_bind_int(q, job_id);
    return stmt_run(q, err);
}
