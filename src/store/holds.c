#include "store/holds.h"

#include <stdlib.h>

#include "base/mem.h"
#include "store/audit.h"
#include "store/internal.h"
#include "store/proposals.h"

int store_hold_job(struct store *s, int64_t job_id, const char *kind, const char *reason,
                   struct wall now, struct err *err)
{
    struct stmt *q = db_stmt(
        s->db, "INSERT INTO hold (job_id, kind, reason, held_at) VALUES (?, ?, ?, ?)",
        err);
    stmt_bind_int(q, job_id);
    stmt_bind_text(q, kind);
    stmt_bind_text(q, reason);
    stmt_bind_int(q, now.ms);
    return stmt_run(q, err);
}

int store_hold_batch(struct store *s, int64_t batch_id, const char *kind,
                     const char *reason, struct wall now, int64_t *held, struct err *err)
{
    struct stmt *q = db_stmt(
        s->db,
        "INSERT INTO hold (job_id, kind, reason, held_at) SELECT id, ?2, ?3, ?4 FROM job "
        "WHERE batch_id = ?1 AND state = 'queued' AND NOT EXISTS (SELECT 1 FROM hold h "
        "WHERE h.job_id = job.id AND h.kind = ?2 AND h.released_at IS NULL)",
        err);
    stmt_bind_int(q, batch_id);
    stmt_bind_text(q, kind);
    stmt_bind_text(q, reason);
    stmt_bind_int(q, now.ms);
    if (stmt_run(q, err))
        return -1;
    *held += db_changes(s->db);
    return 0;
}

/* ---- lifting ---- */

/* Of the parameters ?1 ref, ?2 batch, ?3 kind: the open holds that are meant, `j` their job. */
#define MEANT                                                                            \
    "h.released_at IS NULL AND j.state = 'queued' "                                      \
    "AND (?1 IS NULL OR j.ref = ?1) AND (?1 IS NOT NULL OR j.batch_id = "                \
    "(SELECT id FROM batch WHERE name = ?2)) AND (h.kind = ?3 OR (?3 IS NULL AND "       \
    "(SELECT by_release FROM hold_kind k WHERE k.kind = h.kind)))"

static void bind_meant(struct stmt *q, const struct hold_lift *lift)
{
    stmt_bind_text(q, lift->ref);
    stmt_bind_text(q, lift->ref ? NULL : lift->batch);
    stmt_bind_text(q, lift->kind);
}

struct hold {
    int64_t id, job_id, attempts;
    struct money sum;
    char *ref, *kind;
};

struct lifted {
    int64_t lifted, kept;
};

static void hold_close(struct hold *h)
{
    free(h->ref);
    free(h->kind);
}

/* The first that is meant after the one before; to be closed. */
static int next_meant(struct store *s, const struct hold_lift *lift, struct hold *h,
                      struct err *err)
{
    struct stmt *q = db_stmt(s->db,
                             "SELECT h.id, h.job_id, j.attempts, j.currency, j.minor, "
                             "j.ref, h.kind FROM hold h "
                             "JOIN job j ON j.id = h.job_id WHERE " MEANT
                             " AND h.id > ?4 ORDER BY h.id LIMIT 1",
                             err);
    bind_meant(q, lift);
    stmt_bind_int(q, h->id);
    int rc = stmt_step(q, err);
    if (rc == 1)
        *h = (struct hold){stmt_int(q, "id"),
                           stmt_int(q, "job_id"),
                           stmt_int(q, "attempts"),
                           money_of_job(q),
                           mem_text(stmt_text(q, "ref")),
                           mem_text(stmt_text(q, "kind"))};
    stmt_reset(q);
    return rc;
}

/* 0: it waits for a second person. */
static int may_lift(struct store *s, const struct hold *h, const struct hold_lift *lift,
                    struct wall now, struct err *err)
{
    const struct proposal p = {.ref = h->ref,
                               .job_id = h->job_id,
                               .attempt = h->attempts,
                               .hold_id = h->id,
                               .verb = "release",
                               .reason = lift->reason,
                               .sum = h->sum};
    return proposal_may(s, lift->four_eyes, &p, now, err);
}

static int lift_one(struct store *s, const struct hold *h, const char *reason,
                    struct wall now, struct err *err)
{
    struct audit a;
    struct stmt *q = db_stmt(s->db,
                             "UPDATE hold SET released_at = ?, released_by = ?, "
                             "release_reason = ? WHERE id = ?",
                             err);
    stmt_bind_int(q, now.ms);
    stmt_bind_text(q, s->me.name);
    stmt_bind_text(q, reason);
    stmt_bind_int(q, h->id);
    if (stmt_run_one(q, "lifting a hold", err))
        return -1;
    audit_open(&a);
    jsonw_int(&a.w, "hold", h->id);
    jsonw_text(&a.w, "kind", h->kind);
    jsonw_text(&a.w, "reason", reason);
    return audit_add(&a, s, "release", h->ref, now, err);
}

int store_lift_approval(struct store *s, const char *batch, struct wall now,
                        int64_t *lifted, struct err *err)
{
    const struct hold_lift lift = {NULL, batch, HOLD_APPROVAL, "approved", NULL};
    struct stmt *q = db_stmt(
        s->db,
        "UPDATE hold SET released_at = ?4, released_by = ?5, release_reason = ?6 "
        "WHERE id IN (SELECT h.id FROM hold h JOIN job j ON j.id = h.job_id WHERE " MEANT
        ")",
        err);
    bind_meant(q, &lift);
    stmt_bind_int(q, now.ms);
    stmt_bind_text(q, s->me.name);
    stmt_bind_text(q, lift.reason);
    if (stmt_run(q, err))
        return -1;
    *lifted += db_changes(s->db);
    return 0;
}

