#include "engine/run/run.h"

#include <stdlib.h>
#include <string.h>

#include "api/rate_limit.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "engine/run/foresee.h"
#include "engine/run/internal.h"
#include "store/caps.h"

#define LOOK_AROUND_MS 1000

/* ---- opening ---- */

bool run_may_repeat(void *ctx, const char *action, const char *params)
{
    const struct run_options *o = ctx;
    const struct action *a = catalogue_find(o->catalogue, span_of(action));
    struct params p;
    struct err ignored;
    params_init(&p);
    bool safe = a && params_read(&p, span_of(params), &ignored) == 0 &&
                request_is_repeat_safe(a, &p);
    params_close(&p);
    return safe;
}

/* Not at once: the server may still be working on what it was sent last. */
struct wall run_first_look(const struct run *r)
{
    const struct evidence_rules *rules = &r->options.find;
    return (struct wall){rules->tries ? run_wall(r).ms + rules->first_ms : 0};
}

/* Before anything is sent: what an earlier run left open. */
static int recover(struct run *r, struct err *err)
{
    struct recovery found;
    if (store_recover(r->options.store, run_may_repeat, &r->options, run_wall(r), &found,
                      err))
        return -1;
    if (found.in_doubt + found.queued > 0)
        log_say(
            LOG_WARN,
            "the last run ended in the middle: %lld sent %s no recorded answer and %s in "
            "doubt, %lld that may be repeated %s queued again",
            (long long)found.in_doubt,
            text_plural(found.in_doubt, "job has", "jobs have"),
            text_plural(found.in_doubt, "is", "are"), (long long)found.queued,
            text_plural(found.queued, "is", "are"));
    if (r->options.find.tries &&
        store_doubts_rearm(r->options.store, run_first_look(r), err))
        return -1;
    r->has_caps = caps_are_set(&r->options.caps);
    if (store_caps_begin(r->options.store, &r->options.caps, run_wall(r), err))
        return -1;
    return store_run_begin(r->options.store, r->options.base_url, run_wall(r), &r->run_id,
                           err);
}

int run_open(struct run **out, struct uv_loop_s *loop, const struct run_options *options,
             struct err *err)
{
    struct run *r = mem_zero(1, sizeof(*r));
    r->options = *options;
    r->loop = loop;
    idmap_init(&r->flights);
    idmap_init(&r->lookups);
    idmap_init(&r->doubts);
    idmap_init(&r->polls);
    idmap_init(&r->polled);
    if (recover(r, err)) {
        run_close(r);
        return -1;
    }
    *out = r;
    return 0;
}

void run_close(struct run *r)
{
    if (!r)
        return;
    for (size_t i = 0; i < r->flights.room; i++)
        if (r->flights.slots[i].id)
            flight_free(r->flights.slots[i].value);
    idmap_close(&r->flights);
    lookups_free(r);
    polls_free(r);
    core_free(r->core);
    free(r->pending);
    free(r->working);
    free(r->withheld);
    free(r);
}

/* ---- events ---- */

struct mono run_mono(const struct run *r)
{
    return r->options.foresight ? foresight_mono(r->options.foresight) : clock_mono();
}

struct wall run_wall(const struct run *r)
{
    return r->options.foresight ? foresight_wall(r->options.foresight) : clock_wall();
}

void run_step(struct run *r, const struct core_event *event)
{
    if (r->over)
        return;
    struct core_actions actions = core_step(r->core, event, run_mono(r));
    int want = r->pending_count + actions.count;
    if (want > r->pending_room) {
        r->pending_room = want * 2;
        r->pending = mem_resize(r->pending, (size_t)r->pending_room, sizeof(*r->pending));
    }
    if (actions.count)
        memcpy(r->pending + r->pending_count, actions.items,
               (size_t)actions.count * sizeof(*actions.items));
    r->pending_count = want;
    r->counts.in_flight = core_in_flight(r->core);
    r->counts.paused_us = core_paused_us(r->core);
}

/* Before what the answer itself is: that could start the next one. */
static void heed_quota(struct run *r, const struct http_response *response)
{
    int64_t wait_ms =
        response->headers_complete ? rate_limit_wait_ms(response, run_wall(r)) : 0;
    if (wait_ms > 0)
        run_step(r, &(struct core_event){.type = CORE_HOLD,
                                         .retry_after_us = wait_ms * MS_US});
}

void run_looked(struct run *r, int64_t id, const struct find_page *page, bool more)
{
    int64_t asked = page ? page->retry_after_ms : -1;
    run_step(r, &(struct core_event){
                    .type = CORE_LOOKED,
                    .job_id = id,
                    .outcome = page ? page->outcome : OUTCOME_NOT_SENT,
                    .systemic = page ? page->systemic : SYSTEMIC_NONE,
                    .retry_after_us = asked < 0 ? -1 : asked * MS_US,
                    .more = more,
                });
}

/* No job's own: one of the engine's questions. */
static void take_answer(struct run *r, int64_t tag, const struct http_response *response)
{
    struct lookup *l = lookup_of(r, tag);
    if (l)
        lookup_answered(r, l, response);
    else
        poll_answered(r, poll_of(r, tag), response);
}

