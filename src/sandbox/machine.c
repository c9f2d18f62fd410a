#include "sandbox/machine.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "sandbox/effects.h"
#include "sandbox/fields.h"
#include "sandbox/kinds.h"

enum wait { WAIT_NONE, WAIT_APPROVE, WAIT_DRAFT, WAIT_QUOTE, WAIT_LAPSE, WAIT_HALF };

/* What is waiting for a decision, whichever of the two it waits in. */
#define DECIDED(from)                                                                    \
    {KIND_ISSUES, from, FATE_REJECT, "rejected", WAIT_APPROVE, NULL},                    \
        {KIND_ISSUES, from, FATE_DISMISS, "dismissed", WAIT_APPROVE, NULL},              \
        {KIND_ISSUES, from, FATE_ABANDON, "abandoned", WAIT_APPROVE, NULL},              \
        {KIND_ISSUES, from, FATE_OBSERVE, "observed", WAIT_APPROVE, NULL},               \
    {                                                                                    \
        KIND_ISSUES, from, FATE_ANY, "approved", WAIT_APPROVE, NULL                      \
    }
#define ORDERED(kind)                                                                    \
    {kind, "pending", FATE_REJECT, "cancelled", WAIT_HALF, NULL},                        \
        {kind, "pending", FATE_ANY, "executing", WAIT_HALF, NULL},                       \
        {kind, "executing", FATE_ANY, "completed", WAIT_HALF, NULL},                     \
    {                                                                                    \
        kind, "to_cancel", FATE_ANY, "cancelled", WAIT_HALF, NULL                        \
    }
#define BECAUSE(reason) "{\"cancellation_reason\":\"" reason "\"}"

/* The first row that fits moves it; all rows of one kind and state wait equally long. */
static const struct move {
    const char *kind, *from;
    enum fate fate; /* FATE_ANY fits all */
    const char *to;
    enum wait after;
    const char *news; /* for its attributes: a JSON object, or NULL */
} moves[] = {
    DECIDED("new"),
    DECIDED("answered"),
    {KIND_REQUESTS, "draft", FATE_ANY, "cancelled", WAIT_DRAFT,
     BECAUSE("draft_was_pruned")},
    {KIND_REQUESTS, "quote_requested", FATE_ANY, "quoted", WAIT_QUOTE, NULL},
    {KIND_REQUESTS, "quoted", FATE_ANY, "cancelled", WAIT_LAPSE,
     BECAUSE("quote_not_accepted")},
    {KIND_REQUESTS, "quote_accepted", FATE_REJECT, "cancelled", WAIT_HALF,
     BECAUSE("payment_not_received")},
    {KIND_REQUESTS, "quote_accepted", FATE_ANY, "working", WAIT_HALF, NULL},
    /* Woken by the last of its outputs; those by their payee, then by the request. */
    {KIND_REQUESTS, "working", FATE_ANY, "finished", WAIT_NONE, NULL},
    {KIND_OUTPUTS, "accepting", FATE_REJECT, "rejected", WAIT_NONE, NULL},
    {KIND_OUTPUTS, "accepting", FATE_ANY, "accepted", WAIT_NONE, NULL},
    {KIND_OUTPUTS, "accepted", FATE_ANY, "working", WAIT_NONE, NULL},
    {KIND_OUTPUTS, "working", FATE_RETURN, "failed", WAIT_HALF, NULL},
    {KIND_OUTPUTS, "working", FATE_RETRY, "failed", WAIT_HALF, NULL},
    {KIND_OUTPUTS, "working", FATE_ANY, "settling", WAIT_HALF, NULL},
    {KIND_OUTPUTS, "failed", FATE_RETURN, "returned", WAIT_HALF, NULL},
    {KIND_OUTPUTS, "failed", FATE_ANY, "working", WAIT_HALF, NULL},
    {KIND_OUTPUTS, "settling", FATE_ANY, "settled", WAIT_HALF, NULL},
    ORDERED(KIND_BIDS),
    ORDERED(KIND_ASKS),
    {"buying_bots", "to_cancel", FATE_ANY, "cancelled", WAIT_HALF, NULL},
    {"selling_bots", "to_cancel", FATE_ANY, "cancelled", WAIT_HALF, NULL},
    {"cash_deposits", "pending", FATE_ANY, "done", WAIT_HALF, NULL},
};

/* What else happens when a state is entered. */
static const struct {
    const char *kind, *state;
    void (*happens)(const struct moment *m);
} effects[] = {
    {KIND_ISSUES, "approved", issue_approved},
    {KIND_ISSUES, "rejected", issue_rejected},
    {KIND_ISSUES, "observed", issue_observed},
    {KIND_REQUESTS, "quote_requested", request_asked},
    {KIND_REQUESTS, "quoted", request_quoted},
    {KIND_REQUESTS, "quote_accepted", request_accepted},
    {KIND_REQUESTS, "working", request_working},
    {KIND_REQUESTS, "finished", request_finished},
    {KIND_REQUESTS, "cancelled", request_cancelled},
    {KIND_OUTPUTS, "accepting", output_accepting},
    {KIND_OUTPUTS, "accepted", output_accepted},
    {KIND_OUTPUTS, "failed", output_failed},
    {KIND_OUTPUTS, "rejected", output_ended},
    {KIND_OUTPUTS, "settled", output_ended},
    {KIND_OUTPUTS, "returned", output_ended},
    {"buying_bots", "to_cancel", bot_to_cancel},
    {"buying_bots", "cancelled", bot_cancelled},
    {"selling_bots", "to_cancel", bot_to_cancel},
    {"selling_bots", "cancelled", bot_cancelled},
};

