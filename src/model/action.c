#include "model/action.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/decimal.h"
#include "base/json.h"
#include "base/scan.h"
#include "model/country.h"
#include "model/money.h"

const struct action *catalogue_find(const struct catalogue *c, struct span name)
{
    for (size_t i = 0; i < c->count; i++)
        if (span_is(name, c->actions[i].name))
            return &c->actions[i];
    return NULL;
}

const struct action_field *action_field(const struct action *a, struct span column)
{
    for (size_t i = 0; i < a->field_count; i++)
        if (span_is(column, a->fields[i].name))
            return &a->fields[i];
    return NULL;
}

bool action_field_is_secret(const struct action_field *f)
{
    return f->type == VALUE_SECRET || f->type == VALUE_ONE_TIME;
}

const struct action_field *action_one_time(const struct action *a)
{
    for (size_t i = 0; i < a->field_count; i++)
        if (a->fields[i].type == VALUE_ONE_TIME)
            return &a->fields[i];
    return NULL;
}

bool action_is_followed(const struct action *a)
{
    return a->final_good != NULL;
}

bool action_is_polled(const struct action *a)
{
    return action_is_followed(a) && (a->follow.one || a->follow.list);
}

bool action_is_one_of(const struct action *a, const char *field)
{
    for (size_t i = 0; a->one_of && a->one_of[i]; i++)
        if (strcmp(a->one_of[i], field) == 0)
            return true;
    return false;
}

struct span action_currency(const struct action *a, struct span text)
{
    size_t n = 0;
    while (n < text.len && text.ptr[n] != '_')
        n++;
    if (a->currency_part == CURRENCY_WHOLE || n == text.len)
        return text;
    if (a->currency_part == CURRENCY_FIRST)
        return (struct span){text.ptr, n};
    return (struct span){text.ptr + n + 1, text.len - n - 1};
}

static void free_texts(char **texts)
{
    for (size_t i = 0; texts && texts[i]; i++)
        free(texts[i]);
    free(texts);
}

static void field_close(struct action_field *f)
{
    free(f->name);
    free(f->help);
    free(f->resource_type);
    free(f->sample);
    free(f->header);
    for (size_t i = 0; i < FILLS_COUNT; i++)
        free(f->fills[i]);
    free_texts(f->choices);
}

static void require_close(struct action_require *r)
{
    for (size_t i = 0; i < r->limit_count; i++) {
        free(r->limits[i].pointer);
        free(r->limits[i].field);
    }
    free(r->limits);
    free(r->of);
    free(r->before);
    free_texts(r->states);
}

void action_close(struct action *a)
{
    for (size_t i = 0; i < a->field_count; i++)
        field_close(&a->fields[i]);
    free(a->fields);
    char *const owned[] = {
        a->name,         a->family,         a->summary,       a->method,
        a->path,         a->version,        a->resource_type, a->tag,
        a->amount_field, a->currency_field, a->state_pointer, a->find.path,
        a->find.since,   a->follow.one,     a->follow.list,   a->follow.reason};
    for (size_t i = 0; i < sizeof(owned) / sizeof(*owned); i++)
        free(owned[i]);
    free_texts(a->final_good);
    free_texts(a->final_bad);
    free_texts(a->one_of);
    free_texts(a->payee);
    free_texts(a->find.match);
    free_texts(a->find.also);
    free_texts(a->find.states);
    require_close(&a->require);
    *a = (struct action){0};
}

void catalogue_close(struct catalogue *c)
{
    for (size_t i = 0; i < c->count; i++)
        action_close(&c->actions[i]);
    free(c->actions);
    *c = (struct catalogue){0};
}

/* ---- what a value of a type looks like ---- */

static bool is_text(struct span t)
{
    return scan_is_utf8(t) && !(t.len && memchr(t.ptr, '\0', t.len));
}

/* What is at that name is document.h's matter. */
static bool is_file(struct span t)
{
    return t.len > 0 && is_text(t);
}

static bool is_secret(struct span t)
{
    return t.len > 0 && is_text(t) && !scan_has_control(t);
}

static bool is_one_time(struct span t)
{
    return scan_is_digits(t) && t.len >= 6 && t.len <= 8;
}

static bool is_decimal(struct span t)
{
    struct decimal d;
    return decimal_parse_plain(t, &d);
}

static bool is_currency(struct span t)
{
    char code[CURRENCY_TEXT_MAX];
    return currency_parse(t, code);
}

static bool is_integer(struct span t)
{
    int64_t value;
    bool leading_zero =
        t.len > 1 && (t.ptr[0] == '0' || (t.ptr[0] == '-' && t.ptr[1] == '0'));
    return !leading_zero && scan_int(t, INT64_MIN, INT64_MAX, &value);
}

static bool is_boolean(struct span t)
{
    return span_is(t, "true") || span_is(t, "false");
}

/* An id goes into paths and headers, so nothing that means something there may pass. */
static bool is_id(struct span t)
{
    for (size_t i = 0; i < t.len; i++) {
        char c = t.ptr[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!letter && !(c >= '0' && c <= '9') && c != '-' && c != '_')
            return false;
    }
    return t.len > 0 && t.len <= 64;
}

static bool is_json(struct span t)
{
    struct err ignored;
    return json_check(t, &ignored) == 0;
}

static bool is_method(struct span t)
{
    static const char *const methods[] = {"GET", "POST", "PUT", "PATCH", "DELETE"};
    for (size_t i = 0; i < sizeof(methods) / sizeof(*methods); i++)
        if (span_is(t, methods[i]))
            return true;
    return false;
}

