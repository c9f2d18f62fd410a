#include "report/table.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/text.h"

#define CELL_SHOWN_MAX 60 /* columns of a cell for a person; longer ones are cut */

struct table {
    const char *const *columns;
    char **cells; /* heading first, row by row */
    bool *texts;  /* a cell of the column is no number: it is set to the left */
    int width;    /* columns of the table */
    int rows;
};

static char *shown(const char *text)
{
    struct buf b;
    buf_init(&b, 64 * 1024);
    text_printable(&b, span_of(text ? text : ""));
    if (text_width(buf_span(&b)) > CELL_SHOWN_MAX) {
        size_t cut = 0, width = 0;
        for (; cut < b.len && width < CELL_SHOWN_MAX; cut++)
            width += ((unsigned char)b.data[cut] & 0xc0) != 0x80;
        b.len = cut - 1;
        buf_add_text(&b, "…");
    }
    return buf_take(&b);
}

static void add_line(struct table *t)
{
    size_t room = (size_t)(t->rows + 2) * (size_t)t->width;
    t->cells = mem_resize(t->cells, room, sizeof(*t->cells));
}

static void start(struct table *t, const struct view_row *row)
{
    t->width = row->count;
    for (int i = 0; t->columns && (i == 0 || t->columns[i - 1]); i++)
        t->width = i;
    t->texts = mem_zero((size_t)t->width, sizeof(*t->texts));
    add_line(t);
    for (int i = 0; i < t->width; i++)
        t->cells[i] = shown(t->columns ? t->columns[i] : row->cells[i].column);
}

static const struct view_cell *cell_of(const struct table *t, const struct view_row *row,
                                       int i)
{
    static const struct view_cell nothing = {"", NULL, false};
    if (!t->columns)
        return &row->cells[i];
    for (int c = 0; c < row->count; c++)
        if (strcmp(row->cells[c].column, t->columns[i]) == 0)
            return &row->cells[c];
    return &nothing;
}

static bool looks_like_number(const char *text)
{
    return text[strspn(text, "0123456789.")] == '\0';
}

static bool add_row(void *ctx, const struct view_row *row)
{
    struct table *t = ctx;
    if (!t->cells)
        start(t, row);
    add_line(t);
    t->rows++;
    for (int i = 0; i < t->width; i++) {
        const struct view_cell *cell = cell_of(t, row, i);
        t->cells[t->rows * t->width + i] = shown(cell->text);
        t->texts[i] |= cell->text && !looks_like_number(cell->text);
    }
    return true;
}

static size_t widest(const struct table *t, int column)
{
    size_t most = 0;
    for (int r = 0; r <= t->rows; r++) {
        size_t width = text_width(span_of(t->cells[r * t->width + column]));
        most = width > most ? width : most;
    }
    return most;
}

static void print_line(FILE *out, const struct table *t, int row, const size_t *widths)
{
    for (int i = 0; i < t->width; i++) {
        const char *text = t->cells[row * t->width + i];
        int pad = (int)(widths[i] - text_width(span_of(text)));
        bool last = i == t->width - 1;
        if (t->texts[i])
            fprintf(out, "%s%*s%s", text, last ? 0 : pad, "", last ? "" : "  ");
        else
            fprintf(out, "%*s%s%s", pad, "", text, last ? "" : "  ");
    }
    fputc('\n', out);
}

static void print_all(FILE *out, const struct table *t)
{
    size_t *widths = mem_zero((size_t)t->width, sizeof(*widths));
    for (int i = 0; i < t->width; i++)
        widths[i] = widest(t, i);
    for (int r = 0; r <= t->rows; r++)
        print_line(out, t, r, widths);
    free(widths);
}

int table_print(FILE *out, struct store *s, enum store_view view, const char *key,
                int64_t limit, const char *const *columns, struct err *err)
{
    struct table t = {.columns = columns};
    int rc = store_read(s, view, key, limit, add_row, &t, err);
    if (rc == 0 && t.rows > 0)
        print_all(out, &t);
    for (int i = 0; t.cells && i < (t.rows + 1) * t.width; i++)
        free(t.cells[i]);
    free(t.cells);
    free(t.texts);
    return rc ? -1 : t.rows;
}

static bool add_json(void *ctx, const struct view_row *row)
{
    struct jsonw *w = ctx;
    jsonw_open(w, NULL, '{');
    for (int i = 0; i < row->count; i++)
        if (row->cells[i].is_number)
            jsonw_raw(w, row->cells[i].column, span_of(row->cells[i].text));
        else
            jsonw_text(w, row->cells[i].column, row->cells[i].text);
    jsonw_close(w, '}');
    return true;
}

int table_json(struct jsonw *w, const char *name, struct store *s, enum store_view view,
               const char *key, int64_t limit, struct err *err)
{
    jsonw_open(w, name, '[');
    int rc = store_read(s, view, key, limit, add_json, w, err);
    jsonw_close(w, ']');
    return rc;
}
