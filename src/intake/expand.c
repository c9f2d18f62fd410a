#include "intake/expand.h"

#include <stdlib.h>

#include "base/mem.h"
#include "intake/expand_parts.h"
#include "intake/judging.h"
#include "intake/spreadsheet.h"

/* ---- values ---- */

static bool is_absent(const struct expand *e, const struct template *t)
{
    bool has_column = false;
    if (t->uses_step && !e->refs[t->step])
        return true;
    for (size_t i = 0; i < t->piece_count; i++) {
        if (t->pieces[i].text)
            continue;
        has_column = true;
        if (e->values[t->pieces[i].column].len)
            return false;
    }
    return has_column;
}

/* Good until the next call; empty: absent. */
static struct span render(struct expand *e, const struct template *t)
{
    buf_clear(&e->cell);
    if (is_absent(e, t))
        return (struct span){0};
    if (t->uses_step)
        buf_printf(&e->cell, "@%s", e->refs[t->step]);
    if (t->is_name)
        buf_add_char(&e->cell, '@');
    for (size_t i = 0; i < t->piece_count; i++)
        if (t->pieces[i].text)
            buf_add_text(&e->cell, t->pieces[i].text);
        else
            buf_add_span(&e->cell, e->values[t->pieces[i].column]);
    struct span value = buf_span(&e->cell);
    return t->is_name && value.ptr[1] == '#' ? (struct span){value.ptr + 2, value.len - 2}
                                             : value;
}

static char *ref_of(struct expand *e, const struct step *s)
{
    if (s->scope != STEP_ROW)
        return mem_printf("%s=%s", e->o.batch, s->name);
    struct span row = e->values[RECIPE_REF];
    if (!s->once_per)
        return mem_printf("%.*s.%s", SPAN_ARG(row), s->name);
    struct span shared = render(e, &s->shared_by);
    if (shared.len == 0)
        shared = row;
    return mem_printf("%.*s+%s", SPAN_ARG(shared), s->name);
}

static bool is_left_out(const struct expand *e, const struct step *s)
{
    for (size_t i = 0; i < s->when_count; i++)
        if (e->values[s->when[i]].len)
            return false;
    return s->when_count > 0;
}

/* ---- a step ---- */

static void judge_each(struct expand *e, struct judging *g, const struct step_need *n)
{
    const struct expand_refs *all = &e->each[n->step];
    for (size_t i = 0; i < all->count; i++)
        judging_need(g, span_of(all->items[i]), n->is_soft);
}

static void judge_needs(struct expand *e, struct judging *g, const struct step *s)
{
    for (size_t i = 0; i < s->need_count; i++) {
        const struct step_need *n = &s->needs[i];
        if (n->each)
            judge_each(e, g, n);
        else if (e->refs[n->step])
            judging_need(g, span_of(e->refs[n->step]), n->is_soft);
    }
}

static void judge_params(struct expand *e, struct judging *g, const struct step *s)
{
    for (size_t i = 0; i < s->param_count; i++) {
        const struct step_param *p = &s->params[i];
        struct span value = render(e, &p->value);
        g->decimal_comma = e->o.decimal_comma && recipe_column_of(e->o.recipe, &p->value);
        if (e->cell.full)
            judging_complain(g, p->field, "the value is too long");
        else if (value.len)
            judging_field(g, p->takes, p->field, value);
    }
}

/* The store complains of refs in the columns that stand here. */
static void name_columns(const struct recipe *r, const struct step *s, struct row *row)
{
    for (size_t i = 0; i < row->need_count; i++) {
        const char *column = expand_column_for(r, s, row->needs[i].column);
        row->needs[i].column = column ? column : r->columns[RECIPE_REF].name;
    }
    row->ref_column =
        s->scope == STEP_ROW ? expand_column_for(r, s, COLUMN_REF) : "--batch";
    row->share = !s->once_per ? ROW_OWN : s->kept ? ROW_KEPT : ROW_SHARED;
}

