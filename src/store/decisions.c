#include "store/decisions_parts.h"

#include <stdlib.h>

#include "base/mem.h"
#include "store/audit.h"
#include "store/proposals.h"
#include "store/queue.h"

int decision_find(struct store *s, const char *ref, struct decision_subject *out,
                  struct err *err)
{
    struct stmt *q = db_stmt(
        s->db,
        "SELECT id, state, attempts, currency, minor, EXISTS (SELECT 1 FROM need n "
        "JOIN job d ON d.id = n.job_id WHERE n.needed_id = job.id "
        "AND d.state = 'queued') AS is_needed FROM job WHERE ref = ?",
        err);
    stmt_bind_text(q, ref);
    int rc = stmt_step(q, err);
    if (rc == 1) {
        *out = (struct decision_subject){.id = stmt_int(q, "id"),
                                         .attempt = stmt_int(q, "attempts"),
                                         .is_needed = stmt_int(q, "is_needed") != 0};
        job_state_parse(span_of(stmt_text(q, "state")), &out->state);
        out->sum = money_of_job(q);
    }
    stmt_reset(q);
    if (rc == 0)
        return err_set(err, ERR_NOINPUT, "no job has the ref '%s'", ref);
    return rc < 0 ? -1 : 0;
}

int decision_must_be(const struct decision_subject *job, const char *ref,
                     enum job_state state, const char *verb, struct err *err)
{
    if (job->state == state)
        return 0;
    return err_set(err, ERR_USAGE, "%s is %s: only a job that is %s can be %s", ref,
                   job_state_name(job->state), job_state_name(state), verb);
}

static int insert_decision(struct store *s, const struct decision_subject *job,
                           const struct decision_verdict *v, struct wall now,
                           struct err *err)
{
    struct stmt *q =
        db_stmt(s->db,
                "INSERT INTO decision (job_id, attempt, verb, reason, remote_id, "
                "decided_by, decided_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
                err);
    stmt_bind_int(q, job->id);
    stmt_bind_int(q, job->attempt);
    stmt_bind_text(q, v->verb);
    stmt_bind_text(q, v->reason);
    stmt_bind_text(q, v->remote_id);
    stmt_bind_text(q, s->me.name);
    stmt_bind_int(q, now.ms);
    return stmt_run(q, err);
}

/* What a person types: `retry` and `cancel` are verbs of their own, the others are `resolve`. */
static const char *command_of(const char *verb)
{
    bool own = strcmp(verb, "retry") == 0 || strcmp(verb, "cancel") == 0;
    return own ? verb : "resolve";
}

int decision_record(struct store *s, const struct decision_subject *job,
                    const struct decision_verdict *v, struct wall now, struct err *err)
{
    struct audit a;
    if (insert_decision(s, job, v, now, err))
        return -1;
    int64_t id = db_last_id(s->db);
    audit_open(&a);
    jsonw_int(&a.w, "decision", id);
    jsonw_text(&a.w, "verb", v->verb);
    jsonw_int(&a.w, "attempt", job->attempt);
    jsonw_text(&a.w, "reason", v->reason);
    jsonw_text(&a.w, "remote_id", v->remote_id);
    return audit_add(&a, s, command_of(v->verb), v->ref, now, err);
}

int decision_move(struct store *s, const struct decision_subject *job, enum job_state to,
                  const char *remote_id, struct wall now, struct err *err)
{
    struct move_effect effect = {0};
    struct job_move m = {
        .id = job->id, .from = job->state, .to = to, .remote_id = remote_id};
    return store_move(s, &m, now, &effect, err);
}

int decision_in_transaction(struct store *s,
                            int (*carry_out)(struct store *, struct decision_act *,
                                             struct err *),
                            struct decision_act *a, struct err *err)
{
    if (store_begin(s, err))
        return -1;
    if (carry_out(s, a, err) == 0 && store_commit(s, err) == 0)
        return a->waits ? proposal_tell(a->ref, 1, err) : 0;
    store_rollback(s);
    return -1;
}

/* ---- again ---- */

/* Skipped jobs that need `id`, directly or through others, and have no need that is lost for another
 * reason: nearest first, so that each finds its needs queued again. */
static int next_revived(struct store *s, int64_t id, int64_t *out, struct err *err)
{
    struct stmt *q = db_stmt(
        s->db,
        "WITH RECURSIVE below (id) AS (SELECT job_id FROM need WHERE needed_id = ? "
        "AND soft = 0 UNION SELECT n.job_id FROM need n "
        "JOIN below b ON n.needed_id = b.id WHERE n.soft = 0) "
        "SELECT j.id FROM below JOIN job j ON j.id = below.id "
        "WHERE j.state = 'skipped' AND NOT EXISTS (SELECT 1 FROM need n "
        "JOIN job d ON d.id = n.needed_id WHERE n.job_id = j.id AND n.soft = 0 "
        "AND d.state IN ('failed', 'skipped', 'cancelled')) LIMIT 1",
        err);
    stmt_bind_int(q, id);
    int rc = stmt_step(q, err);
    if (rc == 1)
        *out = stmt_int(q, "id");
    stmt_reset(q);
    return rc;
}

