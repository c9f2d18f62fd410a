#include "api/find_rows.h"

#include <stdlib.h>
#include <string.h>

#include "api/answer.h"

/* What is of another type is none: a walk over it would not end. */
static bool value_at(struct span json, const char *pointer, enum json_type type,
                     struct span *out)
{
    if (json_at(json, pointer, out) && json_type_of(*out) == type)
        return true;
    *out = (struct span){0};
    return false;
}

void rows_begin(struct row_cursor *c, const struct action *a, struct span body)
{
    *c = (struct row_cursor){0};
    if (a->find.in == FIND_RESOURCE) {
        value_at(body, "/data", JSON_OBJECT, &c->one);
        return;
    }
    /* What is included is of every type, and their ids are counted apart. */
    bool included = a->find.in == FIND_INCLUDED;
    c->type = included ? a->resource_type : NULL;
    value_at(body, included ? "/included" : "/data", JSON_ARRAY, &c->rows);
}

bool rows_next(struct row_cursor *c, struct span *row)
{
    struct span key;
    if (c->one.len) {
        *row = c->one;
        c->one = (struct span){0};
        return true;
    }
    while (c->rows.len && json_next(c->rows, &c->at, &key, row))
        if (!c->type || answer_is_of_type(*row, c->type))
            return true;
    return false;
}

/* ---- what a page leaves out ---- */

struct page {
    const struct action *action;
    struct span included;
    bool includes; /* anything at all */
};

static bool is_included(const struct page *p, const char *id)
{
    struct row_cursor c = {.rows = p->included, .type = p->action->resource_type};
    struct span row;
    bool found = false;
    while (!found && rows_next(&c, &row)) {
        char *other = answer_id(row);
        found = other && strcmp(other, id) == 0;
        free(other);
    }
    return found;
}

/* Of a resource that is pointed at: of our type, it has to be in the page. With nothing
 * included, one of any type shows that this server includes nothing. */
static bool is_shown(const struct page *p, struct span pointed)
{
    if (!p->includes || !answer_is_of_type(pointed, p->action->resource_type))
        return p->includes;
    char *id = answer_id(pointed);
    bool shown = id && is_included(p, id);
    free(id);
    return shown;
}

/* JSON:API 1.0, "Resource Linkage": null, one, or an array. */
static bool relationship_is_shown(const struct page *p, struct span relationship)
{
    struct span data, key, one;
    struct json_cursor at = {0};
    if (json_type_of(relationship) != JSON_OBJECT ||
        !json_at(relationship, "/data", &data))
        return p->includes;
    if (json_type_of(data) == JSON_NULL)
        return true;
    if (json_type_of(data) != JSON_ARRAY)
        return is_shown(p, data);
    while (json_next(data, &at, &key, &one))
        if (!is_shown(p, one))
            return false;
    return true;
}

/* A row that does not say what it points at tells nothing of what it has. */
static bool row_is_shown(const struct page *p, struct span row)
{
    struct span relationships, key, one;
    struct json_cursor at = {0};
    if (!value_at(row, "/relationships", JSON_OBJECT, &relationships))
        return p->includes;
    while (json_next(relationships, &at, &key, &one))
        if (!relationship_is_shown(p, one))
            return false;
    return true;
}

static bool all_are_shown(const struct page *p, struct span rows)
{
    struct span key, row;
    struct json_cursor at = {0};
    while (json_next(rows, &at, &key, &row))
        if (!row_is_shown(p, row))
            return false;
    return true;
}

/* The included are looked through too: an attachment hangs on a seed. */
static const char *included_is_hidden(const struct action *a, struct span body)
{
    struct page p = {.action = a};
    struct span rows;
    p.includes = value_at(body, "/included", JSON_ARRAY, &p.included);
    if (value_at(body, "/data", JSON_ARRAY, &rows) && all_are_shown(&p, rows) &&
        (!p.includes || all_are_shown(&p, p.included)))
        return NULL;
    return "the list names resources that it does not include";
}

/* What was asked for by its id has to be it. */
static bool is_of_path(const struct action *a, const char *path, const char *id)
{
    const char *step = strrchr(path, '/');
    size_t n = strlen(a->find.path);
    return n == 0 || a->find.path[n - 1] != '}' || (step && strcmp(step + 1, id) == 0);
}

static const char *resource_is_hidden(const struct action *a, const char *path,
                                      struct span body)
{
    struct row_cursor c;
    struct span row;
    rows_begin(&c, a, body);
    if (!rows_next(&c, &row) || !answer_is_of_type(row, a->resource_type))
        return "the answer is not the resource that was asked for";
    char *id = answer_id(row);
    char *state = answer_text_at(row, a->state_pointer);
    const char *why = NULL;
    if (!id || !is_of_path(a, path, id))
        why = "the answer is not the resource that was asked for";
    else if (!state || !*state)
        why = "the resource does not say its state";
    free(id);
    free(state);
    return why;
}

const char *rows_are_hidden(const struct action *a, const char *path, struct span body)
{
    switch (a->find.in) {
    case FIND_LIST:
        return NULL;
    case FIND_INCLUDED:
        return included_is_hidden(a, body);
    case FIND_RESOURCE:
        return resource_is_hidden(a, path, body);
    }
    return NULL;
}
