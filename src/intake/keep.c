#include "intake/keep.h"

#include "base/csv_cell.h"

#define KEPT_MAX (64 * 1024 * 1024)

void keep_init(struct keep *k)
{
    *k = (struct keep){0};
    buf_init(&k->columns, KEPT_MAX);
    buf_init(&k->lines, KEPT_MAX);
    buf_init(&k->cells, KEPT_MAX);
}

void keep_close(struct keep *k)
{
    buf_close(&k->columns);
    buf_close(&k->lines);
    buf_close(&k->cells);
}

static void write_cells(struct buf *out, char delimiter, const struct span *cells,
                        size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (i)
            buf_add_char(out, delimiter);
        csv_cell_write(out, cells[i], delimiter, false);
    }
}

void keep_header(struct keep *k, char delimiter, const struct span *names, size_t count)
{
    if (!k)
        return;
    k->delimiter = delimiter;
    write_cells(&k->columns, delimiter, names, count);
}

static void write_number(struct buf *out, size_t n)
{
    char digits[24];
    size_t at = sizeof(digits);
    do
        digits[--at] = (char)('0' + n % 10);
    while (n /= 10);
    buf_add(out, digits + at, sizeof(digits) - at);
}

void keep_line(struct keep *k, struct span ref, const struct span *cells, size_t count)
{
    if (!k)
        return;
    buf_clear(&k->cells);
    write_cells(&k->cells, k->delimiter, cells, count);
    buf_add_span(&k->lines, ref);
    buf_add_char(&k->lines, ' ');
    write_number(&k->lines, k->cells.len);
    buf_add_char(&k->lines, '\n');
    buf_add_span(&k->lines, buf_span(&k->cells));
    buf_add_char(&k->lines, '\n');
}