static bool is_path_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           strchr("-._~/?=&[],:%+", c) != NULL;
}

/* What an escape may not stand for: a control character, or a sign that means something in a path and
 * would be a step or a second escape to whoever decodes once more. */
static bool is_escape(struct span t, size_t at)
{
    static const char digits[] = "0123456789abcdef";
    if (at + 2 >= t.len)
        return false;
    const char *h = memchr(digits, t.ptr[at + 1] | 0x20, 16);
    const char *l = memchr(digits, t.ptr[at + 2] | 0x20, 16);
    if (!h || !l)
        return false;
    char c = (char)((h - digits) * 16 + (l - digits));
    return h - digits > 1 && !strchr("./\\%\x7f", c);
}

/* '/' first, no '.' or '..' step, no '//' and nothing that leaves path and query (CWE-22, 918). */
static bool is_path(struct span t)
{
    if (t.len == 0 || t.len > 2000 || t.ptr[0] != '/')
        return false;
    for (size_t i = 0; i < t.len; i++) {
        char next = i + 1 < t.len ? t.ptr[i + 1] : '\0';
        if (t.ptr[i] == '\0' || !is_path_char(t.ptr[i]))
            return false;
        if (t.ptr[i] == '/' && (next == '.' || next == '/'))
            return false;
        if (t.ptr[i] == '%' && !is_escape(t, i))
            return false;
    }
    return true;
}

static const struct {
    const char *word;
    bool (*is)(struct span text); /* NULL: by the field's choices */
    const char *want, *sample;
} types[] = {
    [VALUE_TEXT] = {"text", is_text, "UTF-8 text", "text"},
    [VALUE_DECIMAL] = {"decimal", is_decimal, "digits with one point, such as 1250.50",
                       "1250.50"},
    [VALUE_CURRENCY] = {"currency", is_currency,
                        "a currency code such as ars, usd or btc", "ars"},
    [VALUE_INTEGER] = {"integer", is_integer, "a whole number", "1"},
    [VALUE_BOOLEAN] = {"boolean", is_boolean, "true or false", "true"},
    [VALUE_DATE] = {"date", scan_date, "a date as YYYY-MM-DD", "2026-05-17"},
    [VALUE_EMAIL] = {"email", scan_email, "an e-mail address", "ana+1@payer.example"},
    [VALUE_COUNTRY] = {"country", country_is_known,
                       "a country in two letters of ISO 3166, such as AR", "AR"},
    [VALUE_ID] = {"id", is_id,
                  "an id (letters, digits, - and _), or @ref of the job that makes it",
                  "1234"},
    [VALUE_CHOICE] = {"choice", NULL,
                      "one of the words that `remesa actions` lists for it", ""},
    [VALUE_JSON] = {"json", is_json, "JSON", "{}"},
    [VALUE_METHOD] = {"method", is_method, "GET, POST, PUT, PATCH or DELETE", "GET"},
    [VALUE_FILE] = {"file", is_file, "the name of a file", "ana-1-front.png"},
    [VALUE_SECRET] = {"secret", is_secret, "UTF-8 text without control characters",
                      "correct-horse-7"},
    [VALUE_ONE_TIME] = {"one_time_password", is_one_time, "six to eight digits",
                        "123456"},
    [VALUE_PATH] = {"path", is_path, "a path that starts with / and has no . or .. step",
                    "/users/me"},
};

const char *action_field_sample(const struct action_field *f)
{
    if (f->sample)
        return f->sample;
    return f->choices && f->type != VALUE_FILE ? f->choices[0] : types[f->type].sample;
}

bool action_field_is_shown(const struct action *a, const struct action_field *f)
{
    return f->required || (a->one_of && strcmp(a->one_of[0], f->name) == 0);
}

const char *value_type_name(enum value_type type)
{
    return types[type].word;
}

bool value_type_parse(struct span word, enum value_type *out)
{
    for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
        if (span_is(word, types[i].word)) {
            *out = (enum value_type)i;
            return true;
        }
    return false;
}

static size_t characters(struct span text)
{
    size_t count = 0;
    for (size_t i = 0; i < text.len; i++)
        count += ((unsigned char)text.ptr[i] & 0xc0) != 0x80;
    return count;
}

/* Currencies are written in either case. */
static bool is_among(const struct action_field *f, struct span text)
{
    bool letters = f->type == VALUE_CURRENCY;
    for (size_t i = 0; f->choices[i]; i++)
        if (letters ? strlen(f->choices[i]) == text.len &&
                          strncasecmp(f->choices[i], text.ptr, text.len) == 0
                    : span_is(text, f->choices[i]))
            return true;
    return false;
}

bool action_field_accepts(const struct action_field *f, struct span text,
                          const char **want)
{
    *want = types[f->type].want;
    if (types[f->type].is && !types[f->type].is(text))
        return false;
    if (f->type == VALUE_FILE)
        return true;
    if (f->type == VALUE_CHOICE || f->choices) {
        *want = types[VALUE_CHOICE].want;
        return f->choices && is_among(f, text);
    }
    if (f->digits && !(scan_is_digits(text) && text.len == (size_t)f->digits)) {
        *want = "digits alone, as many as `remesa actions` says";
        return false;
    }
    if (f->max && characters(text) > (size_t)f->max) {
        *want = "a shorter text: `remesa actions` says how long it may be";
        return false;
    }
    return true;
}
