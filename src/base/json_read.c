#include "base/json.h"

#include <stdint.h>

#include "base/json_unicode.h"
#include "base/scan.h"

/* All of this walks text that passed json_check, so it need not doubt what it sees. */

static size_t skip_blank(struct span text, size_t at)
{
    while (at < text.len && memchr(" \t\r\n", text.ptr[at], 4))
        at++;
    return at;
}

static char char_at(struct span text, size_t at)
{
    return at < text.len ? text.ptr[at] : '\0';
}

static bool is_escaped(struct span text, size_t at)
{
    size_t first = at;
    while (text.ptr[first - 1] == '\\')
        first--;
    return (at - first) % 2 == 1;
}

static size_t end_of_string(struct span text, size_t at)
{
    for (at++; at < text.len; at++) {
        const char *quote = memchr(text.ptr + at, '"', text.len - at);
        if (!quote)
            break;
        at = (size_t)(quote - text.ptr);
        if (!is_escaped(text, at))
            break;
    }
    return at + 1;
}

static size_t end_of_value(struct span text, size_t at)
{
    int depth = 0;
    while (at < text.len) {
        char c = text.ptr[at];
        if (c == '"') {
            at = end_of_string(text, at);
            if (depth == 0)
                return at;
            continue;
        }
        if (c == '{' || c == '[')
            depth++;
        else if ((c == '}' || c == ']') && --depth <= 0)
            return depth < 0 ? at : at + 1;
        else if (depth == 0 && memchr(", \t\r\n", c, 5))
            return at;
        at++;
    }
    return at;
}

static struct span value_at(struct span text, size_t at)
{
    at = skip_blank(text, at);
    return (struct span){text.ptr + at, end_of_value(text, at) - at};
}

enum json_type json_type_of(struct span raw)
{
    switch (raw.len ? raw.ptr[0] : 'n') {
    case '{':
        return JSON_OBJECT;
    case '[':
        return JSON_ARRAY;
    case '"':
        return JSON_STRING;
    case 't':
        return JSON_TRUE;
    case 'f':
        return JSON_FALSE;
    case 'n':
        return JSON_NULL;
    default:
        return JSON_NUMBER;
    }
}

bool json_next(struct span container, struct json_cursor *cursor, struct span *key,
               struct span *value)
{
    size_t at = skip_blank(container, cursor->at ? cursor->at : 1);
    if (char_at(container, at) == ',')
        at = skip_blank(container, at + 1);
    if (char_at(container, at) == '}' || char_at(container, at) == ']')
        return false;
    *key = (struct span){"", 0};
    if (container.ptr[0] == '{') {
        *key = (struct span){container.ptr + at, end_of_string(container, at) - at};
        at = skip_blank(container, at + key->len) + 1; /* the ':' */
    }
    *value = value_at(container, at);
    cursor->at = (size_t)(value->ptr - container.ptr) + value->len;
    return true;
}

/* One step of a pointer: "~1" stands for '/', "~0" for '~' (RFC 6901, 4). */
static bool step_is(struct span step, struct span raw_key)
{
    struct span key = {raw_key.ptr + 1, raw_key.len - 2};
    size_t k = 0;
    for (size_t i = 0; i < step.len; i++, k++) {
        char c = step.ptr[i];
        if (c == '~') {
            char next = i + 1 < step.len ? step.ptr[++i] : '\0';
            if (next != '0' && next != '1')
                return false;
            c = next == '1' ? '/' : '~';
        }
        if (k >= key.len || key.ptr[k] != c)
            return false;
    }
    return k == key.len;
}

/* Digits without a leading zero (RFC 6901, 4). */
static bool read_index(struct span step, int64_t *index)
{
    return scan_is_digits(step) && (step.len == 1 || step.ptr[0] != '0') &&
           scan_int(step, 0, INT32_MAX, index);
}

/* Moves *at from the beginning of a container to that of the value one step down. Where it ends is nobody's
 * question yet: it would be walked over for nothing. */
static bool enter(struct span text, size_t *at, struct span step)
{
    bool is_object = char_at(text, *at) == '{';
    int64_t index = -1;
    if (!is_object && (char_at(text, *at) != '[' || !read_index(step, &index)))
        return false;
    for (size_t here = *at + 1;; here = end_of_value(text, here)) {
        here = skip_blank(text, here);
        if (char_at(text, here) == ',')
            here = skip_blank(text, here + 1);
        if (here >= text.len || text.ptr[here] == '}' || text.ptr[here] == ']')
            return false;
        struct span key = {text.ptr + here, 0};
        if (is_object) {
            key.len = end_of_string(text, here) - here;
            here = skip_blank(text, skip_blank(text, here + key.len) + 1); /* the ':' */
        }
        if (is_object ? step_is(step, key) : index-- == 0) {
            *at = here;
            return true;
        }
    }
}

bool json_at(struct span text, const char *pointer, struct span *raw)
{
    size_t at = skip_blank(text, 0);
    while (*pointer == '/') {
        size_t n = strcspn(pointer + 1, "/");
        if (!enter(text, &at, (struct span){pointer + 1, n}))
            return false;
        pointer += 1 + n;
    }
    *raw = value_at(text, at);
    return *pointer == '\0';
}

static bool add_utf8(struct buf *out, uint32_t code)
{
    char bytes[4];
    size_t n = scan_utf8_encode(code, bytes);
    return buf_add(out, bytes, n);
}

static char plain_escape(char c)
{
    static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";
    const char *found = strchr(from, c);
    return found ? to[found - from] : c;
}

bool json_unquote(struct span raw, struct buf *out)
{
    for (size_t i = 1; i + 1 < raw.len; i++) {
        if (raw.ptr[i] != '\\') {
            if (!buf_add_char(out, raw.ptr[i]))
                return false;
            continue;
        }
        char c = raw.ptr[++i];
        uint32_t code = 0;
        if (c == 'u')
            i += json_read_unicode(raw, i + 1, &code);
        if (!(c == 'u' ? add_utf8(out, code) : buf_add_char(out, plain_escape(c))))
            return false;
    }
    return true;
}

bool json_text_at(struct span text, const char *pointer, struct buf *out)
{
    struct span raw;
    if (!json_at(text, pointer, &raw))
        return false;
    if (json_type_of(raw) == JSON_STRING)
        return json_unquote(raw, out);
    return json_type_of(raw) == JSON_NUMBER && buf_add_span(out, raw);
}
