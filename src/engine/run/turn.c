/* One turn: what the core asked for since the last one, carried out in the order that its
 * promises want.
 *
 *   1. requests are made of the jobs to open (a job of which none can be made comes back
 * at once)
 *   2. what may leave by now leaves: sends of which an earlier round has committed the
 * attempt, look-ups. Not after the commit of this round: that may take long, and the core
 * has counted them as gone
 *   3. one transaction: outcomes recorded, attempts opened; COMMIT (commit.c)
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

#define ROUNDS_MAX 4

struct flight *flight_of(struct run *r, int64_t job_id)
{
    struct flight *f = idmap_get(&r->flights, job_id);
    if (!f)
        abort(); /* the core speaks of a job that was never loaded */
    return f;
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

/* ---- 2. sends ---- */

static void ask(struct run *r, int64_t id)
{
    struct poll *p = poll_of(r, id);
    if (p)
        poll_send(r, p);
    else
        lookup_send(r, lookup_of(r, id));
}

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
    if (run_commit(r, r->working, count))
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
