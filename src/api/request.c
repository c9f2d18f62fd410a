#include "api/request.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/request_body.h"
#include "api/resolve.h"
#include "base/mem.h"
#include "base/scan.h"

#define JSON_API_TYPE  "application/vnd.api+json"
#define PATH_MAX_BYTES 8000

const char request_foreseen[] = "null";

bool request_is_repeat_safe(const struct action *action, const struct params *params)
{
    const char *method = action->method ? action->method : params_get(params, "method");
    return action->repeat_safe || (method && strcmp(method, "GET") == 0);
}

/* A value that the job gives where the entry says nothing. */
static const char *said(const char *fixed, const struct params *values, const char *name)
{
    return fixed ? fixed : params_get(values, name);
}

/* ---- path ---- */

/* RFC 3986, 2.3: only the unreserved stand for themselves. */
static void add_escaped(struct buf *out, const char *text)
{
    for (; *text; text++) {
        char c = *text;
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (letter || (c >= '0' && c <= '9') || strchr("-._~", c))
            buf_add_char(out, c);
        else
            buf_printf(out, "%%%02X", (unsigned char)c);
    }
}

static void add_path(struct buf *out, const char *template, const struct params *values)
{
    for (const char *p = template; *p; p++) {
        if (*p != '{') {
            buf_add_char(out, *p);
            continue;
        }
        char *name = mem_span((struct span){p + 1, strcspn(p + 1, "}")});
        add_escaped(out, params_get(values, name));
        p += strlen(name) + 1;
        free(name);
    }
}

static void add_query(struct buf *out, const struct action *action,
                      const struct params *values)
{
    for (size_t i = 0; i < action->field_count; i++) {
        const struct action_field *f = &action->fields[i];
        const char *value = params_get(values, f->name);
        if (f->place != FIELD_QUERY || !value)
            continue;
        buf_add_char(out, strchr(out->data, '?') ? '&' : '?');
        add_escaped(out, f->name);
        buf_add_char(out, '=');
        add_escaped(out, value);
    }
}

/* The job's own path has no braces: its type does not let them through. */
static int build_path(struct http_request *out, const struct action *action,
                      const struct params *values, struct err *err)
{
    struct buf path;
    buf_init(&path, PATH_MAX_BYTES);
    add_path(&path, said(action->path, values, "path"), values);
    add_query(&path, action, values);
    bool full = path.full;
    out->path = buf_take(&path);
    return full ? err_set(err, ERR_INPUT, "the path is longer than %d bytes",
                          PATH_MAX_BYTES)
                : 0;
}

/* ---- body ---- */

static int build_body(struct http_request *out, const struct action *action,
                      const struct params *values, const char *user, struct err *err)
{
    bool reads = strcmp(out->method, "GET") == 0;
    const char *own = action->bare_body ? params_get(values, "body") : NULL;
    if (own && reads)
        return err_set(err, ERR_INPUT, "body: a GET has none");
    if (action->bare_body) {
        buf_add_text(&out->body, own ? own : ""); /* a cell is never longer than a body */
        return 0;
    }
    if (reads || strcmp(out->method, "DELETE") == 0 || !action->resource_type)
        return 0;
    return request_body_write(out, action, values, action->actor_in_body ? user : "",
                              err);
}

/* ---- headers ---- */

static void add_authorization(struct http_request *out, const struct key *key,
                              const char *user)
{
    char value[KEY_LEN_MAX + sizeof("; user=") + USER_ID_MAX];
    snprintf(value, sizeof(value), user[0] ? "%s; user=%s" : "%s", key->text, user);
    http_request_header(out, "Authorization", value);
    explicit_bzero(value, sizeof(value));
}

/* Digits alone: what stands for a code that is gone is no header. */
static void add_codes(struct http_request *out, const struct action *action,
                      const struct params *values)
{
    for (size_t i = 0; i < action->field_count; i++) {
        const struct action_field *f = &action->fields[i];
        const char *value = params_get(values, f->name);
        if (f->place == FIELD_HEADER && value && scan_is_digits(span_of(value)))
            http_request_header(out, f->header, value);
    }
}

static void build_headers(struct http_request *out, const struct action *action,
                          const struct params *values, const struct key *key,
                          const char *user)
{
    const char *version = said(action->version, values, "version");
    add_authorization(out, key, user);
    if (version)
        http_request_header(out, "Version", version);
    add_codes(out, action, values);
    http_request_header(out, "Accept", JSON_API_TYPE);
    if (out->body.len)
        http_request_header(out, "Content-Type",
                            action->bare_body ? "application/json" : JSON_API_TYPE);
}

static int build(struct http_request *out, const struct request_job *job,
                 const struct params *values, const char *user, const struct key *key,
                 struct err *err)
{
    const struct action *action = job->action;
    snprintf(out->method, sizeof(out->method), "%s",
             said(action->method, values, "method"));
    if (build_path(out, action, values, err) ||
        build_body(out, action, values, user, err))
        return -1;
    build_headers(out, action, values, key, action->actor_in_body ? "" : user);
    return 0;
}

int request_build(struct http_request *out, const struct request_job *job,
                  const struct key *key, request_lookup_fn *lookup, void *ctx,
                  struct err *err)
{
    struct params values;
    char user[USER_ID_MAX];
    params_init(&values);
    http_request_init(out);
    int rc = resolve_actor(user, job, lookup, ctx, err);
    if (rc == 0)
        rc = resolve_params(&values, job, lookup, ctx, err);
    if (rc == 0)
        rc = build(out, job, &values, user, key, err);
    if (rc)
        http_request_close(out);
    params_close(&values);
    return rc;
}
