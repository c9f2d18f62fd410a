/* One turn: what the core asked for since the last one, carried out in the order that its
 * promises want.
 *
 *   1. requests are made of the jobs to open (a job of which none can be made comes back
 * at once)
 *   2. what may leave by now leaves: sends of which an earlier round has committed the
 * attempt, look-ups. Not after the commit of this round: that may take long, and the core
 * has counted them as gone
 *   3. one transaction: outcomes recorded, attempts opened; COMMIT
 *   4. the core is told, and only now asks for the sends
 *   5. loads, which see what was committed
 *
 * Steps 4 and 5 bring new actions; a few rounds of them are done in the same turn, so
 * that a freed job does not wait for the next event of the network. */
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/mem.h"
#include "engine/run/foresee.h"
#include "engine/run/internal.h"
#include "store/caps.h"
#include "store/holds.h"

#define ROUNDS_MAX 4

static struct flight *flight_of(struct run *r, int64_t job_id)
{
    struct flight *f = idmap_get(&r->flights, job_id);
    if (!f)
        abort(); /* the core speaks of a job that was never loaded */
    return f;
}

static void let_go(struct run *r, struct flight *f)
{
    idmap_take(&r->flights, f->job.id);
    flight_free(f);
}

/* ---- 1. requests ---- */

bool run_look_up(void *ctx, struct span ref, const char **remote_id, const char **answer)
{
    struct run *r = ctx;
    char *name = mem_span(ref);
    bool found = store_job_result(r->options.store, name, remote_id, answer);
    if (found && r->options.foresight)
        *answer = foresight_answer(*answer);
    free(name);
    return found;
}

/* What an unsendable job brings out is of the same round: the list grows meanwhile. */
static void prepare_all(struct run *r)
{
    struct wall now = run_wall(r);
    for (int i = 0; i < r->pending_count; i++) {
        if (r->pending[i].type != CORE_OPEN)
            continue;
        struct flight *f = flight_of(r, r->pending[i].job_id);
        if (flight_prepare(f, r->options.key, run_look_up, r, now) == 0)
            continue;
        r->pending[i].count = -1; /* not to be opened */
        run_step(r, &(struct core_event){.type = CORE_UNSENDABLE, .job_id = f->job.id});
    }
}

static bool is_opened(const struct core_action *a)
{
    return a->type == CORE_OPEN && a->count == 0;
}

/* ---- 3. the transaction ---- */

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

static void ask(struct run *r, int64_t id)
{
    struct poll *p = poll_of(r, id);
    if (p)
        poll_send(r, p);
    else
        lookup_send(r, lookup_of(r, id));
}

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

static int commit(struct run *r, const struct core_action *a, int count)
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

/* ---- 2. sends ---- */

/* The attempt of a job that was opened and cannot leave after all: closed as never sent. */
static void send_nothing(struct run *r, int64_t job_id, const char *why)
{
    struct http_response none;
    http_response_init(&none);
    snprintf(none.transport_text, sizeof(none.transport_text), "%s", why);
    run_on_response(r, job_id, &none);
    http_response_close(&none);
}

static void send_one(struct run *r, int64_t job_id)
{
    struct flight *f = flight_of(r, job_id);
    if (r->aborted) {
        send_nothing(r, job_id, ENDED_FIRST);
        return;
    }
    if (!flight_add_code(f, r->options.otp, run_wall(r))) {
        send_nothing(r, job_id, "the one-time password of this half minute is used");
        return;
    }
    r->counts.repeats += f->job.attempts > 0;
    r->transport->send(r->transport->ctx, &f->request, job_id);
}

/* ---- the turn ---- */

static void sleep_until(struct run *r, struct mono until);

static void let_leave(struct run *r, const struct core_action *a, int count)
{
    for (int i = 0; i < count; i++)
        if (a[i].type == CORE_SEND)
            send_one(r, a[i].job_id);
        else if (a[i].type == CORE_LOOK)
            ask(r, a[i].job_id);
}

static int carry_out(struct run *r, const struct core_action *a)
{
    switch (a->type) {
    case CORE_LOAD:
        return run_load(r, a->count, a->last);
    case CORE_SLEEP:
        sleep_until(r, a->until);
        return 0;
    case CORE_FINISH:
        r->end = a->end;
        r->over = true;
        return 0;
    case CORE_OPEN:
    case CORE_RECORD:
    case CORE_SETTLE:
        return 0; /* done by the transaction */
    case CORE_SEND:
    case CORE_LOOK:
        return 0; /* gone before it */
    }
    return 0;
}

static void swap_lists(struct run *r)
{
    struct core_action *list = r->pending;
    int room = r->pending_room;
    r->pending = r->working;
    r->pending_room = r->working_room;
    r->pending_count = 0;
    r->working = list;
    r->working_room = room;
}

static int round_of(struct run *r)
{
    prepare_all(r);
    int count = r->pending_count;
    swap_lists(r);
    let_leave(r, r->working, count);
    if (commit(r, r->working, count))
        return -1;
    for (int i = 0; i < count; i++)
        if (carry_out(r, &r->working[i]))
            return -1;
    return 0;
}

static void on_wake(uv_timer_t *timer)
{
    run_step(timer->data, &(struct core_event){.type = CORE_WOKEN});
}

/* Rounded up: a timer that fires early would only have to be set again. */
static void sleep_until(struct run *r, struct mono until)
{
    if (r->options.foresight) {
        foresight_sleep(r->options.foresight, until);
        return;
    }
    int64_t left = until.us - run_mono(r).us;
    uint64_t ms = left > 0 ? (uint64_t)((left + MS_US - 1) / MS_US) : 1;
    uv_update_time(r->loop);
    uv_timer_start(&r->wake, on_wake, ms, 0);
}

static void stay_awake(uv_idle_t *idle)
{
    (void)idle; /* an active idle handle makes the loop poll without waiting */
}

void run_turn(struct run *r)
{
    for (int round = 0; round < ROUNDS_MAX && r->pending_count > 0 && !r->over; round++)
        if (round_of(r)) {
            run_fail(r);
            return;
        }
    if (r->over) {
        run_finish(r);
        return;
    }
    if (r->options.foresight)
        return;
    if (r->pending_count > 0)
        uv_idle_start(&r->stay_awake, stay_awake);
    else
        uv_idle_stop(&r->stay_awake);
}
