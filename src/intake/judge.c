#include "intake/judge.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/scan.h"
#include "base/text.h"
#include "intake/judging.h"
#include "intake/nearest.h"

enum column_kind {
    KIND_REF,
    KIND_ACTION,
    KIND_ACTOR,
    KIND_NEEDS,
    KIND_PARAMS,
    KIND_FIELD,
    KIND_UNKNOWN,  /* told with the header; its cells are passed over */
    KIND_NAMELESS, /* its cells must be empty */
};

static const char *const reserved[] = {
    [KIND_REF] = COLUMN_REF,       [KIND_ACTION] = COLUMN_ACTION,
    [KIND_ACTOR] = COLUMN_ACTOR,   [KIND_NEEDS] = COLUMN_NEEDS,
    [KIND_PARAMS] = COLUMN_PARAMS,
};
#define RESERVED_COUNT (sizeof(reserved) / sizeof(*reserved))

struct column {
    enum column_kind kind;
    char *label; /* its name, printable; its number when it has none */
};

struct judge {
    const struct catalogue *catalogue;
    struct listener listener;
    bool decimal_comma;
    struct column *columns;
    size_t count;
    size_t ref_column, action_column;
    struct span *shown; /* judge_public; NULL: no column may have to be hidden */
    /* [action][column]: the action's field of that column, or NULL. Found once, not per
     * cell. */
    const struct action_field **fields;
};

struct judge *judge_open(const struct catalogue *c, struct listener l)
{
    struct judge *j = mem_zero(1, sizeof(*j));
    j->catalogue = c;
    j->listener = l;
    return j;
}

void judge_with_comma(struct judge *j)
{
    j->decimal_comma = true;
}

void judge_close(struct judge *j)
{
    if (!j)
        return;
    for (size_t i = 0; i < j->count; i++)
        free(j->columns[i].label);
    free(j->columns);
    free(j->fields);
    free(j->shown);
    free(j);
}

const char *judge_column(const struct judge *j, size_t column)
{
    return j->columns[column].label;
}

static bool may_be_private(const struct judge *j);

/* ---- the header ---- */

static bool some_action_takes(const struct judge *j, size_t column)
{
    for (size_t a = 0; a < j->catalogue->count; a++)
        if (j->fields[a * j->count + column])
            return true;
    return false;
}

static enum column_kind kind_of(struct judge *j, size_t column, struct span name)
{
    for (size_t i = 0; i < RESERVED_COUNT; i++)
        if (span_is(name, reserved[i]))
            return (enum column_kind)i;
    if (name.len == 0)
        return KIND_NAMELESS;
    for (size_t a = 0; a < j->catalogue->count; a++)
        j->fields[a * j->count + column] = action_field(&j->catalogue->actions[a], name);
    return some_action_takes(j, column) ? KIND_FIELD : KIND_UNKNOWN;
}

#define LABEL_MAX 256

static char *label_of(struct span name, size_t column)
{
    struct buf label;
    buf_init(&label, LABEL_MAX);
    text_printable(&label, name);
    if (name.len == 0)
        buf_printf(&label, "%zu", column + 1);
    return buf_take(&label);
}

static void tell_unknown_column(struct judge *j, int64_t line, size_t column,
                                struct span name)
{
    struct nearest near;
    char hint[NEAREST_HINT_MAX];
    nearest_init(&near, name);
    for (size_t i = 0; i < RESERVED_COUNT; i++)
        nearest_offer(&near, reserved[i]);
    for (size_t a = 0; a < j->catalogue->count; a++)
        for (size_t f = 0; f < j->catalogue->actions[a].field_count; f++)
            nearest_offer(&near, j->catalogue->actions[a].fields[f].name);
    complain_say(&j->listener, line, j->columns[column].label,
                 "no action takes a column of this name%s", nearest_hint(&near, hint));
}

static bool is_repeated(const struct span *names, size_t column)
{
    struct span name = scan_trim(names[column]);
    for (size_t i = 0; i < column && name.len; i++)
        if (span_equal(scan_trim(names[i]), name))
            return true;
    return false;
}

static void read_column(struct judge *j, int64_t line, const struct span *names, size_t i)
{
    struct column *c = &j->columns[i];
    struct span name = scan_trim(names[i]);
    c->kind = kind_of(j, i, name);
    c->label = label_of(name, i);
    if (is_repeated(names, i)) {
        complain_say(&j->listener, line, c->label,
                     "a column of this name was there already");
        c->kind = KIND_UNKNOWN;
    } else if (c->kind == KIND_UNKNOWN) {
        tell_unknown_column(j, line, i, name);
    }
}

