#include "intake/judging.h"

#include <stdarg.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/scan.h"
#include "intake/nearest.h"
#include "model/params.h"
#include "model/ref.h"
#include "model/settings.h"

#define REF_FORM                                                                         \
    "1 to 128 bytes without blank, control character or '/', and neither '@' nor '#' "   \
    "first"

void judging_complain(struct judging *g, const char *column, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    complain_vsay(g->listener, g->row->line, column, fmt, args);
    va_end(args);
    g->bad = true;
}

void judging_begin(struct judging *g, const struct listener *l, int64_t line,
                   struct row *row)
{
    *g = (struct judging){.listener = l, .row = row};
    row_init(row);
    row->line = line;
}

void judging_ref(struct judging *g, struct span cell)
{
    char shown[SHOWN_MAX];
    if (cell.len == 0)
        judging_complain(g, COLUMN_REF, "missing: every row needs a name of its own");
    else if (!ref_is_valid(cell))
        judging_complain(g, COLUMN_REF, "%s is no ref: wanted " REF_FORM,
                         complain_show(cell, shown));
    else
        g->row->ref = mem_span(cell);
}

/* ---- action ---- */

static void tell_unknown_action(struct judging *g, const struct catalogue *c,
                                struct span cell)
{
    struct nearest near;
    char shown[SHOWN_MAX], hint[NEAREST_HINT_MAX];
    nearest_init(&near, cell);
    for (size_t i = 0; i < c->count; i++)
        nearest_offer(&near, c->actions[i].name);
    judging_complain(g, COLUMN_ACTION, "%s is no action%s", complain_show(cell, shown),
                     near.name ? nearest_hint(&near, hint)
                               : "; `remesa actions` lists them");
}

void judging_action(struct judging *g, const struct catalogue *c, struct span cell)
{
    g->catalogue = c;
    if (cell.len == 0) {
        judging_complain(g, COLUMN_ACTION, "missing: every row says what to do");
        return;
    }
    g->action = catalogue_find(c, cell);
    if (g->action) {
        g->row->action = mem_span(cell);
        g->row->frees_early = g->action->follow.frees_early;
    } else
        tell_unknown_action(g, c, cell);
}

/* ---- other jobs ---- */

static void add_need(struct judging *g, const char *column, struct span ref, bool is_soft)
{
    if (g->row->ref && span_is(ref, g->row->ref)) {
        judging_complain(g, column, "a job cannot need itself");
    } else if (!row_add_need(g->row, ref, is_soft, column) && !g->needs_too_many) {
        g->needs_too_many = true;
        judging_complain(g, column, "one job needs %d others at most: cut the file",
                         ROW_NEEDS_MAX);
    }
}

void judging_actor(struct judging *g, struct span cell)
{
    char shown[SHOWN_MAX];
    struct span who;
    g->has_actor = true;
    if (g->action && g->action->actor == ACTOR_MASTER) {
        judging_complain(g, COLUMN_ACTOR,
                         "%s is never done on behalf of a user: leave it empty",
                         g->action->name);
        return;
    }
    switch (ref_read_actor(cell, &who)) {
    case REF_ACTOR_ID:
        g->row->on_behalf_of = mem_span(cell);
        return;
    case REF_ACTOR_JOB:
        g->row->on_behalf_of = mem_span(who);
        add_need(g, COLUMN_ACTOR, who, false);
        return;
    case REF_ACTOR_WRONG:
        judging_complain(
            g, COLUMN_ACTOR,
            "%s names no user: wanted the ref of the job that makes the user, or # "
            "and the user's id in digits",
            complain_show(cell, shown));
    }
}

void judging_need(struct judging *g, struct span ref, bool is_soft)
{
    add_need(g, COLUMN_NEEDS, ref, is_soft);
}

void judging_needs(struct judging *g, struct span cell)
{
    char shown[SHOWN_MAX];
    struct span word;
    while (scan_word(&cell, &word)) {
        bool is_soft = word.ptr[0] == '?';
        struct span ref = {word.ptr + is_soft, word.len - is_soft};
        if (ref_is_valid(ref))
            add_need(g, COLUMN_NEEDS, ref, is_soft);
        else
            judging_complain(g, COLUMN_NEEDS,
                             "%s is no ref: wanted refs with blanks between them, with ? "
                             "before one that the job can go on without",
                             complain_show(word, shown));
    }
}

