/* What a person found out about a job in doubt: it took effect, or it did not. */
#include "store/decisions_parts.h"
#include "store/proposals.h"

static int find_doubt(struct store *s, const struct decision_act *a,
                      struct decision_subject *out, struct err *err)
{
    if (decision_find(s, a->ref, out, err) ||
        decision_must_be(out, a->ref, JOB_IN_DOUBT, "resolved", err))
        return -1;
    struct stmt *q = db_stmt(s->db, "SELECT action FROM job WHERE id = ?", err);
    stmt_bind_int(q, out->id);
    int rc = stmt_step(q, err);
    const struct action *action =
        rc == 1 && a->catalogue
            ? catalogue_find(a->catalogue, span_of(stmt_text(q, "action")))
            : NULL;
    out->is_polled = action && action_is_polled(action);
    stmt_reset(q);
    return rc < 0 ? -1 : 0;
}

/* 1: go on; 0: it is kept for a second person. */
static int may_decide(struct store *s, struct decision_act *a,
                      const struct decision_subject *job, const char *verb,
                      struct err *err)
{
    const struct proposal p = {.ref = a->ref,
                               .job_id = job->id,
                               .attempt = job->attempt,
                               .verb = verb,
                               .remote_id = a->remote_id,
                               .reason = a->reason,
                               .sum = job->sum};
    int rc = proposal_may(s, a->four_eyes, &p, a->now, err);
    a->waits = rc == 0;
    return rc;
}

/* What was accepted may still be refused: who knows its id asks until it is final, as if the answer had come. */
static enum job_state state_after(const struct decision_act *a,
                                  const struct decision_subject *job)
{
    return job->is_polled && a->remote_id ? JOB_FOLLOWING : JOB_SUCCEEDED;
}

static int took_effect(struct store *s, const struct decision_act *a,
                       const struct decision_subject *job, struct err *err)
{
    struct move_effect effect = {0};
    struct job_move m = {.id = job->id,
                         .from = job->state,
                         .to = state_after(a, job),
                         .remote_id = a->remote_id};
    if (m.to == JOB_FOLLOWING)
        m.due = a->now;
    return store_move(s, &m, a->now, &effect, err);
}

static int carry_out_succeeded(struct store *s, struct decision_act *a, struct err *err)
{
    struct decision_subject job;
    if (find_doubt(s, a, &job, err))
        return -1;
    if (!a->remote_id && job.is_needed)
        return err_set(err, ERR_USAGE,
                       "%s: other jobs need its id: give it with --remote-id ID", a->ref);
    int may = may_decide(s, a, &job, "succeeded", err);
    if (may < 1)
        return may;
    return decision_record(
               s, &job,
               &(struct decision_verdict){a->ref, "succeeded", a->reason, a->remote_id},
               a->now, err) ||
                   took_effect(s, a, &job, err)
               ? -1
               : 0;
}

static struct decision_act act_on(const struct found_out *found, struct wall now)
{
    return (struct decision_act){.ref = found->ref,
                                 .remote_id = found->remote_id,
                                 .reason = found->reason,
                                 .four_eyes = found->four_eyes,
                                 .catalogue = found->catalogue,
                                 .now = now};
}

int store_decide_succeeded(struct store *s, const struct found_out *found,
                           struct wall now, struct err *err)
{
    struct decision_act a = act_on(found, now);
    return decision_in_transaction(s, carry_out_succeeded, &a, err);
}

/* A person has looked: nothing that a restore has lost counts any more. */
static int trust(struct store *s, const struct decision_subject *job, struct err *err)
{
    struct stmt *q = db_stmt(s->db, "UPDATE job SET suspect = NULL WHERE id = ?", err);
    stmt_bind_int(q, job->id);
    return stmt_run(q, err);
}

static int carry_out_not_sent(struct store *s, struct decision_act *a, struct err *err)
{
    struct decision_subject job;
    if (find_doubt(s, a, &job, err))
        return -1;
    int may = may_decide(s, a, &job, "not_sent", err);
    if (may < 1)
        return may;
    return decision_record(
               s, &job, &(struct decision_verdict){a->ref, "not_sent", a->reason, NULL},
               a->now, err) ||
           trust(s, &job, err) || decision_move(s, &job, JOB_QUEUED, NULL, a->now, err);
}

int store_decide_not_sent(struct store *s, const struct found_out *found, struct wall now,
                          struct err *err)
{
    struct decision_act a = act_on(found, now);
    a.remote_id = NULL;
    return decision_in_transaction(s, carry_out_not_sent, &a, err);
}
