#include "sandbox/fields.h"

#include <ctype.h>
#include <stdio.h>

#include "base/json.h"
#include "base/jsonw.h"
#include "base/scan.h"
#include "sandbox/amount.h"

#define SHORT_MAX 255

struct field {
    char name[64];
    struct span type;
    bool needed;
};

void fields_init(struct fields *f)
{
    buf_init(&f->attributes, 1 << 24);
    buf_init(&f->amount, 1 << 16);
}

void fields_close(struct fields *f)
{
    buf_close(&f->attributes);
    buf_close(&f->amount);
}

static bool next_field(struct span *spec, struct field *f)
{
    struct span word;
    if (!scan_word(spec, &word))
        return false;
    f->needed = word.ptr[word.len - 1] == '!';
    word.len -= f->needed;
    const char *colon = memchr(word.ptr, ':', word.len);
    size_t n = colon ? (size_t)(colon - word.ptr) : word.len;
    snprintf(f->name, sizeof(f->name), "%.*s", (int)n, word.ptr);
    f->type = colon ? (struct span){colon + 1, word.len - n - 1} : (struct span){"", 0};
    return true;
}

/* ---- one value ---- */

static bool is_among(struct span word, struct span list)
{
    while (list.len > 0) {
        const char *bar = memchr(list.ptr, '|', list.len);
        struct span one = {list.ptr, bar ? (size_t)(bar - list.ptr) : list.len};
        if (span_equal(word, one))
            return true;
        size_t used = one.len + (bar != NULL);
        list = (struct span){list.ptr + used, list.len - used};
    }
    return false;
}

static bool is_country(struct span s)
{
    return s.len == 2 && isalpha((unsigned char)s.ptr[0]) &&
           isalpha((unsigned char)s.ptr[1]);
}

static void judge(struct call *c, const struct kind *k, const struct field *f,
                  struct buf *text)
{
    struct span s = buf_span(text);
    bool list = f->type.len && memchr(f->type.ptr, '|', f->type.len);
    if (s.len == 0 && f->needed)
        call_problem(c, k->name, f->name, PROBLEM_BLANK);
    else if (list && !is_among(s, f->type))
        call_problem(c, k->name, f->name, PROBLEM_NOT_IN_LIST);
    else if ((span_is(f->type, "country") && !is_country(s)) ||
             (span_is(f->type, "date") && !scan_date(s)) ||
             (span_is(f->type, "short") && s.len > SHORT_MAX))
        call_problem(c, k->name, f->name, PROBLEM_INVALID);
    if (span_is(f->type, "country"))
        for (size_t i = 0; i < text->len; i++)
            text->data[i] = (char)toupper((unsigned char)text->data[i]);
}

static void read_money(struct call *c, const struct kind *k, const struct field *f,
                       struct buf *text, struct fields *out)
{
    struct decimal d;
    if (!amount_read(buf_span(text), &d))
        call_problem(c, k->name, f->name, PROBLEM_NOT_A_NUMBER);
    else if (d.units <= 0)
        call_problem(c, k->name, f->name, PROBLEM_NOT_POSITIVE);
    else
        amount_print(d, &out->attributes);
    if (out->amount.len == 0)
        buf_add_span(&out->amount, buf_span(text));
}

static void read_text(struct call *c, const struct kind *k, const struct field *f,
                      struct fields *out)
{
    struct buf text;
    buf_init(&text, 1 << 24);
    if (!call_text(c, f->name, &text)) {
        buf_close(&text);
        return;
    }
    if (span_is(f->type, "money")) {
        read_money(c, k, f, &text, out);
    } else {
        judge(c, k, f, &text);
        jsonw_quote(&out->attributes, buf_span(&text));
    }
    buf_close(&text);
}

static void read_value(struct call *c, const struct kind *k, const struct field *f,
                       struct span raw, struct fields *out)
{
    if (span_is(f->type, "bool")) {
        bool yes = json_type_of(raw) == JSON_TRUE || span_is(raw, "\"true\"");
        buf_add_text(&out->attributes, yes ? "true" : "false");
    } else {
        read_text(c, k, f, out);
    }
}

/* ---- all of them ---- */

static struct span member(struct span object, const char *name)
{
    struct buf pointer;
    struct span raw = span_of("null");
    buf_init(&pointer, 256);
    buf_printf(&pointer, "/%s", name);
    if (!json_at(object, pointer.data, &raw))
        raw = span_of("null");
    buf_close(&pointer);
    return raw;
}

static void read_field(struct call *c, const struct kind *k, const struct field *f,
                       struct span old, struct fields *out)
{
    struct span raw, before = member(old, f->name);
    buf_printf(&out->attributes, "%s\"%s\":", out->attributes.len > 1 ? "," : "",
               f->name);
    if (call_raw(c, f->name, &raw)) {
        read_value(c, k, f, raw, out);
        return;
    }
    if (f->needed && json_type_of(before) == JSON_NULL)
        call_problem(c, k->name, f->name, PROBLEM_BLANK);
    buf_add_span(&out->attributes, before);
}

void fields_merge(struct span old, struct span news, struct buf *out)
{
    struct jsonw w;
    struct json_cursor at = {0};
    struct span key, value, other;
    const struct span parts[] = {old, news};
    jsonw_init(&w, out);
    jsonw_open(&w, NULL, '{');
    for (size_t i = 0; i < 2; i++, at = (struct json_cursor){0})
        while (json_next(parts[i], &at, &key, &value)) {
            char name[64];
            struct span bare = {key.ptr + 1, key.len - 2};
            snprintf(name, sizeof(name), "/%.*s", SPAN_ARG(bare));
            if (i == 1 && json_at(old, name, &other))
                continue; /* it stood in its place already */
            if (i == 0 && json_at(news, name, &other))
                value = other;
            jsonw_raw(&w, name + 1, value);
        }
    jsonw_close(&w, '}');
}

void fields_read(struct call *c, const struct kind *kind, struct span old,
                 struct fields *out)
{
    struct span spec = span_of(kind->fields ? kind->fields : "");
    struct field f;
    struct buf whole;
    buf_add_char(&out->attributes, '{');
    while (next_field(&spec, &f))
        read_field(c, kind, &f, old, out);
    buf_add_char(&out->attributes, '}');
    if (c->malformed || c->problems.len > 0)
        return; /* it will be refused, and may have holes */
    buf_init(&whole, 1 << 24);
    fields_merge(old, buf_span(&out->attributes), &whole);
    buf_close(&out->attributes);
    out->attributes = whole;
}
