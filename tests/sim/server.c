#include "sim/server.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "sim/chance.h"
#include "sim/findings.h"
#include "sim/hours.h"
#include "sim/ledger.h"
#include "sim/lists.h"
#include "sim/rows.h"
#include "sim/trace.h"

#define TIMEOUT_US INT64_C(60000000)
#define SOON_US    80000
#define JSON_API   "application/vnd.api+json"
#define ERRORS     "{\"errors\":[{\"code\":\"no\",\"detail\":\"no\"}]}"
#define PAGE       "<html><body>just a moment</body></html>"

static const struct night *night;
static struct rng dice;
static bool is_kind;

void server_begin(const struct night *n)
{
    night = n;
    dice = chance_of(n->seed, CHANCE_SERVER);
    is_kind = false;
    lists_begin(n);
}

void server_be_kind(void)
{
    is_kind = true;
}

/* ---- what becomes of a request ---- */

/* name, weight, may it have taken effect */
#define WAYS(X)                                                                          \
    X(REFUSED, 8, false)                                                                 \
    X(TURNED_AWAY, 12, false)                                                            \
    X(BLOCKED, 5, false)                                                                 \
    X(KEY, 1, false)                                                                     \
    X(FUNDS, 1, false)                                                                   \
    X(HOPELESS, 1, false)                                                                \
    X(UNREACHED, 12, false)                                                              \
    X(DOUBTFUL, 20, true)                                                                \
    X(MANGLED, 14, true)                                                                 \
    X(TORN_EARLY, 15, true)                                                              \
    X(TORN_LATE, 8, true)                                                                \
    X(SILENT, 10, true)                                                                  \
    X(SENT_TWICE, 3, true)

enum way {
#define X(name, weight, effect) WAY_##name,
    WAYS(X)
#undef X
        WAY_GOOD
};

static const struct {
    const char *name;
    int weight;
    bool may_take_effect;
} ways[] = {
#define X(name, weight, effect) [WAY_##name] = {#name, weight, effect},
    WAYS(X)
#undef X
        [WAY_GOOD] = {"GOOD", 0, true},
};

static enum way draw_way(void)
{
    int sum = 0;
    if (is_kind || !chance_in_100(&dice, night->trouble))
        return WAY_GOOD;
    for (int i = 0; i < WAY_GOOD; i++)
        sum += ways[i].weight;
    int64_t at = chance_between(&dice, 0, sum - 1);
    for (int i = 0; i < WAY_GOOD; i++)
        if ((at -= ways[i].weight) < 0)
            return (enum way)i;
    return WAY_GOOD;
}

static bool takes_effect(enum way way)
{
    if (way == WAY_GOOD)
        return true;
    if (way == WAY_REFUSED && night->lie == LIE_REFUSE)
        return true;
    return ways[way].may_take_effect && chance_in_100(&dice, night->loss);
}

static int64_t effect_after(enum way way, int64_t answer_us)
{
    int64_t most = answer_us < night->late_most_us ? answer_us : night->late_most_us;
    if (way != WAY_GOOD && chance_in_100(&dice, 40))
        most = night->late_most_us;
    return chance_between(&dice, 0, most);
}

/* ---- effects ---- */

static const char *user_of(const struct http_request *request)
{
    for (int i = 0; i < request->header_count; i++) {
        const char *value = request->headers[i].value;
        const char *at = strstr(value, "; user=");
        if (strcmp(request->headers[i].name, "Authorization") == 0)
            return at ? at + strlen("; user=") : "";
    }
    return "";
}

static void read_values(struct effect *e, enum job_kind kind,
                        const struct http_request *request)
{
    static const char *const labels[] = {
        [KIND_USER] = "email", [KIND_ACCOUNT] = "label", [KIND_CASH] = "label",
        [KIND_COIN] = "label", [KIND_READ] = "label",    [KIND_OTHER] = "label"};
    struct span body = buf_span(&request->body);
    const char *code = kind == KIND_COIN ? "coin_code" : "fiat_code";
    row_member(body, labels[kind], e->label, sizeof(e->label));
    row_member(body, "amount", e->amount, sizeof(e->amount));
    row_member(body, code, e->currency, sizeof(e->currency));
    if (kind == KIND_CASH)
        row_member(body, "id", e->account, sizeof(e->account));
    snprintf(e->user, sizeof(e->user), "%s", user_of(request));
}

static const char *draw_status(enum job_kind kind)
{
    int64_t at = chance_between(&dice, 0, 99);
    if (kind == KIND_CASH)
        return at < 75   ? "received"
               : at < 90 ? "settled"
               : at < 95 ? "done"
                         : "cancelled";
    return at < 75 ? "received" : at < 95 ? "done" : "cancelled";
}

