#include "intake/csv_fields.h"

#include <stdlib.h>

#include "base/mem.h"

void csv_fields_init(struct csv_fields *f, size_t bytes_max)
{
    *f = (struct csv_fields){.count = 0};
    buf_init(&f->text, bytes_max);
}

void csv_fields_close(struct csv_fields *f)
{
    buf_close(&f->text);
    free(f->items);
}

void csv_fields_clear(struct csv_fields *f)
{
    f->count = 0;
    buf_clear(&f->text);
}

void csv_fields_add(struct csv_fields *f, struct span field)
{
    if (f->count == f->room) {
        f->room = f->room ? f->room * 2 : 16;
        f->items = mem_resize(f->items, f->room, sizeof(*f->items));
    }
    buf_add_span(&f->text, field);
    f->items[f->count++].len = field.len;
}

const struct span *csv_fields_stand(struct csv_fields *f)
{
    const char *at = f->text.data;
    for (size_t i = 0; i < f->count; i++) {
        f->items[i].ptr = at;
        at += f->items[i].len;
    }
    return f->items;
}
