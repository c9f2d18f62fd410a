#include "intake/complain.h"

#include <stdio.h>

#include "base/buf.h"
#include "base/scan.h"
#include "base/text.h"

#define COMPLAINT_MAX 2048

void complain_vsay(const struct listener *l, bool is_warning, int64_t line,
                   const char *column, const char *fmt, va_list args)
{
    char text[COMPLAINT_MAX];
    struct buf printable;
    vsnprintf(text, sizeof(text), fmt, args);
    buf_init(&printable,
             COMPLAINT_MAX * 4); /* "\x00" is the longest that a byte becomes */
    text_printable(&printable, span_of(text));
    l->complain(l->ctx, &(struct complaint){line, column, printable.data, is_warning});
    buf_close(&printable);
}

void complain_say(const struct listener *l, int64_t line, const char *column,
                  const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    complain_vsay(l, false, line, column, fmt, args);
    va_end(args);
}

void complain_again(const struct listener *l, const struct complaint *c, int64_t line,
                    const char *column, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    complain_vsay(l, c->is_warning, line, column, fmt, args);
    va_end(args);
}

bool complain_of_count(const struct listener *l, int64_t line, size_t fields,
                       size_t columns)
{
    if (fields == columns)
        return true;
    complain_say(l, line, NULL, "%zu fields, but the header has %zu columns%s", fields,
                 columns,
                 fields < columns ? ": empty cells need their delimiters too"
                                  : ": a field with a delimiter in it needs quotes");
    return false;
}

/* Bytes of the first SHOWN_CHARACTERS characters; a broken byte counts as one. */
static size_t shown_bytes(struct span value)
{
    size_t at = 0;
    for (int i = 0; i < SHOWN_CHARACTERS && at < value.len; i++) {
        size_t n = scan_utf8_char(value, at);
        at += n ? n : 1;
    }
    return at;
}

const char *complain_show(struct span value, char out[SHOWN_MAX])
{
    struct buf text;
    size_t n = shown_bytes(value);
    buf_init(&text, SHOWN_MAX - 6); /* two quotes, three dots, the NUL */
    text_printable(&text, (struct span){value.ptr, n});
    snprintf(out, SHOWN_MAX, "'%s%s'", text.data, n < value.len ? "..." : "");
    buf_close(&text);
    return out;
}
