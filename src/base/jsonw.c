#include "base/jsonw.h"

#include <inttypes.h>

#include "base/scan.h"

void jsonw_init(struct jsonw *w, struct buf *out)
{
    *w = (struct jsonw){.out = out};
}

static bool is_plain(char c)
{
    return c >= ' ' && c < 0x7f && c != '"' && c != '\\' && c != '<' && c != '>';
}

/* How many bytes from `at` on go out as they are; most texts are nothing else. */
static size_t plain_run(struct span text, size_t at)
{
    size_t n = 0;
    while (at + n < text.len && is_plain(text.ptr[at + n]))
        n++;
    return n;
}

void jsonw_quote(struct buf *out, struct span text)
{
    buf_add_char(out, '"');
    for (size_t i = 0, n; i < text.len; i += n ? n : 1) {
        unsigned char c = (unsigned char)text.ptr[i];
        n = plain_run(text, i);
        if (n > 0) {
            buf_add(out, text.ptr + i, n);
            continue;
        }
        n = scan_utf8_char(text, i);
        if (n == 0)
            buf_add_text(out, "\xef\xbf\xbd"); /* U+FFFD */
        else if (c == '"' || c == '\\')
            buf_printf(out, "\\%c", c);
        else if (c < 0x20 || c == '<' || c == '>' || c == 0x7f)
            buf_printf(out, "\\u%04x", c);
        else if (c == 0xc2 && (unsigned char)text.ptr[i + 1] < 0xa0)
            buf_printf(out, "\\u%04x", (unsigned char)text.ptr[i + 1]);
        else
            buf_add(out, text.ptr + i, n);
    }
    buf_add_char(out, '"');
}

static void begin(struct jsonw *w, const char *key)
{
    if (w->comma)
        buf_add_char(w->out, ',');
    w->comma = true;
    if (!key)
        return;
    jsonw_quote(w->out, span_of(key));
    buf_add_char(w->out, ':');
}

void jsonw_open(struct jsonw *w, const char *key, char bracket)
{
    begin(w, key);
    buf_add_char(w->out, bracket);
    w->comma = false;
}

void jsonw_close(struct jsonw *w, char bracket)
{
    buf_add_char(w->out, bracket);
    w->comma = true;
}

void jsonw_span(struct jsonw *w, const char *key, struct span value)
{
    begin(w, key);
    jsonw_quote(w->out, value);
}

void jsonw_text(struct jsonw *w, const char *key, const char *value)
{
    if (value)
        jsonw_span(w, key, span_of(value));
    else
        jsonw_raw(w, key, span_of("null"));
}

void jsonw_int(struct jsonw *w, const char *key, int64_t value)
{
    begin(w, key);
    buf_printf(w->out, "%" PRId64, value);
}

void jsonw_bool(struct jsonw *w, const char *key, bool value)
{
    jsonw_raw(w, key, span_of(value ? "true" : "false"));
}

void jsonw_raw(struct jsonw *w, const char *key, struct span json)
{
    begin(w, key);
    buf_add_span(w->out, json);
}