static struct effect *take_effect(const struct http_request *request, int job,
                                  int64_t after_us)
{
    enum job_kind kind = night->jobs[job].kind;
    struct effect *e = ledger_add(job);
    e->at_us = hours_now_us() + after_us;
    e->visible_us =
        e->at_us + (is_kind ? 0 : chance_between(&dice, 0, night->lag_most_us));
    e->made_ms = hours_true_ms() + after_us / 1000 + night->server_skew_ms;
    read_values(e, kind, request);
    if (kind == KIND_CASH || kind == KIND_COIN)
        e->status = draw_status(kind);
    if (night->lie == LIE_AMOUNT && kind == KIND_CASH && chance_in_100(&dice, 20))
        e->amount[0] = e->amount[0] == '9' ? '8' : '9';
    trace_say("effect %s of %s in %lld us, listed in %lld", e->id, night->jobs[job].ref,
              (long long)after_us, (long long)(e->visible_us - hours_now_us()));
    figures.effects++;
    return e;
}

/* ---- what is said ---- */

static int one_status(const int *statuses, size_t count)
{
    return statuses[rng_below(&dice, count)];
}
#define ONE_STATUS(...)                                                                  \
    one_status((const int[]){__VA_ARGS__},                                               \
               sizeof((const int[]){__VA_ARGS__}) / sizeof(int))

static void say(struct http_response *r, int status, const char *type, const char *body)
{
    r->sends = 1;
    r->headers_complete = r->complete = true;
    r->status = status;
    snprintf(r->content_type, sizeof(r->content_type), "%s", type);
    snprintf(r->request_id, sizeof(r->request_id), "r%d", ++ledger.next_id);
    buf_clear(&r->body);
    buf_add_text(&r->body, body);
}

static void say_good(struct http_response *r, enum job_kind kind, const struct effect *e,
                     enum row_fault fault)
{
    say(r, ONE_STATUS(200, 200, 201, 202), JSON_API, "{\"data\":");
    row_write(&r->body, kind, e, fault, night->keeps_date);
    buf_add_char(&r->body, '}');
}

static void say_mangled(struct http_response *r, enum job_kind kind,
                        const struct effect *e)
{
    int64_t at = chance_between(&dice, 0, kind == KIND_OTHER ? 2 : 7);
    bool says_values = kind != KIND_READ;
    if (at > 4) {
        say_good(r, kind, e,
                 at == 7 && !says_values ? ROW_WITHOUT_ID : (enum row_fault)(at - 4));
        return;
    }
    static const char *const bodies[] = {
        "{\"data\":{\"id\":\"77\",",
        PAGE,
        "{\"data\":null,\"errors\":[{\"code\":\"x\"}]}",
        "",
        "{\"data\":null}",
    };
    say(r, ONE_STATUS(200, 201), at == 1 ? "text/html" : JSON_API, bodies[at]);
}

static void say_doubtful(struct http_response *r)
{
    bool has_page = chance_in_100(&dice, 50);
    int status =
        ONE_STATUS(500, 500, 502, 503, 503, 504, 520, 524, 408, 409, 423, 302, 499);
    if (status == 499)
        has_page = true;
    say(r, status, has_page ? "text/html" : JSON_API, has_page ? PAGE : ERRORS);
    if (status == 503 && chance_in_100(&dice, 50))
        snprintf(r->retry_after, sizeof(r->retry_after), "%d",
                 (int)chance_between(&dice, 0, 200));
}

static void say_turned_away(struct http_response *r)
{
    bool has_page = chance_in_100(&dice, 30);
    int status = ONE_STATUS(429, 429, 429, 425, 421, 417);
    say(r, status, has_page ? "text/html" : JSON_API, has_page ? PAGE : ERRORS);
    if (chance_in_100(&dice, 50))
        snprintf(r->retry_after, sizeof(r->retry_after), "%d",
                 chance_in_100(&dice, 5) ? 4000 : (int)chance_between(&dice, 0, 30));
}

static void tear(struct http_response *r, int code, const char *why)
{
    r->sends = 1;
    r->complete = false;
    r->transport_code = code;
    snprintf(r->transport_text, sizeof(r->transport_text), "%s", why);
}

static void say_unreached(struct http_response *r, bool is_hopeless)
{
    tear(r, is_hopeless ? 60 : 7,
         is_hopeless ? "no valid certificate" : "cannot connect");
    r->sends = 0;
    r->hopeless = is_hopeless;
}