static int lift_or_keep(struct store *s, const struct hold *h,
                        const struct hold_lift *lift, struct wall now,
                        struct lifted *count, struct err *err)
{
    int may = may_lift(s, h, lift, now, err);
    if (may < 0 || (may && lift_one(s, h, lift->reason, now, err)))
        return -1;
    count->lifted += may;
    count->kept += !may;
    return 0;
}

static int lift_each(struct store *s, const struct hold_lift *lift, struct wall now,
                     struct lifted *count, struct err *err)
{
    struct hold h = {0};
    int rc;
    while ((rc = next_meant(s, lift, &h, err)) == 1) {
        rc = lift_or_keep(s, &h, lift, now, count, err);
        hold_close(&h);
        if (rc)
            return -1;
    }
    return rc;
}

/* ---- remesa release ---- */

static int must_be_there(struct store *s, const struct hold_lift *lift, struct err *err)
{
    struct stmt *q = db_stmt(s->db,
                             "SELECT (SELECT id FROM job WHERE ref = ?1) AS job, "
                             "(SELECT id FROM batch WHERE name = ?2) AS batch",
                             err);
    stmt_bind_text(q, lift->ref);
    stmt_bind_text(q, lift->batch);
    int rc = stmt_step(q, err);
    bool is_there = rc == 1 && !stmt_is_null(q, lift->ref ? "job" : "batch");
    stmt_reset(q);
    if (rc < 0 || is_there)
        return rc < 0 ? -1 : 0;
    return lift->ref ? err_set(err, ERR_NOINPUT, "no job has the ref '%s'", lift->ref)
                     : err_set(err, ERR_NOINPUT,
                               "there is no batch '%s'; `remesa status` lists them",
                               lift->batch);
}

static int must_be_released_here(struct store *s, const char *kind, struct err *err)
{
    struct stmt *q =
        db_stmt(s->db, "SELECT by_release, command FROM hold_kind WHERE kind = ?", err);
    stmt_bind_text(q, kind);
    int rc = stmt_step(q, err);
    if (rc == 0)
        err_set(err, ERR_USAGE, "there is no kind of hold '%s'", kind);
    else if (rc == 1 && !stmt_int(q, "by_release"))
        rc = err_set(err, ERR_USAGE, "what waits for %s is lifted by: %s", kind,
                     stmt_text(q, "command"));
    stmt_reset(q);
    return rc == 1 ? 0 : -1;
}

/* Why there is nothing to lift. */
static int tell_not_held(struct store *s, const struct hold_lift *lift, struct err *err)
{
    const char *what = lift->ref ? lift->ref : lift->batch;
    struct stmt *q = db_stmt(s->db,
                             "SELECT kind, next_command FROM holds "
                             "WHERE CASE WHEN ?1 IS NULL THEN batch = ?2 ELSE ref = ?1 "
                             "END LIMIT 1",
                             err);
    stmt_bind_text(q, lift->ref);
    stmt_bind_text(q, lift->batch);
    int rc = stmt_step(q, err);
    if (rc == 1)
        err_set(err, ERR_USAGE, "%s: it is held for %s: %s", what, stmt_text(q, "kind"),
                stmt_text(q, "next_command"));
    else if (rc == 0)
        err_set(err, ERR_USAGE, "%s: nothing is held there (view holds)", what);
    stmt_reset(q);
    return -1;
}

static int release_inside(struct store *s, const struct hold_lift *lift, struct wall now,
                          struct lifted *count, struct err *err)
{
    if (must_be_there(s, lift, err) ||
        (lift->kind && must_be_released_here(s, lift->kind, err)) ||
        lift_each(s, lift, now, count, err))
        return -1;
    return count->lifted + count->kept ? store_commit(s, err)
                                       : tell_not_held(s, lift, err);
}

int store_decide_release(struct store *s, const struct hold_lift *lift, struct wall now,
                         int64_t *lifted, struct err *err)
{
    struct lifted count = {0, 0};
    if (store_begin(s, err))
        return -1;
    if (release_inside(s, lift, now, &count, err)) {
        store_rollback(s);
        return -1;
    }
    *lifted += count.lifted;
    return count.kept ? proposal_tell(lift->ref, count.kept, err) : 0;
}

/* ---- counting ---- */

int store_scope_held(struct store *s, int64_t *jobs, struct buf *kinds, struct err *err)
{
    struct stmt *q =
        db_stmt(s->db,
                "WITH held AS (SELECT h.kind, j.id FROM hold h JOIN job j ON j.id = "
                "h.job_id JOIN run_scope r ON r.batch_id = j.batch_id "
                "WHERE h.released_at IS NULL AND j.state = 'queued') "
                "SELECT kind, count(*) AS jobs, (SELECT count(DISTINCT id) FROM held) AS "
                "total FROM held GROUP BY kind ORDER BY kind",
                err);
    int rc;
    *jobs = 0;
    while ((rc = stmt_step(q, err)) == 1) {
        buf_printf(kinds, "%s%lld %s", *jobs ? ", " : "", (long long)stmt_int(q, "jobs"),
                   stmt_text(q, "kind"));
        *jobs = stmt_int(q, "total");
    }
    return rc;
}
