#include "api/answer.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/jsonw.h"
#include "base/mem.h"
#include "base/scan.h"
#include "base/text.h"
#include "model/action.h"

#define RAW_WORDS_MAX (4 * ANSWER_WORDS_MAX) /* enough to cut from */

/* ---- kind ---- */

static bool is_blank(struct span text)
{
    for (size_t i = 0; i < text.len; i++)
        if (!memchr(" \t\r\n", text.ptr[i], 4))
            return false;
    return true;
}

static bool has_value(struct span json, const char *pointer)
{
    struct span raw;
    return json_at(json, pointer, &raw) && json_type_of(raw) != JSON_NULL;
}

static bool has_type(struct span json, const char *pointer, enum json_type type)
{
    struct span raw;
    return json_at(json, pointer, &raw) && json_type_of(raw) == type;
}

static bool is_error_document(struct span json)
{
    if (has_value(json, "/data"))
        return false;
    return (has_type(json, "/errors", JSON_ARRAY) &&
            has_type(json, "/errors/0", JSON_OBJECT)) ||
           has_type(json, "/error", JSON_STRING);
}

enum answer_kind answer_kind(const struct http_response *r)
{
    struct err unclean;
    struct span body = buf_span(&r->body);
    if (is_blank(body))
        return ANSWER_IS_EMPTY;
    if (!strcasestr(r->content_type, "json"))
        return ANSWER_IS_FOREIGN;
    if (json_check(body, &unclean))
        return ANSWER_IS_BROKEN;
    return is_error_document(body) ? ANSWER_IS_ERRORS : ANSWER_IS_DOCUMENT;
}

bool answer_has_errors(const struct http_response *r)
{
    struct span body = buf_span(&r->body);
    return has_value(body, "/errors") || has_value(body, "/error");
}

/* ---- a resource ---- */

char *answer_text_at(struct span resource, const char *pointer)
{
    struct buf text;
    buf_init(&text, HTTP_TEXT_MAX);
    if (json_text_at(resource, pointer, &text))
        return buf_take(&text);
    buf_close(&text);
    return NULL;
}

char *answer_id(struct span resource)
{
    const struct action_field id = {.type = VALUE_ID};
    const char *want;
    struct span raw;
    char *text = answer_text_at(resource, "/id");
    if (text && action_field_accepts(&id, span_of(text), &want) &&
        json_at(resource, "/id", &raw) &&
        (json_type_of(raw) == JSON_STRING || scan_is_digits(raw)))
        return text;
    free(text);
    return NULL;
}

bool answer_is_of_type(struct span resource, const char *type)
{
    char *text = answer_text_at(resource, "/type");
    bool same = text && strcmp(text, type) == 0;
    free(text);
    return same;
}

static char *without_relationships(struct span resource, const char *id,
                                   bool has_attributes)
{
    struct span type, attributes;
    struct jsonw w;
    struct buf out;
    buf_init(&out, ANSWER_KEPT_MAX);
    jsonw_init(&w, &out);
    jsonw_open(&w, NULL, '{');
    if (json_at(resource, "/type", &type) && json_type_of(type) == JSON_STRING)
        jsonw_raw(&w, "type", type);
    jsonw_text(&w, "id", id);
    if (has_attributes && json_at(resource, "/attributes", &attributes))
        jsonw_raw(&w, "attributes", attributes);
    jsonw_close(&w, '}');
    if (!out.full)
        return buf_take(&out);
    buf_close(&out);
    return NULL;
}

char *answer_kept(struct span resource, const char *id)
{
    if (resource.len <= ANSWER_KEPT_MAX)
        return mem_span(resource);
    char *kept = without_relationships(resource, id, true);
    return kept ? kept : without_relationships(resource, id, false);
}

/* ---- words ---- */

static size_t cut_between_characters(const struct buf *b, size_t most)
{
    size_t n = b->len < most ? b->len : most;
    while (n > 0 && n < b->len && ((unsigned char)b->data[n] & 0xc0) == 0x80)
        n--;
    return n;
}

char *answer_line(struct span text)
{
    struct buf line;
    buf_init(&line, RAW_WORDS_MAX);
    text_printable(&line, text);
    size_t n = cut_between_characters(&line, ANSWER_WORDS_MAX);
    char *out = mem_span((struct span){line.data, n});
    buf_close(&line);
    return out;
}

static bool add_text_at(struct buf *out, struct span json, const char *pointer)
{
    size_t before = out->len;
    struct buf text;
    buf_init(&text, HTTP_BODY_MAX);
    if (json_text_at(json, pointer, &text))
        buf_add(out, text.data,
                text.len < ANSWER_WORDS_MAX ? text.len : ANSWER_WORDS_MAX);
    buf_close(&text);
    return out->len > before;
}

/* One entry of errors[]: where, then the best that it says. */
static void add_error(struct buf *out, struct span error)
{
    bool where = add_text_at(out, error, "/source/pointer");
    size_t before = out->len;
    if (where)
        buf_add_text(out, ": ");
    if (add_text_at(out, error, "/detail") || add_text_at(out, error, "/title") ||
        add_text_at(out, error, "/code"))
        return;
    out->len = before;
}

static void add_errors(struct buf *out, struct span body)
{
    struct json_cursor cursor = {0};
    struct span errors, key, error;
    if (!json_at(body, "/errors", &errors) || json_type_of(errors) != JSON_ARRAY) {
        add_text_at(out, body, "/error");
        return;
    }
    while (out->len < ANSWER_WORDS_MAX && json_next(errors, &cursor, &key, &error)) {
        size_t before = out->len;
        if (before)
            buf_add_text(out, "; ");
        size_t started = out->len;
        if (json_type_of(error) == JSON_OBJECT)
            add_error(out, error);
        if (out->len == started)
            out->len = before;
    }
}

static void add_words(struct buf *out, const struct http_response *r,
                      enum answer_kind kind)
{
    switch (kind) {
    case ANSWER_IS_EMPTY:
        buf_add_text(out, "no body");
        return;
    case ANSWER_IS_FOREIGN:
        buf_printf(out, "a page that is not JSON (%s)",
                   r->content_type[0] ? r->content_type : "of no stated type");
        return;
    case ANSWER_IS_BROKEN:
        buf_add_text(out, "JSON that is broken");
        return;
    case ANSWER_IS_ERRORS:
        add_errors(out, buf_span(&r->body));
        if (out->len == 0)
            buf_add_text(out, r->status == 404 ? "not there, or not yours"
                                               : "the API gives no reason");
        return;
    case ANSWER_IS_DOCUMENT:
        buf_add_text(out, "JSON that was not expected");
        return;
    }
}

char *answer_words(const struct http_response *r, enum answer_kind kind)
{
    struct buf words, whole;
    buf_init(&words, RAW_WORDS_MAX);
    buf_init(&whole, RAW_WORDS_MAX);
    add_words(&words, r, kind);
    buf_printf(&whole, "HTTP %d%s", r->status,
               kind == ANSWER_IS_FOREIGN || kind == ANSWER_IS_EMPTY ? " with " : ": ");
    buf_add_span(&whole, buf_span(&words));
    char *line = answer_line(buf_span(&whole));
    buf_close(&words);
    buf_close(&whole);
    return line;
}