static void answer(struct http_response *r, enum way way, enum job_kind kind,
                   const struct effect *e)
{
    switch (way) {
    case WAY_REFUSED:
        say(r, ONE_STATUS(422, 422, 400, 404, 405, 410, 413, 451, 412), JSON_API, ERRORS);
        return;
    case WAY_TURNED_AWAY:
        say_turned_away(r);
        return;
    case WAY_BLOCKED:
        say(r, ONE_STATUS(403, 404, 407), "text/html", PAGE);
        return;
    case WAY_KEY:
        say(r, ONE_STATUS(401, 403), JSON_API, "{\"error\":\"Invalid Api Key\"}");
        return;
    case WAY_FUNDS:
        say(r, 402, JSON_API, ERRORS);
        return;
    case WAY_HOPELESS:
    case WAY_UNREACHED:
        say_unreached(r, way == WAY_HOPELESS);
        return;
    case WAY_DOUBTFUL:
        say_doubtful(r);
        return;
    case WAY_MANGLED:
        say_mangled(r, kind, e);
        return;
    case WAY_TORN_LATE:
        say_good(r, kind, e, ROW_GOOD);
        r->body.len = (size_t)rng_below(&dice, r->body.len);
        r->body.data[r->body.len] = '\0';
        tear(r, 18, "the body was cut");
        return;
    case WAY_TORN_EARLY:
        tear(r, 56, "the connection broke");
        return;
    case WAY_SILENT:
        tear(r, 28, "no answer in time");
        return;
    case WAY_SENT_TWICE:
        tear(r, 42, "a second sending was refused");
        r->sends = 2;
        return;
    case WAY_GOOD:
        say_good(r, kind, e, ROW_GOOD);
        return;
    }
}

static int64_t answer_after(enum way way)
{
    if (way == WAY_SILENT)
        return TIMEOUT_US;
    return chance_between(&dice, 2000, is_kind ? SOON_US : night->answer_most_us);
}

/* ---- requests ---- */

bool server_is_look_up(const struct http_request *request, int job)
{
    return strcmp(request->method, "GET") == 0 && night->jobs[job].kind != KIND_READ;
}

static void take_list(const struct http_request *request, int job, enum way way,
                      struct reply *out)
{
    bool is_list = way == WAY_GOOD || way == WAY_MANGLED || way == WAY_TORN_LATE;
    static const struct effect nothing = {.label = "nobody"};
    answer(&out->response, way, KIND_READ, &nothing);
    if (!is_list)
        return;
    if (way == WAY_MANGLED && chance_in_100(&dice, 50))
        return; /* a resource, or worse, in the place of a list */
    buf_clear(&out->response.body);
    lists_write(&out->response.body, request->path, job, user_of(request), is_kind,
                &dice);
    snprintf(out->response.content_type, sizeof(out->response.content_type), JSON_API);
    if (way == WAY_GOOD)
        return;
    out->response.body.len /= 2;
    out->response.body.data[out->response.body.len] = '\0';
}

/* A user that is read is there: its job has succeeded. */
static void take_read(int job, enum way way, struct reply *out)
{
    const struct effect *made = ledger_effect_of(night->jobs[job].user);
    static const struct effect nobody = {.id = "1", .label = "nobody"};
    answer(&out->response, way, KIND_READ, made ? made : &nobody);
}

static void take_post(const struct http_request *request, int job, enum way way,
                      struct reply *out)
{
    static const struct effect pretended = {
        .id = "999", .label = "x", .amount = "1", .status = "received"};
    const struct effect *e = &pretended;
    if (takes_effect(way))
        e = take_effect(request, job, effect_after(way, out->after_us));
    answer(&out->response, way, night->jobs[job].kind, e);
}

void server_take(const struct http_request *request, int job, struct reply *out)
{
    enum way way = draw_way();
    http_response_init(&out->response);
    out->after_us = answer_after(way);
    trace_say("%s %s for %s: %s, answered in %lld us", request->method, request->path,
              night->jobs[job].ref, ways[way].name, (long long)out->after_us);
    bool arrives = way != WAY_UNREACHED && way != WAY_HOPELESS;
    if (server_is_look_up(request, job)) {
        take_list(request, job, way, out);
    } else if (night->jobs[job].kind == KIND_READ) {
        ledger.arrived[job] += arrives;
        take_read(job, way, out);
    } else {
        ledger.arrived[job] += arrives;
        take_post(request, job, way, out);
    }
    out->response.elapsed_us = out->after_us;
}
