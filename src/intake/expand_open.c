/* A recipe and its file: what --set gives, and what the header has. */
#include <stdlib.h>

#include "base/mem.h"
#include "base/scan.h"
#include "base/text.h"
#include "intake/expand_parts.h"
#include "intake/nearest.h"
#include "intake/template.h"

#define CELL_MAX  (1024 * 1024)
#define LABEL_MAX 256

/* ---- opening ---- */

static int tell_no_such_set(const struct expand *e, struct span name, struct err *err)
{
    struct nearest near;
    char hint[NEAREST_HINT_MAX];
    if (span_is(name, expand_column(e, RECIPE_REF)->name))
        return err_set(err, ERR_USAGE, "--set ref: every line has a ref of its own");
    if (span_is(name, expand_column(e, RECIPE_BATCH)->name))
        return err_set(err, ERR_USAGE, "--set batch: it is --batch that names it");
    nearest_init(&near, name);
    for (size_t i = RECIPE_OWN; i < e->o.recipe->column_count; i++)
        nearest_offer(&near, expand_column(e, i)->name);
    return err_set(err, ERR_USAGE,
                   "--set %.*s: the recipe '%s' uses no such column%s; `remesa recipes "
                   "%s` lists them",
                   SPAN_ARG(name), e->o.recipe->name, nearest_hint(&near, hint),
                   e->o.recipe->name);
}

/* An empty value is a shell variable that nobody has filled. */
static int take_set(struct expand *e, const char *text, struct err *err)
{
    const char *equals = strchr(text, '=');
    if (!equals || equals == text || !equals[1])
        return err_set(err, ERR_USAGE, "--set %s: wanted NAME=VALUE", text);
    struct span name = {text, (size_t)(equals - text)};
    size_t i = RECIPE_OWN;
    while (i < e->o.recipe->column_count && !span_is(name, expand_column(e, i)->name))
        i++;
    if (i == e->o.recipe->column_count)
        return tell_no_such_set(e, name, err);
    if (e->set[i].len)
        return err_set(err, ERR_USAGE, "--set %.*s: given twice", SPAN_ARG(name));
    e->set[i] = span_of(equals + 1);
    return 0;
}

static bool wants_batch(const struct recipe *r)
{
    for (size_t i = 0; i < r->step_count; i++) {
        const struct step *s = &r->steps[i];
        if (s->scope != STEP_ROW || template_uses(&s->on_behalf_of, RECIPE_BATCH) ||
            template_uses(&s->shared_by, RECIPE_BATCH))
            return true;
        for (size_t p = 0; p < s->param_count; p++)
            if (template_uses(&s->params[p].value, RECIPE_BATCH))
                return true;
    }
    return false;
}

static int take_options(struct expand *e, struct err *err)
{
    if (!e->o.batch && wants_batch(e->o.recipe))
        return err_set(err, ERR_USAGE,
                       "the recipe '%s' uses the batch's name: give one with --batch",
                       e->o.recipe->name);
    for (const char *const *s = e->o.sets; s && *s; s++)
        if (take_set(e, *s, err))
            return -1;
    return 0;
}

static void mark_wanted(struct expand *e)
{
    const struct recipe *r = e->o.recipe;
    for (size_t i = 0; i < r->step_count; i++)
        for (size_t n = 0; n < r->steps[i].need_count; n++)
            if (r->steps[i].needs[n].each)
                e->each[r->steps[i].needs[n].step].is_wanted = true;
}

int expand_open(struct expand **out, const struct expand_options *options,
                struct err *err)
{
    struct expand *e = mem_zero(1, sizeof(*e));
    const struct recipe *r = options->recipe;
    e->o = *options;
    e->set = mem_zero(r->column_count, sizeof(*e->set));
    e->values = mem_zero(r->column_count, sizeof(*e->values));
    e->told = mem_zero(r->column_count, sizeof(*e->told));
    e->warned = mem_zero(r->column_count, sizeof(*e->warned));
    e->refs = mem_zero(r->step_count, sizeof(*e->refs));
    e->each = mem_zero(r->step_count, sizeof(*e->each));
    mark_wanted(e);
    buf_init(&e->cell, CELL_MAX);
    if (take_options(e, err)) {
        expand_close(e);
        return -1;
    }
    *out = e;
    return 0;
}

