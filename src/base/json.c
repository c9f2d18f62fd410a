#include "base/json.h"

#include <stdint.h>

#include "base/scan.h"

struct reader {
    struct span text;
    size_t at;
    int depth;
    const char *fault; /* set once: what is wrong at `at` */
};

static bool fail(struct reader *r, const char *fault)
{
    if (!r->fault)
        r->fault = fault;
    return false;
}

static char peek(const struct reader *r)
{
    return r->at < r->text.len ? r->text.ptr[r->at] : '\0';
}

static void skip_blank(struct reader *r)
{
    while (r->at < r->text.len && memchr(" \t\r\n", r->text.ptr[r->at], 4))
        r->at++;
}

static bool take(struct reader *r, char c)
{
    if (r->at >= r->text.len || r->text.ptr[r->at] != c)
        return false;
    r->at++;
    return true;
}

/* ---- strings ---- */

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
static size_t read_unicode(struct span text, size_t at, uint32_t *code)
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

static bool check_escape(struct reader *r)
{
    r->at++;
    if (r->at < r->text.len && memchr("\"\\/bfnrt", r->text.ptr[r->at], 8)) {
        r->at++;
        return true;
    }
    uint32_t code;
    size_t n = peek(r) == 'u' ? read_unicode(r->text, r->at + 1, &code) : 0;
    if (n == 0)
        return fail(r, "a wrong escape");
    r->at += 1 + n;
    return true;
}

static bool check_string(struct reader *r)
{
    if (!take(r, '"'))
        return fail(r, "a string is missing");
    while (r->at < r->text.len) {
        unsigned char c = (unsigned char)r->text.ptr[r->at];
        if (c == '"') {
            r->at++;
            return true;
        }
        if (c < 0x20)
            return fail(r, "a control character in a string");
        if (c == '\\') {
            if (!check_escape(r))
                return false;
            continue;
        }
        size_t n = scan_utf8_char(r->text, r->at);
        if (n == 0)
            return fail(r, "bytes that are not UTF-8");
        r->at += n;
    }
    return fail(r, "a string that does not end");
}

/* ---- the other values ---- */

static size_t count_digits(const struct reader *r)
{
    size_t n = 0;
    while (r->at + n < r->text.len && r->text.ptr[r->at + n] >= '0' &&
           r->text.ptr[r->at + n] <= '9')
        n++;
    return n;
}

static bool check_digits(struct reader *r)
{
    size_t n = count_digits(r);
    r->at += n;
    return n > 0 || fail(r, "a wrong number");
}

static bool check_number(struct reader *r)
{
    take(r, '-');
    bool zero = peek(r) == '0';
    if (zero && count_digits(r) > 1)
        return fail(r, "a number with a leading zero");
    if (!check_digits(r))
        return false;
    if (take(r, '.') && !check_digits(r))
        return false;
    if (!take(r, 'e') && !take(r, 'E'))
        return true;
    if (!take(r, '+'))
        take(r, '-');
    return check_digits(r);
}

static bool check_word(struct reader *r, const char *word)
{
    size_t n = strlen(word);
    if (r->text.len - r->at < n || memcmp(r->text.ptr + r->at, word, n) != 0)
        return fail(r, "a value is missing");
    r->at += n;
    return true;
}

static bool check_value(struct reader *r);

/* Keys are compared as they are written; an escaped spelling of the same key is refused
 * apart. */
static bool check_key(struct reader *r, struct span *keys, size_t count)
{
    size_t start = r->at;
    if (!check_string(r))
        return false;
    struct span key = {r->text.ptr + start, r->at - start};
    if (memchr(key.ptr, '\\', key.len))
        return fail(r, "a key with an escape in it");
    for (size_t i = 0; i < count; i++)
        if (span_equal(keys[i], key))
            return fail(r, "the same key twice in an object");
    keys[count] = key;
    return true;
}

