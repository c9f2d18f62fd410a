#include "api/follow.h"

#include <stdlib.h>

#include "api/answer.h"
#include "api/resolve.h"
#include "base/json.h"
#include "base/mem.h"

/* ---- the question ---- */

static void fill(struct follow_question *q, const struct follow_job *job,
                 const struct params *sent, const char *user)
{
    const struct action_follow *f = &q->action->follow;
    if (f->by_master)
        user = "";
    q->actor = user[0] ? mem_printf("#%s", user) : NULL;
    if (f->one)
        q->one = find_path(f->one, sent, job->sent_at, job->remote_id);
    if (!f->list)
        return;
    q->list = find_path(f->list, sent, job->sent_at, NULL);
    q->scope = find_scope_of(q->action, user, q->list);
}

int follow_question_init(struct follow_question *q, const struct follow_job *job,
                         request_lookup_fn *lookup, void *ctx, struct err *err)
{
    char user[USER_ID_MAX];
    struct params sent;
    *q = (struct follow_question){.action = job->sent.action};
    if (!action_is_polled(q->action) || !job->remote_id)
        return err_set(err, ERR_INPUT, "%s: the catalogue does not say how to ask for it",
                       q->action->name);
    if (resolve_actor(user, &job->sent, lookup, ctx, err))
        return -1;
    params_init(&sent);
    int rc = resolve_params(&sent, &job->sent, lookup, ctx, err);
    if (rc == 0)
        fill(q, job, &sent, user);
    params_close(&sent);
    return rc;
}

void follow_question_close(struct follow_question *q)
{
    free(q->actor);
    free(q->one);
    free(q->list);
    free(q->scope);
    *q = (struct follow_question){0};
}

int follow_request(struct http_request *out, const struct follow_question *q, int page,
                   const struct key *key, struct err *err)
{
    const struct find_ask ask = {q->action, q->actor, page ? q->list : q->one};
    return find_get(out, &ask, page, key, err);
}

/* ---- the answer ---- */

static void count(void *ctx, struct span row)
{
    struct find_page *page = ctx;
    char *id = answer_id(row);
    if (page->rows++ == 0)
        page->first_id = mem_text(id);
    free(page->last_id);
    page->last_id = id;
}

static void each_row(struct span body, void (*each)(void *ctx, struct span row),
                     void *ctx)
{
    struct json_cursor cursor = {0};
    struct span data, key, row;
    if (!json_at(body, "/data", &data))
        return;
    if (json_type_of(data) == JSON_OBJECT)
        each(ctx, data);
    if (json_type_of(data) == JSON_ARRAY)
        while (json_next(data, &cursor, &key, &row))
            each(ctx, row);
}

void follow_read_answer(struct find_page *out, bool is_alone,
                        const struct http_response *response, struct wall now)
{
    find_judge(out, is_alone ? ANSWER_ANY : ANSWER_LIST, response, now);
    if (is_alone && response->complete && response->status == 404 &&
        answer_kind(response) == ANSWER_IS_ERRORS) {
        out->usable = true;
        out->outcome = OUTCOME_ACCEPTED;
        return;
    }
    if (out->usable)
        each_row(buf_span(&response->body), count, out);
}

struct telling {
    const struct action *action;
    follow_row_fn *each;
    void *ctx;
};

static void tell(void *ctx, struct span row)
{
    const struct telling *t = ctx;
    char *id = answer_is_of_type(row, t->action->resource_type) ? answer_id(row) : NULL;
    if (id)
        t->each(t->ctx, id, row);
    free(id);
}

void follow_rows(const struct action *a, struct span body, follow_row_fn *each, void *ctx)
{
    struct telling t = {a, each, ctx};
    each_row(body, tell, &t);
}

char *follow_state(const struct action *a, struct span row)
{
    return a->state_pointer ? answer_text_at(row, a->state_pointer) : NULL;
}

char *follow_reason(const struct action *a, struct span row)
{
    return a->follow.reason ? answer_text_at(row, a->follow.reason) : NULL;
}

int64_t follow_wait_ms(const struct action_follow *f, int polls)
{
    int64_t wait = f->first_ms;
    for (int i = 0; i < polls && wait < f->most_ms; i++)
        wait *= 2;
    return wait < f->most_ms ? wait : f->most_ms;
}