/* ---- fields ---- */

/* Where a value stands: in a column of its own, or as a member of `params`. */
struct place {
    const char *column;
    const char *member; /* NULL: the column is the field */
};

/* For "%s%s" in front of a text. */
#define PLACE_ARG(p) (p).member ? (p).member : "", (p).member ? ": " : ""

static bool takes_remote_id(const struct action_field *f)
{
    return f->type == VALUE_ID || f->type == VALUE_TEXT;
}

static bool takes_answer(const struct action_field *f)
{
    return takes_remote_id(f) || f->type == VALUE_DECIMAL;
}

static bool judge_use(struct judging *g, const struct action_field *f, struct place at,
                      struct ref_use use)
{
    char shown[SHOWN_MAX];
    complain_show(use.ref, shown);
    if (!takes_answer(f)) {
        judging_complain(g, at.column,
                         "%s%sa field of type %s takes no value of another job",
                         PLACE_ARG(at), value_type_name(f->type));
        return false;
    }
    /* A remote id has the form of an amount: it would be paid. */
    if (use.pointer.len == 0 && !takes_remote_id(f)) {
        judging_complain(
            g, at.column,
            "%s%s@ref alone is the id of job %s: wanted @ref/attributes/NAME for a "
            "number of its answer",
            PLACE_ARG(at), shown);
        return false;
    }
    add_need(g, at.column, use.ref, false);
    return true;
}

static bool judge_text(struct judging *g, const struct action_field *f, struct place at,
                       struct span text)
{
    char shown[SHOWN_MAX];
    const char *want;
    if (action_field_accepts(f, text, &want))
        return true;
    judging_complain(g, at.column, "%s%s%s: wanted %s", PLACE_ARG(at),
                     complain_show(text, shown), want);
    return false;
}

static bool judge_value(struct judging *g, const struct action_field *f, struct place at,
                        struct span cell)
{
    char shown[SHOWN_MAX];
    struct ref_use use;
    switch (ref_read_cell(cell, &use)) {
    case REF_CELL_TEXT:
        return judge_text(g, f, at, cell);
    case REF_CELL_QUOTED:
        return judge_text(g, f, at, (struct span){cell.ptr + 1, cell.len - 1});
    case REF_CELL_USE:
        return judge_use(g, f, at, use);
    case REF_CELL_WRONG:
        break;
    }
    judging_complain(
        g, at.column,
        "%s%s%s names no job: wanted @ref, @ref/attributes/NAME, or @@ for a text "
        "that begins with @",
        PLACE_ARG(at), complain_show(cell, shown));
    return false;
}

/* Wrong values are kept too, so that what depends on them (a required field, money) knows
 * that they are told. The row is lost anyway. */
static void add_field(struct judging *g, const struct action_field *f, struct place at,
                      struct span value)
{
    if (!params_add(&g->row->params, span_of(f->name), value)) {
        judging_complain(g, at.column, "%s%sgiven twice: in a column and in params",
                         PLACE_ARG(at));
        return;
    }
    judge_value(g, f, at, value);
}

static void tell_not_taken(struct judging *g, struct place at)
{
    struct nearest near;
    char hint[NEAREST_HINT_MAX], shown[SHOWN_MAX];
    nearest_init(&near, span_of(at.member ? at.member : at.column));
    for (size_t i = 0; i < g->action->field_count; i++)
        nearest_offer(&near, g->action->fields[i].name);
    if (at.member)
        judging_complain(g, at.column, "%s takes no %s%s", g->action->name,
                         complain_show(span_of(at.member), shown),
                         nearest_hint(&near, hint));
    else
        judging_complain(g, at.column,
                         "%s takes no such column%s: leave it empty in this row",
                         g->action->name, nearest_hint(&near, hint));
}

