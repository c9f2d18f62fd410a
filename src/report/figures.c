#include "report/figures.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "store/health.h"
#include "store/read.h"

/* Columns of the two views that are no state: names, and what is the sum of others. */
static bool is_state(const char *column)
{
    static const char *const others[] = {"batch",    "total",   "currency", "declared",
                                         "imported", "balance", "balanced"};
    for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
        if (strcmp(others[i], column) == 0)
            return false;
    return true;
}

static bool is_same(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

static struct figure *figure_of(struct figures *f, const char *currency,
                                const char *state)
{
    for (int i = 0; i < f->count; i++)
        if (is_same(f->items[i].currency, currency) && is_same(f->items[i].state, state))
            return &f->items[i];
    f->items = mem_resize(f->items, (size_t)f->count + 1, sizeof(*f->items));
    f->items[f->count] =
        (struct figure){.currency = mem_text(currency), .state = mem_text(state)};
    return &f->items[f->count++];
}

static bool add_row(void *ctx, const struct view_row *row)
{
    struct figures *f = ctx;
    const char *currency = view_text(row, "currency");
    for (int i = 0; i < row->count; i++) {
        struct decimal value;
        const char *text = row->cells[i].text;
        if (!is_state(row->cells[i].column) || !text ||
            !decimal_parse_json(span_of(text), &value))
            continue;
        struct figure *figure = figure_of(f, currency, row->cells[i].column);
        figure->is_beyond |= !decimal_add(figure->value, value, &figure->value);
    }
    return true;
}

int figures_read(struct figures *f, struct store *s, struct err *err)
{
    *f = (struct figures){0};
    return store_read(s, VIEW_PROGRESS, NULL, 0, add_row, f, err) ||
                   store_read(s, VIEW_MONEY, NULL, 0, add_row, f, err) ||
                   store_last_success(s, &f->last_success_ms, err)
               ? -1
               : 0;
}

void figures_close(struct figures *f)
{
    for (int i = 0; i < f->count; i++) {
        free(f->items[i].currency);
        free(f->items[i].state);
    }
    free(f->items);
    *f = (struct figures){0};
}
