#include "intake/annotate.h"

#include <stdlib.h>

#include "base/csv_cell.h"
#include "base/mem.h"
#include "intake/csv_file.h"

void annotations_add(struct annotations *a, int64_t line, const char *text)
{
    if (a->count == a->room) {
        a->room = a->room ? a->room * 2 : 64;
        a->items = mem_resize(a->items, a->room, sizeof(*a->items));
    }
    a->items[a->count] = (struct annotation){line, a->count, mem_text(text)};
    a->count++;
}

void annotations_close(struct annotations *a)
{
    for (size_t i = 0; i < a->count; i++)
        free(a->items[i].text);
    free(a->items);
    *a = (struct annotations){0};
}

static int by_line(const void *left, const void *right)
{
    const struct annotation *a = left, *b = right;
    if (a->line != b->line)
        return a->line < b->line ? -1 : 1;
    return a->number < b->number ? -1 : 1;
}

struct writer {
    FILE *out;
    const struct annotations *all;
    size_t next; /* of them */
    bool has_header;
    bool is_inside;       /* a record that goes on in the next line */
    struct csv_line last; /* without its text */
};

static void take_texts(struct writer *w, int64_t line, struct buf *problem)
{
    for (; w->next < w->all->count && w->all->items[w->next].line <= line; w->next++)
        if (w->has_header)
            buf_printf(problem, "%s%s", problem->len ? "; " : "",
                       w->all->items[w->next].text);
}

static void write_problem(struct writer *w, const struct csv_line *line)
{
    struct buf problem, cell;
    buf_init(&problem, SIZE_MAX / 4);
    buf_init(&cell, SIZE_MAX / 4);
    take_texts(w, line->number, &problem);
    if (!w->has_header)
        buf_add_text(&problem, "problem");
    w->has_header = true;
    csv_cell_write(&cell, buf_span(&problem), line->delimiter, true);
    fputc(line->delimiter, w->out);
    fwrite(cell.data, 1, cell.len, w->out);
    buf_close(&problem);
    buf_close(&cell);
}

static size_t line_end(struct span text)
{
    size_t n = text.len && text.ptr[text.len - 1] == '\n';
    return n && text.len > 1 && text.ptr[text.len - 2] == '\r' ? 2 : n;
}

static void on_line(void *ctx, const struct csv_line *line)
{
    struct writer *w = ctx;
    size_t end = line->ends_record ? line_end(line->text) : 0;
    fwrite(line->text.ptr, 1, line->text.len - end, w->out);
    w->is_inside = !line->ends_record && (w->is_inside || line->text.len > 2);
    w->last = *line;
    w->last.text = (struct span){0};
    if (line->ends_record)
        write_problem(w, line);
    fwrite(line->text.ptr + line->text.len - end, 1, end, w->out);
}

static void told_before(void *ctx, const struct complaint *c)
{
    (void)ctx;
    (void)c;
}

int annotate(const char *path, const struct csv_options *options, struct annotations *a,
             FILE *out, struct err *err)
{
    struct writer w = {.out = out, .all = a};
    struct csv_options with = *options;
    struct csv_record record;
    struct csv_file *file;
    int rc;
    if (a->count)
        qsort(a->items, a->count, sizeof(*a->items), by_line);
    with.on_line = on_line;
    with.on_line_ctx = &w;
    struct listener deaf = {told_before, NULL};
    if (csv_file_open(&file, path, &with, deaf, &record, err))
        return -1;
    while ((rc = csv_file_next(file, &record, err)) == 1)
        ;
    csv_file_close(file);
    if (rc == 0 && w.is_inside) /* a quote that is never closed: nothing told is lost */
        write_problem(&w, &w.last);
    return rc;
}