void judging_field(struct judging *g, const struct action_field *field,
                   const char *column, struct span cell)
{
    struct place at = {column, NULL};
    if (field)
        add_field(g, field, at, cell);
    else
        tell_not_taken(g, at);
}

void judging_params(struct judging *g, struct span cell)
{
    struct params members;
    struct err err;
    params_init(&members);
    if (params_read_object(&members, cell, &err)) {
        judging_complain(g, COLUMN_PARAMS, "%s", err.text);
        g->params_are_broken = true;
    }
    for (size_t i = 0; i < members.count && g->action; i++) {
        const struct param *m = &members.items[i];
        struct place at = {COLUMN_PARAMS, m->name};
        const struct action_field *f = action_field(g->action, span_of(m->name));
        if (f)
            add_field(g, f, at, span_of(m->value));
        else
            tell_not_taken(g, at);
    }
    params_close(&members);
}

/* ---- when all cells are seen ---- */

/* To be freed. */
static char *tag_of(const struct judging *g, const struct action_field *f)
{
    const char *form = g->catalogue->tag_email;
    bool by_form = f->type == VALUE_EMAIL && form;
    return by_form ? tag_email_of(form, g->row->ref) : mem_text(g->row->ref);
}

static void fill_tag(struct judging *g)
{
    const struct action *a = g->action;
    const char *want;
    if (!a->tag || !g->row->ref || params_get(&g->row->params, a->tag))
        return;
    const struct action_field *f = action_field(a, span_of(a->tag));
    char *tag = f ? tag_of(g, f) : NULL;
    if (tag && action_field_accepts(f, span_of(tag), &want))
        params_add(&g->row->params, span_of(a->tag), span_of(tag));
    free(tag);
}

static void check_required(struct judging *g)
{
    for (size_t i = 0; i < g->action->field_count; i++) {
        const struct action_field *f = &g->action->fields[i];
        const char *value = params_get(&g->row->params, f->name);
        if (f->required && (!value || !*value))
            judging_complain(g, f->name, "missing: %s wants it", g->action->name);
    }
}

static void check_one_of(struct judging *g)
{
    const struct action *a = g->action;
    int given = 0;
    for (size_t i = 0; a->one_of && a->one_of[i]; i++) {
        const char *value = params_get(&g->row->params, a->one_of[i]);
        given += value && *value;
        if (given > 1 && value && *value)
            judging_complain(g, a->one_of[i],
                             "%s takes only one of its kind: leave %s or "
                             "this one empty",
                             a->name, a->one_of[0]);
    }
    if (a->one_of && given == 0)
        judging_complain(g, a->one_of[0], "missing: %s wants it or %s", a->name,
                         a->one_of[1]);
}

static struct span value_of(const struct judging *g, const char *name)
{
    return span_of(name ? params_get(&g->row->params, name) : NULL);
}

/* Values that are missing, wrong or another job's make no money; what is wrong with the
 * cell is told there. */
static void read_money(struct judging *g)
{
    const struct action *a = g->action;
    struct span amount = value_of(g, a->amount_field);
    struct decimal plain;
    char currency[CURRENCY_TEXT_MAX], shown[SHOWN_MAX];
    if (!decimal_parse_plain(amount, &plain) ||
        !currency_parse(action_currency(a, value_of(g, a->currency_field)), currency))
        return;
    enum money_fault fault = money_parse(amount, currency, &g->row->money);
    g->row->has_money = fault == MONEY_OK;
    if (fault != MONEY_OK)
        judging_complain(g, a->amount_field, "%s %s: %s", complain_show(amount, shown),
                         currency, money_fault_text(fault));
}

bool judging_end(struct judging *g)
{
    if (!g->action)
        return false;
    if (g->action->actor == ACTOR_USER && !g->has_actor)
        judging_complain(g, COLUMN_ACTOR, "missing: %s is done on behalf of a user",
                         g->action->name);
    fill_tag(g);
    if (!g->params_are_broken) /* or what stands in them would be told as missing */
        check_required(g);
    if (!g->params_are_broken)
        check_one_of(g);
    read_money(g);
    return !g->bad;
}
