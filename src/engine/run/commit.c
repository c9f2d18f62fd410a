/* The one transaction of a turn: outcomes recorded, attempts opened, and what follows from both. When it is
 * committed, what it was about is let go of, and the core is told. */
#include <stdlib.h>

#include "base/log.h"
#include "base/mem.h"
#include "engine/run/internal.h"
#include "store/caps.h"
#include "store/holds.h"

static bool is_opened(const struct core_action *a)
{
    return a->type == CORE_OPEN && a->count == 0;
}

/* ---- attempts ---- */

static void withhold(struct run *r, int64_t job_id)
{
    r->withheld =
        mem_resize(r->withheld, (size_t)r->withheld_count + 1, sizeof(*r->withheld));
    r->withheld[r->withheld_count++] = job_id;
}

/* 1: within the caps; 0: it is held instead, in the same transaction. */
static int stay_within_caps(struct run *r, const struct flight *f, struct wall now,
                            struct err *err)
{
    struct buf why;
    if (!r->has_caps)
        return 1;
    buf_init(&why, ERR_TEXT_MAX);
    int rc =
        store_caps_allow(r->options.store, &r->options.caps, f->job.id, now, &why, err);
    if (rc == 0 &&
        store_hold_job(r->options.store, f->job.id, HOLD_CAP, why.data, now, err))
        rc = -1;
    if (rc == 0) {
        withhold(r, f->job.id);
        log_say(LOG_WARN, "%s is held and not sent: %s", f->job.ref, why.data);
    }
    buf_close(&why);
    return rc;
}

static int write_open(struct run *r, const struct core_action *a, struct wall now,
                      struct err *err)
{
    struct flight *f = flight_of(r, a->job_id);
    int within = stay_within_caps(r, f, now, err);
    if (within < 1)
        return within;
    f->state = JOB_SENDING;
    return store_attempt_open(r->options.store, r->run_id, f->job.id, f->job.attempts + 1,
                              now, err);
}

/* ---- outcomes ---- */

/* Queued: when to try again. In doubt: when to look, where a list can tell. Following: when to ask. */
static struct wall due_of(const struct run *r, const struct flight *f,
                          const struct core_action *a, struct wall now)
{
    bool is_looked_up =
        a->to == JOB_IN_DOUBT && r->options.find.tries && f->action->find.path;
    if (is_looked_up)
        return (struct wall){now.ms + r->options.find.first_ms};
    if (a->to == JOB_FOLLOWING)
        return run_first_poll(r, f->action, now);
    return (struct wall){a->delay_us > 0 ? now.ms + (a->delay_us + MS_US - 1) / MS_US
                                         : 0};
}

static int write_move(struct run *r, const struct core_action *a, struct wall now,
                      struct move_effect *effect, struct err *err)
{
    struct flight *f = flight_of(r, a->job_id);
    bool accepted = !f->error && f->verdict.outcome == OUTCOME_ACCEPTED;
    struct job_move m = {
        .id = f->job.id,
        .from = f->state,
        .to = a->to,
        .due = due_of(r, f, a, now),
        .remote_id = f->verdict.remote_id,
        .remote_state = f->verdict.remote_state,
        .answer = f->verdict.answer,
        .request_id = f->end.request_id,
        .http_status = f->end.http_status,
        .error = f->error ? f->error : f->verdict.error,
    };
    char *why = NULL;
    if (accepted && a->to == JOB_FAILED)
        m.error = why = mem_printf(FLIGHT_TAKEN_AND_ENDED, f->verdict.remote_state);
    int rc = store_move(r->options.store, &m, now, effect, err);
    log_tell(
        LOG_INFO,
        &(struct log_event){.what = "move",
                            .ref = f->job.ref,
                            .attempt = f->state == JOB_SENDING ? f->job.attempts + 1 : 0,
                            .request_id = f->end.request_id},
        "%s -> %s%s%s", job_state_name(m.from), job_state_name(m.to), m.error ? ": " : "",
        m.error ? m.error : "");
    free(why);
    r->counts.moved[a->to]++;
    r->counts.doubts += a->to == JOB_IN_DOUBT;
    return rc;
}

/* A job that was never opened has no attempt to close. */
static int write_record(struct run *r, const struct core_action *a, struct wall now,
                        struct move_effect *effect, struct err *err)
{
    const struct flight *f = flight_of(r, a->job_id);
    if (f->state == JOB_SENDING &&
        store_attempt_close(r->options.store, &f->end, now, err))
        return -1;
    return write_move(r, a, now, effect, err);
}

/* ---- what questions found ---- */

static int settle(struct run *r, int64_t id, struct wall now, struct move_effect *effect,
                  bool *conflict, struct err *err)
{
    struct poll *p = poll_of(r, id);
    return p ? poll_settle(r, p, now, effect, err)
             : lookup_settle(r, lookup_of(r, id), now, effect, conflict, err);
}

static void let_go_of_question(struct run *r, int64_t id)
{
    struct poll *p = poll_of(r, id);
    if (p)
        poll_free(r, p);
    else
        lookup_free(r, lookup_of(r, id));
}

/* ---- all of it ---- */

static int write_all(struct run *r, const struct core_action *a, int count,
                     struct move_effect *effect, bool *conflict, struct err *err)
{
    struct wall now = run_wall(r);
    for (int i = 0; i < count; i++) {
        if (a[i].type == CORE_RECORD && write_record(r, &a[i], now, effect, err))
            return -1;
        if (a[i].type == CORE_SETTLE &&
            settle(r, a[i].job_id, now, effect, conflict, err))
            return -1;
        if (is_opened(&a[i]) && write_open(r, &a[i], now, err))
            return -1;
    }
    return 0;
}

static bool has_writes(const struct core_action *a, int count)
{
    for (int i = 0; i < count; i++)
        if (a[i].type == CORE_RECORD || a[i].type == CORE_SETTLE || is_opened(&a[i]))
            return true;
    return false;
}

static void let_go(struct run *r, struct flight *f)
{
    idmap_take(&r->flights, f->job.id);
    flight_free(f);
}

int run_commit(struct run *r, const struct core_action *a, int count)
{
    struct move_effect effect = {0};
    bool conflict = false;
    r->withheld_count = 0;
    if (!has_writes(a, count))
        return 0;
    if (store_check(r->options.store, &r->err) ||
        store_begin(r->options.store, &r->err) ||
        write_all(r, a, count, &effect, &conflict, &r->err) ||
        store_commit(r->options.store, &r->err)) {
        store_rollback(r->options.store);
        return -1;
    }
    r->counts.skipped += effect.skipped;
    for (int i = 0; i < count; i++)
        if (a[i].type == CORE_RECORD)
            let_go(r, flight_of(r, a[i].job_id));
        else if (a[i].type == CORE_SETTLE)
            let_go_of_question(r, a[i].job_id);
    for (int i = 0; i < r->withheld_count; i++)
        let_go(r, flight_of(r, r->withheld[i]));
    if (conflict)
        run_step(r, &(struct core_event){.type = CORE_STOP, .end = CORE_END_CONFLICT});
    run_step(r, &(struct core_event){.type = CORE_COMMITTED,
                                     .freed = effect.freed > 0,
                                     .withheld = r->withheld,
                                     .withheld_count = r->withheld_count});
    return 0;
}
