#include "cli/actions_json.h"

#include <stdio.h>

#include "base/jsonw.h"

#define TEXT_MAX (16 * 1024 * 1024)

const char *actions_place_name(enum field_place place)
{
    switch (place) {
    case FIELD_ATTRIBUTE:
        return "attribute";
    case FIELD_RELATIONSHIP:
        return "relationship";
    case FIELD_PATH:
        return "path";
    case FIELD_QUERY:
        return "query";
    case FIELD_REQUEST:
        return "request";
    case FIELD_HEADER:
        return "header";
    case FIELD_LIMIT:
        return "not sent";
    }
    return "";
}

static const char *actor_name(enum action_actor actor)
{
    switch (actor) {
    case ACTOR_MASTER:
        return "master";
    case ACTOR_USER:
        return "user";
    case ACTOR_EITHER:
        return "either";
    }
    return "";
}

static const char *answer_name(enum action_answer answer)
{
    switch (answer) {
    case ANSWER_RESOURCE:
        return "resource";
    case ANSWER_LIST:
        return "list";
    case ANSWER_NOTHING:
        return "nothing";
    case ANSWER_ANY:
        return "any";
    }
    return "";
}

static const char *find_place_name(enum find_place place)
{
    switch (place) {
    case FIND_LIST:
        return "list";
    case FIND_INCLUDED:
        return "included";
    case FIND_RESOURCE:
        return "resource";
    }
    return "";
}

/* Nothing for what is not there: a member is there when it says something. */
static void text(struct jsonw *w, const char *key, const char *value)
{
    if (value)
        jsonw_text(w, key, value);
}

static void texts(struct jsonw *w, const char *key, char *const *values)
{
    if (!values)
        return;
    jsonw_open(w, key, '[');
    for (; *values; values++)
        jsonw_text(w, NULL, *values);
    jsonw_close(w, ']');
}

/* ---- the parts of an entry ---- */

static void write_field(struct jsonw *w, const struct action_field *f)
{
    jsonw_open(w, NULL, '{');
    jsonw_text(w, "name", f->name);
    jsonw_text(w, "place", actions_place_name(f->place));
    jsonw_text(w, "type", value_type_name(f->type));
    jsonw_bool(w, "required", f->required);
    text(w, "resource", f->resource_type);
    text(w, "help", f->help);
    texts(w, "choices", f->choices);
    if (f->max)
        jsonw_int(w, "max", f->max);
    text(w, "header", f->header);
    if (f->as_string)
        jsonw_bool(w, "as_string", true);
    jsonw_text(w, "sample", action_field_sample(f));
    jsonw_close(w, '}');
}

static void write_fields(struct jsonw *w, const struct action *a)
{
    jsonw_open(w, "columns", '[');
    for (size_t i = 0; i < a->field_count; i++)
        write_field(w, &a->fields[i]);
    jsonw_close(w, ']');
}

static void write_money(struct jsonw *w, const struct action *a)
{
    if (!a->amount_field)
        return;
    jsonw_open(w, "money", '{');
    jsonw_text(w, "amount", a->amount_field);
    jsonw_text(w, "currency", a->currency_field);
    if (a->currency_part != CURRENCY_WHOLE)
        jsonw_text(w, "part", a->currency_part == CURRENCY_FIRST ? "first" : "last");
    texts(w, "payee", a->payee);
    jsonw_close(w, '}');
}

static void write_find(struct jsonw *w, const struct action_find *find)
{
    if (!find->path)
        return;
    jsonw_open(w, "find", '{');
    jsonw_text(w, "path", find->path);
    jsonw_text(w, "in", find_place_name(find->in));
    texts(w, "match", find->match);
    texts(w, "also", find->also);
    texts(w, "states", find->states);
    text(w, "since", find->since);
    jsonw_text(w, "absent", find->resend ? "send_again" : "ask");
    jsonw_close(w, '}');
}

