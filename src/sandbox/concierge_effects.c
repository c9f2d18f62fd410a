/* What the states of a concierge request and of its outputs set off in each other. */
#include <stdio.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/scan.h"
#include "sandbox/amount.h"
#include "sandbox/effects.h"
#include "sandbox/kinds.h"
#include "sandbox/mark.h"

#define GOOD_MS (10 * 60 * 1000) /* what is told where nothing ever lapses */

/* ---- small helpers ---- */

static void change(const struct moment *m, enum sql_name name, int64_t id)
{
    sqlite3_stmt *st = sql_write(&m->sandbox->sql, name);
    sql_bind_int(st, 1, m->now_us);
    sql_bind_int(st, 2, id);
    sql_run(&m->sandbox->sql, st);
}

static void wake(const struct moment *m, const char *kind, int64_t id, const char *state)
{
    sqlite3_stmt *st = sql_write(&m->sandbox->sql, SQL_WAKE);
    sql_bind_int(st, 1, m->now_us);
    sql_bind_text(st, 2, span_of(kind));
    sql_bind_int(st, 3, id);
    sql_bind_text(st, 4, span_of(state));
    sql_run(&m->sandbox->sql, st);
}

static void set_time(const struct moment *m, const char *name, int64_t at_us)
{
    struct buf news;
    buf_init(&news, 256);
    buf_printf(&news, "{\"%s\":", name);
    machine_time(m->sandbox, m->of->kind, at_us, &news);
    buf_add_char(&news, '}');
    machine_set(m->sandbox, KIND_REQUESTS, m->of->id, buf_span(&news));
    buf_close(&news);
}

static bool nothing_left(const struct moment *m, int64_t request)
{
    sqlite3_stmt *st = sql_use(&m->sandbox->sql, SQL_OUTPUTS_LEFT);
    sql_bind_int(st, 1, request);
    return sql_number(&m->sandbox->sql, st) == 0;
}

/* ---- the request ---- */

void request_asked(const struct moment *m)
{
    set_time(m, "quote_requested_at", m->now_us);
}

static void add_amount(void *ctx, const struct resource *output)
{
    struct decimal one, *total = ctx;
    if (amount_read(output->amount, &one) && decimal_add(*total, one, &one))
        *total = one;
}

/* Every rate is 1 and nothing costs anything: the total is the sum, digit for digit. */
void request_quoted(const struct moment *m)
{
    const struct options *o = m->sandbox->options;
    int64_t good_ms = o->lapse_ms == MACHINE_NEVER ? GOOD_MS : o->lapse_ms;
    struct decimal total = {0, 0};
    struct buf news;
    resource_each_child(&m->sandbox->sql, KIND_OUTPUTS, m->of->id, add_amount, &total);
    buf_init(&news, 256);
    buf_add_text(&news, "{\"total_to_spend\":");
    amount_print(total, &news);
    buf_add_char(&news, '}');
    machine_set(m->sandbox, KIND_REQUESTS, m->of->id, buf_span(&news));
    buf_close(&news);
    set_time(m, "accept_quote_before", m->now_us + good_ms * MS_US);
}

void request_accepted(const struct moment *m)
{
    int64_t half_ms = m->sandbox->options->settle_ms / 2;
    set_time(m, "quote_accepted_at", m->now_us);
    set_time(m, "provision_funds_before",
             m->now_us + (half_ms ? half_ms : GOOD_MS) * MS_US);
}

void request_working(const struct moment *m)
{
    machine_set(m->sandbox, KIND_REQUESTS, m->of->id,
                span_of("{\"funds_available\":true}"));
    change(m, SQL_WAKE_OUTPUTS_OF_REQUEST, m->of->id);
    if (nothing_left(m, m->of->id))
        wake(m, KIND_REQUESTS, m->of->id, "working");
}

void request_finished(const struct moment *m)
{
    struct buf news;
    buf_init(&news, 256);
    buf_printf(&news, "{\"receipt_url\":\"https://sandbox.example/receipts/%lld\"}",
               (long long)m->of->id);
    machine_set(m->sandbox, KIND_REQUESTS, m->of->id, buf_span(&news));
    buf_close(&news);
}

void request_cancelled(const struct moment *m)
{
    change(m, SQL_CANCEL_OUTPUTS, m->of->id);
}

enum fate request_fate(const struct resource *request)
{
    struct buf code;
    buf_init(&code, 1 << 24);
    bool unpaid =
        json_text_at(request->attributes, "/payment_authorization_code", &code) &&
        span_is(buf_span(&code), "UNPAID");
    buf_close(&code);
    return unpaid ? FATE_REJECT : FATE_ANY;
}

/* ---- its outputs ---- */

static int64_t related(const struct resource *r, const char *pointer)
{
    struct buf text;
    int64_t id = 0;
    buf_init(&text, 64);
    if (json_text_at(r->relationships, pointer, &text))
        scan_int(buf_span(&text), 1, INT64_MAX, &id);
    buf_close(&text);
    return id;
}

/* A text of the thing that the output points to. */
static void text_of(struct sandbox *s, const struct resource *output, const char *pointer,
                    const char *kind, const char *wanted, struct buf *text)
{
    struct buf hold;
    struct resource r;
    buf_init(&hold, 1 << 24);
    if (resource_get_ever(&s->sql, kind, related(output, pointer), &hold, &r))
        json_text_at(r.attributes, wanted, text);
    buf_close(&hold);
}

static bool failed_before(struct sandbox *s, const struct resource *output)
{
    sqlite3_stmt *st = sql_use(&s->sql, SQL_FAILURES);
    sql_bind_text(st, 1, output->kind);
    sql_bind_int(st, 2, output->id);
    return sql_number(&s->sql, st) > 0;
}

enum fate output_fate(struct sandbox *s, const struct resource *output)
{
    struct buf cbu;
    enum fate fate = FATE_ANY;
    buf_init(&cbu, 1 << 16);
    text_of(s, output, "/withdrawal_instruction/data/id", KIND_INSTRUCTIONS, "/body/cbu",
            &cbu);
    if (mark_ends(buf_span(&cbu), "901"))
        fate = FATE_REJECT;
    else if (mark_ends(buf_span(&cbu), "902"))
        fate = FATE_RETURN;
    else if (mark_ends(buf_span(&cbu), "903") && !failed_before(s, output))
        fate = FATE_RETRY;
    buf_close(&cbu);
    return fate;
}

/* A payee that is not enabled makes it wait: his approval wakes it. */
void output_accepting(const struct moment *m)
{
    struct buf state;
    buf_init(&state, 64);
    text_of(m->sandbox, m->of, "/user/data/id", KIND_USERS, "/compliance_state", &state);
    if (span_is(buf_span(&state), "enabled"))
        wake(m, KIND_OUTPUTS, m->of->id, "accepting");
    buf_close(&state);
}

void output_accepted(const struct moment *m)
{
    struct buf hold;
    struct resource request;
    buf_init(&hold, 1 << 24);
    if (resource_get(&m->sandbox->sql, KIND_REQUESTS, m->of->related_id, &hold,
                     &request) &&
        span_is(request.state, "working"))
        wake(m, KIND_OUTPUTS, m->of->id, "accepted");
    buf_close(&hold);
}

void output_failed(const struct moment *m)
{
    machine_set(m->sandbox, KIND_OUTPUTS, m->of->id,
                span_of("{\"failure\":\"invalid_account\"}"));
}

void output_ended(const struct moment *m)
{
    if (nothing_left(m, m->of->related_id))
        wake(m, KIND_REQUESTS, m->of->related_id, "working");
}
