/* remesa_run: one loop, the store, the network and the engine, put together and taken
 * apart again. */
#include <stdlib.h>

#include "api/catalogue.h"
#include "app/work_parts.h"
#include "base/log.h"
#include "base/text.h"
#include "store/approvals.h"
#include "store/read.h"
#include "store/restore.h"

#define PROGRESS_EVERY_MS 200
#define MARK_EVERY_MS     1000

/* ---- what a run is told ---- */

static int64_t take_inbox(void *ctx, struct err *err)
{
    struct work *w = ctx;
    int64_t added =
        app_take_inbox(w->store, &w->remesa->catalogue, &w->remesa->settings, err);
    if (added > 0) {
        if (store_scope_widen(w->store, err))
            return -1;
        log_say(LOG_NOTE, "%lld new %s from the inbox", (long long)added,
                text_plural(added, "job", "jobs"));
        w->arrived += added;
    }
    return added;
}

static struct run_options options_of(struct work *w)
{
    struct run_options o = app_run_options(&w->remesa->settings, clock_wall());
    o.store = w->store;
    o.catalogue = &w->remesa->catalogue;
    o.key = &w->key;
    o.otp = w->remesa->settings.otp_secret_file ? &w->otp : NULL;
    o.look_only = w->how->look_only;
    o.arrivals = o.look_only ? NULL : take_inbox;
    o.arrivals_ctx = w;
    return o;
}

/* ---- progress ---- */

void work_progress(const struct work *w, struct remesa_progress *p)
{
    const struct run_counts *c = run_counts(w->run);
    const int64_t *start = w->at_start.counts;
    *p = (struct remesa_progress){
        .in_flight = c->in_flight,
        .succeeded = start[JOB_SUCCEEDED] + c->moved[JOB_SUCCEEDED],
        .following = start[JOB_FOLLOWING] + c->moved[JOB_FOLLOWING],
        .in_doubt = start[JOB_IN_DOUBT] + c->moved[JOB_IN_DOUBT],
        .failed = start[JOB_FAILED] + c->moved[JOB_FAILED],
        .skipped = start[JOB_SKIPPED] + c->skipped,
        .cancelled = start[JOB_CANCELLED],
        .sent = c->sent,
        .throttled = c->throttled,
        .repeats = c->repeats,
        .doubts = c->doubts,
        .paused_ms = c->paused_us / MS_US,
        .stopping = w->is_stopping,
        .elapsed_ms = (clock_mono().us - w->started.us) / MS_US,
    };
    if (!w->at_start.is_known)
        return; /* of a total that is not known there is no rest */
    p->total = w->arrived;
    for (int i = 0; i < JOB_STATE_COUNT; i++)
        p->total += start[i];
    p->waiting = p->total - p->in_flight - p->succeeded - p->following - p->in_doubt -
                 p->failed - p->skipped - p->cancelled;
}

static void on_progress(uv_timer_t *timer)
{
    struct work *w = timer->data;
    struct remesa_progress p;
    work_progress(w, &p);
    w->how->progress(w->how->ctx, &p);
}

/* ---- the mark ---- */

/* Without it a backup that is put back would pass unnoticed: better to stop. */
static void on_mark(uv_timer_t *timer)
{
    struct work *w = timer->data;
    if (w->mark_failed || store_mark_keep(w->store, clock_wall(), &w->remesa->err) == 0)
        return;
    w->mark_failed = true;
    run_stop(w->run);
}

/* ---- signals ---- */

static void on_signal(uv_signal_t *handle, int number)
{
    struct work *w = handle->data;
    (void)number;
    if (w->signals_seen++ == 0) {
        log_say(LOG_NOTE,
                "stopping: no new requests, waiting for %d %s; once more to end at once",
                run_counts(w->run)->in_flight,
                text_plural(run_counts(w->run)->in_flight, "answer", "answers"));
        w->is_stopping = true;
        run_stop(w->run);
    } else {
        log_say(LOG_WARN, "ending at once: what is in flight is in doubt");
        run_abort(w->run);
    }
}

void remesa_stop(struct remesa *r)
{
    if (!r->work)
        return;
    r->work->is_stopping = true;
    run_stop(r->work->run);
}

void remesa_abort(struct remesa *r)
{
    if (r->work)
        run_abort(r->work->run);
}

static void start_handles(struct work *w)
{
    static const int numbers[] = {SIGINT, SIGTERM};
    uv_timer_init(&w->loop, &w->progress);
    uv_timer_init(&w->loop, &w->mark);
    w->progress.data = w->mark.data = w;
    uv_timer_start(&w->mark, on_mark, MARK_EVERY_MS, MARK_EVERY_MS);
    if (w->how->progress)
        uv_timer_start(&w->progress, on_progress, PROGRESS_EVERY_MS, PROGRESS_EVERY_MS);
    for (int i = 0; i < 2; i++) {
        uv_signal_init(&w->loop, &w->signals[i]);
        w->signals[i].data = w;
        if (w->how->handle_signals)
            uv_signal_start(&w->signals[i], on_signal, numbers[i]);
    }
}

/* ---- the loop, and the end of it ---- */

