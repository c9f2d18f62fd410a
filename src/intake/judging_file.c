#include "intake/judging_file.h"

#include <stdio.h>
#include <stdlib.h>

#include "model/document.h"

static bool is_quoted(struct span cell)
{
    return cell.len > 1 && cell.ptr[0] == '@' && cell.ptr[1] == '@';
}

bool judging_is_file_name(struct span cell)
{
    bool is_use = cell.len && cell.ptr[0] == '@' && !is_quoted(cell);
    return !is_use && !document_is_data_uri(cell);
}

char *judging_file_cell(const struct catalogue *c, const struct action_field *f,
                        struct span cell, struct err *err)
{
    struct document d;
    struct buf value;
    if (is_quoted(cell))
        cell = (struct span){cell.ptr + 1, cell.len - 1};
    if (document_look(&d, c->folder, cell, f->choices, f->max, err))
        return NULL;
    buf_init(&value, DOCUMENT_CELL_MAX);
    document_write(&d, &value);
    document_close(&d);
    return buf_take(&value);
}

/* The name may be any; what is said of the bytes must be so. */
static void fill(struct judging *g, const char *name, const char *value, bool must_agree)
{
    const struct action_field *f = action_field(g->action, span_of(name));
    const char *said = params_get(&g->row->params, name), *want;
    if (said && *said) {
        if (must_agree && strcmp(said, value) != 0)
            judging_complain(g, name, "the file is %s: leave this empty", value);
        return;
    }
    if (!action_field_accepts(f, span_of(value), &want))
        judging_complain(g, name, "empty, and what the file gives is not %s", want);
    params_set(&g->row->params, name, value);
}

static void fill_from(struct judging *g, const struct action_field *f,
                      const struct document *d)
{
    char size[24];
    snprintf(size, sizeof(size), "%lld", (long long)d->size);
    const char *const values[FILLS_COUNT] = {document_name(d), d->media, size};
    for (size_t i = 0; i < FILLS_COUNT; i++)
        if (f->fills[i])
            fill(g, f->fills[i], values[i], i != FILLS_NAME);
}

/* Of a cell that is told of already: what it would have filled is not missing too. */
static void fill_for_nothing(struct judging *g, const struct action_field *f)
{
    for (size_t i = 0; i < FILLS_COUNT; i++)
        if (f->fills[i])
            params_add(&g->row->params, span_of(f->fills[i]), span_of("?"));
}

void judging_file_fill(struct judging *g)
{
    for (size_t i = 0; i < g->action->field_count; i++) {
        const struct action_field *f = &g->action->fields[i];
        const char *value = params_get(&g->row->params, f->name);
        struct document d;
        if (f->type != VALUE_FILE || !value || document_is_data_uri(span_of(value)))
            continue;
        if (!document_read(&d, span_of(value))) {
            fill_for_nothing(g, f);
            continue;
        }
        fill_from(g, f, &d);
        document_close(&d);
    }
}
