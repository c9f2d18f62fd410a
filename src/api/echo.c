#include "api/echo.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "api/answer.h"
#include "base/decimal.h"
#include "base/json.h"
#include "base/mem.h"
#include "model/http.h"

static bool same_decimal(struct span a, struct span b)
{
    struct decimal x, y;
    return decimal_parse_json(a, &x) && decimal_parse_json(b, &y) && decimal_same(x, y);
}

static bool same_letters(struct span a, struct span b)
{
    return a.len == b.len && (a.len == 0 || strncasecmp(a.ptr, b.ptr, a.len) == 0);
}

bool echo_same(const struct action_field *f, struct span a, struct span b)
{
    bool letters =
        f->type == VALUE_CURRENCY || f->type == VALUE_COUNTRY || f->type == VALUE_EMAIL;
    if (f->type == VALUE_DECIMAL)
        return same_decimal(a, b);
    return letters ? same_letters(a, b) : span_equal(a, b);
}

/* The rest the API may well write in another way. */
static bool is_compared(const struct action *action, const struct action_field *f)
{
    if (f->place != FIELD_ATTRIBUTE)
        return f->place == FIELD_RELATIONSHIP;
    return f->type == VALUE_DECIMAL || f->type == VALUE_CURRENCY ||
           f->type == VALUE_EMAIL || (action->tag && strcmp(action->tag, f->name) == 0);
}

char *echo_pointer(const struct action_field *f)
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

static char *compare(const struct action_field *f, const char *pointer, struct span sent,
                     struct span resource)
{
    struct span raw;
    struct buf ours, theirs;
    char *found = NULL;
    buf_init(&ours, HTTP_REQUEST_MAX);
    buf_init(&theirs, HTTP_BODY_MAX);
    if (json_text_at(sent, pointer, &ours) && json_at(resource, pointer, &raw)) {
        bool text = json_text_at(resource, pointer, &theirs);
        if (!text || !echo_same(f, buf_span(&ours), buf_span(&theirs)))
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
        if (!is_compared(action, f))
            continue;
        char *pointer = echo_pointer(f);
        found = compare(f, pointer, data, resource);
        free(pointer);
    }
    return found;
}