static void on_net_closed(void *ctx)
{
    (void)ctx; /* the loop ends when the last handle is gone */
}

static void on_run_ended(void *ctx)
{
    struct work *w = ctx;
    net_close(w->net, on_net_closed, NULL);
    uv_close((uv_handle_t *)&w->progress, NULL);
    uv_close((uv_handle_t *)&w->mark, NULL);
    for (int i = 0; i < 2; i++)
        uv_close((uv_handle_t *)&w->signals[i], NULL);
}

static int open_scope(struct work *w)
{
    struct err *err = &w->remesa->err;
    if (store_scope_begin(w->store, err))
        return -1;
    for (const char *const *b = w->how->batches; b && *b; b++)
        if (store_scope_add(w->store, *b, err))
            return -1;
    return 0;
}

static int open_setup(struct remesa *r, struct key *key, struct otp *otp)
{
    const struct settings *s = &r->settings;
    if (app_catalogue(r) || net_global_setup(&r->err) ||
        net_check_url(s->base_url, &r->err) || app_check_production(r))
        return -1;
    if (catalogue_pace_codes(&r->catalogue, s->otp_secret_file, &r->err) ||
        key_read(key, s->api_key_file, &r->err))
        return -1;
    return s->otp_secret_file ? otp_read(otp, s->otp_secret_file, &r->err) : 0;
}

int remesa_check_setup(struct remesa *r)
{
    struct key key = {0};
    struct otp otp = {0};
    int rc = open_setup(r, &key, &otp);
    key_wipe(&key);
    otp_wipe(&otp);
    return rc ? -1 : app_check_binding(r);
}

/* With very many jobs this is known only when the first of them are under way. */
static void on_unbalanced(void *ctx)
{
    struct work *w = ctx;
    w->is_unbalanced = true;
    log_say(LOG_ERROR, "the money does not balance: stopping");
    run_stop(w->run);
}

static int refuse_what_was_changed(struct work *w)
{
    struct remesa *r = w->remesa;
    bool is_large = false;
    if (store_approvals_enforce(w->store, &r->settings.four_eyes, clock_wall(),
                                &r->err) ||
        app_refuse_unbalanced(w->store, &is_large, &r->err))
        return -1;
    if (is_large) {
        w->at_start.on_unbalanced = on_unbalanced;
        w->at_start.ctx = w;
    }
    return 0;
}

static int open_all(struct work *w)
{
    struct remesa *r = w->remesa;
    const struct settings *s = &r->settings;
    if (open_setup(r, &w->key, &w->otp))
        return -1;
    if (app_open_store(r, STORE_WRITE, &w->store) ||
        store_mark_check(w->store, &r->err) || app_bind(r, w->store) || open_scope(w))
        return -1;
    if (!w->how->look_only && refuse_what_was_changed(w))
        return -1;
    /* The hours last: what begins between the two is refused; the other way round it would be missed. */
    struct run_options options = options_of(w);
    if (app_check_hours(s, &r->err))
        return -1;
    if (run_open(&w->run, &w->loop, &options, &r->err))
        return -1;
    struct net_options net = {.base_url = s->base_url,
                              .ca_file = s->ca_file,
                              .connect_timeout_ms = s->connect_timeout_ms,
                              .timeout_ms = s->timeout_ms,
                              .concurrency = (int)s->concurrency,
                              .fresh_connections = s->paranoid,
                              .user_agent = "remesa/" REMESA_VERSION};
    if (net_open(&w->net, &w->loop, &net, run_on_response, w->run, &r->err))
        return -1;
    if (!w->how->look_only && take_inbox(w, &r->err) < 0)
        return -1;
    w->arrived = 0; /* what was there already is counted */
    return store_mark_keep(w->store, clock_wall(), &r->err) ||
                   tally_begin(&w->at_start, &w->loop, r->database, w->how->batches,
                               &r->err)
               ? -1
               : 0;
}

static int carry_out(struct work *w)
{
    start_handles(w);
    w->started = clock_mono();
    run_start(w->run, net_transport(w->net), on_run_ended, w);
    uv_run(&w->loop, UV_RUN_DEFAULT);
    w->net = NULL;
    return work_conclude(w);
}

static void close_all(struct work *w)
{
    if (w->net) {
        net_close(w->net, on_net_closed, NULL);
        uv_run(&w->loop, UV_RUN_DEFAULT);
    }
    run_close(w->run);
    store_close(w->store);
    key_wipe(&w->key);
    otp_wipe(&w->otp);
    if (uv_loop_close(&w->loop) != 0)
        abort(); /* a handle was forgotten */
}

int remesa_run(struct remesa *r, const struct remesa_run *how, struct remesa_ran *out)
{
    struct work w = {.remesa = r, .how = how, .out = out};
    *out = (struct remesa_ran){0};
    int uv = uv_loop_init(&w.loop);
    if (uv != 0)
        return err_set(&r->err, ERR_SOFTWARE, "libuv gives no loop: %s", uv_strerror(uv));
    r->work = &w;
    int rc = open_all(&w);
    if (rc == 0)
        rc = carry_out(&w);
    r->work = NULL;
    close_all(&w);
    return rc;
}
