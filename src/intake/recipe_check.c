/* A recipe against the catalogue: what it names is there, and what is required is given. */
#include "intake/nearest.h"
#include "intake/recipe.h"

static int find_action(struct step *s, const struct catalogue *c, struct err *err)
{
    struct nearest near;
    char hint[NEAREST_HINT_MAX];
    s->does = catalogue_find(c, span_of(s->action));
    if (s->does)
        return 0;
    nearest_init(&near, span_of(s->action));
    for (size_t i = 0; i < c->count; i++)
        nearest_offer(&near, c->actions[i].name);
    return err_set(err, ERR_CONFIG, "action: '%s' is no action%s", s->action,
                   nearest_hint(&near, hint));
}

static int find_field(const struct step *s, struct step_param *p, struct err *err)
{
    struct nearest near;
    char hint[NEAREST_HINT_MAX];
    p->takes = action_field(s->does, span_of(p->field));
    if (p->takes)
        return 0;
    nearest_init(&near, span_of(p->field));
    for (size_t i = 0; i < s->does->field_count; i++)
        nearest_offer(&near, s->does->fields[i].name);
    return err_set(err, ERR_CONFIG, "params: %s takes no '%s'%s", s->action, p->field,
                   nearest_hint(&near, hint));
}

static int check_actor(const struct step *s, struct err *err)
{
    if (s->does->actor == ACTOR_USER && !s->has_actor)
        return err_set(err, ERR_CONFIG,
                       "on_behalf_of: missing: %s is done on behalf of a user",
                       s->action);
    if (s->does->actor == ACTOR_MASTER && s->has_actor)
        return err_set(err, ERR_CONFIG,
                       "on_behalf_of: %s is never done on behalf of a "
                       "user",
                       s->action);
    return 0;
}

static bool gives(const struct step *s, const struct action_field *f)
{
    for (size_t i = 0; i < s->param_count; i++)
        if (s->params[i].takes == f)
            return true;
    return s->does->tag && span_is(span_of(f->name), s->does->tag);
}

static int check_required(const struct step *s, struct err *err)
{
    for (size_t i = 0; i < s->does->field_count; i++) {
        const struct action_field *f = &s->does->fields[i];
        if (f->required && !gives(s, f))
            return err_set(err, ERR_CONFIG, "params: %s is missing: %s wants it", f->name,
                           s->action);
    }
    return 0;
}

static int check_one_of(const struct step *s, struct err *err)
{
    const struct action *a = s->does;
    for (size_t i = 0; a->one_of && a->one_of[i]; i++)
        if (gives(s, action_field(a, span_of(a->one_of[i]))))
            return 0;
    if (!a->one_of)
        return 0;
    return err_set(err, ERR_CONFIG,
                   "params: %s is missing, or another of its kind: %s "
                   "wants one of them",
                   a->one_of[0], a->name);
}

/* ---- what is learned of the columns ---- */

/* A value that stands and falls with one column. */
static struct recipe_column *only_column(struct recipe *r, const struct template *t)
{
    struct recipe_column *only = NULL;
    for (size_t i = 0; i < t->piece_count; i++) {
        if (t->pieces[i].text)
            continue;
        if (only)
            return NULL;
        only = &r->columns[t->pieces[i].column];
    }
    return t->uses_step ? NULL : only;
}

/* An empty tag is filled in, an e-mail only where there is a form for it. */
static bool fills_itself(const struct step *s, const struct action_field *f,
                         const struct catalogue *c)
{
    bool is_tag = s->does->tag && strcmp(s->does->tag, f->name) == 0;
    return is_tag && (f->type != VALUE_EMAIL || c->tag_email);
}

static void learn_param(struct recipe *r, const struct step *s,
                        const struct step_param *p, const struct catalogue *c)
{
    struct recipe_column *only = only_column(r, &p->value);
    if (!only)
        return;
    if (!only->fills && p->value.piece_count == 1)
        only->fills = p->takes;
    if (p->takes->required && !fills_itself(s, p->takes, c) && s->when_count == 0)
        only->required = true;
}

static void learn_step(struct recipe *r, const struct step *s, const struct catalogue *c)
{
    struct recipe_column *who = only_column(r, &s->on_behalf_of);
    if (who)
        who->names_user = true;
    if (who && s->does->actor == ACTOR_USER && s->when_count == 0)
        who->required = true;
    struct recipe_column *shared = only_column(r, &s->shared_by);
    if (shared)
        shared->names_shared = true;
    for (size_t i = 0; i < s->param_count; i++)
        learn_param(r, s, &s->params[i], c);
}

static int check_step(struct recipe *r, struct step *s, const struct catalogue *c,
                      struct err *err)
{
    if (find_action(s, c, err) || check_actor(s, err))
        return -1;
    for (size_t i = 0; i < s->param_count; i++)
        if (find_field(s, &s->params[i], err))
            return -1;
    if (check_required(s, err) || check_one_of(s, err))
        return -1;
    learn_step(r, s, c);
    return 0;
}

int recipe_check(struct recipe *r, const struct catalogue *c, struct err *err)
{
    for (size_t i = 0; i < r->step_count; i++)
        if (check_step(r, &r->steps[i], c, err))
            return err_wrap(err, "recipe '%s': step \"%s\"", r->name, r->steps[i].name);
    r->columns[RECIPE_REF].required = true;
    return 0;
}

static const char *first_column(const struct recipe *r, const struct template *t)
{
    for (size_t i = 0; i < t->piece_count; i++)
        if (!t->pieces[i].text && t->pieces[i].column != RECIPE_BATCH)
            return r->columns[t->pieces[i].column].name;
    return NULL;
}

/* Of a step that is used: why it may have been left out, or what it is called by. */
static const char *column_of_step(const struct recipe *r, const struct step *s)
{
    if (s->scope != STEP_ROW)
        return NULL;
    if (s->when_count)
        return r->columns[s->when[0]].name;
    return s->once_per ? first_column(r, &s->shared_by) : r->columns[RECIPE_REF].name;
}

const char *recipe_column_of(const struct recipe *r, const struct template *t)
{
    const char *column = first_column(r, t);
    if (column || !t->uses_step)
        return column;
    return column_of_step(r, &r->steps[t->step]);
}
