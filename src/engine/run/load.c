/* Loads: what the core asks for from the store, jobs to send and doubts to look up. */
#include <stdlib.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "engine/run/internal.h"
#include "store/restore.h"

/* Of one LOAD: what it has brought of each kind, and whether more of a kind was there than had room. */
struct load {
    struct run *run;
    int taken[1 + RATE_BUDGETS_MAX][2];
    bool kept_back;
};

static int budget_of(const struct run *r, const char *action)
{
    const struct action *a = r->options.catalogue->budget_count
                                 ? catalogue_find(r->options.catalogue, span_of(action))
                                 : NULL;
    return a ? a->budget : 0;
}

static bool is_passed_over(void *ctx, const struct queue_candidate *job)
{
    struct load *l = ctx;
    if (idmap_get(&l->run->flights, job->id))
        return true;
    int budget = budget_of(l->run, job->action);
    bool is_repeat = job->attempts > 0;
    int *taken = &l->taken[budget][is_repeat];
    if (*taken < core_room(l->run->core, budget, is_repeat)) {
        ++*taken;
        return false;
    }
    l->kept_back = true;
    return true;
}

static int take_in(struct run *r, struct queued_job *loaded, int count,
                   struct core_job *jobs)
{
    int rc = 0;
    for (int i = 0; i < count; i++) {
        struct flight *f = flight_new(&loaded[i], r->options.catalogue);
        idmap_put(&r->flights, f->job.id, f);
        if (r->options.foresight)
            flight_mask_secrets(f);
        else if (rc == 0)
            rc = flight_take_secrets(f, r->options.store, &r->err);
        jobs[i] = (struct core_job){.id = f->job.id,
                                    .doubts = f->job.doubts,
                                    .repeat_safe = f->repeat_safe,
                                    .is_repeat = f->job.attempts > 0,
                                    .budget = f->action ? f->action->budget : 0};
    }
    return rc;
}

/* What may have been sent by a database that was lost is a doubt before it is a job. */
static int doubt_suspects(struct run *r)
{
    int64_t count =
        store_suspects_doubt(r->options.store, r->run_id, run_may_repeat, &r->options,
                             run_first_look(r), run_wall(r), &r->err);
    if (count > 0)
        log_say(LOG_NOTE, "%lld %s looked up first", (long long)count,
                text_plural(count, "job may have been sent by what was lost: it is",
                            "jobs may have been sent by what was lost: they are"));
    r->counts.moved[JOB_IN_DOUBT] += count > 0 ? count : 0;
    return count < 0 ? -1 : 0;
}

static int load_sends(struct run *r, int want, struct queued_job *loaded,
                      struct core_job *jobs, struct wall *next_due, bool *kept_back)
{
    if (r->options.look_only)
        return 0;
    struct load load = {.run = r};
    int count = store_load(r->options.store, run_wall(r), want, is_passed_over, &load,
                           loaded, next_due, &r->err);
    *kept_back = load.kept_back;
    if (count > 0 && take_in(r, loaded, count, jobs))
        return -1;
    return count;
}

/* Of a LOAD, for look-ups before anything else: a queue that fills every LOAD would keep them in the store
 * for as long as it lasts, and their users' lanes with them. The core starts one in eight. */
static int look_up_share(int want)
{
    return want / 8 + 1;
}

/* The same for questions about accepted jobs, which can wait longer. */
static int poll_share(int want)
{
    return want / 16;
}

static int load_look_ups(struct run *r, int want, struct core_job *jobs,
                         struct wall *next_look)
{
    return want > 0 ? lookups_load(r, want, jobs, next_look, &r->err) : 0;
}

/* What one LOAD found. */
struct found {
    int count;
    bool kept_back;
    struct wall next_due, next_look, next_poll;
};

/* The shares of questions, jobs to send, and in the room that is left more questions. */
static int load_all(struct run *r, int want, bool last, struct queued_job *loaded,
                    struct core_job *jobs, struct found *f)
{
    int looks = load_look_ups(r, look_up_share(want), jobs, &f->next_look);
    if (looks < 0)
        return -1;
    f->count = looks;
    int room = want - poll_share(want);
    int sends = load_sends(r, room - f->count, loaded, jobs + f->count, &f->next_due,
                           &f->kept_back);
    if (sends < 0)
        return -1;
    f->count += sends;
    bool may_have_more = looks == look_up_share(want);
    looks = may_have_more
                ? load_look_ups(r, room - f->count, jobs + f->count, &f->next_look)
                : 0;
    if (looks < 0)
        return -1;
    f->count += looks;
    int polls =
        polls_load(r, want - f->count, last, jobs + f->count, &f->next_poll, &r->err);
    f->count += polls < 0 ? 0 : polls;
    return polls < 0 ? -1 : 0;
}

static int64_t until_us(struct wall at, struct wall now)
{
    return at.ms ? (at.ms - now.ms) * MS_US : -1;
}

static struct wall sooner(struct wall a, struct wall b)
{
    return !a.ms || (b.ms && b.ms < a.ms) ? b : a;
}

static int load_into(struct run *r, int want, bool last, struct queued_job *loaded,
                     struct core_job *jobs)
{
    struct wall now = run_wall(r);
    struct found f = {0};
    if (doubt_suspects(r) || load_all(r, want, last, loaded, jobs, &f))
        return -1;
    bool all = f.count < want - poll_share(want);
    run_step(r, &(struct core_event){.type = CORE_LOADED,
                                     .jobs = jobs,
                                     .count = f.count,
                                     .all = all,
                                     .kept_back = f.kept_back,
                                     .next_due_us =
                                         until_us(sooner(f.next_due, f.next_look), now),
                                     .next_follow_us = until_us(f.next_poll, now)});
    return 0;
}

int run_load(struct run *r, int want, bool last)
{
    struct queued_job *loaded = mem_zero((size_t)want, sizeof(*loaded));
    struct core_job *jobs = mem_zero((size_t)want + 1, sizeof(*jobs));
    int rc = load_into(r, want, last, loaded, jobs);
    free(loaded);
    free(jobs);
    return rc;
}