static bool check_members(struct reader *r)
{
    struct span keys[JSON_MEMBERS_MAX];
    size_t count = 0;
    do {
        skip_blank(r);
        if (count == JSON_MEMBERS_MAX)
            return fail(r, "an object with too many members");
        if (!check_key(r, keys, count++))
            return false;
        skip_blank(r);
        if (!take(r, ':'))
            return fail(r, "a ':' is missing");
        if (!check_value(r))
            return false;
        skip_blank(r);
    } while (take(r, ','));
    return take(r, '}') || fail(r, "a ',' or '}' is missing");
}

static bool check_items(struct reader *r)
{
    do {
        if (!check_value(r))
            return false;
        skip_blank(r);
    } while (take(r, ','));
    return take(r, ']') || fail(r, "a ',' or ']' is missing");
}

static bool check_container(struct reader *r, char end, bool (*inside)(struct reader *))
{
    r->at++;
    skip_blank(r);
    if (take(r, end))
        return true;
    if (++r->depth > JSON_DEPTH_MAX)
        return fail(r, "values nested too deep");
    bool ok = inside(r);
    r->depth--;
    return ok;
}

static bool check_value(struct reader *r)
{
    skip_blank(r);
    switch (peek(r)) {
    case '{':
        return check_container(r, '}', check_members);
    case '[':
        return check_container(r, ']', check_items);
    case '"':
        return check_string(r);
    case 't':
        return check_word(r, "true");
    case 'f':
        return check_word(r, "false");
    case 'n':
        return check_word(r, "null");
    default:
        return check_number(r);
    }
}

int json_check(struct span text, struct err *err)
{
    struct reader r = {.text = text};
    bool ok = check_value(&r);
    skip_blank(&r);
    if (ok && r.at != text.len)
        ok = fail(&r, "text after the end");
    if (ok)
        return 0;
    return err_set(err, ERR_INPUT, "not clean JSON: %s at byte %zu", r.fault, r.at + 1);
}

/* ---- looking into text that passed ---- */

static size_t end_of_string(struct span text, size_t at)
{
    for (at++; at < text.len && text.ptr[at] != '"'; at++)
        if (text.ptr[at] == '\\')
            at++;
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
    struct reader r = {.text = text, .at = at};
    skip_blank(&r);
    return (struct span){text.ptr + r.at, end_of_value(text, r.at) - r.at};
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
    struct reader r = {.text = container, .at = cursor->at ? cursor->at : 1};
    skip_blank(&r);
    take(&r, ',');
    skip_blank(&r);
    if (peek(&r) == '}' || peek(&r) == ']')
        return false;
    *key = (struct span){"", 0};
    if (container.ptr[0] == '{') {
        *key = (struct span){container.ptr + r.at, end_of_string(container, r.at) - r.at};
        r.at += key->len;
        skip_blank(&r);
        take(&r, ':');
    }
    *value = value_at(container, r.at);
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
        if (c == '~' && i + 1 < step.len)
            c = step.ptr[++i] == '1' ? '/' : '~';
        if (k >= key.len || key.ptr[k] != c)
            return false;
    }
    return k == key.len;
}

static bool enter(struct span *here, struct span step)
{
    enum json_type type = json_type_of(*here);
    struct json_cursor cursor = {0};
    struct span key, value;
    int64_t index = -1;
    if (type != JSON_OBJECT &&
        (type != JSON_ARRAY || !scan_int(step, 0, INT32_MAX, &index)))
        return false;
    while (json_next(*here, &cursor, &key, &value))
        if (type == JSON_OBJECT ? step_is(step, key) : index-- == 0) {
            *here = value;
            return true;
        }
    return false;
}

bool json_at(struct span text, const char *pointer, struct span *raw)
{
    struct span here = value_at(text, 0);
    while (*pointer == '/') {
        size_t n = strcspn(pointer + 1, "/");
        if (!enter(&here, (struct span){pointer + 1, n}))
            return false;
        pointer += 1 + n;
    }
    *raw = here;
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
            i += read_unicode(raw, i + 1, &code);
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
