/* The list: page after page, and what its rows say of each member. */
#include <stdlib.h>

#include "base/mem.h"
#include "engine/run/lookup_parts.h"

#define PAGES_MAX    1000 /* of one list; more than that is no list of ours */
#define ROWS_OF_PAGE 3    /* the shortest page that any list is known to be cut into */

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
    if (l->page == 1)
        l->asked_at = clock_wall();
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
    struct member *m = ctx;
    if (m->control_id && strcmp(m->control_id, id) == 0)
        m->control_seen = true;
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
        find_matches(&x.member->question, body, on_match, &x);
        find_ids(&x.member->question, body, on_id, x.member);
    }
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
    find_page_read(&page, &l->members[0].question, response, clock_wall());
    bool more = read_page(r, l, &page, buf_span(&response->body));
    l->is_whole = !more && !l->why_failed;
    tell_core(r, l, &page, more);
    find_page_close(&page);
}
