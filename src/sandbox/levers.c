#include "sandbox/levers.h"

#include "base/clock.h"
#include "base/scan.h"
#include "sandbox/compliance.h"
#include "sandbox/ledger.h"
#include "sandbox/machine.h"
#include "sandbox/transfer.h"

#define ADVANCE_MAX_MS (INT64_C(366) * 24 * 3600 * 1000)

struct pull {
    struct sandbox *sandbox;
    const struct target *target;
    struct answer *answer;
};

static void show_ledger(const struct pull *p)
{
    ledger_write_effects(&p->sandbox->sql, &p->answer->body);
}

static void show_stats(const struct pull *p)
{
    ledger_write_stats(&p->sandbox->sql, &p->answer->body);
}

static void approve(const struct pull *p)
{
    machine_decide(p->sandbox, machine_now(p->sandbox));
    buf_add_text(&p->answer->body, "{}");
}

static void advance(const struct pull *p)
{
    struct buf text;
    int64_t ms;
    buf_init(&text, 64);
    if (query_value(p->target->query, "ms", &text) &&
        scan_int(buf_span(&text), 0, ADVANCE_MAX_MS, &ms)) {
        sqlite3_stmt *st = sql_write(&p->sandbox->sql, SQL_ADD_SHIFT);
        sql_bind_int(st, 1, ms * MS_US);
        sql_run(&p->sandbox->sql, st);
        p->sandbox->shift_us += ms * MS_US;
        machine_run(p->sandbox, machine_now(p->sandbox));
        buf_printf(&p->answer->body, "{\"advanced_ms\":%lld}", (long long)ms);
    } else {
        answer_text_error(p->answer, 400, "advance?ms=N: N milliseconds, at most a year");
    }
    buf_close(&text);
}

static bool read_number(const struct pull *p, const char *name, int64_t *out)
{
    struct buf text;
    buf_init(&text, 64);
    bool good = query_value(p->target->query, name, &text) &&
                scan_int(buf_span(&text), 1, INT64_MAX, out);
    buf_close(&text);
    return good;
}

static void set_compliance(const struct pull *p)
{
    struct buf state;
    int64_t user, now_us = machine_now(p->sandbox);
    buf_init(&state, 64);
    if (read_number(p, "user", &user) && query_value(p->target->query, "state", &state) &&
        compliance_move(p->sandbox, user, buf_span(&state), now_us)) {
        machine_run(p->sandbox, now_us);
        buf_add_text(&p->answer->body, "{}");
    } else {
        answer_text_error(
            p->answer, 400,
            "compliance?user=ID&state=STATE: a user goes from new to enabled or "
            "rejected, from enabled to disabled, from there to enabled or rejected");
    }
    buf_close(&state);
}

static void transfer(const struct pull *p)
{
    struct transfer t = {0};
    struct buf amount, currency;
    buf_init(&amount, 64);
    buf_init(&currency, 64);
    bool good = read_number(p, "from", &t.from) && read_number(p, "to", &t.to) &&
                query_value(p->target->query, "amount", &amount) &&
                query_value(p->target->query, "currency", &currency);
    t.amount = buf_span(&amount);
    t.currency = buf_span(&currency);
    if (good && transfer_make(p->sandbox, &t, machine_now(p->sandbox)))
        buf_printf(&p->answer->body, "{\"sent\":\"%lld\",\"received\":\"%lld\"}",
                   (long long)t.sent, (long long)t.received);
    else
        answer_text_error(p->answer, 400,
                          "transfer?from=ID&to=ID&amount=A&currency=C: from one user who "
                          "is there to another, more than 0");
    buf_close(&currency);
    buf_close(&amount);
}

bool levers_pull(struct sandbox *s, struct span method, const struct target *target,
                 struct answer *answer)
{
    static const struct {
        const char *method, *path; /* no method: any */
        void (*pull)(const struct pull *p);
    } levers[] = {
        {NULL, "/_sandbox/ledger", show_ledger},
        {NULL, "/_sandbox/stats", show_stats},
        {"POST", "/_sandbox/approve", approve},
        {"POST", "/_sandbox/advance", advance},
        {"POST", "/_sandbox/compliance", set_compliance},
        {"POST", "/_sandbox/transfer", transfer},
    };
    const struct pull pull = {s, target, answer};
    if (target->in_api || !path_match(target->path, "/_sandbox/:id", NULL))
        return false;
    machine_run(s, machine_now(s));
    for (size_t i = 0; i < sizeof(levers) / sizeof(*levers); i++)
        if (span_is(target->path, levers[i].path) &&
            (!levers[i].method || span_is(method, levers[i].method))) {
            levers[i].pull(&pull);
            return true;
        }
    answer_not_found(answer);
    return true;
}
