#include "api/find.h"

#include <stdlib.h>
#include <string.h>

#include "api/answer.h"
#include "api/classify.h"
#include "api/echo.h"
#include "api/resolve.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/scan.h"

#define DAY_MS     (INT64_C(24) * 60 * 60 * 1000)
#define DATE_BYTES 10   /* of wall_text */
#define LIST_MAX   4000 /* more than a catalogue's path can become */

/* ---- the question ---- */

/* A day before: the server may count its days in another time zone. */
static char *list_path(const char *template, struct wall sent_at)
{
    static const char name[] = "{sent_on}";
    char day[WALL_TEXT_MAX];
    struct buf path;
    buf_init(&path, LIST_MAX);
    wall_text((struct wall){sent_at.ms - DAY_MS}, day);
    for (const char *at; (at = strstr(template, name)); template = at + strlen(name)) {
        buf_add(&path, template, (size_t)(at - template));
        buf_add(&path, day, DATE_BYTES);
    }
    buf_add_text(&path, template);
    return buf_take(&path);
}

/* The version is in it: another one may name its attributes in another way. */
static char *scope_text(const struct find_question *q, const char *user)
{
    const char *version = q->action->version;
    return mem_printf("%s%s %s%s%s", user[0] ? "user=" : "master", user, q->path,
                      version ? " version " : "", version ? version : "");
}

int find_question_init(struct find_question *q, const struct request_job *job,
                       struct wall sent_at, request_lookup_fn *lookup, void *ctx,
                       struct err *err)
{
    char user[USER_ID_MAX];
    *q = (struct find_question){.action = job->action};
    if (!job->action->find.path)
        return err_set(err, ERR_INPUT, "%s: the catalogue does not say how to find one",
                       job->action->name);
    if (resolve_actor(user, job, lookup, ctx, err))
        return -1;
    params_init(&q->sent);
    if (resolve_params(&q->sent, job, lookup, ctx, err)) {
        find_question_close(q);
        return -1;
    }
    q->actor = user[0] ? mem_printf("#%s", user) : NULL;
    q->path = list_path(job->action->find.path, sent_at);
    q->scope = scope_text(q, user);
    q->since_ms = sent_at.ms - FIND_SKEW_MS;
    return 0;
}

void find_question_close(struct find_question *q)
{
    params_close(&q->sent);
    free(q->actor);
    free(q->path);
    free(q->scope);
    *q = (struct find_question){0};
}

const char *find_scope(const struct find_question *q)
{
    return q->scope;
}

/* ---- asking ---- */

static char *page_path(const char *path, int page)
{
    if (page <= 1)
        return mem_text(path);
    return mem_printf("%s%cpage[page]=%d", path, strchr(path, '?') ? '&' : '?', page);
}

/* A list is a job like any other, of an action that only lives here. */
int find_request(struct http_request *out, const struct find_question *q, int page,
                 const struct key *key, struct err *err)
{
    char method[] = "GET";
    struct action list = {.name = q->action->name,
                          .method = method,
                          .path = page_path(q->path, page),
                          .version = q->action->version,
                          .actor = ACTOR_EITHER,
                          .answer = ANSWER_LIST};
    struct params none;
    params_init(&none);
    const struct request_job job = {&list, &none, q->actor};
    int rc = request_build(out, &job, key, NULL, NULL, err);
    params_close(&none);
    free(list.path);
    return rc;
}

/* ---- a page ---- */

static bool list_of(struct span body, struct span *rows)
{
    return json_at(body, "/data", rows) && json_type_of(*rows) == JSON_ARRAY;
}

static void count_rows(struct find_page *page, struct span body)
{
    struct json_cursor cursor = {0};
    struct span rows, key, row;
    struct span last = {0};
    if (!list_of(body, &rows))
        return;
    while (json_next(rows, &cursor, &key, &row)) {
        if (page->rows++ == 0)
            page->first_id = answer_id(row);
        last = row;
    }
    if (page->rows)
        page->last_id = answer_id(last);
}

/* Nothing was sent that the answer could be compared with. */
void find_page_read(struct find_page *out, const struct http_response *response,
                    struct wall now)
{
    static const struct action list = {.answer = ANSWER_LIST};
    const struct attempt_facts facts = {&list, NULL, response, now};
    struct verdict v;
    classify(&v, &facts);
    *out = (struct find_page){
        .usable = v.outcome == OUTCOME_ACCEPTED,
        .outcome = v.outcome == OUTCOME_REJECTED ? OUTCOME_IN_DOUBT : v.outcome,
        .systemic = v.systemic,
        .retry_after_ms = v.retry_after_ms,
        .error = v.error,
    };
    v.error = NULL;
    verdict_close(&v);
    if (out->usable)
        count_rows(out, buf_span(&response->body));
}

void find_page_close(struct find_page *page)
{
    free(page->error);
    free(page->first_id);
    free(page->last_id);
    *page = (struct find_page){0};
}

/* ---- its rows ---- */

static bool carries(const struct find_question *q, struct span row, const char *name)
{
    const struct action_field *f = action_field(q->action, span_of(name));
    char *pointer = echo_pointer(f);
    struct buf theirs;
    buf_init(&theirs, HTTP_BODY_MAX);
    bool same = json_text_at(row, pointer, &theirs) &&
                echo_same(f, span_of(params_get(&q->sent, name)), buf_span(&theirs));
    buf_close(&theirs);
    free(pointer);
    return same;
}

/* A time that cannot be read excludes nothing: one row too many is seen by a person, one
 * too few would pay twice. */
static bool is_too_old(const struct find_question *q, struct span row)
{
    const char *pointer = q->action->find.since;
    char *text = pointer ? answer_text_at(row, pointer) : NULL;
    int64_t made;
    bool old = text && scan_time(span_of(text), &made) && made < q->since_ms;
    free(text);
    return old;
}

static bool matches(const struct find_question *q, struct span row)
{
    char *const *match = q->action->find.match;
    if (!answer_is_of_type(row, q->action->resource_type))
        return false;
    for (size_t i = 0; match[i]; i++)
        if (!carries(q, row, match[i]))
            return false;
    return !is_too_old(q, row);
}

static void tell(const struct find_question *q, const char *id, struct span row,
                 find_match_fn *each, void *ctx)
{
    const char *pointer = q->action->state_pointer;
    char *state = pointer ? answer_text_at(row, pointer) : NULL;
    each(ctx, id, state, row);
    free(state);
}

int find_matches(const struct find_question *q, struct span body, find_match_fn *each,
                 void *ctx)
{
    struct json_cursor cursor = {0};
    struct span rows, key, row;
    int found = 0;
    if (!list_of(body, &rows))
        return 0;
    while (json_next(rows, &cursor, &key, &row)) {
        char *id = matches(q, row) ? answer_id(row) : NULL;
        if (id) {
            found++;
            tell(q, id, row, each, ctx);
        }
        free(id);
    }
    return found;
}

void find_ids(struct span body, void (*each)(void *ctx, const char *id), void *ctx)
{
    struct json_cursor cursor = {0};
    struct span rows, key, row;
    if (!list_of(body, &rows))
        return;
    while (json_next(rows, &cursor, &key, &row)) {
        char *id = answer_id(row);
        if (id)
            each(ctx, id);
        free(id);
    }
}
