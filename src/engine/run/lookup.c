#include "engine/run/lookup.h"

#include <stdlib.h>

#include "base/log.h"
#include "base/mem.h"
#include "engine/run/internal.h"

#define PAGES_MAX    1000 /* of one list; more than that is no list of ours */
#define ROWS_OF_PAGE 3    /* the shortest page that any list is known to be cut into */
#define EVIDENCE_MAX (64 * 1024)
#define ENDED_FIRST  "the run was ended first"

struct member {
    struct doubt doubt;
    struct params params;
    struct find_question question;
    int matches;      /* different ids */
    char *id, *state; /* of the first of them */
    char *row;
    struct buf ids; /* of all of them */
    bool control_exists;
};

struct lookup {
    int64_t id;
    int page; /* that is asked for */
    int rows;
    char *first_ids[2]; /* of the first page, and of the one before */
    char
        *control_id; /* an older resource of ours that the list should show; NULL: none */
    bool control_seen;
    bool is_whole;    /* it was read to its end */
    char *why_failed; /* NULL and not whole: the run ended between two pages */
    struct member *members;
    int count;
};

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
        if (l && l->page == 1 && !l->rows &&
            strcmp(find_scope(&l->members[0].question), scope) == 0)
            return l;
    }
    return NULL;
}

static struct lookup *lookup_new(struct run *r, const struct member *first)
{
    struct lookup *l = mem_zero(1, sizeof(*l));
    const struct queued_job *job = &first->doubt.job;
    l->id = job->id;
    l->page = 1;
    l->control_id =
        store_control(r->options.store, job->id, job->action, job->on_behalf_of);
    idmap_put(&r->lookups, l->id, l);
    return l;
}

static void add_member(struct run *r, struct lookup *l, const struct member *m)
{
    l->members = mem_resize(l->members, (size_t)l->count + 1, sizeof(*l->members));
    l->members[l->count++] = *m;
    idmap_put(&r->doubts, m->doubt.job.id, l);
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
        *job = (struct core_job){.id = l->id, .is_look_up = true};
    return is_new;
}

