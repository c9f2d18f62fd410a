/* What the list is worth for each member, and what becomes of it. Inside the turn's transaction. */
#include <stdlib.h>

#include "base/log.h"
#include "base/mem.h"
#include "engine/run/lookup_parts.h"

static int settle_found(struct run *r, struct member *m, struct wall now,
                        struct move_effect *effect, struct err *err)
{
    const struct queued_job *job = &m->doubt.job;
    char *const texts[] = {m->id, m->state, m->row};
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
        key_scrub(r->options.key, texts[i]);
    struct job_move move = {.id = job->id,
                            .from = JOB_IN_DOUBT,
                            .to = flight_state_of(m->question.action, m->state),
                            .remote_id = m->id,
                            .remote_state = m->state,
                            .answer = m->row};
    log_tell(
        LOG_NOTE,
        &(struct log_event){.what = "found", .ref = job->ref, .attempt = job->attempts},
        "found in the API's list as %s: %s", m->id, job_state_name(move.to));
    r->counts.moved[move.to]++;
    r->counts.moved[JOB_IN_DOUBT]--;
    char *why = NULL;
    if (move.to == JOB_FOLLOWING)
        move.due = run_first_poll(r, m->question.action, now);
    if (move.to == JOB_FAILED)
        move.error = why = mem_printf(FLIGHT_TAKEN_AND_ENDED, m->state);
    int rc = store_move(r->options.store, &move, now, effect, err);
    free(why);
    return rc;
}

static int settle_absent(struct run *r, struct member *m, struct wall now,
                         struct move_effect *effect, struct err *err)
{
    const struct queued_job *job = &m->doubt.job;
    struct job_move move = {.id = job->id, .from = JOB_IN_DOUBT, .to = JOB_QUEUED};
    log_tell(
        LOG_NOTE,
        &(struct log_event){.what = "absent", .ref = job->ref, .attempt = job->attempts},
        "it did not take effect, by %d whole lists: it is sent again",
        m->doubt.negatives + 1);
    r->counts.moved[JOB_IN_DOUBT]--;
    return store_move(r->options.store, &move, now, effect, err);
}

/* A whole list without it. */
static void weigh(const struct run *r, const struct lookup *l, const struct member *m,
                  struct wall now, struct look_up *out, struct wall *again)
{
    int64_t wait_ms = 0;
    const struct evidence e = {
        .look_ups = m->doubt.look_ups + 1,
        .negatives = m->doubt.negatives + 1,
        .since_end_ms = l->asked_at.ms - m->doubt.ended_at.ms,
        .control_exists = m->control_id != NULL,
        .control_seen = m->control_seen,
        .resend = m->question.action->find.resend,
    };
    enum evidence_verdict verdict = evidence_weigh(&e, &r->options.find, &wait_ms);
    out->outcome = verdict == EVIDENCE_ABSENT ? LOOK_UP_ABSENT : LOOK_UP_NOT_THERE;
    if (verdict == EVIDENCE_LOOK_AGAIN)
        again->ms = now.ms + wait_ms;
    if (verdict == EVIDENCE_ASK)
        log_tell(LOG_WARN,
                 &(struct log_event){.what = "ask",
                                     .ref = m->doubt.job.ref,
                                     .attempt = m->doubt.job.attempts},
                 "not in %d whole lists; a person has to say: remesa show %s",
                 e.negatives, m->doubt.job.ref);
}

static void judge(const struct run *r, const struct lookup *l, const struct member *m,
                  struct wall now, struct look_up *out, struct wall *again)
{
    if (!l->walk.is_whole) {
        out->outcome = LOOK_UP_FAILED;
        out->evidence = l->walk.why_failed ? l->walk.why_failed : ENDED_FIRST;
        again->ms = now.ms + evidence_wait_ms(&r->options.find, m->doubt.look_ups + 1);
    } else if (m->matches == 1) {
        out->outcome = LOOK_UP_FOUND;
    } else if (m->matches > 1) {
        out->outcome = LOOK_UP_SEVERAL;
    } else {
        weigh(r, l, m, now, out, again);
    }
}

static int settle_member(struct run *r, struct lookup *l, struct member *m,
                         struct wall now, struct move_effect *effect, bool *conflict,
                         struct err *err)
{
    struct wall again = {0};
    struct look_up seen = {.job_id = m->doubt.job.id,
                           .attempt = m->doubt.job.attempts,
                           .run_id = r->run_id,
                           .path = m->question.path,
                           .rows = l->walk.rows,
                           .control = m->control_seen,
                           .evidence = m->matches ? m->ids.data : NULL};
    judge(r, l, m, now, &seen, &again);
    if (store_look_up(r->options.store, &seen, again, now, err))
        return -1;
    if (seen.outcome == LOOK_UP_FOUND)
        return settle_found(r, m, now, effect, err);
    if (seen.outcome == LOOK_UP_ABSENT)
        return settle_absent(r, m, now, effect, err);
    if (seen.outcome == LOOK_UP_SEVERAL) {
        *conflict = true;
        log_tell(LOG_ERROR,
                 &(struct log_event){.what = "conflict",
                                     .ref = m->doubt.job.ref,
                                     .attempt = m->doubt.job.attempts},
                 "the API shows it more than once (%s): perhaps it was carried out "
                 "twice; the run stops, look before anything else",
                 m->ids.data);
    }
    return 0;
}

int lookup_settle(struct run *r, struct lookup *l, struct wall now,
                  struct move_effect *effect, bool *conflict, struct err *err)
{
    for (int i = 0; i < l->count; i++)
        if (settle_member(r, l, &l->members[i], now, effect, conflict, err))
            return -1;
    return 0;
}