static bool find_column(const struct judge *j, enum column_kind kind, size_t *out)
{
    for (size_t i = 0; i < j->count; i++)
        if (j->columns[i].kind == kind) {
            *out = i;
            return true;
        }
    return false;
}

int judge_header(struct judge *j, int64_t line, const struct span *names, size_t count,
                 struct err *err)
{
    j->count = count;
    j->columns = mem_zero(count, sizeof(*j->columns));
    j->fields = mem_zero(j->catalogue->count * count, sizeof(*j->fields));
    for (size_t i = 0; i < count; i++)
        read_column(j, line, names, i);
    bool has_ref = find_column(j, KIND_REF, &j->ref_column);
    if (has_ref && find_column(j, KIND_ACTION, &j->action_column)) {
        j->shown = may_be_private(j) ? mem_zero(count, sizeof(*j->shown)) : NULL;
        return 0;
    }
    return err_set(err, ERR_INPUT,
                   "no header: the columns 'ref' and 'action' are required%s",
                   has_ref ? "; a CSV without actions wants its --recipe" : "");
}

/* ---- a record ---- */

static const struct action_field *field_at(const struct judge *j, const struct action *a,
                                           size_t column)
{
    size_t action = (size_t)(a - j->catalogue->actions);
    return j->fields[action * j->count + column];
}

static void judge_cell(const struct judge *j, struct judging *g, size_t i,
                       struct span cell)
{
    const char *label = j->columns[i].label;
    switch (j->columns[i].kind) {
    case KIND_ACTOR:
        judging_actor(g, cell);
        break;
    case KIND_NEEDS:
        judging_needs(g, cell);
        break;
    case KIND_PARAMS:
        judging_params(g, cell);
        break;
    case KIND_FIELD:
        if (g->action)
            judging_field(g, field_at(j, g->action, i), label, cell);
        break;
    case KIND_NAMELESS:
        judging_complain(g, label, "a value in a column that has no name in the header");
        break;
    case KIND_REF:
    case KIND_ACTION:
    case KIND_UNKNOWN:
        break;
    }
}

bool judge_record(struct judge *j, int64_t line, const struct span *cells, size_t count,
                  struct row *row)
{
    struct judging g;
    if (!complain_of_count(&j->listener, line, count, j->count))
        return false;
    judging_begin(&g, &j->listener, line, row);
    g.decimal_comma = j->decimal_comma;
    judging_ref(&g, cells[j->ref_column]);
    judging_action(&g, j->catalogue, cells[j->action_column]);
    for (size_t i = 0; i < count; i++)
        if (cells[i].len)
            judge_cell(j, &g, i, cells[i]);
    if (judging_end(&g))
        return true;
    row_close(row);
    return false;
}

/* ---- what may be kept ---- */

static bool has_private_field(const struct action *a)
{
    for (size_t i = 0; i < a->field_count; i++)
        if (action_field_is_secret(&a->fields[i]))
            return true;
    return false;
}

static bool is_private(const struct judge *j, const struct action *a, size_t column)
{
    const struct action_field *f = field_at(j, a, column);
    return j->columns[column].kind == KIND_PARAMS ? has_private_field(a)
                                                  : f && action_field_is_secret(f);
}

static bool may_be_private(const struct judge *j)
{
    for (size_t a = 0; a < j->catalogue->count; a++)
        for (size_t i = 0; i < j->count; i++)
            if (is_private(j, &j->catalogue->actions[a], i))
                return true;
    return false;
}

const struct span *judge_public(struct judge *j, const struct row *row,
                                const struct span *cells)
{
    if (!j->shown)
        return cells;
    const struct action *a = catalogue_find(j->catalogue, span_of(row->action));
    for (size_t i = 0; i < j->count; i++)
        j->shown[i] = is_private(j, a, i) ? (struct span){0} : cells[i];
    return j->shown;
}

/* ---- the inbox ---- */

static void join_complaint(void *ctx, const struct complaint *c)
{
    struct buf *problem = ctx;
    buf_printf(problem, "%s%s: %s", problem->len ? "; " : "", c->column, c->text);
}

bool judge_inbox(const struct catalogue *c, const struct inbox_cells *cells,
                 struct row *row, struct buf *problem)
{
    struct listener joined = {join_complaint, problem};
    struct judging g;
    judging_begin(&g, &joined, cells->id, row);
    judging_ref(&g, cells->ref);
    judging_action(&g, c, cells->action);
    if (cells->on_behalf_of.len)
        judging_actor(&g, cells->on_behalf_of);
    if (cells->needs.len)
        judging_needs(&g, cells->needs);
    if (cells->params.len)
        judging_params(&g, cells->params);
    if (judging_end(&g))
        return true;
    row_close(row);
    return false;
}
