#include "sandbox/serve.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/json.h"
#include "base/log.h"
#include "base/scan.h"
#include "sandbox/auth.h"
#include "sandbox/call.h"
#include "sandbox/kinds.h"
#include "sandbox/late.h"
#include "sandbox/ledger.h"
#include "sandbox/levers.h"
#include "sandbox/machine.h"
#include "sandbox/route.h"
#include "sandbox/spoil.h"
#include "sandbox/target.h"

/* One request, taken apart. */
struct visit {
    struct sandbox *sandbox;
    const struct http_request *request;
    struct reply *reply;
    struct target target;
    struct auth auth;
    bool key_ok;
    bool routed;
    struct route route;
};

void reply_init(struct reply *r)
{
    *r = (struct reply){0};
    answer_init(&r->answer);
}

void reply_close(struct reply *r)
{
    answer_close(&r->answer);
}

static void reply_clear(struct reply *r, struct mono arrived)
{
    answer_clear(&r->answer);
    r->wire = WIRE_ANSWER;
    r->delay_ms = 0;
    r->last = false;
    r->arrived = arrived;
    r->request_id = 0;
    r->fault = NULL;
}

/* Version 4, as RFC 9562 has it. */
static void make_uuid(struct rng *rng, char out[UUID_MAX])
{
    uint64_t a = rng_next(rng), b = rng_next(rng);
    snprintf(out, UUID_MAX, "%08x-%04x-4%03x-%04x-%012" PRIx64, (unsigned)(a >> 32),
             (unsigned)(a >> 16) & 0xffff, (unsigned)a & 0xfff,
             ((unsigned)(b >> 48) & 0x3fff) | 0x8000, b & UINT64_C(0xffffffffffff));
}

static struct visit take_apart(struct sandbox *s, const struct http_request *request,
                               struct reply *reply)
{
    struct visit v = {.sandbox = s, .request = request, .reply = reply};
    struct span method = buf_span(&request->method);
    v.target = target_of(buf_span(&request->target));
    v.auth = auth_read(buf_span(&request->authorization));
    v.key_ok = request->authorized && auth_key_ok(v.auth.key, s->options->key);
    if (v.target.in_api)
        v.routed = route_find(method, v.target.path, &v.route);
    return v;
}

static int64_t wall_us(const struct visit *v)
{
    return v->reply->arrived.us + v->sandbox->wall_us;
}

/* ---- the handler ---- */

static void refuse_key(const struct visit *v, struct answer *a)
{
    answer_text_error(a, 401,
                      v->request->authorized
                          ? "Invalid Api Key"
                          : "Necesitas iniciar sesión o registrarte para continuar.");
}

/* The user acted for: the master, or a user that he manages. */
static bool find_user(const struct visit *v, int64_t *user)
{
    struct buf hold;
    struct resource r;
    *user = MASTER_ID;
    if (!v->auth.on_behalf)
        return true;
    if (!scan_is_digits(v->auth.user) || !scan_int(v->auth.user, 1, INT64_MAX, user))
        return false;
    buf_init(&hold, 1 << 16);
    bool found = resource_get(&v->sandbox->sql, KIND_USERS, *user, &hold, &r);
    buf_close(&hold);
    return found;
}

static bool speaks_json(const struct http_request *request)
{
    return strcasestr(request->content_type.data, "json") != NULL;
}

/* "{}" when nothing came, or nothing that says it is JSON (a form, say): then there is no
 * document. False: it came broken. */
static bool find_document(const struct http_request *request, struct span *body)
{
    struct err err;
    *body = span_of("{}");
    if (request->body.len == 0 || !speaks_json(request))
        return true;
    *body = buf_span(&request->body);
    return json_check(*body, &err) == 0;
}

static void call_handler(const struct visit *v, struct call *c)
{
    if (!v->key_ok && !v->route.open)
        refuse_key(v, c->answer);
    else if (!find_user(v, &c->user) || !v->routed)
        answer_not_found(c->answer);
    else if (!find_document(v->request, &c->body))
        answer_page(c->answer, 400, "Bad Request");
    else
        v->route.handle(c);
}

static void take_effect(const struct visit *v, struct answer *answer)
{
    struct call c = {
        .sandbox = v->sandbox,
        .answer = answer,
        .request_id = v->reply->request_id,
        .now_us = machine_now(v->sandbox),
        .seconds = wall_us(v) / SEC_US,
        .password = buf_span(&v->request->password),
        .kind = v->route.kind,
        .on_behalf = v->auth.on_behalf,
        .id = v->route.id,
        .query = v->target.query,
        .fault = v->reply->fault,
    };
    buf_init(&c.problems, 1 << 16);
    machine_run(v->sandbox, c.now_us);
    call_handler(v, &c);
    buf_close(&c.problems);
    if (c.shown_to_the_end && v->reply->wire == WIRE_ANSWER)
        late_list_shown(v->sandbox->late, v->request);
}

/* What the server did twice by itself: nobody sees the second answer. */
static void take_effect_again(const struct visit *v)
{
    struct answer unseen;
    answer_init(&unseen);
    take_effect(v, &unseen);
    answer_close(&unseen);
}

/* ---- faults ---- */

/* A request that was dropped before anything was decided has no status. */
static bool decided(const struct reply *reply)
{
    return fault_effect_of(reply->fault) != EFFECT_NEVER || reply->wire == WIRE_ANSWER;
}

static void say(const struct visit *v, int status)
{
    log_say(LOG_NOTE, "%.*s %.*s%s%.*s -> %d%s%s",
            SPAN_ARG(buf_span(&v->request->method)), SPAN_ARG(v->target.whole),
            v->auth.on_behalf ? " user=" : "", SPAN_ARG(v->auth.user), status,
            v->reply->fault ? " " : "",
            v->reply->fault ? v->reply->fault->kind->name : "");
}

