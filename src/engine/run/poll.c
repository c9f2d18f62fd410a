#include "engine/run/poll.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "engine/run/poll_parts.h"

#define DUE_AT_ONCE 256
#define ALIKE_MAX   5000 /* that one list is read for; the others have their own turn */

struct wall run_first_poll(const struct run *r, const struct action *a, struct wall now)
{
    bool is_polled = r->options.core.follows && a && action_is_polled(a);
    return (struct wall){is_polled ? now.ms + a->follow.first_ms : 0};
}

/* ---- members ---- */

static void watched_close(struct watched *w)
{
    follower_close(&w->follower);
    params_close(&w->params);
    follow_question_close(&w->question);
    free(w->state);
    free(w->reason);
    free(w->row);
}

/* Takes *f over. -1: nobody can ask about it. */
static int watched_init(struct watched *w, struct run *r, struct follower *f)
{
    struct err ignored;
    *w = (struct watched){.follower = *f};
    *f = (struct follower){0};
    params_init(&w->params);
    const struct queued_job *job = &w->follower.job;
    const struct action *a = catalogue_find(r->options.catalogue, span_of(job->action));
    struct follow_job ask = {
        {a, &w->params, job->on_behalf_of}, w->follower.remote_id, w->follower.sent_at};
    if (a && params_read(&w->params, span_of(job->params), &ignored) == 0 &&
        follow_question_init(&w->question, &ask, run_look_up, r, &ignored) == 0)
        return 0;
    w->question = (struct follow_question){0};
    return -1;
}

static bool is_asked_alone(const struct watched *w)
{
    return w->question.one && (!w->question.list || w->follower.is_unlisted);
}

static bool is_held(void *ctx, int64_t job_id)
{
    struct run *r = ctx;
    return idmap_get(&r->polled, job_id) != NULL;
}

static void add_member(struct run *r, struct poll *p, const struct watched *w)
{
    p->members = mem_resize(p->members, (size_t)p->count + 1, sizeof(*p->members));
    p->members[p->count++] = *w;
    idmap_put(&r->polled, w->follower.job.id, p);
}

/* ---- making polls ---- */

static struct poll *poll_new(struct run *r, const struct watched *first)
{
    struct poll *p = mem_zero(1, sizeof(*p));
    p->id = first->follower.job.id;
    p->is_alone = is_asked_alone(first);
    walk_init(&p->walk);
    idmap_put(&r->polls, p->id, p);
    return p;
}

static struct poll *with_scope(struct run *r, const char *scope)
{
    for (size_t i = 0; i < r->polls.room; i++) {
        struct poll *p = r->polls.slots[i].id ? r->polls.slots[i].value : NULL;
        if (p && !p->is_alone && p->walk.page == 1 && !p->is_sorted &&
            strcmp(p->members[0].question.scope, scope) == 0)
            return p;
    }
    return NULL;
}

/* Those that are not due yet, and that the same list tells about: to ask once more for them would be a request
 * too many. */
static int take_alike(struct run *r, struct poll *p, struct err *err)
{
    struct follower *alike = mem_zero(ALIKE_MAX, sizeof(*alike));
    const struct watched *first = &p->members[0];
    const struct alike as = {first->follower.job.action, first->follower.job.on_behalf_of,
                             first->question.action->follow.by_master};
    int count =
        store_followers_alike(r->options.store, &as, ALIKE_MAX, is_held, r, alike, err);
    for (int i = 0; i < count; i++) {
        struct watched w;
        bool fits = watched_init(&w, r, &alike[i]) == 0 && !is_asked_alone(&w) &&
                    strcmp(w.question.scope, p->members[0].question.scope) == 0;
        if (fits)
            add_member(r, p, &w);
        else
            watched_close(&w);
    }
    free(alike);
    return count < 0 ? -1 : 0;
}

/* Returns 1 when it made a poll of its own, 0 when it joined one, has to wait, or is left alone. */
static int take(struct run *r, struct follower *f, struct core_job *job, bool may_start,
                struct err *err)
{
    struct watched w;
    if (is_held(r, f->job.id))
        return 0; /* it came in with one that is like it */
    if (watched_init(&w, r, f)) {
        int64_t id = w.follower.job.id;
        watched_close(&w);
        return store_follower_hand_over(r->options.store, id, err);
    }
    struct poll *p = is_asked_alone(&w) ? NULL : with_scope(r, w.question.scope);
    if (p) {
        add_member(r, p, &w);
        return 0;
    }
    if (!may_start) {
        watched_close(&w); /* the next LOAD finds it again */
        return 0;
    }
    p = poll_new(r, &w);
    add_member(r, p, &w);
    *job = (struct core_job){.id = p->id, .kind = CORE_JOB_FOLLOW};
    return p->is_alone || take_alike(r, p, err) == 0 ? 1 : -1;
}

int polls_load(struct run *r, int want, bool last, struct core_job *jobs,
               struct wall *next_due, struct err *err)
{
    struct store *s = r->options.store;
    struct wall now = run_wall(r);
    if (!r->options.core.follows)
        return 0;
    if (last && store_followers_hurry(s, r->run_id, now, err))
        return -1;
    struct follower *due = mem_zero(DUE_AT_ONCE, sizeof(*due));
    int count = store_followers_load(s, now, DUE_AT_ONCE, is_held, r, due, next_due, err);
    int made = 0, rc = count < 0 ? -1 : 0;
    for (int i = 0; i < count; i++) {
        int taken = rc < 0 ? -1 : take(r, &due[i], &jobs[made], made < want, err);
        follower_close(&due[i]);
        rc = taken < 0 ? -1 : 0;
        made += taken > 0;
    }
    free(due);
    return rc ? -1 : made;
}

struct poll *poll_of(struct run *r, int64_t id)
{
    return idmap_get(&r->polls, id);
}

void poll_free(struct run *r, struct poll *p)
{
    idmap_take(&r->polls, p->id);
    for (int i = 0; i < p->count; i++) {
        idmap_take(&r->polled, p->members[i].follower.job.id);
        watched_close(&p->members[i]);
    }
    free(p->members);
    walk_close(&p->walk);
    free(p);
}

void polls_free(struct run *r)
{
    for (size_t i = 0; i < r->polls.room;) {
        if (r->polls.slots[i].id)
            poll_free(r, r->polls.slots[i].value); /* another may have moved there */
        else
            i++;
    }
    idmap_close(&r->polls);
    idmap_close(&r->polled);
}
