#include "api/find.h"

#include <stdlib.h>
#include <string.h>

#include "api/answer.h"
#include "api/echo.h"
#include "api/find_rows.h"
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
static void add_day(struct buf *path, struct wall sent_at)
{
    char day[WALL_TEXT_MAX];
    wall_text((struct wall){sent_at.ms - DAY_MS}, day);
    buf_add(path, day, DATE_BYTES);
}

/* An id needs no escaping. */
char *find_path(const char *template, const struct params *sent, struct wall sent_at,
                const char *remote_id)
{
    struct buf path;
    buf_init(&path, LIST_MAX);
    for (const char *at; (at = strchr(template, '{')); template = strchr(at, '}') + 1) {
        char *name = mem_span((struct span){at + 1, strcspn(at + 1, "}")});
        buf_add(&path, template, (size_t)(at - template));
        if (strcmp(name, "sent_on") == 0)
            add_day(&path, sent_at);
        else
            buf_add_text(&path, remote_id && strcmp(name, "id") == 0
                                    ? remote_id
                                    : params_get(sent, name));
        free(name);
    }
    buf_add_text(&path, template);
    return buf_take(&path);
}

/* The version is in it: another one may name its attributes in another way. */
char *find_scope_of(const struct action *a, const char *user, const char *path)
{
    return mem_printf("%s%s %s%s%s", user[0] ? "user=" : "master", user, path,
                      a->version ? " version " : "", a->version ? a->version : "");
}

/* What is looked for among the included is in it too: whether a page can be used depends on it. */
static char *scope_text(const struct find_question *q, const char *user)
{
    char *scope = find_scope_of(q->action, user, q->path);
    if (q->action->find.in != FIND_INCLUDED)
        return scope;
    char *whole = mem_printf("%s included %s", scope, q->action->resource_type);
    free(scope);
    return whole;
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
    q->path = find_path(job->action->find.path, &q->sent, sent_at, NULL);
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
int find_get(struct http_request *out, const struct find_ask *ask, int page,
             const struct key *key, struct err *err)
{
    char method[] = "GET";
    struct action get = {.name = ask->action->name,
                         .method = method,
                         .path = page_path(ask->path, page),
                         .version = ask->action->version,
                         .actor = ACTOR_EITHER,
                         .answer = ANSWER_ANY};
    struct params none;
    params_init(&none);
    const struct request_job job = {&get, &none, ask->actor};
    int rc = request_build(out, &job, key, NULL, NULL, err);
    params_close(&none);
    free(get.path);
    return rc;
}

int find_request(struct http_request *out, const struct find_question *q, int page,
                 const struct key *key, struct err *err)
{
    const struct find_ask ask = {q->action, q->actor, q->path};
    return find_get(out, &ask, page, key, err);
}

/* ---- the rows of a page ---- */

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

static bool is_sent(const struct find_question *q, const char *name)
{
    const char *value = params_get(&q->sent, name);
    return value && value[0];
}

static bool is_in_state(const struct find_question *q, struct span row)
{
    char *state = answer_text_at(row, q->action->state_pointer);
    bool found = false;
    for (char *const *s = q->action->find.states; state && *s && !found; s++)
        found = strcmp(*s, state) == 0;
    free(state);
    return found;
}

static bool matches(const struct find_question *q, struct span row)
{
    const struct action_find *find = &q->action->find;
    if (!answer_is_of_type(row, q->action->resource_type))
        return false;
    for (size_t i = 0; find->match && find->match[i]; i++)
        if (!carries(q, row, find->match[i]))
            return false;
    for (size_t i = 0; find->also && find->also[i]; i++)
        if (is_sent(q, find->also[i]) && !carries(q, row, find->also[i]))
            return false;
    return !is_too_old(q, row) && (!find->states || is_in_state(q, row));
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
    struct row_cursor cursor;
    struct span row;
    int found = 0;
    rows_begin(&cursor, q->action, body);
    while (rows_next(&cursor, &row)) {
        char *id = matches(q, row) ? answer_id(row) : NULL;
        if (id) {
            found++;
            tell(q, id, row, each, ctx);
        }
        free(id);
    }
    return found;
}

void find_ids(const struct find_question *q, struct span body,
              void (*each)(void *ctx, const char *id), void *ctx)
{
    struct row_cursor cursor;
    struct span row;
    rows_begin(&cursor, q->action, body);
    while (rows_next(&cursor, &row)) {
        char *id = answer_id(row);
        if (id)
            each(ctx, id);
        free(id);
    }
}