void run_on_response(void *run, int64_t tag, const struct http_response *response)
{
    struct run *r = run;
    struct flight *f = idmap_get(&r->flights, tag);
    if (r->over || (!f && !lookup_of(r, tag) && !poll_of(r, tag)))
        return;
    heed_quota(r, response);
    r->counts.sent += response->sends > 0;
    r->counts.throttled += response->headers_complete && response->status == 429;
    if (!f) {
        take_answer(r, tag, response);
        return;
    }
    flight_answered(f, response, r->options.key, run_wall(r));
    if (response->complete && f->verdict.outcome == OUTCOME_IN_DOUBT)
        r->transport->distrust(r->transport->ctx);
    run_answered(r, f);
}

void run_answered(struct run *r, const struct flight *f)
{
    int64_t asked_ms = f->verdict.retry_after_ms;
    struct core_event e = {
        .type = CORE_ANSWERED,
        .job_id = f->job.id,
        .outcome = f->verdict.outcome,
        .systemic = f->verdict.systemic,
        .retry_after_us = asked_ms < 0 ? -1 : asked_ms * MS_US,
    };
    if (e.outcome == OUTCOME_ACCEPTED)
        e.accepted_as = flight_accepted_as(f);
    if (e.outcome == OUTCOME_SYSTEMIC)
        log_tell(LOG_WARN,
                 &(struct log_event){.what = "systemic",
                                     .ref = f->job.ref,
                                     .attempt = f->job.attempts + 1,
                                     .request_id = f->end.request_id},
                 "%s", f->verdict.error ? f->verdict.error : "refused");
    run_step(r, &e);
}

void run_stop(struct run *r)
{
    run_step(r, &(struct core_event){.type = CORE_STOP, .end = CORE_END_STOPPED});
}

void run_abort(struct run *r)
{
    r->aborted = true;
    run_stop(r);
    r->transport->abort(r->transport->ctx);
}

static void on_deadline(uv_timer_t *timer)
{
    run_stop(timer->data);
}

static void on_look_around(uv_timer_t *timer)
{
    struct run *r = timer->data;
    if (r->over || !store_changed_outside(r->options.store))
        return;
    int64_t added = r->options.arrivals(r->options.arrivals_ctx, &r->err);
    if (added < 0) {
        run_fail(r);
        return;
    }
    if (added > 0)
        run_step(r, &(struct core_event){.type = CORE_ARRIVED});
}

static void on_before_sleep(uv_prepare_t *prepare)
{
    run_turn(prepare->data);
}

/* ---- starting and ending ---- */

static void start_handles(struct run *r)
{
    uv_update_time(r->loop); /* or the deadline counts from the loop's last turn */
    uv_prepare_init(r->loop, &r->before_sleep);
    uv_idle_init(r->loop, &r->stay_awake);
    uv_timer_init(r->loop, &r->wake);
    uv_timer_init(r->loop, &r->look_around);
    uv_timer_init(r->loop, &r->deadline);
    r->before_sleep.data = r->stay_awake.data = r->wake.data = r;
    r->look_around.data = r->deadline.data = r;
    r->open_handles = 5;
    uv_prepare_start(&r->before_sleep, on_before_sleep);
    if (r->options.arrivals)
        uv_timer_start(&r->look_around, on_look_around, LOOK_AROUND_MS, LOOK_AROUND_MS);
    if (r->options.stop_after_ms > 0)
        uv_timer_start(&r->deadline, on_deadline, (uint64_t)r->options.stop_after_ms, 0);
}

void run_start(struct run *r, const struct transport *transport, void (*ended)(void *ctx),
               void *ctx)
{
    r->transport = transport;
    r->ended = ended;
    r->ended_ctx = ctx;
    struct core_config config = r->options.core;
    config.budget_count = r->options.catalogue->budget_count;
    memcpy(config.budget_rates, r->options.catalogue->budget_rates,
           sizeof(config.budget_rates));
    r->core = core_new(&config, run_mono(r));
    if (!r->options.foresight)
        start_handles(r);
    run_step(r, &(struct core_event){.type = CORE_START});
}

static void maybe_closed(uv_handle_t *handle)
{
    struct run *r = handle->data;
    if (--r->open_handles == 0)
        r->ended(r->ended_ctx);
}

void run_finish(struct run *r)
{
    if (r->options.foresight)
        return; /* there is no loop */
    uv_handle_t *const handles[] = {
        (uv_handle_t *)&r->before_sleep, (uv_handle_t *)&r->stay_awake,
        (uv_handle_t *)&r->wake,         (uv_handle_t *)&r->look_around,
        (uv_handle_t *)&r->deadline,
    };
    for (size_t i = 0; i < sizeof(handles) / sizeof(*handles); i++)
        if (!uv_is_closing(handles[i]))
            uv_close(handles[i], maybe_closed);
}

/* Nothing more is written: a commit that failed is never tried again on the same file.
 * The answers that are still under way are lost to this run; their attempts are open on
 * disk. */
void run_fail(struct run *r)
{
    r->failed = true;
    r->over = true;
    r->transport->abort(r->transport->ctx);
    run_finish(r);
}

const struct run_counts *run_counts(const struct run *r)
{
    return &r->counts;
}

int64_t run_id(const struct run *r)
{
    return r->run_id;
}

int run_result(const struct run *r, enum core_end *end, struct err *err)
{
    if (r->failed) {
        *err = r->err;
        return -1;
    }
    *end = r->end;
    return 0;
}
