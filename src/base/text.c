#include "base/text.h"

#include <stdbool.h>
#include <stdint.h>

#include "base/scan.h"

static uint32_t decode(const char *at, size_t n)
{
    unsigned char first = (unsigned char)at[0];
    uint32_t code = n == 1 ? first : first & (0xffu >> (n + 1));
    for (size_t i = 1; i < n; i++)
        code = (code << 6) | ((unsigned char)at[i] & 0x3f);
    return code;
}

/* C0, DEL, C1, line and paragraph separators, and Unicode's bidirectional controls (UAX
 * #9). */
static bool moves_the_cursor(uint32_t code)
{
    return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x61c ||
           code == 0x200e || code == 0x200f || (code >= 0x2028 && code <= 0x202e) ||
           (code >= 0x2066 && code <= 0x2069) || code == 0xfeff;
}

void text_printable(struct buf *out, struct span text)
{
    size_t at = 0;
    while (at < text.len) {
        size_t n = scan_utf8_char(text, at);
        uint32_t code = n ? decode(text.ptr + at, n) : 0;
        if (n == 0)
            buf_printf(out, "\\x%02x", (unsigned char)text.ptr[at]);
        else if (!moves_the_cursor(code))
            buf_add(out, text.ptr + at, n);
        else if (code < 0x100)
            buf_printf(out, "\\x%02x", code);
        else
            buf_printf(out, "\\u{%04x}", code);
        at += n ? n : 1;
    }
}

static bool is_plain_word(struct span text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!letter && !(c >= '0' && c <= '9') && !strchr("-_./:+@%,=", c))
            return false;
    }
    return text.len > 0;
}

void text_shell_word(struct buf *out, struct span text)
{
    if (is_plain_word(text)) {
        buf_add_span(out, text);
        return;
    }
    buf_add_char(out, '\'');
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] == '\'')
            buf_add_text(out, "'\\''");
        else
            buf_add_char(out, text.ptr[i]);
    buf_add_char(out, '\'');
}

const char *text_plural(int64_t n, const char *one, const char *many)
{
    return n == 1 ? one : many;
}

size_t text_width(struct span text)
{
    size_t width = 0;
    for (size_t i = 0; i < text.len; i++)
        width += ((unsigned char)text.ptr[i] & 0xc0) != 0x80;
    return width;
}
