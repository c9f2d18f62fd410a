#include "engine/run/lookup.h"

#include <stdlib.h>

#include "base/mem.h"
#include "engine/run/lookup_parts.h"

/* ---- making them ---- */

static void member_close(struct member *m)
{
    doubt_close(&m->doubt);
    params_close(&m->params);
    find_question_close(&m->question);
    free(m->id);
    free(m->state);
    free(m->row);
    buf_close(&m->ids);
    free(m->control_id);
}

/* Takes *d over. -1: no list can answer it. */
static int member_init(struct member *m, struct run *r, struct doubt *d)
{
    struct err ignored;
    const struct action *a = catalogue_find(r->options.catalogue, span_of(d->job.action));
    *m = (struct member){.doubt = *d};
    *d = (struct doubt){0};
    params_init(&m->params);
    buf_init(&m->ids, EVIDENCE_MAX);
    struct request_job job = {a, &m->params, m->doubt.job.on_behalf_of};
    if (a && a->find.path &&
        params_read(&m->params, span_of(m->doubt.job.params), &ignored) == 0 &&
        find_question_init(&m->question, &job, m->doubt.sent_at, run_look_up, r,
                           &ignored) == 0)
        return 0;
    m->question = (struct find_question){0};
    return -1;
}

static struct lookup *with_scope(struct run *r, const char *scope)
{
    for (size_t i = 0; i < r->lookups.room; i++) {
        struct lookup *l = r->lookups.slots[i].id ? r->lookups.slots[i].value : NULL;
        if (l && l->walk.page == 1 && !l->walk.rows &&
            strcmp(find_scope(&l->members[0].question), scope) == 0)
            return l;
    }
    return NULL;
}

static struct lookup *lookup_new(struct run *r, const struct member *first)
{
    struct lookup *l = mem_zero(1, sizeof(*l));
    l->id = first->doubt.job.id;
    walk_init(&l->walk);
    idmap_put(&r->lookups, l->id, l);
    return l;
}

static void add_member(struct run *r, struct lookup *l, const struct member *m)
{
    const struct queued_job *job = &m->doubt.job;
    l->members = mem_resize(l->members, (size_t)l->count + 1, sizeof(*l->members));
    l->members[l->count] = *m;
    /* A resource that is asked for by its own id is its own control. */
    if (m->question.action->find.in != FIND_RESOURCE)
        l->members[l->count].control_id =
            store_control(r->options.store, job->id, job->action, job->on_behalf_of);
    l->count++;
    idmap_put(&r->doubts, job->id, l);
}

static bool is_held(void *ctx, int64_t job_id)
{
    return lookup_holds(ctx, job_id);
}

/* Returns 1 when it made a look-up of its own, 0 when it joined one or is left to a person. */
static int take_doubt(struct run *r, struct doubt *d, struct core_job *job,
                      bool may_start, struct err *err)
{
    struct member m;
    if (member_init(&m, r, d)) {
        int64_t id = m.doubt.job.id;
        member_close(&m);
        return store_doubt_hand_over(r->options.store, id, err);
    }
    struct lookup *l = with_scope(r, find_scope(&m.question));
    if (!l && !may_start) {
        member_close(&m); /* the next LOAD finds it again */
        return 0;
    }
    bool is_new = !l;
    if (is_new)
        l = lookup_new(r, &m);
    add_member(r, l, &m);
    if (is_new)
        *job = (struct core_job){.id = l->id, .kind = CORE_JOB_LOOK_UP};
    return is_new;
}

int lookups_load(struct run *r, int want, struct core_job *jobs, struct wall *next_due,
                 struct err *err)
{
    enum { DOUBTS_AT_ONCE = 256 };
    if (!r->options.find.tries)
        return 0;
    struct doubt *doubts = mem_zero(DOUBTS_AT_ONCE, sizeof(*doubts));
    int count = store_doubts_load(r->options.store, run_wall(r), DOUBTS_AT_ONCE, is_held,
                                  r, doubts, next_due, err);
    int made = 0, rc = count < 0 ? -1 : 0;
    for (int i = 0; i < count; i++) {
        int taken =
            rc < 0 ? -1 : take_doubt(r, &doubts[i], &jobs[made], made < want, err);
        doubt_close(&doubts[i]);
        rc = taken < 0 ? -1 : 0;
        made += taken > 0;
    }
    free(doubts);
    return rc ? -1 : made;
}

struct lookup *lookup_of(struct run *r, int64_t id)
{
    return idmap_get(&r->lookups, id);
}

bool lookup_holds(struct run *r, int64_t job_id)
{
    return idmap_get(&r->doubts, job_id) != NULL;
}

void lookup_free(struct run *r, struct lookup *l)
{
    idmap_take(&r->lookups, l->id);
    for (int i = 0; i < l->count; i++) {
        idmap_take(&r->doubts, l->members[i].doubt.job.id);
        member_close(&l->members[i]);
    }
    free(l->members);
    walk_close(&l->walk);
    free(l);
}

void lookups_free(struct run *r)
{
    for (size_t i = 0; i < r->lookups.room;) {
        if (r->lookups.slots[i].id)
            lookup_free(
                r, r->lookups.slots[i].value); /* another may have moved into the slot */
        else
            i++;
    }
    idmap_close(&r->lookups);
    idmap_close(&r->doubts);
}
