#include "base/json_unicode.h"

#include <stdbool.h>

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

static bool hex4(struct span text, size_t at, uint32_t *out)
{
    if (at + 4 > text.len)
        return false;
    *out = 0;
    for (size_t i = 0; i < 4; i++) {
        int v = hex_value(text.ptr[at + i]);
        if (v < 0)
            return false;
        *out = *out * 16 + (uint32_t)v;
    }
    return true;
}

/* Reads "XXXX", and "\uXXXX" more for a surrogate pair; returns the bytes read, 0 when
 * wrong. */
size_t json_read_unicode(struct span text, size_t at, uint32_t *code)
{
    uint32_t low;
    if (!hex4(text, at, code) || *code == 0 || (*code >= 0xdc00 && *code <= 0xdfff))
        return 0;
    if (*code < 0xd800 || *code > 0xdbff)
        return 4;
    if (at + 6 > text.len || text.ptr[at + 4] != '\\' || text.ptr[at + 5] != 'u')
        return 0;
    if (!hex4(text, at + 6, &low) || low < 0xdc00 || low > 0xdfff)
        return 0;
    *code = 0x10000 + ((*code - 0xd800) << 10) + (low - 0xdc00);
    return 10;
}