static bool judge_step(struct expand *e, size_t i, int64_t line, struct row *row)
{
    const struct step *s = &e->o.recipe->steps[i];
    struct expand_voice voice = {e, s};
    struct listener l = {expand_speak, &voice};
    struct judging g;
    e->refs[i] = ref_of(e, s);
    judging_begin(&g, &l, line, row);
    judging_ref(&g, span_of(e->refs[i]));
    judging_action(&g, e->o.catalogue, span_of(s->action));
    struct span who = render(e, &s->on_behalf_of);
    if (who.len)
        judging_actor(&g, who);
    judge_needs(e, &g, s);
    judge_params(e, &g, s);
    if (!judging_end(&g)) {
        row_close(row);
        return false;
    }
    name_columns(e->o.recipe, s, row);
    return true;
}

static bool judge_steps(struct expand *e, enum step_scope scope, int64_t line,
                        struct row *rows, size_t *made)
{
    bool good = true;
    *made = 0;
    for (size_t i = 0; i < e->o.recipe->step_count; i++) {
        const struct step *s = &e->o.recipe->steps[i];
        if (s->scope != scope)
            continue;
        free(e->refs[i]);
        e->refs[i] = NULL;
        if (is_left_out(e, s))
            continue;
        if (judge_step(e, i, line, &rows[*made]))
            (*made)++;
        else
            good = false;
    }
    return good;
}

/* ---- a record ---- */

static void forget_record(struct expand *e)
{
    for (size_t i = 0; i < e->o.recipe->column_count; i++) {
        e->values[i] = e->set[i];
        if (e->told[i] == TOLD_OF_RECORD)
            e->told[i] = TOLD_NOT;
        if (e->warned[i] == TOLD_OF_RECORD)
            e->warned[i] = TOLD_NOT;
    }
    if (e->o.batch)
        e->values[RECIPE_BATCH] = span_of(e->o.batch);
}

/* Also in the columns that make refs, which would be other ones. */
static bool tell_rounded(struct expand *e, int64_t line, size_t column, struct span cell)
{
    char shown[SHOWN_MAX];
    if (expand_is_news(e, column, false))
        complain_say(&e->o.listener, line, expand_column(e, column)->name,
                     "%s: " SPREADSHEET_ROUNDED, complain_show(cell, shown));
    return false;
}

static bool take_cell(struct expand *e, int64_t line, size_t field, struct span cell)
{
    size_t column = e->column_of[field];
    if (column < e->o.recipe->column_count) {
        e->values[column] = cell;
        return spreadsheet_has_rounded(cell) ? tell_rounded(e, line, column, cell) : true;
    }
    if (column != EXPAND_NAMELESS || cell.len == 0)
        return true;
    complain_say(&e->o.listener, line, e->labels[field],
                 "a value in a column that has no name in the header");
    return false;
}

static bool take_cells(struct expand *e, int64_t line, const struct span *cells)
{
    bool good = true;
    for (size_t i = 0; i < e->width; i++)
        good = take_cell(e, line, i, cells[i]) && good;
    if (e->values[RECIPE_REF].len)
        return good;
    if (expand_is_news(e, RECIPE_REF, false)) /* ".step" would look like a ref */
        complain_say(&e->o.listener, line, COLUMN_REF,
                     "missing: every row needs a name of its own");
    return false;
}

/* Those of a step that was left out are none. */
static void keep_refs(struct expand *e)
{
    for (size_t i = 0; i < e->o.recipe->step_count; i++) {
        struct expand_refs *all = &e->each[i];
        if (!all->is_wanted || !e->refs[i])
            continue;
        if ((all->count & (all->count - 1)) == 0)
            all->items = mem_resize(all->items, all->count ? all->count * 2 : 1,
                                    sizeof(*all->items));
        all->items[all->count++] = mem_text(e->refs[i]);
    }
}

static bool give(bool good, struct row *rows, size_t *made)
{
    while (!good && *made)
        row_close(&rows[--*made]);
    return good;
}

bool expand_record(struct expand *e, int64_t line, const struct span *cells, size_t count,
                   struct row *rows, size_t *made)
{
    *made = 0;
    if (!complain_of_count(&e->o.listener, line, count, e->width))
        return false;
    forget_record(e);
    bool good = take_cells(e, line, cells);
    good = judge_steps(e, STEP_ROW, line, rows, made) && good;
    if (good)
        keep_refs(e);
    return give(good, rows, made);
}

bool expand_batch(struct expand *e, enum step_scope scope, struct row *rows, size_t *made)
{
    forget_record(e);
    return give(judge_steps(e, scope, e->header_line, rows, made), rows, made);
}
