/* Whose fault it is: what is wrong with a step's row, in the columns of the recipe. */
#include "intake/expand_parts.h"
#include "intake/judging.h"

const char *expand_column_for(const struct recipe *r, const struct step *s,
                              const char *field)
{
    if (strcmp(field, COLUMN_ACTOR) == 0)
        return recipe_column_of(r, &s->on_behalf_of);
    if (strcmp(field, COLUMN_REF) == 0)
        return s->scope != STEP_ROW ? NULL
               : s->once_per        ? recipe_column_of(r, &s->shared_by)
                                    : r->columns[RECIPE_REF].name;
    for (size_t i = 0; i < s->param_count; i++)
        if (strcmp(s->params[i].field, field) == 0)
            return recipe_column_of(r, &s->params[i].value);
    return NULL;
}

bool expand_is_news(struct expand *e, size_t column, bool is_warning)
{
    enum told *told = is_warning ? &e->warned[column] : &e->told[column];
    bool news = *told == TOLD_NOT;
    if (news)
        *told = e->set[column].len ? TOLD_FOR_GOOD : TOLD_OF_RECORD;
    return news;
}

static size_t column_called(const struct expand *e, const char *name)
{
    size_t i = 0;
    while (strcmp(expand_column(e, i)->name, name) != 0)
        i++;
    return i;
}

void expand_speak(void *ctx, const struct complaint *c)
{
    const struct expand_voice *v = ctx;
    const struct listener *l = &v->e->o.listener;
    const char *name = expand_column_for(v->e->o.recipe, v->step, c->column);
    if (!name) {
        complain_again(l, c, c->line, NULL, "step '%s': %s: %s", v->step->name, c->column,
                       c->text);
        return;
    }
    size_t column = column_called(v->e, name);
    if (!expand_is_news(v->e, column, c->is_warning))
        return;
    if (v->e->set[column].len)
        complain_again(l, c, 0, NULL, "--set %s: %s", name, c->text);
    else
        complain_again(l, c, c->line, name, "%s", c->text);
}