static void settle(const struct visit *v)
{
    struct reply *reply = v->reply;
    spoil(reply->fault, &reply->answer);
    if (decided(reply))
        ledger_set_status(&v->sandbox->sql, reply->request_id, reply->answer.status);
    say(v, decided(reply) ? reply->answer.status : 0);
}

static int64_t choose_delay(struct sandbox *s, const struct fault *fault)
{
    const struct options *o = s->options;
    uint64_t range = (uint64_t)(o->latency_most_ms - o->latency_least_ms) + 1;
    int64_t delay = o->latency_least_ms + (int64_t)rng_below(&s->delays, range);
    return fault_is_slow(fault) ? delay + fault->number : delay;
}

/* ---- the order of things ---- */

/* Documents of people are not kept (attachments.c), neither here. */
static struct span kept_body(const struct visit *v)
{
    const struct kind *kind = v->route.kind;
    if (kind && strcmp(kind->name, KIND_ATTACHMENTS) == 0)
        return span_of("(not kept)");
    return buf_span(&v->request->body);
}

static void write_down(const struct visit *v)
{
    struct reply *reply = v->reply;
    struct span method = buf_span(&v->request->method);
    char unknown[64];
    snprintf(unknown, sizeof(unknown), "%.*s (unknown)", SPAN_ARG(method));
    reply->request_id = ledger_add_request(
        &v->sandbox->sql, &(struct ledger_request){
                              .at_us = wall_us(v),
                              .method = method,
                              .path = v->target.whole,
                              .query = v->target.query,
                              .endpoint = v->routed ? v->route.endpoint : unknown,
                              .user = v->auth.on_behalf ? v->auth.user : (struct span){0},
                              .fault = reply->fault ? reply->fault->kind->name : NULL,
                              .body = kept_body(v),
                              .key_ok = v->key_ok,
                              .x_request_id = reply->answer.x_request_id,
                          });
}

static void keep_for_later(const struct visit *v)
{
    const struct reply *reply = v->reply;
    struct late *late = late_add(&v->sandbox->late, v->request);
    memcpy(late->x_request_id, reply->answer.x_request_id, UUID_MAX);
    late->request_id = reply->request_id;
    late->fault = reply->fault;
    late->arrived = reply->arrived;
    if (fault_is(reply->fault, FAULT_LATE_APPLY_AFTER_LIST))
        late->lists = reply->fault->number;
    else
        late->due_us = reply->arrived.us + reply->fault->number * MS_US;
    say(v, 0);
}

/* A request that the limit let through. */
static void serve_counted(const struct visit *v)
{
    struct reply *reply = v->reply;
    enum fault_effect effect = fault_effect_of(reply->fault);
    reply->wire = fault_wire_of(reply->fault);
    reply->delay_ms = choose_delay(v->sandbox, reply->fault);
    reply->last = effect == EFFECT_LAST;
    if (reply->last)
        return;
    if (effect == EFFECT_LATE) {
        keep_for_later(v);
        return;
    }
    if (effect != EFFECT_NEVER)
        take_effect(v, &reply->answer);
    if (effect == EFFECT_TWICE)
        take_effect_again(v);
    settle(v);
}

static void serve_request(const struct visit *v)
{
    struct sandbox *s = v->sandbox;
    struct options *o = s->options;
    bool room = limit_take(&s->limit, wall_us(v));
    if (room)
        v->reply->fault =
            fault_pick(o->faults, o->fault_count, buf_span(&v->request->method),
                       v->target.path, &s->faults);
    write_down(v);
    if (room) {
        serve_counted(v);
        return;
    }
    answer_too_many(&v->reply->answer);
    settle(v);
}

void serve(struct sandbox *s, const struct http_request *request, struct mono arrived,
           struct reply *reply)
{
    s->now = arrived;
    reply_clear(reply, arrived);
    make_uuid(&s->ids, reply->answer.x_request_id);
    struct visit v = take_apart(s, request, reply);
    if (!levers_pull(s, buf_span(&request->method), &v.target, &reply->answer))
        serve_request(&v);
}

void serve_last(struct sandbox *s, const struct http_request *request, struct mono now,
                struct reply *reply)
{
    s->now = now;
    struct visit v = take_apart(s, request, reply);
    take_effect(&v, &reply->answer);
    settle(&v);
}

static void serve_one_late(struct sandbox *s, const struct late *late, struct mono now)
{
    struct reply unseen;
    reply_init(&unseen);
    reply_clear(&unseen, late->arrived);
    memcpy(unseen.answer.x_request_id, late->x_request_id, UUID_MAX);
    unseen.wire = fault_wire_of(late->fault);
    unseen.request_id = late->request_id;
    unseen.fault = late->fault;
    serve_last(s, &late->request, now, &unseen);
    reply_close(&unseen);
}

void serve_late(struct sandbox *s, struct mono now)
{
    struct late *late;
    while ((late = late_take(&s->late, now))) {
        serve_one_late(s, late, now);
        late_free(late);
    }
}

void serve_bad(struct sandbox *s, const struct http_reader *reader, struct mono arrived,
               struct reply *reply)
{
    reply_clear(reply, arrived);
    make_uuid(&s->ids, reply->answer.x_request_id);
    struct visit v = take_apart(s, &reader->request, reply);
    bool room = limit_take(&s->limit, wall_us(&v));
    write_down(&v);
    if (room)
        answer_page(&reply->answer, reader->status, reader->fault);
    else
        answer_too_many(&reply->answer);
    settle(&v);
}
