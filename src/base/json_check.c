#include "base/json.h"

#include <stdint.h>

#include "base/json_unicode.h"
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

static bool check_escape(struct reader *r)
{
    r->at++;
    if (r->at < r->text.len && memchr("\"\\/bfnrt", r->text.ptr[r->at], 8)) {
        r->at++;
        return true;
    }
    uint32_t code;
    size_t n = peek(r) == 'u' ? json_read_unicode(r->text, r->at + 1, &code) : 0;
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
    if (++r->depth > JSON_DEPTH_MAX)
        return fail(r, "values nested too deep");
    r->at++;
    skip_blank(r);
    bool ok = take(r, end) || inside(r);
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
    if (ok)
        skip_blank(&r);
    if (ok && r.at != text.len)
        ok = fail(&r, "text after the end");
    if (ok)
        return 0;
    return err_set(err, ERR_INPUT, "not clean JSON: %s at byte %zu", r.fault, r.at + 1);
}
