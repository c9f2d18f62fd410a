/* Writes down what is complained about, one line each: "!LINE COLUMN: TEXT", with "?" for a
 * warning. */
#ifndef TESTS_UNIT_INTAKE_HEAR_H
#define TESTS_UNIT_INTAKE_HEAR_H

#include "base/buf.h"
#include "model/row.h"

static inline void hear(void *ctx, const struct complaint *c)
{
    struct buf *heard = ctx;
    buf_printf(heard, "%c%lld %s%s%s\n", c->is_warning ? '?' : '!', (long long)c->line,
               c->column ? c->column : "", c->column ? ": " : "", c->text);
}

/* "=LINE ref action for=ACTOR needs=[?]REF(COLUMN),... {params} money" */
static inline void write_row(struct buf *out, const struct row *row)
{
    char amount[DECIMAL_TEXT_MAX];
    buf_printf(out, "=%lld %s %s", (long long)row->line, row->ref, row->action);
    if (row->on_behalf_of)
        buf_printf(out, " for=%s", row->on_behalf_of);
    for (size_t i = 0; i < row->need_count; i++)
        buf_printf(out, "%s%s%s(%s)",
                   i ? "," : " needs=", row->needs[i].is_soft ? "?" : "",
                   row->needs[i].ref, row->needs[i].column);
    buf_add_char(out, ' ');
    params_write(&row->params, out);
    if (row->has_money)
        buf_printf(out, " %s %s", money_text(row->money, amount), row->money.currency);
    buf_add_char(out, '\n');
}

#endif
