/* The list: page after page, and what its rows say of each member. */
#include <stdlib.h>

#include "api/answer.h"
#include "base/mem.h"
#include "engine/run/lookup_parts.h"

void lookup_send(struct run *r, struct lookup *l)
{
    struct http_request request;
    struct err err;
    if (l->walk.page == 1)
        l->asked_at = run_wall(r);
    if (!r->aborted && find_request(&request, &l->members[0].question, l->walk.page,
                                    r->options.key, &err) == 0) {
        r->transport->send(r->transport->ctx, &request, l->id);
        http_request_close(&request);
        return;
    }
    walk_fail(&l->walk, r->aborted ? ENDED_FIRST : err.text);
    run_looked(r, l->id, NULL, false);
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
    m->row = answer_kept(row, id);
}

static void on_id(void *ctx, const char *id)
{
    struct member *m = ctx;
    if (m->control_id && strcmp(m->control_id, id) == 0)
        m->control_seen = true;
}

static void take_page(struct run *r, struct lookup *l, struct span body)
{
    for (int i = 0; i < l->count; i++) {
        struct matching x = {r, &l->members[i]};
        find_matches(&x.member->question, body, on_match, &x);
        find_ids(&x.member->question, body, on_id, x.member);
    }
}

void lookup_answered(struct run *r, struct lookup *l,
                     const struct http_response *response)
{
    struct find_page page;
    find_page_read(&page, &l->members[0].question, response, run_wall(r));
    bool more = walk_takes(&l->walk, &page);
    if (more) {
        take_page(r, l, buf_span(&response->body));
        more = walk_goes_on(&l->walk, &page);
    }
    run_looked(r, l->id, &page, more);
    find_page_close(&page);
}