static void free_refs(struct expand_refs *all)
{
    for (size_t i = 0; i < all->count; i++)
        free(all->items[i]);
    free(all->items);
}

void expand_close(struct expand *e)
{
    if (!e)
        return;
    for (size_t i = 0; i < e->o.recipe->step_count; i++)
        free(e->refs[i]);
    for (size_t i = 0; i < e->width; i++)
        free(e->labels[i]);
    for (size_t i = 0; i < e->o.recipe->step_count; i++)
        free_refs(&e->each[i]);
    free(e->each);
    free(e->refs);
    free(e->labels);
    free(e->is_private);
    free(e->shown);
    free(e->column_of);
    free(e->told);
    free(e->warned);
    free(e->values);
    free(e->set);
    buf_close(&e->cell);
    free(e);
}

/* ---- the header ---- */

static char *label_of(struct span name, size_t field)
{
    struct buf label;
    buf_init(&label, LABEL_MAX);
    text_printable(&label, name);
    if (name.len == 0)
        buf_printf(&label, "%zu", field + 1);
    return buf_take(&label);
}

static void tell_unknown(const struct expand *e, size_t field, struct span name)
{
    struct nearest near;
    char hint[NEAREST_HINT_MAX];
    nearest_init(&near, name);
    for (size_t i = 0; i < e->o.recipe->column_count; i++)
        if (i != RECIPE_BATCH && expand_column(e, i)->of_rows)
            nearest_offer(&near, expand_column(e, i)->name);
    complain_say(&e->o.listener, e->header_line, e->labels[field],
                 "the recipe '%s' uses no column of this name%s", e->o.recipe->name,
                 nearest_hint(&near, hint));
}

static size_t find_column(const struct expand *e, struct span name)
{
    for (size_t i = 0; i < e->o.recipe->column_count; i++)
        if (i != RECIPE_BATCH && span_is(name, expand_column(e, i)->name))
            return i;
    return EXPAND_NOWHERE;
}

/* NULL: it fits. */
static const char *fault_of_place(const struct expand *e, size_t field, size_t column)
{
    for (size_t i = 0; i < field; i++)
        if (e->column_of[i] == column)
            return "a column of this name was there already";
    if (e->set[column].len)
        return "it is given with --set as well: leave one of them out";
    if (expand_column(e, column)->of_batch)
        return "it is the same for all rows: give it with --set";
    return NULL;
}

static void read_name(struct expand *e, size_t field, struct span name)
{
    size_t column = find_column(e, name);
    e->labels[field] = label_of(name, field);
    e->column_of[field] = name.len ? EXPAND_NOWHERE : EXPAND_NAMELESS;
    if (name.len == 0)
        return;
    if (column == EXPAND_NOWHERE) {
        tell_unknown(e, field, name);
        return;
    }
    const char *fault = fault_of_place(e, field, column);
    if (fault)
        complain_say(&e->o.listener, e->header_line, e->labels[field], "%s", fault);
    else
        e->column_of[field] = column;
}

static bool is_there(const struct expand *e, size_t column)
{
    for (size_t i = 0; i < e->width; i++)
        if (e->column_of[i] == column)
            return true;
    return e->set[column].len > 0;
}

static void tell_missing(struct expand *e, size_t column)
{
    const struct recipe *r = e->o.recipe;
    const char *name = r->columns[column].name;
    const char *start = column == RECIPE_REF ? "a column of this name"
                        : r->columns[column].of_batch
                            ? "--set "
                            : "a column of this name, or --set ";
    complain_say(&e->o.listener, e->header_line, name,
                 "missing: the recipe '%s' wants %s%s%s", r->name, start,
                 column == RECIPE_REF ? "" : name, column == RECIPE_REF ? "" : "=VALUE");
    e->told[column] = TOLD_FOR_GOOD;
}

void expand_header(struct expand *e, int64_t line, const struct span *names, size_t count)
{
    e->width = count;
    e->header_line = line;
    e->labels = mem_zero(count, sizeof(*e->labels));
    e->column_of = mem_zero(count, sizeof(*e->column_of));
    for (size_t i = 0; i < count; i++)
        read_name(e, i, scan_trim(names[i]));
    for (size_t i = 0; i < e->o.recipe->column_count; i++)
        if (expand_column(e, i)->required && !is_there(e, i))
            tell_missing(e, i);
    expand_find_private(e);
}
