#include "intake/csv_line.h"

#include <stdint.h>

#include "base/scan.h"

struct span csv_line_without_bom(struct span line)
{
    if (line.len >= 3 && memcmp(line.ptr, "\xef\xbb\xbf", 3) == 0)
        return (struct span){line.ptr + 3, line.len - 3};
    return line;
}

bool csv_line_is_empty(struct span line)
{
    return span_is(line, "\n") || span_is(line, "\r\n");
}

char csv_line_delimiter(struct span line)
{
    static const char candidates[] = {',', ';', '\t'};
    size_t found[sizeof(candidates)] = {0}, best = 0;
    bool quoted = false;
    for (size_t i = 0; i < line.len; i++) {
        quoted ^= line.ptr[i] == '"';
        for (size_t c = 0; c < sizeof(candidates) && !quoted; c++)
            found[c] += line.ptr[i] == candidates[c];
    }
    for (size_t c = 1; c < sizeof(candidates); c++)
        if (found[c] > found[best])
            best = c;
    return candidates[best];
}

/* The first byte from `at` on that is not ASCII: eight at a time, since nearly all are.
 */
static size_t past_ascii(struct span line, size_t at)
{
    for (uint64_t word; at + sizeof(word) <= line.len; at += sizeof(word)) {
        memcpy(&word, line.ptr + at, sizeof(word));
        if (word & UINT64_C(0x8080808080808080))
            break;
    }
    while (at < line.len && !((unsigned char)line.ptr[at] & 0x80))
        at++;
    return at;
}

size_t csv_line_broken_utf8(struct span line)
{
    size_t at = past_ascii(line, 0);
    while (at < line.len) {
        size_t n = scan_utf8_char(line, at);
        if (n == 0)
            return at;
        at = past_ascii(line, at + n);
    }
    return line.len;
}

bool csv_line_has_lone_cr(struct span line, bool quoted, bool whole)
{
    if (!memchr(line.ptr, '\r', line.len))
        return false;
    size_t len = line.len - 1;
    if (whole && len > 0 && line.ptr[len - 1] == '\r')
        len--;
    /* Each quote opens or closes and a doubled one does both, so counting them is enough.
     */
    for (size_t i = 0; i < len; i++) {
        quoted ^= line.ptr[i] == '"';
        if (line.ptr[i] == '\r' && !quoted)
            return true;
    }
    return false;
}

struct span csv_line_take(struct span *bytes, bool *ends_line)
{
    const char *end = memchr(bytes->ptr, '\n', bytes->len);
    size_t len = end ? (size_t)(end - bytes->ptr) + 1 : bytes->len;
    struct span piece = {bytes->ptr, len};
    *bytes = (struct span){bytes->ptr + len, bytes->len - len};
    *ends_line = end != NULL;
    return piece;
}
