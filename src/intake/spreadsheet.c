#include "intake/spreadsheet.h"

#include "base/scan.h"

/* Takes the digits off the front; how many there were. */
static size_t take_digits(struct span *text)
{
    size_t n = 0;
    while (n < text->len && text->ptr[n] >= '0' && text->ptr[n] <= '9')
        n++;
    *text = (struct span){text->ptr + n, text->len - n};
    return n;
}

static bool take_char(struct span *text, const char *any)
{
    if (text->len == 0 || !text->ptr[0] || !strchr(any, text->ptr[0]))
        return false;
    *text = (struct span){text->ptr + 1, text->len - 1};
    return true;
}

bool spreadsheet_has_rounded(struct span cell)
{
    take_char(&cell, "-");
    if (take_digits(&cell) != 1)
        return false;
    if (take_char(&cell, ",.") && take_digits(&cell) == 0)
        return false;
    return take_char(&cell, "E") && take_char(&cell, "+") && take_digits(&cell) >= 2 &&
           cell.len == 0;
}

static bool has_sign_of_a_fraction(struct span cell)
{
    return memchr(cell.ptr, ',', cell.len) || memchr(cell.ptr, '.', cell.len);
}

bool spreadsheet_may_harm(const struct action_field *f, struct span cell)
{
    bool is_number = f->type == VALUE_ID || f->type == VALUE_INTEGER ||
                     f->type == VALUE_DECIMAL || (f->type == VALUE_TEXT && f->digits);
    if (!is_number && f->type != VALUE_TEXT)
        return false;
    return spreadsheet_has_rounded(cell) && (is_number || has_sign_of_a_fraction(cell));
}

bool spreadsheet_decimal(struct span cell, struct buf *out)
{
    struct span rest = cell;
    size_t whole = take_digits(&rest);
    if (whole == 0)
        return false;
    buf_add(out, cell.ptr, whole);
    if (rest.len == 0)
        return true;
    if (!take_char(&rest, ",") || !scan_is_digits(rest))
        return false;
    buf_add_char(out, '.');
    return buf_add_span(out, rest);
}

static size_t count(struct span cell, char c)
{
    size_t n = 0;
    for (size_t i = 0; i < cell.len; i++)
        n += cell.ptr[i] == c;
    return n;
}

static bool is_of(struct span cell, const char *any)
{
    for (size_t i = 0; i < cell.len; i++)
        if (!cell.ptr[i] || !strchr(any, cell.ptr[i]))
            return false;
    return cell.len > 0;
}

const char *spreadsheet_decimal_hint(struct span cell, bool comma)
{
    size_t commas = count(cell, ','), points = count(cell, '.');
    if (!is_of(cell, "0123456789.,' "))
        return "";
    if (commas + points > 1 || count(cell, '\'') || count(cell, ' '))
        return "; separators of thousands are not understood: format the column without "
               "them";
    if (comma && points)
        return "; with --decimal-comma a point is none: is it one of thousands?";
    if (!comma && commas)
        return "; --decimal-comma reads one with a comma";
    return "";
}
