#include "store/follow.h"

#include <stdlib.h>

#include "base/mem.h"
#include "store/internal.h"

void follower_close(struct follower *f)
{
    queued_job_close(&f->job);
    free(f->remote_id);
    free(f->remote_state);
    *f = (struct follower){0};
}

/* ---- loading ---- */

#define FOLLOWERS                                                                        \
    "SELECT j.id, j.attempts, j.ref, j.action, j.on_behalf_of, j.params, j.remote_id, "  \
    "j.remote_state, j.polls, j.unlisted, coalesce((SELECT a.opened_at FROM attempt a "  \
    "WHERE a.job_id = j.id AND a.number = j.attempts), 0) AS sent_at "                   \
    "FROM job j WHERE j.state = 'following' AND "

static void read_follower(struct stmt *q, struct follower *out)
{
    *out = (struct follower){
        .job = queue_read_job(q),
        .remote_id = mem_text(stmt_text(q, "remote_id")),
        .remote_state = mem_text(stmt_text(q, "remote_state")),
        .sent_at = {stmt_int(q, "sent_at")},
        .polls = (int)stmt_int(q, "polls"),
        .is_unlisted = stmt_int(q, "unlisted") != 0,
    };
}

static int read_followers(struct stmt *q, int limit, doubt_skip_fn *skip, void *ctx,
                          struct follower *out, struct err *err)
{
    int have = 0, rc = 0;
    while (have < limit && (rc = stmt_step(q, err)) == 1)
        if (!skip(ctx, stmt_int(q, "id")))
            read_follower(q, &out[have++]);
    stmt_reset(q);
    return rc < 0 ? -1 : have;
}

static int next_poll(struct store *s, struct wall now, struct wall *next_due,
                     struct err *err)
{
    struct stmt *q =
        db_stmt(s->db,
                "SELECT due_at FROM job WHERE state = 'following' AND due_at > ? "
                "ORDER BY due_at LIMIT 1",
                err);
    return queue_first_due(q, now, next_due, err);
}

int store_followers_load(struct store *s, struct wall now, int limit, doubt_skip_fn *skip,
                         void *ctx, struct follower *out, struct wall *next_due,
                         struct err *err)
{
    struct stmt *q = db_stmt(
        s->db, FOLLOWERS "j.due_at > 0 AND j.due_at <= ? ORDER BY j.due_at, j.id", err);
    stmt_bind_int(q, now.ms);
    int have = read_followers(q, limit, skip, ctx, out, err);
    return have < 0 || next_poll(s, now, next_due, err) ? -1 : have;
}

/* Two queries: an OR would read those of all users for those of one. */
int store_followers_alike(struct store *s, const struct alike *as, int limit,
                          doubt_skip_fn *skip, void *ctx, struct follower *out,
                          struct err *err)
{
    struct stmt *q =
        db_stmt(s->db,
                as->any_user ? FOLLOWERS "j.action = ? AND j.due_at > 0 ORDER BY j.id"
                             : FOLLOWERS
                    "j.action = ? AND j.on_behalf_of IS ? AND j.due_at > 0 ORDER BY j.id",
                err);
    stmt_bind_text(q, as->action);
    if (!as->any_user)
        stmt_bind_text(q, as->on_behalf_of);
    return read_followers(q, limit, skip, ctx, out, err);
}

/* ---- when to look ---- */

int store_followers_hurry(struct store *s, int64_t run_id, struct wall now,
                          struct err *err)
{
    struct stmt *q =
        db_stmt(s->db,
                "UPDATE job SET due_at = ?1 WHERE state = 'following' "
                "AND coalesce(polled_at, 0) < (SELECT started_at FROM run WHERE id = ?2) "
                "AND NOT EXISTS (SELECT 1 FROM attempt a WHERE a.job_id = job.id "
                "AND a.number = job.attempts AND a.run_id = ?2)",
                err);
    stmt_bind_int(q, now.ms);
    stmt_bind_int(q, run_id);
    return stmt_run(q, err);
}

int store_follower_hand_over(struct store *s, int64_t job_id, struct err *err)
{
    struct stmt *q = db_stmt(
        s->db, "UPDATE job SET due_at = 0 WHERE id = ? AND state = 'following'", err);
    stmt_bind_int(q, job_id);
    return stmt_run(q, err);
}

int store_follower_later(struct store *s, int64_t job_id, struct wall again,
                         struct err *err)
{
    struct stmt *q = db_stmt(
        s->db, "UPDATE job SET due_at = ? WHERE id = ? AND state = 'following'", err);
    stmt_bind_int(q, again.ms);
    stmt_bind_int(q, job_id);
    return stmt_run_one(q, "putting off a look at a job", err);
}

/* ---- what was seen ---- */

int store_follower_seen(struct store *s, const struct sight *sight, struct wall again,
                        struct wall now, struct err *err)
{
    struct stmt *q =
        db_stmt(s->db,
                "UPDATE job SET polls = ?, unlisted = ?, polled_at = ?, due_at = ?, "
                "remote_state = coalesce(?, remote_state), answer = coalesce(?, answer), "
                "request_id = coalesce(?, request_id) "
                "WHERE id = ? AND state = 'following'",
                err);
    stmt_bind_int(q, sight->polls);
    stmt_bind_int(q, sight->is_unlisted);
    stmt_bind_int(q, now.ms);
    stmt_bind_int(q, again.ms);
    stmt_bind_text(q, sight->remote_state);
    stmt_bind_text(q, sight->answer);
    stmt_bind_text(q, sight->request_id);
    stmt_bind_int(q, sight->job_id);
    return stmt_run_one(q, "recording what a look saw", err);
}
