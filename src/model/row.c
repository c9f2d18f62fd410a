#include "model/row.h"

#include <stdlib.h>

#include "base/mem.h"

void row_init(struct row *r)
{
    *r = (struct row){0};
    params_init(&r->params);
    params_init(&r->secrets);
}

void row_close(struct row *r)
{
    for (size_t i = 0; i < r->need_count; i++)
        free(r->needs[i].ref);
    free(r->needs);
    free(r->ref);
    free(r->action);
    free(r->on_behalf_of);
    params_close(&r->params);
    for (size_t i = 0; i < r->secrets.count; i++)
        explicit_bzero(r->secrets.items[i].value, strlen(r->secrets.items[i].value));
    params_close(&r->secrets);
    *r = (struct row){0};
}

/* Where `ref` stands, or would: the needs are sorted. */
static size_t place_of_need(const struct row *r, const char *ref)
{
    size_t from = 0, to = r->need_count;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        if (strcmp(r->needs[middle].ref, ref) < 0)
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

bool row_add_need(struct row *r, struct span ref, bool is_soft, const char *column)
{
    char *copy = mem_span(ref);
    size_t at = place_of_need(r, copy);
    if (at < r->need_count && strcmp(r->needs[at].ref, copy) == 0) {
        free(copy);
        r->needs[at].is_soft = r->needs[at].is_soft && is_soft;
        return true;
    }
    if (r->need_count == ROW_NEEDS_MAX) {
        free(copy);
        return false;
    }
    r->needs = mem_resize(r->needs, r->need_count + 1, sizeof(*r->needs));
    memmove(r->needs + at + 1, r->needs + at, (r->need_count - at) * sizeof(*r->needs));
    r->needs[at] = (struct row_need){copy, is_soft, column};
    r->need_count++;
    return true;
}