static void write_follow(struct jsonw *w, const struct action *a)
{
    const struct action_follow *follow = &a->follow;
    if (!action_is_followed(a))
        return;
    jsonw_open(w, "follow", '{');
    texts(w, "good", a->final_good);
    texts(w, "bad", a->final_bad);
    text(w, "list", follow->list);
    text(w, "one", follow->one);
    jsonw_text(w, "acts_as", follow->by_master ? "master" : "user");
    jsonw_int(w, "first_ms", follow->first_ms);
    jsonw_int(w, "most_ms", follow->most_ms);
    text(w, "reason", follow->reason);
    jsonw_text(w, "dependants", follow->frees_early ? "accepted" : "final");
    jsonw_close(w, '}');
}

static void write_require(struct jsonw *w, const struct action_require *r)
{
    if (!r->of)
        return;
    jsonw_open(w, "require", '{');
    jsonw_text(w, "of", r->of);
    texts(w, "state", r->states);
    text(w, "before", r->before);
    jsonw_open(w, "at_most", '{');
    for (size_t i = 0; i < r->limit_count; i++)
        jsonw_text(w, r->limits[i].pointer, r->limits[i].field);
    jsonw_close(w, '}');
    jsonw_close(w, '}');
}

static void write_sample(struct jsonw *w, const struct action *a)
{
    struct buf ref;
    buf_init(&ref, TEXT_MAX);
    buf_printf(&ref, "my-%s-1", a->name);
    jsonw_open(w, "sample", '{');
    jsonw_text(w, "ref", ref.data);
    jsonw_text(w, "action", a->name);
    if (a->actor == ACTOR_USER)
        jsonw_text(w, "on_behalf_of", "#594");
    for (size_t i = 0; i < a->field_count; i++)
        if (action_field_is_shown(a, &a->fields[i]))
            jsonw_text(w, a->fields[i].name, action_field_sample(&a->fields[i]));
    jsonw_close(w, '}');
    buf_close(&ref);
}

static void write_request(struct jsonw *w, const struct action *a)
{
    text(w, "method", a->method);
    text(w, "path", a->path);
    text(w, "version", a->version);
    jsonw_text(w, "acts_as", actor_name(a->actor));
    jsonw_text(w, "on_behalf", a->actor_in_body ? "relationship" : "header");
    text(w, "type", a->resource_type);
    jsonw_bool(w, "bare_body", a->bare_body);
    text(w, "tag", a->tag);
    if (a->milli_rate)
        jsonw_int(w, "milli_rate", a->milli_rate);
}

static void write_action(struct jsonw *w, const struct action *a)
{
    jsonw_open(w, NULL, '{');
    jsonw_text(w, "name", a->name);
    jsonw_text(w, "family", a->family);
    jsonw_text(w, "summary", a->summary);
    write_request(w, a);
    jsonw_text(w, "answer", answer_name(a->answer));
    text(w, "state", a->state_pointer);
    jsonw_bool(w, "repeat_safe", a->repeat_safe);
    write_money(w, a);
    write_find(w, &a->find);
    write_follow(w, a);
    write_require(w, &a->require);
    texts(w, "one_of", a->one_of);
    write_fields(w, a);
    write_sample(w, a);
    jsonw_close(w, '}');
}

/* ---- printing ---- */

void actions_print_one(const struct action *a)
{
    struct buf out;
    struct jsonw w;
    buf_init(&out, TEXT_MAX);
    jsonw_init(&w, &out);
    write_action(&w, a);
    printf("%s\n", out.data);
    buf_close(&out);
}

void actions_print_all(const struct catalogue *c)
{
    struct buf out;
    struct jsonw w;
    buf_init(&out, TEXT_MAX);
    jsonw_init(&w, &out);
    jsonw_open(&w, NULL, '[');
    for (size_t i = 0; i < c->count; i++)
        write_action(&w, &c->actions[i]);
    jsonw_close(&w, ']');
    printf("%s\n", out.data);
    buf_close(&out);
}
