#include "sandbox/view.h"

#include <stdio.h>

#include "sandbox/jsonapi.h"
#include "sandbox/kinds.h"

/* The things that point to one, on their way into its relationships. */
struct pointing {
    struct call *call;
    struct jsonw *w;
    struct jsonw *included; /* NULL: they are only named */
    int64_t last;
    const char *kind;
    bool one;
};

static void name_it(struct jsonw *w, const char *key, const char *kind, int64_t id)
{
    char text[24];
    snprintf(text, sizeof(text), "%lld", (long long)id);
    jsonw_open(w, key, '{');
    jsonw_text(w, "type", kind);
    jsonw_text(w, "id", text);
    jsonw_close(w, '}');
}

static void take_one(void *ctx, const struct resource *r)
{
    struct pointing *p = ctx;
    p->last = r->id;
    if (!p->one)
        name_it(p->w, NULL, p->kind, r->id);
    if (p->included)
        view_write(p->call, p->included, NULL, r, p->included);
}

/* Of a kind that the issue has one of, the last one counts. */
static void relate_children(struct pointing *p, const char *name, const struct kind *kind,
                            int64_t parent)
{
    p->kind = kind->name;
    p->one = kind->one;
    p->last = 0;
    jsonw_open(p->w, name, '{');
    if (!p->one)
        jsonw_open(p->w, "data", '[');
    resource_each_child(&p->call->sandbox->sql, kind->name, parent, take_one, p);
    if (!p->one)
        jsonw_close(p->w, ']');
    else if (p->last)
        name_it(p->w, "data", kind->name, p->last);
    else
        jsonw_text(p->w, "data", NULL);
    jsonw_close(p->w, '}');
}

static void relate_seeds(struct pointing *p, const struct resource *issue)
{
    for (const struct kind *k = kinds; k->name; k++) {
        char name[64];
        int cut = k->one ? 1 : 0; /* "natural_docket_seed" */
        snprintf(name, sizeof(name), "%.*s", (int)strlen(k->name) - cut, k->name);
        if (k->seed || strcmp(k->name, KIND_OBSERVATIONS) == 0)
            relate_children(p, name, k, issue->id);
    }
}

static void relate_attachments(struct pointing *p, const struct resource *seed)
{
    p->kind = KIND_ATTACHMENTS;
    p->one = false;
    jsonw_open(p->w, "attachments", '{');
    jsonw_open(p->w, "data", '[');
    resource_each_attachment(&p->call->sandbox->sql, seed, take_one, p);
    jsonw_close(p->w, ']');
    jsonw_close(p->w, '}');
}

static void relate_outputs(struct pointing *p, const struct resource *request)
{
    p->included = NULL; /* thousands of them: there is a list for that */
    relate_children(p, "outputs", kind_find(span_of(KIND_OUTPUTS)), request->id);
}

/* Puts what points to it after the stored relationships. False: nothing can. */
static bool relate(struct call *c, const struct resource *r, struct buf *out,
                   struct jsonw *included)
{
    const struct kind *k = kind_find(r->kind);
    struct jsonw w = {.out = out, .comma = true};
    struct pointing p = {.call = c, .w = &w, .included = included};
    bool issue = span_is(r->kind, KIND_ISSUES), request = span_is(r->kind, KIND_REQUESTS);
    if (!issue && !request && !(k && k->seed))
        return false;
    buf_add(out, r->relationships.ptr, r->relationships.len - 1);
    if (issue)
        relate_seeds(&p, r);
    else if (request)
        relate_outputs(&p, r);
    else
        relate_attachments(&p, r);
    buf_add_char(out, '}');
    return true;
}

void view_write(struct call *c, struct jsonw *w, const char *key,
                const struct resource *r, struct jsonw *included)
{
    struct resource whole = *r;
    struct buf relationships;
    buf_init(&relationships, 1 << 26);
    struct buf shown; /* apart: `w` may be `included`, which grows while this is made */
    buf_init(&shown, 1 << 26);
    struct jsonw to = {.out = &shown};
    if (relate(c, r, &relationships, included))
        whole.relationships = buf_span(&relationships);
    jsonapi_resource(&to, NULL, &whole, c->now_us, c->sandbox->options->settle_ms);
    jsonw_raw(w, key, buf_span(&shown));
    buf_close(&shown);
    buf_close(&relationships);
}
