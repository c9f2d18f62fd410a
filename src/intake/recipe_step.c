/* One step of a recipe, member by member. */
#include <stdlib.h>

#include "base/json.h"
#include "base/mem.h"
#include "intake/nearest.h"
#include "intake/recipe_parts.h"
#include "intake/template.h"

void recipe_step_close(struct step *s)
{
    for (size_t i = 0; i < s->param_count; i++) {
        free(s->params[i].field);
        template_close(&s->params[i].value);
    }
    free(s->params);
    template_close(&s->on_behalf_of);
    template_close(&s->shared_by);
    free(s->needs);
    free(s->when);
    free(s->once_per);
    free(s->name);
    free(s->action);
}

static int read_template(struct recipe *r, struct step *s, struct template *t,
                         struct span raw, struct err *err)
{
    char *text = NULL;
    int rc = recipe_text(raw, &text, err);
    if (rc == 0)
        rc = template_read(t, r, s->scope, span_of(text), err);
    free(text);
    return rc;
}

/* ---- the members of a step ---- */

/* The name ends the refs: "p1.account", "ana+user", "july=quote". */
static int read_name(struct recipe *r, struct step *s, struct span raw, struct err *err)
{
    if (recipe_text(raw, &s->name, err))
        return -1;
    if (strspn(s->name, "abcdefghijklmnopqrstuvwxyz0123456789_") != strlen(s->name))
        return err_set(err, ERR_CONFIG, "'%s': wanted small letters, digits and _",
                       s->name);
    for (size_t i = 0; i < r->step_count; i++)
        if (r->steps[i].scope == s->scope && strcmp(r->steps[i].name, s->name) == 0)
            return err_set(err, ERR_CONFIG, "'%s' is another step's name", s->name);
    return 0;
}

static int read_action(struct recipe *r, struct step *s, struct span raw, struct err *err)
{
    (void)r;
    return recipe_text(raw, &s->action, err);
}

static int read_actor(struct recipe *r, struct step *s, struct span raw, struct err *err)
{
    s->has_actor = true;
    return read_template(r, s, &s->on_behalf_of, raw, err);
}

static bool take_front(struct span *text, const char *front)
{
    size_t len = strlen(front);
    if (text->len < len || memcmp(text->ptr, front, len) != 0)
        return false;
    *text = (struct span){text->ptr + len, text->len - len};
    return true;
}

/* "step", "?step", "each step", "each ?step" */
static int read_need(const struct recipe *r, const struct step *s, struct span text,
                     struct step_need *out, struct err *err)
{
    out->each = take_front(&text, "each ");
    out->is_soft = take_front(&text, "?");
    if (out->each && s->scope != STEP_AFTER)
        return err_set(err, ERR_CONFIG,
                       "'each %.*s': only a step of `after` waits for every line",
                       SPAN_ARG(text));
    if (template_step(r, out->each ? STEP_ROW : s->scope, text, &out->step, err))
        return -1;
    if (!out->each || r->steps[out->step].scope == STEP_ROW)
        return 0;
    return err_set(err, ERR_CONFIG, "'each %.*s': it is no step of the lines",
                   SPAN_ARG(text));
}

static int read_needs(struct recipe *r, struct step *s, struct span raw, struct err *err)
{
    struct json_cursor at = {0};
    struct span key, item;
    if (recipe_want(raw, JSON_ARRAY, "a list of steps", err))
        return -1;
    while (json_next(raw, &at, &key, &item)) {
        char *text = NULL;
        struct step_need need;
        int rc = recipe_text(item, &text, err);
        if (rc == 0)
            rc = read_need(r, s, span_of(text), &need, err);
        free(text);
        if (rc)
            return -1;
        s->needs = mem_resize(s->needs, s->need_count + 1, sizeof(*s->needs));
        s->needs[s->need_count++] = need;
    }
    return 0;
}

static int want_row_step(const struct step *s, struct err *err)
{
    if (s->scope == STEP_ROW)
        return 0;
    return err_set(err, ERR_CONFIG, "only a step of the rows has it");
}

static int read_when(struct recipe *r, struct step *s, struct span raw, struct err *err)
{
    struct json_cursor at = {0};
    struct span key, item;
    if (want_row_step(s, err) || recipe_want(raw, JSON_ARRAY, "a list of columns", err))
        return -1;
    while (json_next(raw, &at, &key, &item)) {
        char *name = NULL;
        if (recipe_text(item, &name, err)) {
            free(name);
            return -1;
        }
        s->when = mem_resize(s->when, s->when_count + 1, sizeof(*s->when));
        s->when[s->when_count++] = template_column(r, s->scope, span_of(name));
        free(name);
    }
    return 0;
}

