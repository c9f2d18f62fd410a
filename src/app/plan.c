/* remesa_plan: the run's own code up to the socket, on a copy of the database. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/catalogue.h"
#include "api/otp.h"
#include "app/internal.h"
#include "app/plan_told.h"
#include "base/clock.h"
#include "engine/core/limiter.h"
#include "engine/run/foresee.h"
#include "store/approvals.h"
#include "store/caps.h"
#include "store/read.h"

#define FORESEEN_MAX 100000 /* jobs; more take more than a few seconds */

static char masked[] = "***";

struct planning {
    struct remesa *remesa;
    const struct remesa_plan *what;
    struct remesa_planned *out;
    struct store *store;
    struct plan_told told;
    struct app_limit limit;
};

/* ---- tables ---- */

struct teller {
    const struct remesa_plan *what;
    const char *table;
};

static bool tell_row(void *ctx, const struct remesa_cell *cells, int count)
{
    const struct teller *t = ctx;
    t->what->row(t->what->ctx, t->table, cells, count);
    return true;
}

static int tell_view(struct planning *p, enum store_view view, const char *table)
{
    struct teller t = {p->what, table};
    return p->what->row ? app_tell_view(p->store, view, p->what->batch, 0, tell_row, &t,
                                        &p->remesa->err)
                        : 0;
}

/* ---- by foresight ---- */

static void on_foreseen(void *ctx, const struct foreseen *f)
{
    struct planning *p = ctx;
    p->out->requests++;
    if (!p->what->batch || store_is_in_batch(p->store, f->ref, p->what->batch))
        plan_told_add(&p->told, p->store, f);
}

/* What is left when the time is over goes at the pace of its endpoints. */
static int64_t pace_us(const struct planning *p,
                       const int64_t of_budget[RATE_BUDGETS_MAX], int64_t all)
{
    const struct catalogue *c = &p->remesa->catalogue;
    int64_t longest = all * limiter_interval_us(p->remesa->settings.milli_rate);
    for (int i = 0; i < c->budget_count; i++) {
        int64_t us = of_budget[i] * limiter_interval_us(c->budget_rates[i]);
        longest = us > longest ? us : longest;
    }
    return longest;
}

struct counting {
    const struct catalogue *catalogue;
    int64_t all, of_budget[RATE_BUDGETS_MAX];
    struct planning *plan; /* NULL: they are not told */
};

static bool count_action(void *ctx, const struct view_row *row)
{
    struct counting *c = ctx;
    const char *name = view_text(row, "action");
    const struct action *a = catalogue_find(c->catalogue, span_of(name));
    int64_t jobs = strtoll(view_text(row, "jobs"), NULL, 10);
    c->all += jobs;
    if (a && a->budget)
        c->of_budget[a->budget - 1] += jobs;
    if (c->plan)
        plan_told_count(&c->plan->told, name, jobs);
    return true;
}

static int count_queued(struct planning *p, const char *batch, bool tell,
                        struct counting *c)
{
    *c = (struct counting){.catalogue = &p->remesa->catalogue, .plan = tell ? p : NULL};
    return store_read(p->store, VIEW_QUEUED_ACTIONS, batch, 0, count_action, c,
                      &p->remesa->err);
}

static int tell_left(struct planning *p, bool was_stopped)
{
    struct counting left;
    if (!was_stopped)
        return 0;
    if (count_queued(p, NULL, false, &left))
        return -1;
    p->out->left = left.all;
    p->out->left_takes_ms = pace_us(p, left.of_budget, left.all) / MS_US;
    return 0;
}

static int foresee(struct planning *p)
{
    struct remesa *r = p->remesa;
    struct key key = {.text = masked};
    struct otp otp;
    struct foresight sight = {
        .begins = {p->out->begins_ms}, .each = on_foreseen, .ctx = p};
    struct run_options o = app_run_options(&r->settings, sight.begins);
    struct foresaw saw;
    static const struct caps told_by_the_run;
    o.store = p->store;
    o.catalogue = &r->catalogue;
    o.key = &key;
    otp_mask(&otp);
    o.otp = r->settings.otp_secret_file ? &otp : NULL;
    if (store_usual_answer(p->store, &sight.answer_after_us, &r->err) ||
        run_foresee(&sight, &o, &saw, &r->err) ||
        store_caps_foresee(p->store, &told_by_the_run, sight.begins, &r->err))
        return -1;
    p->out->answer_us = sight.answer_after_us;
    p->out->ends_ms = p->out->begins_ms + saw.took_us / MS_US;
    if (plan_told_rows(&p->told, p->what) || tell_left(p, saw.was_stopped))
        return -1;
    return tell_view(p, VIEW_PLAN_MONEY, "money") ||
                   tell_view(p, VIEW_PLAN_WAITING, "waiting") ||
                   tell_view(p, VIEW_PLAN_HELD, "held") ||
                   tell_view(p, VIEW_PLAN_UNSENT, "unsendable")
               ? -1
               : 0;
}