static const struct move *find_move(struct span kind, struct span state, enum fate fate)
{
    for (size_t i = 0; i < sizeof(moves) / sizeof(*moves); i++)
        if (span_is(kind, moves[i].kind) && span_is(state, moves[i].from) &&
            (moves[i].fate == FATE_ANY || moves[i].fate == fate))
            return &moves[i];
    return NULL;
}

static int64_t wait_ms(const struct options *o, enum wait wait)
{
    switch (wait) {
    case WAIT_NONE:
        return MACHINE_NEVER;
    case WAIT_APPROVE:
        return o->approve_ms;
    case WAIT_DRAFT:
        return o->draft_ms;
    case WAIT_QUOTE:
        return o->quote_ms;
    case WAIT_LAPSE:
        return o->lapse_ms;
    case WAIT_HALF:
        return o->settle_ms ? o->settle_ms / 2 : MACHINE_NEVER;
    }
    return MACHINE_NEVER;
}

static void set_off(const struct moment *m, const char *state)
{
    for (size_t i = 0; i < sizeof(effects) / sizeof(*effects); i++)
        if (span_is(m->of->kind, effects[i].kind) && strcmp(state, effects[i].state) == 0)
            effects[i].happens(m);
}

void machine_enter(struct sandbox *s, const char *kind, int64_t id, const char *state,
                   int64_t now_us)
{
    struct buf hold;
    struct resource r;
    const struct move *next = find_move(span_of(kind), span_of(state), FATE_ANY);
    int64_t ms = wait_ms(s->options, next ? next->after : WAIT_NONE);
    sqlite3_stmt *st = sql_write(&s->sql, SQL_SET_STATE);
    sql_bind_text(st, 1, span_of(kind));
    sql_bind_int(st, 2, id);
    sql_bind_text(st, 3, span_of(state));
    sql_bind_int(st, 4, now_us);
    if (ms >= 0)
        sql_bind_int(st, 5, now_us + ms * MS_US);
    sql_run(&s->sql, st);
    buf_init(&hold, 1 << 24);
    if (resource_get_ever(&s->sql, kind, id, &hold, &r))
        set_off(&(struct moment){s, &r, now_us}, state);
    buf_close(&hold);
}

/* ---- what is due ---- */

static enum fate fate_of(struct sandbox *s, const struct resource *r)
{
    if (span_is(r->kind, KIND_ISSUES))
        return issue_fate(s, r);
    if (span_is(r->kind, KIND_REQUESTS))
        return request_fate(r);
    if (span_is(r->kind, KIND_BIDS) || span_is(r->kind, KIND_ASKS))
        return order_fate(r);
    return span_is(r->kind, KIND_OUTPUTS) ? output_fate(s, r) : FATE_ANY;
}

static void rest(struct sandbox *s, const char *kind, int64_t id)
{
    sqlite3_stmt *st = sql_write(&s->sql, SQL_REST);
    sql_bind_text(st, 1, span_of(kind));
    sql_bind_int(st, 2, id);
    sql_run(&s->sql, st);
}

/* Also what has nowhere to go is done with: it must not be due for ever. */
static void move_on(struct sandbox *s, const char *kind, int64_t id, int64_t due_us)
{
    struct buf hold;
    struct resource r;
    const struct move *move = NULL;
    buf_init(&hold, 1 << 24);
    if (resource_get_ever(&s->sql, kind, id, &hold, &r))
        move = find_move(r.kind, r.state, fate_of(s, &r));
    if (move && move->news)
        machine_set(s, kind, id, span_of(move->news));
    if (move)
        machine_enter(s, kind, id, move->to, due_us);
    else
        rest(s, kind, id);
    buf_close(&hold);
}

void machine_run(struct sandbox *s, int64_t now_us)
{
    for (;;) {
        sqlite3_stmt *st = sql_use(&s->sql, SQL_NEXT_DUE);
        sql_bind_int(st, 1, now_us);
        if (!sql_row(&s->sql, st))
            return;
        char kind[64]; /* the statement's own goes with the row */
        snprintf(kind, sizeof(kind), "%s", sql_text(st, 0).ptr);
        int64_t id = sqlite3_column_int64(st, 1), due_us = sqlite3_column_int64(st, 2);
        sqlite3_reset(st);
        move_on(s, kind, id, due_us);
    }
}

void machine_decide(struct sandbox *s, int64_t now_us)
{
    sqlite3_stmt *st = sql_write(&s->sql, SQL_DECIDE_ISSUES);
    sql_bind_int(st, 1, now_us);
    sql_run(&s->sql, st);
    machine_run(s, now_us);
}

/* ---- for what a state sets off ---- */

void machine_set(struct sandbox *s, const char *kind, int64_t id, struct span news)
{
    struct buf hold, whole;
    struct resource r;
    buf_init(&hold, 1 << 24);
    buf_init(&whole, 1 << 24);
    if (resource_get_ever(&s->sql, kind, id, &hold, &r)) {
        fields_merge(r.attributes, news, &whole);
        resource_set(&s->sql, kind, id, r.reference, buf_span(&whole));
    }
    buf_close(&whole);
    buf_close(&hold);
}

void machine_time(const struct sandbox *s, struct span kind, int64_t at_us,
                  struct buf *out)
{
    char text[WALL_TEXT_MAX];
    const struct kind *k = kind_find(kind);
    bool person =
        k && (k->seed || span_is(kind, KIND_ISSUES) || span_is(kind, KIND_OBSERVATIONS));
    if (person && s->options->epoch_times)
        buf_printf(out, "%" PRId64, at_us / SEC_US);
    else
        buf_printf(out, "\"%s\"", wall_text((struct wall){at_us / MS_US}, text));
}

int64_t machine_now(const struct sandbox *s)
{
    return s->now.us + s->wall_us + s->shift_us;
}
