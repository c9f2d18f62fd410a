#include "store/queue.h"

#include <stdlib.h>

#include "base/mem.h"
#include "store/internal.h"

void queued_job_close(struct queued_job *j)
{
    free(j->ref);
    free(j->action);
    free(j->on_behalf_of);
    free(j->params);
    *j = (struct queued_job){0};
}

/* ---- loading ---- */

#define QUEUED_COLUMNS                                                                   \
    "id, attempts, ref, action, on_behalf_of, params, CASE WHEN attempts = 0 THEN 0 "    \
    "ELSE "                                                                              \
    "(SELECT count(*) FROM attempt a WHERE a.job_id = job.id AND a.outcome = "           \
    "'in_doubt') "                                                                       \
    "END AS doubts"

struct queued_job queue_read_job(struct stmt *q)
{
    return (struct queued_job){
        .id = stmt_int(q, "id"),
        .attempts = (int)stmt_int(q, "attempts"),
        .ref = mem_text(stmt_text(q, "ref")),
        .action = mem_text(stmt_text(q, "action")),
        .on_behalf_of = mem_text(stmt_text(q, "on_behalf_of")),
        .params = mem_text(stmt_text(q, "params")),
    };
}

static void read_queued(struct stmt *q, struct queued_job *out)
{
    *out = queue_read_job(q);
    out->doubts = (int)stmt_int(q, "doubts");
}

int queue_first_due(struct stmt *q, struct wall now, struct wall *next_due,
                    struct err *err)
{
    stmt_bind_int(q, now.ms);
    int rc = stmt_step(q, err);
    next_due->ms = rc == 1 ? stmt_int(q, "due_at") : 0;
    stmt_reset(q);
    return rc < 0 ? -1 : 0;
}

static int load_from(struct stmt *q, int have, int limit, queue_skip_fn *skip, void *ctx,
                     struct queued_job *out, struct err *err)
{
    int rc = 0, passed = 0;
    while (have < limit && passed < QUEUE_PASSED_MAX && (rc = stmt_step(q, err)) == 1) {
        struct queue_candidate job = {stmt_int(q, "id"), (int)stmt_int(q, "attempts"),
                                      stmt_text(q, "action")};
        if (skip(ctx, &job))
            passed++;
        else
            read_queued(q, &out[have++]);
    }
    stmt_reset(q);
    return rc < 0 ? -1 : have;
}

static int find_next_due(struct store *s, struct wall now, struct wall *next_due,
                         struct err *err)
{
    struct stmt *q =
        db_stmt(s->db,
                "SELECT due_at FROM job WHERE state = 'queued' AND ready = 1 "
                "AND due_at > ? AND suspect IS NULL ORDER BY due_at LIMIT 1",
                err);
    return queue_first_due(q, now, next_due, err);
}

int store_load(struct store *s, struct wall now, int limit, queue_skip_fn *skip,
               void *ctx, struct queued_job *out, struct wall *next_due, struct err *err)
{
    struct stmt *due =
        db_stmt(s->db,
                "SELECT " QUEUED_COLUMNS " FROM job "
                "WHERE state = 'queued' AND ready = 1 AND due_at > 0 AND due_at <= ? "
                "AND suspect IS NULL ORDER BY due_at",
                err);
    stmt_bind_int(due, now.ms);
    int have = load_from(due, 0, limit, skip, ctx, out, err);
    if (have < 0)
        return -1;
    struct stmt *fresh = db_stmt(s->db,
                                 "SELECT " QUEUED_COLUMNS " FROM job "
                                 "WHERE state = 'queued' AND ready = 1 AND due_at = 0 "
                                 "AND suspect IS NULL ORDER BY id",
                                 err);
    have = load_from(fresh, have, limit, skip, ctx, out, err);
    if (have < 0 || find_next_due(s, now, next_due, err))
        return -1;
    return have;
}

/* Copied: a statement left open would hold back checkpoints for as long as the run lasts. */
bool store_job_result(struct store *s, const char *ref, const char **remote_id,
                      const char **answer)
{
    struct stmt *q =
        db_stmt(s->db, "SELECT remote_id, answer FROM job WHERE ref = ?", &s->unread);
    stmt_bind_text(q, ref);
    bool found = store_row(s, q);
    free(s->result_id);
    free(s->result_answer);
    s->result_id = found ? mem_text(stmt_text(q, "remote_id")) : NULL;
    s->result_answer = found ? mem_text(stmt_text(q, "answer")) : NULL;
    stmt_reset(q);
    *remote_id = s->result_id;
    *answer = s->result_answer;
    return s->result_id != NULL || s->result_answer != NULL;
}

