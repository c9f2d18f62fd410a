#include "model/params.h"

#include <stdlib.h>

#include "base/json.h"
#include "base/jsonw.h"
#include "base/mem.h"

#define NAME_MAX_BYTES  256
#define VALUE_MAX_BYTES (1024 * 1024)

void params_init(struct params *p)
{
    *p = (struct params){0};
}

void params_close(struct params *p)
{
    for (size_t i = 0; i < p->count; i++) {
        free(p->items[i].name);
        free(p->items[i].value);
    }
    free(p->items);
    *p = (struct params){0};
}

static int compare(const char *name, struct span other)
{
    size_t len = strlen(name);
    size_t both = len < other.len ? len : other.len;
    int order = both ? memcmp(name, other.ptr, both) : 0;
    return order ? order : (len > other.len) - (len < other.len);
}

/* The place of the first item that is not before `name`. */
static size_t place_of(const struct params *p, struct span name)
{
    size_t low = 0, high = p->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (compare(p->items[middle].name, name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool is_at(const struct params *p, size_t place, struct span name)
{
    return place < p->count && compare(p->items[place].name, name) == 0;
}

bool params_add(struct params *p, struct span name, struct span value)
{
    size_t place = place_of(p, name);
    if (is_at(p, place, name))
        return false;
    if (p->count == p->room) {
        p->room = p->room ? p->room * 2 : 8;
        p->items = mem_resize(p->items, p->room, sizeof(*p->items));
    }
    memmove(p->items + place + 1, p->items + place,
            (p->count - place) * sizeof(*p->items));
    p->items[place] = (struct param){mem_span(name), mem_span(value)};
    p->count++;
    return true;
}

void params_set(struct params *p, const char *name, const char *value)
{
    size_t place = place_of(p, span_of(name));
    if (params_add(p, span_of(name), span_of(value)))
        return;
    char *old = p->items[place].value;
    p->items[place].value = mem_text(value);
    explicit_bzero(old, strlen(old));
    free(old);
}

const char *params_get(const struct params *p, const char *name)
{
    size_t place = place_of(p, span_of(name));
    return is_at(p, place, span_of(name)) ? p->items[place].value : NULL;
}

void params_write(const struct params *p, struct buf *json)
{
    struct jsonw w;
    jsonw_init(&w, json);
    jsonw_open(&w, NULL, '{');
    for (size_t i = 0; i < p->count; i++)
        jsonw_text(&w, p->items[i].name, p->items[i].value);
    jsonw_close(&w, '}');
}

static int add_value(struct params *p, struct span name, struct span raw, struct err *err)
{
    struct buf value;
    buf_init(&value, VALUE_MAX_BYTES);
    bool fits = json_type_of(raw) == JSON_STRING ? json_unquote(raw, &value)
                                                 : buf_add_span(&value, raw);
    int rc = 0;
    if (!fits)
        rc = err_set(err, ERR_INPUT, "'%.*s' is too long", SPAN_ARG(name));
    else if (!params_add(p, name, buf_span(&value)))
        rc = err_set(err, ERR_INPUT, "'%.*s' is given twice", SPAN_ARG(name));
    buf_close(&value);
    return rc;
}

static int read_members(struct params *p, struct span object, struct buf *prefix,
                        bool nested, struct err *err);

static int read_member(struct params *p, struct span value, struct buf *name, bool nested,
                       struct err *err)
{
    enum json_type type = json_type_of(value);
    if (name->full)
        return err_set(err, ERR_INPUT, "a name is too long");
    if (!nested && type != JSON_STRING)
        return err_set(err, ERR_INPUT, "'%s' is not a text", name->data);
    if (type == JSON_NULL)
        return 0;
    if (type != JSON_OBJECT)
        return add_value(p, buf_span(name), value, err);
    buf_add_char(name, '.');
    return read_members(p, value, name, nested, err);
}

/* Written, it must be a key that json_check takes: one without an escape. */
static bool is_plain_name(struct span name)
{
    for (size_t i = 0; i < name.len; i++)
        if (strchr("<>\x7f", name.ptr[i]))
            return false;
    return true;
}

static int read_members(struct params *p, struct span object, struct buf *prefix,
                        bool nested, struct err *err)
{
    struct json_cursor cursor = {0};
    struct span key, value;
    size_t before = prefix->len;
    while (json_next(object, &cursor, &key, &value)) {
        if (key.len <= 2)
            return err_set(err, ERR_INPUT, "a name is empty");
        if (!is_plain_name((struct span){key.ptr + 1, key.len - 2}))
            return err_set(err, ERR_INPUT, "a name with '<' or '>' in it: %.*s",
                           SPAN_ARG(key));
        buf_add(prefix, key.ptr + 1, key.len - 2);
        if (read_member(p, value, prefix, nested, err))
            return -1;
        prefix->len = before;
    }
    return 0;
}

static int read_object(struct params *p, struct span json, bool nested, struct err *err)
{
    if (json_check(json, err))
        return -1;
    struct span whole;
    if (!json_at(json, "", &whole) || json_type_of(whole) != JSON_OBJECT)
        return err_set(err, ERR_INPUT, "not a JSON object");
    struct buf name;
    buf_init(&name, NAME_MAX_BYTES);
    int rc = read_members(p, whole, &name, nested, err);
    buf_close(&name);
    return rc;
}

int params_read(struct params *p, struct span json, struct err *err)
{
    return read_object(p, json, false, err);
}

int params_read_object(struct params *p, struct span json, struct err *err)
{
    return read_object(p, json, true, err);
}
