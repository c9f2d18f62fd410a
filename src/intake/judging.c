#include "intake/judging.h"

#include <stdarg.h>

#include "base/mem.h"
#include "base/scan.h"
#include "intake/judging_parts.h"
#include "intake/nearest.h"
#include "intake/spreadsheet.h"
#include "model/ref.h"

#define REF_FORM                                                                         \
    "1 to 128 bytes without blank, control character or '/', and neither '@' nor '#' "   \
    "first"

void judging_complain(struct judging *g, const char *column, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    complain_vsay(g->listener, false, g->row->line, column, fmt, args);
    va_end(args);
    g->bad = true;
}

void judging_warn(struct judging *g, const char *column, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    complain_vsay(g->listener, true, g->row->line, column, fmt, args);
    va_end(args);
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
    else if (spreadsheet_has_rounded(cell))
        judging_complain(g, COLUMN_REF, "%s: " SPREADSHEET_ROUNDED,
                         complain_show(cell, shown));
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

void judging_add_need(struct judging *g, const char *column, struct span ref,
                      bool is_soft)
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
        judging_add_need(g, COLUMN_ACTOR, who, false);
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
    judging_add_need(g, COLUMN_NEEDS, ref, is_soft);
}

void judging_needs(struct judging *g, struct span cell)
{
    char shown[SHOWN_MAX];
    struct span word;
    while (scan_word(&cell, &word)) {
        bool is_soft = word.ptr[0] == '?';
        struct span ref = {word.ptr + is_soft, word.len - is_soft};
        if (ref_is_valid(ref))
            judging_add_need(g, COLUMN_NEEDS, ref, is_soft);
        else
            judging_complain(g, COLUMN_NEEDS,
                             "%s is no ref: wanted refs with blanks between them, with ? "
                             "before one that the job can go on without",
                             complain_show(word, shown));
    }
}