/* ---- by counting ---- */

static int estimate(struct planning *p)
{
    struct counting all, told;
    struct remesa_planned *out = p->out;
    if (store_caps_foresee(p->store, &p->remesa->settings.caps,
                           (struct wall){out->begins_ms}, &p->remesa->err) ||
        count_queued(p, NULL, false, &all) ||
        count_queued(p, p->what->batch, true, &told))
        return -1;
    int64_t takes_ms = pace_us(p, all.of_budget, all.all) / MS_US;
    out->is_estimate = true;
    out->requests = all.all;
    if (p->limit.after_ms && takes_ms > p->limit.after_ms) {
        out->left_takes_ms = takes_ms - p->limit.after_ms;
        out->left = all.all * out->left_takes_ms / takes_ms;
        out->requests -= out->left;
        takes_ms = p->limit.after_ms;
    }
    out->ends_ms = out->begins_ms + takes_ms;
    return plan_told_rows(&p->told, p->what) ||
                   tell_view(p, VIEW_QUEUED_MONEY, "money") ||
                   tell_view(p, VIEW_PLAN_HELD, "held")
               ? -1
               : 0;
}

/* ---- what is there ---- */

/* What a run would refuse; what such a file would be planned for is not what is left to do. */
static int check_database(struct remesa *r)
{
    return app_check_binding(r) || app_check_mark(r) ? -1 : 0;
}

static const char *const state_names[] = {"queued",   "sending",   "following",
                                          "in_doubt", "succeeded", "failed",
                                          "skipped",  "cancelled", NULL};

static bool count_states(void *ctx, const struct view_row *row)
{
    struct remesa_planned *out = ctx;
    for (int i = 0; state_names[i]; i++) {
        const char *text = view_text(row, state_names[i]);
        out->states[i] += text ? strtoll(text, NULL, 10) : 0;
    }
    return true;
}

/* A large database is only read, not copied, unless something is to be taken in or each request told. */
static int open_store(struct planning *p, bool *by_count)
{
    struct remesa *r = p->remesa;
    int64_t queued = 0;
    if (p->what->import_count)
        return store_open_copy(&p->store, r->database, &r->err);
    if (app_open_store(r, STORE_READ, &p->store) ||
        store_queued_count(p->store, &queued, &r->err))
        return -1;
    *by_count = p->what->estimate || (queued > FORESEEN_MAX && !p->what->request);
    if (*by_count)
        return 0;
    store_close(p->store);
    p->store = NULL;
    return store_open_copy(&p->store, r->database, &r->err);
}

static int take_in(struct planning *p)
{
    struct remesa *r = p->remesa;
    for (int i = 0; i < p->what->import_count; i++) {
        struct remesa_imported got;
        struct remesa_import what = p->what->imports[i];
        what.check_only = true; /* nothing beside the database is touched */
        if (app_import(r, p->store, &what, &got))
            return -1;
    }
    if (app_take_inbox(p->store, &r->catalogue, &r->settings, &r->err) < 0)
        return -1;
    return store_approvals_enforce(p->store, &r->settings.four_eyes, clock_wall(),
                                   &r->err);
}

static void begin(struct planning *p)
{
    const struct settings *s = &p->remesa->settings;
    struct wall begins = app_may_begin(s, clock_wall());
    p->limit = app_limit_of(s, begins);
    p->out->begins_ms = begins.ms;
    p->out->limit = p->limit.name;
    p->out->limit_ms = begins.ms + p->limit.after_ms;
    p->out->milli_rate = s->milli_rate;
    p->out->state_names = state_names;
}

static int read_all(struct planning *p, bool *by_count)
{
    struct remesa *r = p->remesa;
    bool is_large;
    int64_t queued = 0;
    if (check_database(r) || app_catalogue(r) ||
        catalogue_pace_codes(&r->catalogue, r->settings.otp_secret_file, &r->err) ||
        open_store(p, by_count) || (!*by_count && take_in(p)) ||
        store_scope_begin(p->store, &r->err) ||
        app_refuse_unbalanced(p->store, &is_large, &r->err) ||
        store_queued_count(p->store, &queued, &r->err))
        return -1;
    if (p->what->estimate || (queued > FORESEEN_MAX && !p->what->request))
        *by_count = true;
    return store_read(p->store, VIEW_PROGRESS, p->what->batch, 0, count_states, p->out,
                      &r->err);
}

static int plan(struct planning *p)
{
    bool by_count = false;
    if (read_all(p, &by_count))
        return -1;
    plan_told_open(&p->told, &p->remesa->catalogue, p->remesa->settings.base_url,
                   p->what);
    return by_count ? estimate(p) : foresee(p);
}

int remesa_plan(struct remesa *r, const struct remesa_plan *what,
                struct remesa_planned *out)
{
    struct planning p = {.remesa = r, .what = what, .out = out};
    *out = (struct remesa_planned){0};
    begin(&p);
    int rc = plan(&p);
    plan_told_close(&p.told);
    store_close(p.store);
    return rc;
}
