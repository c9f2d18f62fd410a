#include <stdlib.h>
#include <string.h>

#include "api/catalogue_parts.h"
#include "base/mem.h"

static int read_absent(struct action_find *find, const cJSON *json, struct err *err)
{
    static const char *const words[] = {"ask", "send_again", NULL};
    int word = 0;
    if (part_word(json, words, &word, err))
        return -1;
    find->resend = word == 1;
    return 0;
}

static int read_in(struct action_find *find, const cJSON *json, struct err *err)
{
    static const char *const words[] = {"list", "included", "resource", NULL};
    int word = FIND_LIST;
    if (part_word(json, words, &word, err))
        return -1;
    find->in = (enum find_place)word;
    return 0;
}

static int read_member(struct action_find *find, const cJSON *json, struct err *err)
{
    if (strcmp(json->string, "path") == 0)
        return part_text(json, &find->path, err);
    if (strcmp(json->string, "match") == 0)
        return part_texts(json, &find->match, err);
    if (strcmp(json->string, "in") == 0)
        return read_in(find, json, err);
    if (strcmp(json->string, "also") == 0)
        return part_texts(json, &find->also, err);
    if (strcmp(json->string, "states") == 0)
        return part_texts(json, &find->states, err);
    if (strcmp(json->string, "since") == 0)
        return part_text(json, &find->since, err);
    if (strcmp(json->string, "absent") == 0)
        return read_absent(find, json, err);
    return err_set(err, ERR_CONFIG, "there is no such member");
}

int find_read(struct action_find *find, const cJSON *json, struct err *err)
{
    if (part_object(json, err))
        return -1;
    const cJSON *item;
    cJSON_ArrayForEach(item, json)
    {
        if (read_member(find, item, err))
            return err_wrap(err, "%s", item->string);
    }
    bool by_state = find->in == FIND_RESOURCE;
    if (by_state != (find->states != NULL))
        return err_set(err, ERR_CONFIG,
                       "states: go with \"in\": \"resource\", and only "
                       "with it");
    if (by_state && (find->match || find->also || find->since))
        return err_set(err, ERR_CONFIG, "a resource is told by its states alone");
    if (!find->path || !(by_state || find->match))
        return err_set(err, ERR_CONFIG, "needs both path and %s",
                       by_state ? "states" : "match");
    return 0;
}

/* ---- rules ---- */

static bool may_stand_in_braces(const struct action *a, struct span name, bool has_id)
{
    const struct action_field *f = action_field(a, name);
    return span_is(name, "sent_on") || (has_id && span_is(name, "id")) ||
           (f && f->required && f->type == VALUE_ID);
}

bool is_path_template(const struct action *a, const char *text, bool has_id)
{
    const struct action_field path = {.type = VALUE_PATH};
    const char *want;
    char *filled = mem_text(text);
    bool ok = true;
    for (char *at = filled; ok && (at = strchr(at, '{'));) {
        struct span name = {at + 1, strcspn(at + 1, "{}")};
        ok = name.ptr[name.len] == '}' && may_stand_in_braces(a, name, has_id);
        memset(at, '0', name.len + 1 + ok);
    }
    ok = ok && action_field_accepts(&path, span_of(filled), &want);
    free(filled);
    return ok;
}

/* What the job may leave out, or no text can be compared with, would make every row a
 * stranger: a job that took effect would look absent. */
static int check_match(const struct action *a, const char *name, bool always,
                       struct err *err)
{
    const struct action_field *f = action_field(a, span_of(name));
    if (!f || (f->place != FIELD_ATTRIBUTE && f->place != FIELD_RELATIONSHIP))
        return err_set(err, ERR_CONFIG, "%s: is no attribute or relationship", name);
    if (f->type == VALUE_JSON || f->type == VALUE_BOOLEAN || f->type == VALUE_FILE ||
        action_field_is_secret(f))
        return err_set(err, ERR_CONFIG, "%s: a %s cannot be compared", name,
                       value_type_name(f->type));
    if (always && !f->required && !(a->tag && strcmp(a->tag, name) == 0))
        return err_set(err, ERR_CONFIG, "%s: must be required, or the tag", name);
    return 0;
}

int find_check(const struct action *a, struct err *err)
{
    const struct action_find *find = &a->find;
    if (!find->path)
        return 0;
    if (!a->method || strcmp(a->method, "GET") == 0)
        return err_set(err, ERR_CONFIG, "find: a GET or a free request has none");
    if (!is_path_template(a, find->path, false))
        return err_set(err, ERR_CONFIG,
                       "find: path: starts with / and has no braces but {sent_on} and "
                       "{NAME} of a required id");
    for (size_t i = 0; find->match && find->match[i]; i++)
        if (check_match(a, find->match[i], true, err))
            return err_wrap(err, "find: match");
    for (size_t i = 0; find->also && find->also[i]; i++)
        if (check_match(a, find->also[i], false, err))
            return err_wrap(err, "find: also");
    if (find->in == FIND_RESOURCE && !(a->state_pointer && a->resource_type))
        return err_set(err, ERR_CONFIG, "find: in: a resource needs type and state");
    if (find->since && find->since[0] != '/')
        return err_set(err, ERR_CONFIG,
                       "find: since: a JSON pointer such as /attributes/created_at");
    if (find->resend && a->amount_field)
        return err_set(err, ERR_CONFIG,
                       "find: absent: what moves money is never sent again by itself");
    return 0;
}