int lookups_load(struct run *r, int want, struct core_job *jobs, struct wall *next_due,
                 struct err *err)
{
    enum { DOUBTS_AT_ONCE = 256 };
    if (!r->options.find.tries)
        return 0;
    struct doubt *doubts = mem_zero(DOUBTS_AT_ONCE, sizeof(*doubts));
    int count = store_doubts_load(r->options.store, clock_wall(), DOUBTS_AT_ONCE, is_held,
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
    free(l->first_ids[0]);
    free(l->first_ids[1]);
    free(l->control_id);
    free(l->why_failed);
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

/* ---- reading the list ---- */

static void tell_core(struct run *r, const struct lookup *l, const struct find_page *page,
                      bool more)
{
    int64_t asked = page ? page->retry_after_ms : -1;
    run_step(r, &(struct core_event){
                    .type = CORE_LOOKED,
                    .job_id = l->id,
                    .outcome = page ? page->outcome : OUTCOME_NOT_SENT,
                    .systemic = page ? page->systemic : SYSTEMIC_NONE,
                    .retry_after_us = asked < 0 ? -1 : asked * MS_US,
                    .more = more,
                });
}

void lookup_send(struct run *r, struct lookup *l)
{
    struct http_request request;
    struct err err;
    if (!r->aborted && find_request(&request, &l->members[0].question, l->page,
                                    r->options.key, &err) == 0) {
        r->transport->send(r->transport->ctx, &request, l->id);
        http_request_close(&request);
        return;
    }
    l->why_failed = mem_text(r->aborted ? ENDED_FIRST : err.text);
    tell_core(r, l, NULL, false);
}

struct matching {
    struct run *run;
    struct member *member;
};

/* The same row twice is one; a row that another job of ours has got is none of this one's. */
static void on_match(void *ctx, const char *id, const char *state, struct span row)
{
    struct matching *x = ctx;
    struct member *m = x->member;
    const struct queued_job *job = &m->doubt.job;
    if (m->id && strcmp(m->id, id) == 0)
        return;
    if (store_is_of_another(x->run->options.store, job->id, job->action, id))
        return;
    buf_printf(&m->ids, "%s%s", m->matches ? " " : "", id);
    if (m->matches++ > 0)
        return;
    m->id = mem_text(id);
    m->state = mem_text(state);
    m->row = row.len <= CLASSIFY_ANSWER_MAX ? mem_span(row) : NULL;
}

static void on_id(void *ctx, const char *id)
{
    struct lookup *l = ctx;
    if (l->control_id && strcmp(l->control_id, id) == 0)
        l->control_seen = true;
}

/* By its first row: the list may have grown at its end meanwhile. A page without ids cannot be told from
 * the one before, so it counts as one that comes again. */
static bool comes_again(const struct lookup *l, const struct find_page *page)
{
    if (!page->first_id)
        return true;
    for (int i = 0; i < 2; i++)
        if (l->first_ids[i] && page->first_id &&
            strcmp(l->first_ids[i], page->first_id) == 0)
            return true;
    return false;
}

static void take_page(struct run *r, struct lookup *l, const struct find_page *page,
                      struct span body)
{
    for (int i = 0; i < l->count; i++) {
        struct matching x = {r, &l->members[i]};
        find_matches(&l->members[i].question, body, on_match, &x);
    }
    find_ids(body, on_id, l);
    l->rows += page->rows;
    char **kept = &l->first_ids[l->page > 1];
    free(*kept);
    *kept = mem_text(page->first_id);
}

/* True: another page has to be read. */
static bool read_page(struct run *r, struct lookup *l, const struct find_page *page,
                      struct span body)
{
    if (!page->usable) {
        l->why_failed =
            mem_text(page->error ? page->error : "the list could not be read");
        return false;
    }
    if (page->rows == 0 || (l->page > 1 && comes_again(l, page)))
        return false;
    take_page(r, l, page, body);
    if (page->rows < ROWS_OF_PAGE)
        return false;
    if (++l->page > PAGES_MAX)
        l->why_failed = mem_text("the list does not end");
    return !l->why_failed;
}

void lookup_answered(struct run *r, struct lookup *l,
                     const struct http_response *response)
{
    struct find_page page;
    find_page_read(&page, response, clock_wall());
    bool more = read_page(r, l, &page, buf_span(&response->body));
    l->is_whole = !more && !l->why_failed;
    tell_core(r, l, &page, more);
    find_page_close(&page);
}

/* ---- settling ---- */

static int settle_found(struct run *r, struct member *m, struct wall now,
                        struct move_effect *effect, struct err *err)
{
    const struct queued_job *job = &m->doubt.job;
    struct job_move move = {.id = job->id,
                            .from = JOB_IN_DOUBT,
                            .to = flight_state_of(m->question.action, m->state),
                            .remote_id = m->id,
                            .remote_state = m->state,
                            .answer = m->row};
    log_say(LOG_NOTE, "%s: found in the API's list as %s: %s", job->ref, m->id,
            job_state_name(move.to));
    r->counts.moved[move.to]++;
    r->counts.moved[JOB_IN_DOUBT]--;
    char *why = NULL;
    if (move.to == JOB_FAILED)
        move.error = why = mem_printf(FLIGHT_TAKEN_AND_ENDED, m->state);
    int rc = store_move(r->options.store, &move, now, effect, err);
    free(why);
    return rc;
}

static int settle_absent(struct run *r, struct member *m, struct wall now,
                         struct move_effect *effect, struct err *err)
{
    const struct queued_job *job = &m->doubt.job;
    struct job_move move = {.id = job->id, .from = JOB_IN_DOUBT, .to = JOB_QUEUED};
    log_say(LOG_NOTE, "%s: it did not take effect, by %d whole lists: it is sent again",
            job->ref, m->doubt.negatives + 1);
    r->counts.moved[JOB_IN_DOUBT]--;
    return store_move(r->options.store, &move, now, effect, err);
}

/* A whole list without it. */
static void weigh(const struct run *r, const struct lookup *l, const struct member *m,
                  struct wall now, struct look_up *out, struct wall *again)
{
    int64_t wait_ms = 0;
    const struct evidence e = {
        .look_ups = m->doubt.look_ups + 1,
        .negatives = m->doubt.negatives + 1,
        .since_end_ms = now.ms - m->doubt.ended_at.ms,
        .control_exists = l->control_id != NULL,
        .control_seen = l->control_seen,
        .resend = m->question.action->find.resend,
    };
    enum evidence_verdict verdict = evidence_weigh(&e, &r->options.find, &wait_ms);
    out->outcome = verdict == EVIDENCE_ABSENT ? LOOK_UP_ABSENT : LOOK_UP_NOT_THERE;
    if (verdict == EVIDENCE_LOOK_AGAIN)
        again->ms = now.ms + wait_ms;
    if (verdict == EVIDENCE_ASK)
        log_say(LOG_WARN,
                "%s: not in %d whole lists; a person has to say: remesa show %s",
                m->doubt.job.ref, e.negatives, m->doubt.job.ref);
}

static void judge(const struct run *r, const struct lookup *l, const struct member *m,
                  struct wall now, struct look_up *out, struct wall *again)
{
    if (!l->is_whole) {
        out->outcome = LOOK_UP_FAILED;
        out->evidence = l->why_failed ? l->why_failed : ENDED_FIRST;
        again->ms = now.ms + evidence_wait_ms(&r->options.find, m->doubt.look_ups + 1);
    } else if (m->matches == 1) {
        out->outcome = LOOK_UP_FOUND;
    } else if (m->matches > 1) {
        out->outcome = LOOK_UP_SEVERAL;
    } else {
        weigh(r, l, m, now, out, again);
    }
}

static int settle_member(struct run *r, struct lookup *l, struct member *m,
                         struct wall now, struct move_effect *effect, bool *conflict,
                         struct err *err)
{
    struct wall again = {0};
    struct look_up seen = {.job_id = m->doubt.job.id,
                           .attempt = m->doubt.job.attempts,
                           .run_id = r->run_id,
                           .path = m->question.path,
                           .rows = l->rows,
                           .control = l->control_seen,
                           .evidence = m->matches ? m->ids.data : NULL};
    judge(r, l, m, now, &seen, &again);
    if (store_look_up(r->options.store, &seen, again, now, err))
        return -1;
    if (seen.outcome == LOOK_UP_FOUND)
        return settle_found(r, m, now, effect, err);
    if (seen.outcome == LOOK_UP_ABSENT)
        return settle_absent(r, m, now, effect, err);
    if (seen.outcome == LOOK_UP_SEVERAL) {
        *conflict = true;
        log_say(LOG_ERROR,
                "%s: the API shows it more than once (%s): perhaps it was carried out "
                "twice; the run stops, look before anything else",
                m->doubt.job.ref, m->ids.data);
    }
    return 0;
}

int lookup_settle(struct run *r, struct lookup *l, struct wall now,
                  struct move_effect *effect, bool *conflict, struct err *err)
{
    for (int i = 0; i < l->count; i++)
        if (settle_member(r, l, &l->members[i], now, effect, conflict, err))
            return -1;
    return 0;
}
