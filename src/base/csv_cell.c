#include "base/csv_cell.h"

#include <string.h>

static bool wants_quotes(struct span text, char delimiter)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == delimiter || c == '"' || c == '\n' || c == '\r')
            return true;
    }
    return text.len && (text.ptr[0] == ' ' || text.ptr[text.len - 1] == ' ');
}

static bool is_formula(struct span text)
{
    return text.len && text.ptr[0] && strchr("=+-@\t\r", text.ptr[0]);
}

static void write_quoted(struct buf *out, struct span text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '"')
            buf_add_char(out, '"');
        buf_add_char(out, text.ptr[i]);
    }
}

void csv_cell_write(struct buf *out, struct span text, char delimiter, bool is_ours)
{
    bool quotes = wants_quotes(text, delimiter);
    if (quotes)
        buf_add_char(out, '"');
    if (is_ours && is_formula(text))
        buf_add_char(out, '\'');
    if (quotes)
        write_quoted(out, text);
    else
        buf_add_span(out, text);
    if (quotes)
        buf_add_char(out, '"');
}
