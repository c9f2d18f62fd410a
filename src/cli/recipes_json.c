#include "cli/recipes_json.h"

#include <stdio.h>

#include "base/jsonw.h"

#define TEXT_MAX (16 * 1024 * 1024)

const char *recipe_column_type(const struct recipe_column *c)
{
    if (c->names_user)
        return "user";
    return c->fills ? value_type_name(c->fills->type) : "text";
}

const char *recipe_column_help(const struct recipe_column *c)
{
    if (c->names_user)
        return "the ref of the job that makes the user, or # and the user's id";
    if (c->names_shared && !c->fills)
        return "lines in which it is the same share a job; where it is empty a line has "
               "its own";
    return c->fills ? c->fills->help : NULL;
}

static const char *scope_word(enum step_scope scope)
{
    switch (scope) {
    case STEP_BEFORE:
        return "before";
    case STEP_ROW:
        return "row";
    case STEP_AFTER:
        return "after";
    }
    return "";
}

static void write_needs(struct jsonw *w, const struct recipe *r, const struct step *s)
{
    jsonw_open(w, "needs", '[');
    for (size_t i = 0; i < s->need_count; i++) {
        jsonw_open(w, NULL, '{');
        jsonw_text(w, "step", r->steps[s->needs[i].step].name);
        jsonw_bool(w, "each", s->needs[i].each);
        jsonw_bool(w, "soft", s->needs[i].is_soft);
        jsonw_close(w, '}');
    }
    jsonw_close(w, ']');
}

static void write_step(struct jsonw *w, const struct recipe *r, const struct step *s)
{
    jsonw_open(w, NULL, '{');
    jsonw_text(w, "name", s->name);
    jsonw_text(w, "action", s->action);
    jsonw_text(w, "scope", scope_word(s->scope));
    if (s->once_per)
        jsonw_text(w, "once_per", s->once_per);
    jsonw_open(w, "when", '[');
    for (size_t i = 0; i < s->when_count; i++)
        jsonw_text(w, NULL, r->columns[s->when[i]].name);
    jsonw_close(w, ']');
    write_needs(w, r, s);
    jsonw_close(w, '}');
}

static void write_choices(struct jsonw *w, const struct action_field *f)
{
    if (!f || !f->choices)
        return;
    jsonw_open(w, "choices", '[');
    for (size_t i = 0; f->choices[i]; i++)
        jsonw_text(w, NULL, f->choices[i]);
    jsonw_close(w, ']');
}

static void write_column(struct jsonw *w, const struct recipe_column *c)
{
    jsonw_open(w, NULL, '{');
    jsonw_text(w, "name", c->name);
    jsonw_text(w, "type", recipe_column_type(c));
    jsonw_bool(w, "required", c->required);
    jsonw_bool(w, "with_set", c->of_batch);
    if (recipe_column_help(c))
        jsonw_text(w, "help", recipe_column_help(c));
    write_choices(w, c->fills);
    jsonw_close(w, '}');
}

static void write_recipe(struct jsonw *w, const struct recipe *r)
{
    jsonw_open(w, NULL, '{');
    jsonw_text(w, "name", r->name);
    jsonw_text(w, "summary", r->summary);
    jsonw_text(w, "digest", r->digest);
    jsonw_open(w, "steps", '[');
    for (size_t i = 0; i < r->step_count; i++)
        write_step(w, r, &r->steps[i]);
    jsonw_close(w, ']');
    jsonw_open(w, "columns", '[');
    for (size_t i = RECIPE_OWN; i < r->column_count; i++)
        write_column(w, &r->columns[i]);
    jsonw_close(w, ']');
    jsonw_close(w, '}');
}

void recipes_print_one(const struct recipe *r)
{
    struct buf out;
    struct jsonw w;
    buf_init(&out, TEXT_MAX);
    jsonw_init(&w, &out);
    write_recipe(&w, r);
    printf("%s\n", out.data);
    buf_close(&out);
}

void recipes_print_all(const struct recipe_book *b)
{
    struct buf out;
    struct jsonw w;
    buf_init(&out, TEXT_MAX);
    jsonw_init(&w, &out);
    jsonw_open(&w, NULL, '[');
    for (size_t i = 0; i < b->count; i++)
        write_recipe(&w, &b->recipes[i]);
    jsonw_close(&w, ']');
    printf("%s\n", out.data);
    buf_close(&out);
}
