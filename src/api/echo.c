#include "api/echo.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "api/answer.h"
#include "base/decimal.h"
#include "base/json.h"
#include "base/mem.h"
#include "model/http.h"

static bool same_decimal(const struct buf *a, const struct buf *b)
{
    struct decimal x, y;
    return decimal_parse_json(buf_span(a), &x) && decimal_parse_json(buf_span(b), &y) &&
           decimal_same(x, y);
}

static bool same_letters(const struct buf *a, const struct buf *b)
{
    return strcasecmp(a->data, b->data) == 0;
}

static bool same_bytes(const struct buf *a, const struct buf *b)
{
    return span_equal(buf_span(a), buf_span(b));
}

typedef bool same_fn(const struct buf *a, const struct buf *b);

/* How the field is compared; NULL: it is not, the API may well write it differently. */
static same_fn *comparison(const struct action *action, const struct action_field *f)
{
    if (f->place == FIELD_RELATIONSHIP)
        return same_bytes;
    if (f->place != FIELD_ATTRIBUTE)
        return NULL;
    if (f->type == VALUE_DECIMAL)
        return same_decimal;
    if (f->type == VALUE_CURRENCY || f->type == VALUE_EMAIL)
        return same_letters;
    return action->tag && strcmp(action->tag, f->name) == 0 ? same_bytes : NULL;
}

/* From the resource object, which is "/data" of the document that was sent. */
static char *pointer_of(const struct action_field *f)
{
    if (f->place == FIELD_RELATIONSHIP)
        return mem_printf("/relationships/%s/data/id", f->name);
    char *pointer = mem_printf("/attributes/%s", f->name);
    for (char *dot = pointer; (dot = strchr(dot, '.'));)
        *dot = '/';
    return pointer;
}

static char *mismatch(const struct action_field *f, const struct buf *sent,
                      struct span answered)
{
    struct buf text;
    buf_init(&text, 4 * HTTP_BODY_MAX);
    buf_printf(&text, "echo mismatch: %s was sent as %.100s and came back as %.*s",
               f->name, sent->data, answered.len < 100 ? (int)answered.len : 100,
               answered.ptr);
    char *line = answer_line(buf_span(&text));
    buf_close(&text);
    return line;
}

static char *compare(const struct action_field *f, same_fn *same, const char *pointer,
                     struct span sent, struct span resource)
{
    struct span raw;
    struct buf ours, theirs;
    char *found = NULL;
    buf_init(&ours, HTTP_REQUEST_MAX);
    buf_init(&theirs, HTTP_BODY_MAX);
    if (json_text_at(sent, pointer, &ours) && json_at(resource, pointer, &raw)) {
        bool text = json_text_at(resource, pointer, &theirs);
        if (!text || !same(&ours, &theirs))
            found = mismatch(f, &ours, raw);
    }
    buf_close(&ours);
    buf_close(&theirs);
    return found;
}

char *echo_mismatch(const struct action *action, struct span sent, struct span resource)
{
    struct err unclean;
    struct span data;
    char *found = NULL;
    if (action->bare_body || sent.len == 0 || json_check(sent, &unclean) ||
        !json_at(sent, "/data", &data))
        return NULL;
    for (size_t i = 0; i < action->field_count && !found; i++) {
        const struct action_field *f = &action->fields[i];
        same_fn *same = comparison(action, f);
        if (!same)
            continue;
        char *pointer = pointer_of(f);
        found = compare(f, same, pointer, data, resource);
        free(pointer);
    }
    return found;
}