static int revive_dependants(struct store *s, int64_t id, struct decision_act *a,
                             struct err *err)
{
    struct decision_subject job = {.state = JOB_SKIPPED};
    int rc;
    while ((rc = next_revived(s, id, &job.id, err)) == 1) {
        if (decision_move(s, &job, JOB_QUEUED, NULL, a->now, err))
            return -1;
        a->count++;
    }
    return rc;
}

static int carry_out_retry(struct store *s, struct decision_act *a, struct err *err)
{
    struct decision_subject job;
    if (decision_find(s, a->ref, &job, err) ||
        decision_must_be(&job, a->ref, JOB_FAILED, "tried again", err) ||
        decision_record(s, &job,
                        &(struct decision_verdict){a->ref, "retry", a->reason, NULL},
                        a->now, err) ||
        decision_move(s, &job, JOB_QUEUED, NULL, a->now, err))
        return -1;
    a->count++;
    return revive_dependants(s, job.id, a, err);
}

int store_decide_retry(struct store *s, const char *ref, const char *reason,
                       struct wall now, int64_t *queued, struct err *err)
{
    struct decision_act a = {.ref = ref, .reason = reason, .now = now};
    int rc = decision_in_transaction(s, carry_out_retry, &a, err);
    *queued += rc ? 0 : a.count;
    return rc;
}

/* ---- many at once ---- */

static int must_have_batch(struct store *s, const char *batch, struct err *err)
{
    struct stmt *q = db_stmt(s->db, "SELECT id FROM batch WHERE name = ?", err);
    stmt_bind_text(q, batch);
    int rc = stmt_step(q, err);
    stmt_reset(q);
    if (rc == 0)
        return err_set(err, ERR_NOINPUT,
                       "there is no batch '%s'; `remesa status` lists them", batch);
    return rc < 0 ? -1 : 0;
}

/* The next job in that state after `id`; its ref is the caller's to free. */
static int next_in_state(struct store *s, const char *batch, enum job_state state,
                         int64_t after, int64_t *id, char **ref, struct err *err)
{
    struct stmt *q =
        db_stmt(s->db,
                "SELECT j.id, j.ref FROM job j JOIN batch b ON b.id = j.batch_id "
                "WHERE j.state = ?1 AND (?2 IS NULL OR b.name = ?2) AND j.id > ?3 "
                "ORDER BY j.id LIMIT 1",
                err);
    stmt_bind_text(q, job_state_name(state));
    stmt_bind_text(q, batch);
    stmt_bind_int(q, after);
    int rc = stmt_step(q, err);
    if (rc == 1) {
        *id = stmt_int(q, "id");
        *ref = mem_text(stmt_text(q, "ref"));
    }
    stmt_reset(q);
    return rc;
}

static int for_each(struct store *s, struct decision_act *a, enum job_state state,
                    int (*carry_out)(struct store *, struct decision_act *, struct err *),
                    struct err *err)
{
    int64_t id = 0;
    char *ref = NULL;
    int rc;
    if (a->batch && must_have_batch(s, a->batch, err))
        return -1;
    while ((rc = next_in_state(s, a->batch, state, id, &id, &ref, err)) == 1) {
        a->ref = ref;
        rc = carry_out(s, a, err);
        free(ref);
        if (rc)
            return -1;
    }
    return rc;
}

static int carry_out_retry_failed(struct store *s, struct decision_act *a,
                                  struct err *err)
{
    return for_each(s, a, JOB_FAILED, carry_out_retry, err);
}

int store_decide_retry_failed(struct store *s, const char *batch, const char *reason,
                              struct wall now, int64_t *queued, struct err *err)
{
    struct decision_act a = {.batch = batch, .reason = reason, .now = now};
    int rc = decision_in_transaction(s, carry_out_retry_failed, &a, err);
    *queued += rc ? 0 : a.count;
    return rc;
}

static int carry_out_cancel(struct store *s, struct decision_act *a, struct err *err)
{
    struct decision_subject job;
    if (decision_find(s, a->ref, &job, err) ||
        decision_must_be(&job, a->ref, JOB_QUEUED, "cancelled", err) ||
        decision_record(s, &job,
                        &(struct decision_verdict){a->ref, "cancel", a->reason, NULL},
                        a->now, err) ||
        decision_move(s, &job, JOB_CANCELLED, NULL, a->now, err))
        return -1;
    a->count++;
    return 0;
}

int store_decide_cancel(struct store *s, const char *ref, const char *reason,
                        struct wall now, int64_t *cancelled, struct err *err)
{
    struct decision_act a = {.ref = ref, .reason = reason, .now = now};
    int rc = decision_in_transaction(s, carry_out_cancel, &a, err);
    *cancelled += rc ? 0 : a.count;
    return rc;
}

static int carry_out_cancel_batch(struct store *s, struct decision_act *a,
                                  struct err *err)
{
    return for_each(s, a, JOB_QUEUED, carry_out_cancel, err);
}

int store_decide_cancel_batch(struct store *s, const char *batch, const char *reason,
                              struct wall now, int64_t *cancelled, struct err *err)
{
    struct decision_act a = {.batch = batch, .reason = reason, .now = now};
    int rc = decision_in_transaction(s, carry_out_cancel_batch, &a, err);
    *cancelled += rc ? 0 : a.count;
    return rc;
}
