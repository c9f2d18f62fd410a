/* The values of a row's fields: each by the rules of its type, and kept as it stands. */
#include <stdlib.h>

#include "base/scan.h"
#include "intake/judging.h"
#include "intake/judging_file.h"
#include "intake/judging_parts.h"
#include "intake/nearest.h"
#include "intake/spreadsheet.h"
#include "model/fit.h"
#include "model/params.h"
#include "model/ref.h"

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

static void judge_use(struct judging *g, const struct action_field *f, struct place at,
                      struct ref_use use)
{
    char shown[SHOWN_MAX];
    complain_show(use.ref, shown);
    if (!takes_answer(f)) {
        judging_complain(g, at.column,
                         "%s%sa field of type %s takes no value of another job",
                         PLACE_ARG(at), value_type_name(f->type));
        return;
    }
    /* A remote id has the form of an amount: it would be paid. */
    if (use.pointer.len == 0 && !takes_remote_id(f)) {
        judging_complain(
            g, at.column,
            "%s%s@ref alone is the id of job %s: wanted @ref/attributes/NAME for a "
            "number of its answer",
            PLACE_ARG(at), shown);
        return;
    }
    judging_add_need(g, at.column, use.ref, false);
}

/* The API may know more than we do: told, and sent as it stands. */
static void warn_unseen(struct judging *g, const struct action_field *f, struct place at,
                        struct span text)
{
    struct nearest near;
    char shown[SHOWN_MAX], hint[NEAREST_HINT_MAX];
    complain_show(text, shown);
    if (!f->choices) {
        judging_warn(g, at.column,
                     "%s%s%s is no currency of ISO 4217 and no coin that is known here",
                     PLACE_ARG(at), shown);
        return;
    }
    nearest_init(&near, text);
    for (size_t i = 0; f->choices[i]; i++)
        nearest_offer(&near, f->choices[i]);
    judging_warn(g, at.column, "%s%s%s is none of the values that are known here%s",
                 PLACE_ARG(at), shown,
                 near.name ? nearest_hint(&near, hint) : "; `remesa actions` lists them");
}

static void tell_digits(struct judging *g, const struct action_field *f, struct place at,
                        struct span text)
{
    char shown[SHOWN_MAX];
    long long want = f->digits;
    complain_show(text, shown);
    if (!scan_is_digits(text))
        judging_complain(g, at.column, "%s%s%s: wanted %lld digits and nothing else",
                         PLACE_ARG(at), shown, want);
    else
        judging_complain(
            g, at.column, "%s%s%s has %zu digits where %lld are wanted%s", PLACE_ARG(at),
            shown, text.len, want,
            text.len < (size_t)want ? ": a leading 0 may have been lost in Excel" : "");
}

static void tell_wrong(struct judging *g, const struct action_field *f, struct place at,
                       struct span text, const char *want)
{
    char shown[SHOWN_MAX];
    const char *hint = f->type == VALUE_DECIMAL && !at.member
                           ? spreadsheet_decimal_hint(text, false)
                           : "";
    if (f->digits)
        tell_digits(g, f, at, text);
    else
        judging_complain(g, at.column, "%s%s%s: wanted %s%s", PLACE_ARG(at),
                         complain_show(text, shown), want, hint);
}

static void judge_text(struct judging *g, const struct action_field *f, struct place at,
                       struct span text)
{
    const char *want;
    switch (action_field_fit(f, text, &want)) {
    case FIT_GOOD:
        return;
    case FIT_UNSEEN:
        warn_unseen(g, f, at, text);
        return;
    case FIT_WRONG:
        tell_wrong(g, f, at, text, want);
    }
}

static void judge_value(struct judging *g, const struct action_field *f, struct place at,
                        struct span cell)
{
    char shown[SHOWN_MAX];
    struct ref_use use;
    switch (ref_read_cell(cell, &use)) {
    case REF_CELL_TEXT:
        if (spreadsheet_may_harm(f, cell))
            judging_complain(g, at.column, "%s%s%s: " SPREADSHEET_ROUNDED, PLACE_ARG(at),
                             complain_show(cell, shown));
        else
            judge_text(g, f, at, cell);
        return;
    case REF_CELL_QUOTED:
        judge_text(g, f, at, (struct span){cell.ptr + 1, cell.len - 1});
        return;
    case REF_CELL_USE:
        judge_use(g, f, at, use);
        return;
    case REF_CELL_WRONG:
        break;
    }
    judging_complain(
        g, at.column,
        "%s%s%s names no job: wanted @ref, @ref/attributes/NAME, or @@ for a text "
        "that begins with @",
        PLACE_ARG(at), complain_show(cell, shown));
}

/* The job keeps what the cell stands for: the file of today, whatever is written to it later. */
static void judge_file(struct judging *g, const struct action_field *f, struct place at,
                       struct span cell)
{
    struct err err;
    char shown[SHOWN_MAX];
    char *value = judging_file_cell(g->catalogue, f, cell, &err);
    if (value)
        params_set(&g->row->params, f->name, value);
    else
        judging_complain(g, at.column, "%s%s%s %s", PLACE_ARG(at),
                         complain_show(cell, shown), err.text);
    free(value);
}

/* The value itself is never told. It is no other job's: that one's answer is kept. */
static void judge_secret(struct judging *g, const struct action_field *f, struct place at,
                         struct span cell)
{
    const char *want;
    struct ref_use use;
    enum ref_cell kind = ref_read_cell(cell, &use);
    struct span value =
        kind == REF_CELL_QUOTED ? (struct span){cell.ptr + 1, cell.len - 1} : cell;
    if (kind != REF_CELL_TEXT && kind != REF_CELL_QUOTED)
        judging_complain(
            g, at.column,
            "%s%swanted @@ for a text that begins with @; a field of type %s "
            "takes no value of another job",
            PLACE_ARG(at), value_type_name(f->type));
    else if (!action_field_accepts(f, value, &want))
        judging_complain(g, at.column, "%s%swanted %s", PLACE_ARG(at), want);
    params_add(&g->row->secrets, span_of(f->name), cell);
    params_set(&g->row->params, f->name,
               f->type == VALUE_ONE_TIME ? SECRET_ONCE : SECRET_DIGEST);
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
    if (action_field_is_secret(f))
        judge_secret(g, f, at, value);
    else if (f->type == VALUE_FILE && judging_is_file_name(value))
        judge_file(g, f, at, value);
    else
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

/* A decimal with a comma is kept with a point; what is none stays for the complaint. */
static void add_with_comma(struct judging *g, const struct action_field *f,
                           struct place at, struct span cell)
{
    char shown[SHOWN_MAX];
    struct buf value;
    buf_init(&value, cell.len + 1);
    if (spreadsheet_decimal(cell, &value))
        add_field(g, f, at, buf_span(&value));
    else if (cell.ptr[0] == '@' || spreadsheet_may_harm(f, cell))
        add_field(g, f, at, cell);
    else if (params_add(&g->row->params, span_of(f->name), cell))
        judging_complain(
            g, at.column, "%s: wanted digits with one comma, such as 1250,50%s",
            complain_show(cell, shown), spreadsheet_decimal_hint(cell, true));
    else
        judging_complain(g, at.column, "given twice: in a column and in params");
    buf_close(&value);
}

void judging_field(struct judging *g, const struct action_field *field,
                   const char *column, struct span cell)
{
    struct place at = {column, NULL};
    if (field && field->type == VALUE_DECIMAL && g->decimal_comma)
        add_with_comma(g, field, at, cell);
    else if (field)
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