static int read_once_per(struct recipe *r, struct step *s, struct span raw,
                         struct err *err)
{
    if (want_row_step(s, err) || recipe_text(raw, &s->once_per, err))
        return -1;
    if (template_read(&s->shared_by, r, s->scope, span_of(s->once_per), err))
        return -1;
    if (s->shared_by.uses_step)
        return err_set(err, ERR_CONFIG, "wanted a name, and '%s' is a job", s->once_per);
    return 0;
}

static int read_kept(struct recipe *r, struct step *s, struct span raw, struct err *err)
{
    (void)r;
    enum json_type type = json_type_of(raw);
    if (type != JSON_TRUE && type != JSON_FALSE)
        return err_set(err, ERR_CONFIG, "wanted true or false");
    s->kept = type == JSON_TRUE;
    return 0;
}

static int read_params(struct recipe *r, struct step *s, struct span raw, struct err *err)
{
    struct json_cursor at = {0};
    struct span key, value;
    if (recipe_want(raw, JSON_OBJECT, "an object", err))
        return -1;
    while (json_next(raw, &at, &key, &value)) {
        s->params = mem_resize(s->params, s->param_count + 1, sizeof(*s->params));
        struct step_param *p = &s->params[s->param_count++];
        *p = (struct step_param){.field = recipe_unquoted(key)};
        if (read_template(r, s, &p->value, value, err))
            return err_wrap(err, "%s", p->field);
    }
    return 0;
}

static const struct step_member {
    const char *name;
    int (*read)(struct recipe *r, struct step *s, struct span raw, struct err *err);
} step_members[] = {
    {"name", read_name},   {"action", read_action}, {"on_behalf_of", read_actor},
    {"needs", read_needs}, {"when", read_when},     {"once_per", read_once_per},
    {"kept", read_kept},   {"params", read_params},
};
#define STEP_MEMBERS (sizeof(step_members) / sizeof(*step_members))

static int read_member(struct recipe *r, struct step *s, const char *name,
                       struct span raw, struct err *err)
{
    struct nearest near;
    char hint[NEAREST_HINT_MAX];
    nearest_init(&near, span_of(name));
    for (size_t i = 0; i < STEP_MEMBERS; i++) {
        if (strcmp(step_members[i].name, name) == 0)
            return step_members[i].read(r, s, raw, err);
        nearest_offer(&near, step_members[i].name);
    }
    return err_set(err, ERR_CONFIG, "there is no such member%s",
                   nearest_hint(&near, hint));
}

/* ---- what a job that rows share may use ---- */

static int check_shared_value(const struct recipe *r, const struct step *s,
                              const struct template *t, struct err *err)
{
    if (template_uses(t, RECIPE_REF) || template_uses(t, RECIPE_BATCH))
        return err_set(err, ERR_CONFIG,
                       "{ref} and {batch} differ where the job is the same");
    const struct step *other = t->uses_step ? &r->steps[t->step] : NULL;
    if (!other || other->scope != STEP_ROW ||
        (other->once_per && strcmp(other->once_per, s->once_per) == 0))
        return 0;
    return err_set(err, ERR_CONFIG,
                   "'%s' differs where this job is the same: it is not "
                   "once_per \"%s\"",
                   other->name, s->once_per);
}

static int check_step(const struct recipe *r, const struct step *s, struct err *err)
{
    if (!s->name || !s->action)
        return err_set(err, ERR_CONFIG, "has no %s", s->name ? "action" : "name");
    if (s->kept && !s->once_per)
        return err_set(err, ERR_CONFIG, "kept: goes with once_per");
    if (!s->once_per)
        return 0;
    if (check_shared_value(r, s, &s->on_behalf_of, err))
        return err_wrap(err, "on_behalf_of");
    for (size_t i = 0; i < s->need_count; i++) {
        struct template need = {.uses_step = true, .step = s->needs[i].step};
        if (check_shared_value(r, s, &need, err))
            return err_wrap(err, "needs");
    }
    for (size_t i = 0; i < s->param_count; i++)
        if (check_shared_value(r, s, &s->params[i].value, err))
            return err_wrap(err, "params: %s", s->params[i].field);
    return 0;
}

/* ---- the step ---- */

int recipe_step_read(struct recipe *r, struct step *s, struct span raw, struct err *err)
{
    struct json_cursor at = {0};
    struct span key, value;
    if (recipe_want(raw, JSON_OBJECT, "an object", err))
        return -1;
    while (json_next(raw, &at, &key, &value)) {
        char *name = recipe_unquoted(key);
        int rc = read_member(r, s, name, value, err);
        if (rc)
            err_wrap(err, "%s", name);
        free(name);
        if (rc)
            return -1;
    }
    return check_step(r, s, err);
}
