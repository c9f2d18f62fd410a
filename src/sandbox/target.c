#include "sandbox/target.h"

/* Takes the part up to `mark` off the front of *text; the mark is dropped. */
static struct span cut(struct span *text, char mark)
{
    const char *end = text->len ? memchr(text->ptr, mark, text->len) : NULL;
    struct span part = {text->ptr, end ? (size_t)(end - text->ptr) : text->len};
    size_t used = part.len + (end != NULL);
    *text = (struct span){text->ptr + used, text->len - used};
    return part;
}

struct target target_of(struct span text)
{
    static const char base[] = "/api";
    const size_t n = sizeof(base) - 1;
    struct target t = {0};
    t.whole = cut(&text, '?');
    t.query = text;
    t.path = t.whole;
    t.in_api = t.path.len >= n && memcmp(t.path.ptr, base, n) == 0 &&
               (t.path.len == n || t.path.ptr[n] == '/');
    if (t.in_api)
        t.path = (struct span){t.path.ptr + n, t.path.len - n};
    if (t.path.len > 0 && t.path.ptr[t.path.len - 1] == '/')
        t.path.len--;
    return t;
}

bool path_match(struct span path, const char *pattern, struct span *id)
{
    struct span rest = span_of(pattern);
    if (span_is(rest, "*"))
        return true;
    if (path.len > 0 && path.ptr[path.len - 1] == '/')
        return false;
    while (path.len > 0 && rest.len > 0) {
        struct span have = cut(&path, '/');
        struct span want = cut(&rest, '/');
        bool named = span_is(want, ":id");
        if (named && id)
            *id = have;
        if (named || span_is(want, "*") ? have.len == 0 : !span_equal(have, want))
            return false;
    }
    return path.len == 0 && rest.len == 0;
}

static int hex_digit(char c)
{
    static const char digits[] = "0123456789abcdef0123456789ABCDEF";
    const char *found = c ? strchr(digits, c) : NULL;
    return found ? (int)(found - digits) % 16 : -1;
}

static void percent_decode(struct span text, struct buf *out)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        bool coded = c == '%' && i + 2 < text.len && hex_digit(text.ptr[i + 1]) >= 0 &&
                     hex_digit(text.ptr[i + 2]) >= 0;
        if (coded) {
            c = (char)(hex_digit(text.ptr[i + 1]) * 16 + hex_digit(text.ptr[i + 2]));
            i += 2;
        }
        buf_add_char(out, c == '+' && !coded ? ' ' : c);
    }
}

static bool is_named(struct span coded, const char *name)
{
    struct buf plain;
    buf_init(&plain, coded.len);
    percent_decode(coded, &plain);
    bool same = span_is(buf_span(&plain), name);
    buf_close(&plain);
    return same;
}

bool query_value(struct span query, const char *name, struct buf *out)
{
    while (query.len > 0) {
        struct span value = cut(&query, '&');
        struct span key = cut(&value, '=');
        if (!is_named(key, name))
            continue;
        percent_decode(value, out);
        return true;
    }
    return false;
}
