#include <stdlib.h>
#include <string.h>

#include "api/catalogue_parts.h"
#include "base/err.h"
#include "base/mem.h"

static int read_at_most(struct action_require *r, const cJSON *json, struct err *err)
{
    if (part_object(json, err))
        return -1;
    const cJSON *item;
    cJSON_ArrayForEach(item, json)
    {
        r->limits = mem_resize(r->limits, r->limit_count + 1, sizeof(*r->limits));
        struct action_limit *l = &r->limits[r->limit_count++];
        *l = (struct action_limit){.pointer = mem_text(item->string)};
        if (part_text(item, &l->field, err))
            return err_wrap(err, "%s", item->string);
    }
    return 0;
}

static int read_member(struct action_require *r, const cJSON *json, struct err *err)
{
    if (strcmp(json->string, "of") == 0)
        return part_text(json, &r->of, err);
    if (strcmp(json->string, "state") == 0)
        return part_texts(json, &r->states, err);
    if (strcmp(json->string, "before") == 0)
        return part_text(json, &r->before, err);
    if (strcmp(json->string, "at_most") == 0)
        return read_at_most(r, json, err);
    return err_set(err, ERR_CONFIG, "there is no such member");
}

int guard_read(struct action *a, const cJSON *json, struct err *err)
{
    if (part_object(json, err))
        return -1;
    const cJSON *item;
    cJSON_ArrayForEach(item, json)
    {
        if (read_member(&a->require, item, err))
            return err_wrap(err, "%s", item->string);
    }
    return a->require.of ? 0 : err_set(err, ERR_CONFIG, "of: is missing");
}

/* ---- rules ---- */

static int check_limit(const struct action *a, const struct action_limit *l,
                       struct err *err)
{
    const struct action_field *f = action_field(a, span_of(l->field));
    if (l->pointer[0] != '/')
        return err_set(err, ERR_CONFIG,
                       "require: at_most: %s: a JSON pointer such as /attributes/total",
                       l->pointer);
    if (!f || f->place != FIELD_LIMIT || f->type != VALUE_DECIMAL)
        return err_set(err, ERR_CONFIG,
                       "require: at_most: %s: must name a decimal of limits", l->field);
    return 0;
}

static bool is_held(const struct action *a, const char *field)
{
    for (size_t i = 0; i < a->require.limit_count; i++)
        if (strcmp(a->require.limits[i].field, field) == 0)
            return true;
    return false;
}

/* A limit that nothing is held against would be believed in. */
static int check_fields(const struct action *a, struct err *err)
{
    for (size_t i = 0; i < a->field_count; i++) {
        const struct action_field *f = &a->fields[i];
        if (f->place == FIELD_LIMIT && !is_held(a, f->name))
            return err_set(err, ERR_CONFIG, "limits: %s: require has no at_most for it",
                           f->name);
    }
    return 0;
}

int guard_check_entry(const struct action *a, struct err *err)
{
    const struct action_require *r = &a->require;
    if (check_fields(a, err))
        return -1;
    if (!r->of)
        return 0;
    const struct action_field *of = action_field(a, span_of(r->of));
    if (!of || of->type != VALUE_ID)
        return err_set(err, ERR_CONFIG, "require: of: must name a field of type id");
    if (r->states && !a->state_pointer)
        return err_set(err, ERR_CONFIG, "require: state: the action has no state");
    if (r->before && r->before[0] != '/')
        return err_set(err, ERR_CONFIG,
                       "require: before: a JSON pointer such as /attributes/valid_until");
    for (size_t i = 0; i < r->limit_count; i++)
        if (check_limit(a, &r->limits[i], err))
            return -1;
    return 0;
}
