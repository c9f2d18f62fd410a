/* What a poll's answer says of each member, and what becomes of it. */
#include <stdlib.h>
#include <string.h>

#include "api/answer.h"
#include "base/log.h"
#include "base/mem.h"
#include "engine/run/poll_parts.h"

void poll_send(struct run *r, struct poll *p)
{
    struct http_request request;
    struct err err;
    if (p->walk.why_failed) { /* once more, from its beginning */
        walk_close(&p->walk);
        walk_init(&p->walk);
    }
    int page = p->is_alone ? 0 : p->walk.page;
    if (!r->aborted && follow_request(&request, &p->members[0].question, page,
                                      r->options.key, &err) == 0) {
        r->transport->send(r->transport->ctx, &request, p->id);
        http_request_close(&request);
        return;
    }
    walk_fail(&p->walk, r->aborted ? ENDED_FIRST : err.text);
    run_looked(r, p->id, NULL, false);
}

/* ---- rows ---- */

static int by_remote_id(const void *a, const void *b)
{
    const struct watched *x = a, *y = b;
    return strcmp(x->follower.remote_id, y->follower.remote_id);
}

/* The same row may come twice, on two pages: the last one counts. */
static void on_row(void *ctx, const char *id, struct span row)
{
    struct poll *p = ctx;
    struct watched key = {.follower.remote_id = mem_text(id)};
    struct watched *w =
        bsearch(&key, p->members, (size_t)p->count, sizeof(*p->members), by_remote_id);
    free(key.follower.remote_id);
    if (!w)
        return;
    const struct action *a = w->question.action;
    free(w->state);
    free(w->reason);
    free(w->row);
    p->seen += !w->is_seen;
    w->is_seen = true;
    w->state = follow_state(a, row);
    w->reason = follow_reason(a, row);
    w->row = answer_kept(row, id);
}

static void sort_members(struct poll *p)
{
    if (!p->is_sorted)
        qsort(p->members, (size_t)p->count, sizeof(*p->members), by_remote_id);
    p->is_sorted = true;
}

void poll_answered(struct run *r, struct poll *p, const struct http_response *response)
{
    struct find_page page;
    p->is_too_long = !p->is_alone && response->body.full;
    follow_read_answer(&page, p->is_alone, response, run_wall(r));
    bool more = walk_takes(&p->walk, &page);
    if (more) {
        sort_members(p);
        follow_rows(p->members[0].question.action, buf_span(&response->body), on_row, p);
        more = walk_goes_on(&p->walk, &page) && p->seen < p->count;
    }
    if (p->is_too_long) /* it will be no shorter when it is asked for again */
        page.outcome = OUTCOME_REJECTED;
    run_looked(r, p->id, &page, more);
    find_page_close(&page);
}

/* ---- what becomes of them ---- */

static int settle_final(struct run *r, struct watched *w, enum job_state to,
                        struct wall now, struct move_effect *effect, struct err *err)
{
    const struct queued_job *job = &w->follower.job;
    struct job_move move = {.id = job->id,
                            .from = JOB_FOLLOWING,
                            .to = to,
                            .remote_state = w->state,
                            .answer = w->row};
    char *why = NULL;
    if (to == JOB_FAILED)
        move.error = why = mem_printf(FLIGHT_TAKEN_AND_ENDED "%s%s", w->state,
                                      w->reason ? ": " : "", w->reason ? w->reason : "");
    log_tell(LOG_INFO, &(struct log_event){.what = "move", .ref = job->ref},
             "following -> %s%s%s", job_state_name(to), why ? ": " : "", why ? why : "");
    r->counts.moved[to]++;
    r->counts.moved[JOB_FOLLOWING]--;
    int rc = store_move(r->options.store, &move, now, effect, err);
    free(why);
    return rc;
}

static bool is_changed(const struct watched *w)
{
    const char *before = w->follower.remote_state;
    return w->state && (!before || strcmp(before, w->state) != 0);
}

static int settle_seen(struct run *r, struct watched *w, struct wall now,
                       struct move_effect *effect, struct err *err)
{
    const struct action *a = w->question.action;
    char *const texts[] = {w->state, w->reason, w->row};
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
        key_scrub(r->options.key, texts[i]);
    enum job_state to = flight_state_of(a, w->state);
    if (to != JOB_FOLLOWING)
        return settle_final(r, w, to, now, effect, err);
    struct sight sight = {.job_id = w->follower.job.id,
                          .polls = is_changed(w) ? 0 : w->follower.polls + 1,
                          .is_unlisted = w->follower.is_unlisted,
                          .remote_state = w->state,
                          .answer = w->row};
    struct wall again = {now.ms + follow_wait_ms(&a->follow, sight.polls)};
    return store_follower_seen(r->options.store, &sight, again, now, err);
}

/* A whole list may still hide it (an age that it does not go back to, a filter), and one that is too long will never
 * be read: it is asked for alone. */
static int settle_unseen(struct run *r, const struct poll *p, struct watched *w,
                         struct wall now, struct err *err)
{
    const struct action *a = w->question.action;
    bool alone_next = !p->is_alone && w->question.one;
    struct sight sight = {.job_id = w->follower.job.id,
                          .polls = w->follower.polls + !alone_next,
                          .is_unlisted = alone_next || w->follower.is_unlisted};
    struct wall again = {now.ms +
                         (alone_next ? 0 : follow_wait_ms(&a->follow, sight.polls))};
    if (!alone_next)
        log_tell(LOG_WARN,
                 &(struct log_event){.what = "not_shown", .ref = w->follower.job.ref},
                 "the API does not show %s any more; look there before anything is "
                 "done about it",
                 w->follower.remote_id);
    return store_follower_seen(r->options.store, &sight, again, now, err);
}

static int settle_member(struct run *r, const struct poll *p, struct watched *w,
                         struct wall now, struct move_effect *effect, struct err *err)
{
    if (w->is_seen)
        return settle_seen(r, w, now, effect, err);
    if (p->walk.is_whole || (p->is_too_long && w->question.one))
        return settle_unseen(r, p, w, now, err);
    struct wall again = {now.ms +
                         follow_wait_ms(&w->question.action->follow, w->follower.polls)};
    return store_follower_later(r->options.store, w->follower.job.id, again, err);
}

int poll_settle(struct run *r, struct poll *p, struct wall now,
                struct move_effect *effect, struct err *err)
{
    if (p->walk.why_failed)
        log_tell(LOG_INFO,
                 &(struct log_event){.what = "poll_failed",
                                     .ref = p->members[0].follower.job.ref},
                 "%s: asked again later", p->walk.why_failed);
    for (int i = 0; i < p->count; i++)
        if (settle_member(r, p, &p->members[i], now, effect, err))
            return -1;
    return 0;
}