/* ---- what follows from a move ---- */

int queue_give_turn(struct store *s, int64_t id, int64_t *freed, struct err *err)
{
    struct stmt *q =
        db_stmt(s->db, "UPDATE job SET ready = 1 WHERE id = ? AND ready = 0", err);
    stmt_bind_int(q, id);
    if (stmt_run_one(q, "giving a job its turn", err))
        return -1;
    ++*freed;
    return 0;
}

/* 1: a job of the lane has its turn already. */
static int lane_is_taken(struct store *s, const char *lane, struct err *err)
{
    struct stmt *q =
        db_stmt(s->db, "SELECT id FROM job WHERE on_behalf_of = ? AND ready = 1", err);
    stmt_bind_text(q, lane);
    int rc = stmt_step(q, err);
    stmt_reset(q);
    return rc;
}

int queue_next_in_lane(struct store *s, const char *lane, int64_t *freed, struct err *err)
{
    int taken = lane_is_taken(s, lane, err);
    if (taken)
        return taken < 0 ? -1 : 0;
    struct stmt *q = db_stmt(s->db,
                             "SELECT id FROM job WHERE on_behalf_of = ? AND unmet = 0 "
                             "AND state = 'queued' AND ready = 0 ORDER BY id LIMIT 1",
                             err);
    stmt_bind_text(q, lane);
    int rc = stmt_step(q, err);
    int64_t id = rc == 1 ? stmt_int(q, "id") : 0;
    stmt_reset(q);
    if (rc < 1)
        return rc;
    return queue_give_turn(s, id, freed, err);
}

/* ---- moves ---- */

static int update_job(struct store *s, const struct job_move *m, struct wall now,
                      struct err *err)
{
    bool rested = job_state_is_final(m->from);
    bool holds_turn = !rested && !job_state_is_final(m->to) && m->to != JOB_FOLLOWING;
    struct stmt *q =
        db_stmt(s->db,
                "UPDATE job SET state = ?, ready = ?, due_at = ?, "
                "remote_id = coalesce(?, remote_id), "
                "remote_state = coalesce(?, remote_state), "
                "answer = coalesce(?, answer), request_id = coalesce(?, request_id), "
                "http_status = coalesce(?, http_status), error = ?, finished_at = ? "
                "WHERE id = ? AND state = ?",
                err);
    stmt_bind_text(q, job_state_name(m->to));
    stmt_bind_int(q, holds_turn);
    stmt_bind_int(q, m->due.ms);
    stmt_bind_text(q, m->remote_id);
    stmt_bind_text(q, m->remote_state);
    stmt_bind_text(q, m->answer);
    stmt_bind_text(q, m->request_id);
    if (q && m->http_status)
        stmt_bind_int(q, m->http_status);
    else
        stmt_bind_null(q);
    stmt_bind_text(q, m->error);
    if (q && job_state_is_final(m->to))
        stmt_bind_int(q, now.ms);
    else
        stmt_bind_null(q);
    stmt_bind_int(q, m->id);
    stmt_bind_text(q, job_state_name(m->from));
    if (stmt_run(q, err))
        return -1;
    if (db_changes(s->db) == 1)
        return 0;
    return err_set(err, ERR_SOFTWARE,
                   "job %lld is not %s any more, so it cannot become %s",
                   (long long)m->id, job_state_name(m->from), job_state_name(m->to));
}

int queue_read_lane(struct store *s, int64_t id, char **lane, struct err *err)
{
    struct stmt *q = db_stmt(s->db, "SELECT on_behalf_of FROM job WHERE id = ?", err);
    stmt_bind_int(q, id);
    int rc = stmt_step(q, err);
    *lane = rc == 1 ? mem_text(stmt_text(q, "on_behalf_of")) : NULL;
    stmt_reset(q);
    return rc < 0 ? -1 : 0;
}

