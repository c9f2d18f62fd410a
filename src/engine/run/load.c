/* Loads: what the core asks for from the store, jobs to send and doubts to look up. */
#include <stdlib.h>

#include "base/log.h"
#include "base/mem.h"
#include "engine/run/internal.h"
#include "store/restore.h"

static bool is_held(void *ctx, int64_t job_id)
{
    struct run *r = ctx;
    return idmap_get(&r->flights, job_id) != NULL;
}

static void take_in(struct run *r, struct queued_job *loaded, int count,
                    struct core_job *jobs)
{
    for (int i = 0; i < count; i++) {
        struct flight *f = flight_new(&loaded[i], r->options.catalogue);
        idmap_put(&r->flights, f->job.id, f);
        jobs[i] = (struct core_job){
            .id = f->job.id, .doubts = f->job.doubts, .repeat_safe = f->repeat_safe};
    }
}

static int64_t until_us(struct wall a, struct wall b, struct wall now)
{
    int64_t next = !a.ms ? b.ms : !b.ms ? a.ms : a.ms < b.ms ? a.ms : b.ms;
    return next ? (next - now.ms) * MS_US : -1;
}

/* What may have been sent by a database that was lost is a doubt before it is a job. */
static int doubt_suspects(struct run *r)
{
    int64_t count =
        store_suspects_doubt(r->options.store, r->run_id, run_may_repeat, &r->options,
                             run_first_look(r), clock_wall(), &r->err);
    if (count > 0)
        log_say(LOG_NOTE,
                "%lld jobs may have been sent by what was lost: they are looked up first",
                (long long)count);
    r->counts.moved[JOB_IN_DOUBT] += count > 0 ? count : 0;
    return count < 0 ? -1 : 0;
}

static int load_sends(struct run *r, int want, struct queued_job *loaded,
                      struct core_job *jobs, struct wall *next_due)
{
    if (r->options.look_only)
        return 0;
    int count = store_load(r->options.store, clock_wall(), want, is_held, r, loaded,
                           next_due, &r->err);
    if (count > 0)
        take_in(r, loaded, count, jobs);
    return count;
}

/* Of a LOAD, for look-ups before anything else: a queue that fills every LOAD would keep them in the store
 * for as long as it lasts, and their users' lanes with them. The core starts one in eight. */
static int look_up_share(int want)
{
    return want / 8 + 1;
}

static int load_look_ups(struct run *r, int want, struct core_job *jobs,
                         struct wall *next_look)
{
    return want > 0 ? lookups_load(r, want, jobs, next_look, &r->err) : 0;
}

/* The look-ups' share, jobs to send, and in the room that is left the other look-ups. -1: it failed. */
static int load_both(struct run *r, int want, struct queued_job *loaded,
                     struct core_job *jobs, struct wall *next_due, struct wall *next_look)
{
    int looks = load_look_ups(r, look_up_share(want), jobs, next_look);
    if (looks < 0)
        return -1;
    int sends = load_sends(r, want - looks, loaded, jobs + looks, next_due);
    if (sends < 0)
        return -1;
    int have = looks + sends;
    looks = load_look_ups(r, want - have, jobs + have, next_look);
    return looks < 0 ? -1 : have + looks;
}

static int load_into(struct run *r, int want, struct queued_job *loaded,
                     struct core_job *jobs)
{
    struct wall now = clock_wall(), next_due = {0}, next_look = {0};
    if (doubt_suspects(r))
        return -1;
    int count = load_both(r, want, loaded, jobs, &next_due, &next_look);
    if (count < 0)
        return -1;
    run_step(r, &(struct core_event){.type = CORE_LOADED,
                                     .jobs = jobs,
                                     .count = count,
                                     .all = count < want,
                                     .next_due_us = until_us(next_due, next_look, now)});
    return 0;
}

int run_load(struct run *r, int want)
{
    struct queued_job *loaded = mem_zero((size_t)want, sizeof(*loaded));
    struct core_job *jobs = mem_zero((size_t)want + 1, sizeof(*jobs));
    int rc = load_into(r, want, loaded, jobs);
    free(loaded);
    free(jobs);
    return rc;
}
