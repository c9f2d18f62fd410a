#include "store/attempts.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "store/audit.h"
#include "store/internal.h"
#include "store/queue.h"

int store_attempt_open(struct store *s, int64_t run_id, int64_t job_id, int number,
                       struct wall now, struct err *err)
{
    struct stmt *q = db_stmt(s->db,
                             "INSERT INTO attempt (job_id, number, run_id, opened_at) "
                             "VALUES (?, ?, ?, ?)",
                             err);
    stmt_bind_int(q, job_id);
    stmt_bind_int(q, number);
    stmt_bind_int(q, run_id);
    stmt_bind_int(q, now.ms);
    if (stmt_run(q, err))
        return -1;
    q = db_stmt(s->db,
                "UPDATE job SET state = 'sending', attempts = ?1 "
                "WHERE id = ?2 AND state = 'queued' AND ready = 1 AND attempts = ?1 - 1",
                err);
    stmt_bind_int(q, number);
    stmt_bind_int(q, job_id);
    return stmt_run_one(q, "opening an attempt", err);
}

int store_attempt_close(struct store *s, const struct attempt_end *end, struct wall now,
                        struct err *err)
{
    struct stmt *q =
        db_stmt(s->db,
                "UPDATE attempt SET closed_at = ?, outcome = ?, sends = ?, "
                "http_status = nullif(?, 0), transport_code = ?, elapsed_us = ?, "
                "request_id = ?, error = ? WHERE job_id = ? AND closed_at IS NULL",
                err);
    stmt_bind_int(q, now.ms);
    stmt_bind_text(q, outcome_name(end->outcome));
    stmt_bind_int(q, end->sends);
    stmt_bind_int(q, end->http_status);
    stmt_bind_int(q, end->transport_code);
    stmt_bind_int(q, end->elapsed_us);
    stmt_bind_text(q, end->request_id);
    stmt_bind_text(q, end->error);
    stmt_bind_int(q, end->job_id);
    return stmt_run_one(q, "closing an attempt", err);
}

/* ---- after a crash ---- */

#define DIED "the run ended before an answer was recorded"

static int close_orphan(struct store *s, int64_t job_id, struct wall now, struct err *err)
{
    struct stmt *q =
        db_stmt(s->db,
                "UPDATE attempt SET closed_at = ?, outcome = 'in_doubt', error = ? "
                "WHERE job_id = ? AND closed_at IS NULL",
                err);
    stmt_bind_int(q, now.ms);
    stmt_bind_text(q, DIED);
    stmt_bind_int(q, job_id);
    return stmt_run_one(q, "closing an attempt of a run that died", err);
}

static int settle_orphan(struct store *s, int64_t job_id, bool repeat, struct wall now,
                         struct recovery *out, struct err *err)
{
    struct move_effect effect = {0};
    struct job_move m = {.id = job_id, .from = JOB_SENDING, .error = DIED};
    m.to = repeat ? JOB_QUEUED : JOB_IN_DOUBT;
    if (close_orphan(s, job_id, now, err) || store_move(s, &m, now, &effect, err))
        return -1;
    ++*(repeat ? &out->queued : &out->in_doubt);
    return 0;
}

/* 1 with the next open attempt's job, 0 when none is left. */
static int next_orphan(struct store *s, repeat_safe_fn *repeat_safe, void *ctx,
                       int64_t *job_id, bool *repeat, struct err *err)
{
    struct stmt *q =
        db_stmt(s->db,
                "SELECT j.id, j.action, j.params FROM attempt a "
                "JOIN job j ON j.id = a.job_id WHERE a.closed_at IS NULL LIMIT 1",
                err);
    int rc = stmt_step(q, err);
    if (rc == 1) {
        *job_id = stmt_int(q, "id");
        *repeat = repeat_safe(ctx, stmt_text(q, "action"), stmt_text(q, "params"));
    }
    stmt_reset(q);
    return rc;
}

int store_recover(struct store *s, repeat_safe_fn *repeat_safe, void *ctx,
                  struct wall now, struct recovery *out, struct err *err)
{
    int64_t job_id = 0;
    bool repeat = false;
    int rc;
    *out = (struct recovery){0};
    if (store_begin(s, err))
        return -1;
    while ((rc = next_orphan(s, repeat_safe, ctx, &job_id, &repeat, err)) == 1)
        if ((rc = settle_orphan(s, job_id, repeat, now, out, err)) < 0)
            break;
    if (rc == 0 && store_commit(s, err) == 0)
        return 0;
    store_rollback(s);
    return -1;
}

/* ---- runs ---- */

static const char *host_name(char out[256])
{
    out[0] = '\0';
    gethostname(out, 255);
    return out;
}

static int insert_run(struct store *s, const char *base_url, struct wall now,
                      struct err *err)
{
    char host[256] = "";
    struct stmt *q = db_stmt(s->db,
                             "INSERT INTO run (program, base_url, host, pid, started_at) "
                             "VALUES (?, ?, ?, ?, ?)",
                             err);
    stmt_bind_text(q, "remesa " REMESA_VERSION);
    stmt_bind_text(q, base_url);
    stmt_bind_text(q, host_name(host));
    stmt_bind_int(q, getpid());
    stmt_bind_int(q, now.ms);
    return stmt_run(q, err);
}

static int add_run_row(struct audit *a, struct store *s, const char *what, int64_t run_id,
                       struct wall now, struct err *err)
{
    char *subject = mem_printf("run %lld", (long long)run_id);
    int rc = audit_add(a, s, what, subject, now, err);
    free(subject);
    return rc;
}

static int begin_inside(struct store *s, const char *base_url, struct wall now,
                        int64_t *run_id, struct err *err)
{
    struct audit a;
    char host[256];
    if (insert_run(s, base_url, now, err))
        return -1;
    *run_id = db_last_id(s->db);
    audit_open(&a);
    jsonw_text(&a.w, "base_url", base_url);
    jsonw_text(&a.w, "host", host_name(host));
    return add_run_row(&a, s, "run", *run_id, now, err);
}

int store_run_begin(struct store *s, const char *base_url, struct wall now,
                    int64_t *run_id, struct err *err)
{
    if (store_begin(s, err))
        return -1;
    if (begin_inside(s, base_url, now, run_id, err) == 0 && store_commit(s, err) == 0)
        return 0;
    store_rollback(s);
    return -1;
}

static int tell_of_end(struct store *s, int64_t run_id, int exit_status,
                       const int64_t *counts, struct wall now, struct err *err)
{
    struct audit a;
    audit_open(&a);
    jsonw_int(&a.w, "exit_status", exit_status);
    for (int i = 0; counts && i < JOB_STATE_COUNT; i++)
        jsonw_int(&a.w, job_state_name((enum job_state)i), counts[i]);
    return add_run_row(&a, s, "run_end", run_id, now, err);
}

int store_run_end(struct store *s, int64_t run_id, int exit_status, const int64_t *counts,
                  struct wall now, struct err *err)
{
    struct stmt *q =
        db_stmt(s->db, "UPDATE run SET ended_at = ?, exit_status = ? WHERE id = ?", err);
    stmt_bind_int(q, now.ms);
    stmt_bind_int(q, exit_status);
    stmt_bind_int(q, run_id);
    if (stmt_run_one(q, "closing the run", err))
        return -1;
    return tell_of_end(s, run_id, exit_status, counts, now, err);
}