/* A job that was at rest and is queued again: its needs and holds are counted anew, and it lines up in its lane. */
static int line_up(struct store *s, int64_t id, const char *lane, int64_t *freed,
                   struct err *err)
{
    struct stmt *q = db_stmt(s->db,
                             "UPDATE job SET polls = 0, polled_at = NULL, unlisted = 0, "
                             "unmet = (SELECT count(*) FROM need n "
                             "JOIN job d ON d.id = n.needed_id "
                             "WHERE n.job_id = job.id AND NOT " NEED_IS_MET ") "
                             "+ (SELECT count(*) FROM hold h WHERE h.job_id = job.id "
                             "AND h.released_at IS NULL) "
                             "WHERE id = ? RETURNING unmet",
                             err);
    stmt_bind_int(q, id);
    if (stmt_step(q, err) != 1)
        return -1;
    bool waits = stmt_int(q, "unmet") > 0;
    stmt_reset(q);
    if (waits)
        return 0;
    return lane ? queue_next_in_lane(s, lane, freed, err)
                : queue_give_turn(s, id, freed, err);
}

/* What needs a thing that never was cannot have been sent either. */
static int trust_dependants(struct store *s, int64_t id, struct err *err)
{
    struct stmt *q = db_stmt(
        s->db,
        "WITH RECURSIVE after (id) AS (SELECT job_id FROM need WHERE needed_id = ?1 "
        "UNION SELECT n.job_id FROM need n JOIN after ON n.needed_id = after.id) "
        "UPDATE job SET suspect = NULL WHERE suspect IS NOT NULL "
        "AND id IN (SELECT id FROM after) "
        "AND (SELECT suspect FROM job WHERE id = ?1) IS NULL",
        err);
    stmt_bind_int(q, id);
    return stmt_run(q, err);
}

/* Who may go on, in the lane that the job comes back to or leaves. */
static int move_lane(struct store *s, const struct job_move *m, int64_t *freed,
                     struct err *err)
{
    char *lane;
    int rc = queue_read_lane(s, m->id, &lane, err);
    if (rc == 0 && job_state_is_final(m->from))
        rc = line_up(s, m->id, lane, freed, err);
    else if (rc == 0 && lane)
        rc = queue_next_in_lane(s, lane, freed, err);
    free(lane);
    return rc;
}

/* Is it of those that free what needs them when they are accepted? Asked only where it matters. */
static int frees_early(struct store *s, const struct job_move *m, struct err *err)
{
    if (m->from != JOB_FOLLOWING && m->to != JOB_FOLLOWING)
        return 0;
    struct stmt *q = db_stmt(s->db, "SELECT frees_early FROM job WHERE id = ?", err);
    stmt_bind_int(q, m->id);
    int rc = stmt_step(q, err);
    int early = rc == 1 && stmt_int(q, "frees_early") != 0;
    stmt_reset(q);
    return rc < 0 ? -1 : early;
}

/* What needs it may start, or never will. */
static int tell_dependants(struct store *s, const struct job_move *m, struct wall now,
                           struct move_effect *effect, struct err *err)
{
    bool lost = m->to == JOB_FAILED || m->to == JOB_CANCELLED || m->to == JOB_SKIPPED;
    int early = frees_early(s, m, err);
    if (early < 0)
        return -1;
    bool was_met = early && m->from == JOB_FOLLOWING;
    bool is_met = m->to == JOB_SUCCEEDED || (early && m->to == JOB_FOLLOWING);
    if (is_met && !was_met)
        return queue_need_met(s, m->id, &effect->freed, err);
    if (lost)
        return queue_need_lost(s, &(struct lost_need){m->id, was_met}, now, effect, err);
    return 0;
}

static int follow_up(struct store *s, const struct job_move *m, struct wall now,
                     struct move_effect *effect, struct err *err)
{
    bool was_not_sent = m->from == JOB_IN_DOUBT && m->to == JOB_QUEUED;
    bool leaves_lane = job_state_is_final(m->to) || m->to == JOB_FOLLOWING;
    bool comes_back = job_state_is_final(m->from);
    if (tell_dependants(s, m, now, effect, err) ||
        (was_not_sent && trust_dependants(s, m->id, err)) ||
        (comes_back && queue_need_again(s, m->id, &effect->freed, err)))
        return -1;
    return comes_back || leaves_lane ? move_lane(s, m, &effect->freed, err) : 0;
}

int store_move(struct store *s, const struct job_move *m, struct wall now,
               struct move_effect *effect, struct err *err)
{
    if (!job_may_move(m->from, m->to))
        return err_set(err, ERR_SOFTWARE, "job %lld: from %s to %s is no move",
                       (long long)m->id, job_state_name(m->from), job_state_name(m->to));
    return update_job(s, m, now, err) || follow_up(s, m, now, effect, err) ? -1 : 0;
}
