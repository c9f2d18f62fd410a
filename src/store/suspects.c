/* Suspects: what may have been sent by a database that was lost becomes a doubt before it is a job. */
#include "store/internal.h"
#include "store/queue.h"
#include "store/restore.h"

#define MAY_BE_SENT                                                                      \
    "the database was put back or copied: it may have been sent by what was lost"

struct suspect {
    int64_t id;
    int attempts;
    bool repeat_safe;
    struct wall since, until;
};

/* 1 with the next one, 0 when none could start. */
static int next_suspect(struct store *s, repeat_safe_fn *repeat_safe, void *ctx,
                        struct suspect *out, struct err *err)
{
    struct stmt *q = db_stmt(
        s->db,
        "SELECT j.id, j.attempts, j.action, j.params, r.since, r.until FROM job j "
        "JOIN restore r ON r.id = j.suspect WHERE j.suspect IS NOT NULL AND j.ready = 1 "
        "AND j.state = 'queued' LIMIT 1",
        err);
    int rc = stmt_step(q, err);
    if (rc == 1)
        *out = (struct suspect){.id = stmt_int(q, "id"),
                                .attempts = (int)stmt_int(q, "attempts"),
                                .repeat_safe = repeat_safe(ctx, stmt_text(q, "action"),
                                                           stmt_text(q, "params")),
                                .since = {stmt_int(q, "since")},
                                .until = {stmt_int(q, "until")}};
    stmt_reset(q);
    return rc;
}

static int trust(struct store *s, int64_t id, struct err *err)
{
    struct stmt *q = db_stmt(s->db, "UPDATE job SET suspect = NULL WHERE id = ?", err);
    stmt_bind_int(q, id);
    return stmt_run_one(q, "clearing a job", err);
}

static int doubt(struct store *s, const struct suspect *j, int64_t run_id,
                 struct wall look, struct wall now, struct err *err)
{
    struct move_effect effect = {0};
    const struct attempt_end end = {
        .job_id = j->id, .outcome = OUTCOME_IN_DOUBT, .error = MAY_BE_SENT};
    const struct job_move move = {.id = j->id,
                                  .from = JOB_SENDING,
                                  .to = JOB_IN_DOUBT,
                                  .due = look,
                                  .error = MAY_BE_SENT};
    if (trust(s, j->id, err) ||
        store_attempt_open(s, run_id, j->id, j->attempts + 1, j->since, err) ||
        store_attempt_close(s, &end, j->until, err))
        return -1;
    return store_move(s, &move, now, &effect, err);
}

int64_t store_suspects_doubt(struct store *s, int64_t run_id, repeat_safe_fn *repeat_safe,
                             void *ctx, struct wall look, struct wall now,
                             struct err *err)
{
    struct suspect j;
    int64_t count = 0;
    int rc = next_suspect(s, repeat_safe, ctx, &j, err);
    if (rc < 1)
        return rc;
    if (store_begin(s, err))
        return -1;
    while (rc == 1) {
        rc = j.repeat_safe ? trust(s, j.id, err) : doubt(s, &j, run_id, look, now, err);
        count += !j.repeat_safe;
        if (rc == 0)
            rc = next_suspect(s, repeat_safe, ctx, &j, err);
    }
    if (rc == 0 && store_commit(s, err) == 0)
        return count;
    store_rollback(s);
    return -1;
}
