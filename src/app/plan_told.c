#include "app/plan_told.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "store/read.h"

static const char *const kinds[] = {
    [FORESEEN_SEND] = "send", [FORESEEN_LOOK_UP] = "look_up", [FORESEEN_POLL] = "poll"};

void plan_told_open(struct plan_told *t, const struct catalogue *catalogue,
                    const char *base_url, const struct remesa_plan *what)
{
    *t = (struct plan_told){.base_url = base_url, .what = what, .catalogue = catalogue};
}

void plan_told_close(struct plan_told *t)
{
    for (size_t i = 0; i < t->count; i++) {
        free(t->counts[i].action);
        free(t->counts[i].method);
    }
    free(t->counts);
    *t = (struct plan_told){0};
}

/* ---- counts ---- */

static struct plan_count *count_of(struct plan_told *t, const char *action,
                                   enum foreseen_kind kind, const char *method)
{
    for (size_t i = 0; i < t->count; i++) {
        struct plan_count *c = &t->counts[i];
        if (c->kind == kind && strcmp(c->action, action) == 0 &&
            strcmp(c->method, method) == 0)
            return c;
    }
    t->counts = mem_resize(t->counts, t->count + 1, sizeof(*t->counts));
    t->counts[t->count] =
        (struct plan_count){mem_text(action), mem_text(method), kind, 0, 0};
    return &t->counts[t->count++];
}

void plan_told_count(struct plan_told *t, const char *action, int64_t jobs)
{
    const struct action *a = catalogue_find(t->catalogue, span_of(action));
    const char *method = a && a->method ? a->method : "?"; /* "?": the job says it */
    struct plan_count *c = count_of(t, action, FORESEEN_SEND, method);
    c->requests += jobs;
    c->jobs += jobs;
}

int plan_told_rows(const struct plan_told *t, const struct remesa_plan *what)
{
    for (size_t i = 0; i < t->count && what->row; i++) {
        const struct plan_count *c = &t->counts[i];
        char requests[24], jobs[24];
        snprintf(requests, sizeof(requests), "%" PRId64, c->requests);
        snprintf(jobs, sizeof(jobs), "%" PRId64, c->jobs);
        const struct remesa_cell cells[] = {{"action", c->action, false},
                                            {"kind", kinds[c->kind], false},
                                            {"method", c->method, false},
                                            {"requests", requests, true},
                                            {"jobs", jobs, true}};
        what->row(what->ctx, "requests", cells, 5);
    }
    return 0;
}

/* ---- a request ---- */

static size_t digits_at(const char *p)
{
    return strspn(p, "0123456789");
}

/* The numbers that stand for ids become the refs of their jobs. To be freed. */
static char *with_refs(struct store *s, const char *text)
{
    struct buf out;
    buf_init(&out, 4 * HTTP_REQUEST_MAX);
    while (*text) {
        size_t len = digits_at(text);
        int64_t job = len ? foreseen_id_job((struct span){text, len}) : 0;
        char *ref = job ? store_ref_of(s, job) : NULL;
        if (ref)
            buf_printf(&out, "{%s}", ref);
        else
            buf_add(&out, text, len ? len : 1);
        free(ref);
        text += len ? len : 1;
    }
    return buf_take(&out);
}

static char *url_of(const struct plan_told *t, struct store *s, const char *path)
{
    char *named = with_refs(s, path);
    char *url = mem_printf("%s%s", t->base_url, named);
    free(named);
    return url;
}

static void tell(const struct plan_told *t, struct store *s, const struct foreseen *f)
{
    const struct http_request *r = f->request;
    struct remesa_header headers[HTTP_HEADERS_MAX];
    char *values[HTTP_HEADERS_MAX];
    char *url = url_of(t, s, r->path);
    char *body = r->body.len ? with_refs(s, r->body.data) : NULL;
    for (int i = 0; i < r->header_count; i++) {
        values[i] = with_refs(s, r->headers[i].value);
        headers[i] = (struct remesa_header){r->headers[i].name, values[i]};
    }
    const struct remesa_request told = {.kind = kinds[f->kind],
                                        .ref = f->ref,
                                        .action = f->action,
                                        .jobs = f->jobs,
                                        .after_ms = f->after_us / MS_US,
                                        .method = r->method,
                                        .url = url,
                                        .headers = headers,
                                        .header_count = r->header_count,
                                        .body = body};
    t->what->request(t->what->ctx, &told);
    for (int i = 0; i < r->header_count; i++)
        free(values[i]);
    free(body);
    free(url);
}

void plan_told_add(struct plan_told *t, struct store *s, const struct foreseen *f)
{
    struct plan_count *c = count_of(t, f->action, f->kind, f->request->method);
    c->requests++;
    c->jobs += f->jobs;
    if (t->what->request)
        tell(t, s, f);
}
