#include "sim/night.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "sim/chance.h"
#include "sim/findings.h"
#include "store/import.h"

#define MINUTE_MS   INT64_C(60000)
#define PAYOUTS_MAX 2
/* The settle time is longer than the longest delay of an effect and of its row in the
 * list together, clocks that are set included. */
#define MARGIN_MS INT64_C(8000)

static const char *const actions[] = {
    [KIND_USER] = "create_user",
    [KIND_ACCOUNT] = "create_withdrawal_instruction",
    [KIND_CASH] = "create_cash_withdrawal",
    [KIND_COIN] = "create_coin_withdrawal",
    [KIND_READ] = "get_user",
    [KIND_OTHER] = "request",
};

const char *night_action(enum job_kind kind)
{
    return actions[kind];
}

const char *night_lie_name(enum night_lie lie)
{
    static const char *const names[LIE_COUNT] = {"", "late", "sync", "refuse", "amount"};
    return names[lie];
}

void night_email(const struct night_job *job, char out[64])
{
    snprintf(out, 64, "pagos+%s@example.com", job->ref);
}

bool night_has_effect(const struct night_job *job)
{
    return job->kind != KIND_READ;
}

/* ---- jobs ---- */

static struct night_job *add(struct night *n, enum job_kind kind, const char *name,
                             int user)
{
    struct night_job *job = &n->jobs[n->job_count];
    *job = (struct night_job){
        .kind = kind, .user = user, .account = -1, .extra_need = -1, .currency = ""};
    snprintf(job->ref, sizeof(job->ref), "%s-%d", name, n->job_count + 1);
    n->job_count++;
    return job;
}

/* With the trailing zeros of the amount, or without: both are the same money. */
static void draw_amount(struct night_job *job, const char *currency, int places,
                        struct rng *r)
{
    int64_t unit = places == 8 ? 100000000 : 100;
    job->currency = currency;
    job->minor = chance_small(r, 1, 200000000);
    if (chance_in_100(r, 20))
        job->minor = (job->minor / unit + 1) * unit;
    snprintf(job->amount, sizeof(job->amount), "%" PRId64 ".%0*" PRId64,
             job->minor / unit, places, job->minor % unit);
    if (job->minor % unit == 0 && chance_in_100(r, 50))
        *strchr(job->amount, '.') = '\0';
}

/* One in four is the same payout once more: the same user, account, amount, currency. */
static void add_payout(struct night *n, int user, int account, struct rng *r)
{
    struct night_job *job = add(n, KIND_CASH, "payout", user);
    const struct night_job *before = job - 1;
    job->account = account;
    draw_amount(job, chance_in_100(r, 70) ? "ars" : "usd", 2, r);
    if (before->kind == KIND_CASH && before->user == user && before->account == account &&
        chance_in_100(r, 25)) {
        memcpy(job->amount, before->amount, sizeof(job->amount));
        job->minor = before->minor;
        job->currency = before->currency;
    }
}

static void add_rest(struct night *n, int user, struct rng *r)
{
    if (chance_in_100(r, 20))
        draw_amount(add(n, KIND_COIN, "coins", user), "btc", 8, r);
    if (chance_in_100(r, 15) && user >= 0)
        add(n, KIND_READ, "read", user);
    if (chance_in_100(r, 15))
        add(n, KIND_OTHER, "other", user);
    if (chance_in_100(r, 10) && n->jobs[n->job_count - 1].kind != KIND_USER)
        n->jobs[n->job_count - 1].extra_need = 0;
    if (n->jobs[n->job_count - 1].extra_need == n->job_count - 1)
        n->jobs[n->job_count - 1].extra_need = -1;
}

static void add_payee(struct night *n, struct rng *r)
{
    int user = -1, account;
    if (chance_in_100(r, 92)) {
        user = n->job_count;
        add(n, KIND_USER, "user", -1);
    }
    account = n->job_count;
    add(n, KIND_ACCOUNT, "account", user);
    for (int64_t k = chance_between(r, 0, PAYOUTS_MAX); k > 0; k--)
        add_payout(n, user, account, r);
    add_rest(n, user, r);
}

/* ---- settings ---- */

static int64_t one_of(struct rng *r, const int64_t *choices, uint64_t count)
{
    return choices[rng_below(r, count)];
}
#define ONE_OF(r, ...)                                                                   \
    one_of(r, (const int64_t[]){__VA_ARGS__},                                            \
           sizeof((const int64_t[]){__VA_ARGS__}) / sizeof(int64_t))

static void draw_program(struct night *n, struct rng *r)
{
    n->concurrency = (int)chance_between(r, 1, 8);
    n->retry_limit = (int)chance_between(r, 2, 6);
    n->milli_rate = ONE_OF(r, 0, 1000, 5000, 5000, 5000, 20000);
    n->retry_base_ms = ONE_OF(r, 200, 1000, 5000);
    n->retry_max_ms = n->retry_base_ms * chance_between(r, 1, 30);
    n->find_first_ms = chance_in_100(r, 60) ? ONE_OF(r, 1000, 5000, 15000, 60000) : 0;
    n->find_tries = (int)chance_between(r, 1, 4);
    n->settle_ms = ONE_OF(r, 1, 2, 10, 10, 30) * MINUTE_MS;
    n->checkpoint_frames = chance_in_100(r, 30) ? (int)chance_small(r, 1, 200) : 0;
    n->starts_empty = chance_in_100(r, 1);
}

static void draw_delays(struct night *n, struct rng *r)
{
    int64_t bound = n->find_first_ms ? n->settle_ms - MARGIN_MS : 360 * MINUTE_MS;
    int64_t lag = chance_in_100(r, 50) ? chance_small(r, 0, bound / 2) : 0;
    n->lag_most_us = lag * 1000;
    n->late_most_us = chance_between(r, 0, bound - lag) * 1000;
    if (n->lie == LIE_LATE)
        n->late_most_us = 3 * bound * 1000;
    n->answer_most_us = ONE_OF(r, 50, 800, 30000) * 1000;
}

static void draw_world(struct night *n, struct rng *r)
{
    n->lives = (int)chance_small(r, 0, 7);
    n->trouble = (int)ONE_OF(r, 0, 5, 15, 30, 60);
    n->loss = (int)chance_between(r, 10, 90);
    draw_delays(n, r);
    n->page = (int)ONE_OF(r, 0, 3, 4, 10);
    n->newest_first = chance_in_100(r, 30);
    n->filters = chance_in_100(r, 50);
    n->keeps_date = chance_in_100(r, 80);
    n->foreign_rows = (int)chance_small(r, 0, 12);
    n->blind = chance_in_100(r, 30) ? (int)ONE_OF(r, 50, 100, 100) : 0;
    n->server_skew_ms = chance_between(r, -240000, 240000);
    n->wall_jump_ms = chance_in_100(r, 30) ? 1500 : 0;
    n->slow_syncs = (int)ONE_OF(r, 4, 4, 40);
}

void night_expand(struct night *n, uint64_t seed, enum night_lie lie)
{
    struct rng r = chance_of(seed, CHANCE_NIGHT);
    *n = (struct night){.seed = seed, .lie = lie};
    draw_program(n, &r);
    draw_world(n, &r);
    int64_t payees = chance_small(&r, 2, chance_small(&r, 2, 12));
    while (payees-- > 0 && n->job_count < NIGHT_JOBS_MAX - 10)
        add_payee(n, &r);
}

void night_print(const struct night *n)
{
    printf("seed %" PRIu64 ": %d jobs, concurrency %d, rate %" PRId64
           "/1000s, retry %" PRId64 " to %" PRId64 " ms, limit %d, find_first %" PRId64
           " ms, tries %d, settle %" PRId64 " ms, checkpoint %d%s\n",
           n->seed, n->job_count, n->concurrency, n->milli_rate, n->retry_base_ms,
           n->retry_max_ms, n->retry_limit, n->find_first_ms, n->find_tries, n->settle_ms,
           n->checkpoint_frames, n->starts_empty ? ", no database at first" : "");
    printf("  lives %d, trouble %d %%, of it with effect %d %%, late %" PRId64
           " ms, lag %" PRId64
           " ms, page %d%s%s%s, foreign rows %d, blind %d %%, server's "
           "clock %+" PRId64 " ms, wall jumps %d ms, slow syncs %d %%\n",
           n->lives, n->trouble, n->loss, n->late_most_us / 1000, n->lag_most_us / 1000,
           n->page, n->newest_first ? " newest first" : "", n->filters ? " filters" : "",
           n->keeps_date ? "" : " without dates", n->foreign_rows, n->blind,
           n->server_skew_ms, n->wall_jump_ms, n->slow_syncs);
}

/* ---- import ---- */

static void add_param(struct row *row, const char *name, const char *value)
{
    params_add(&row->params, span_of(name), span_of(value));
}

static void add_reference(struct row *row, const char *name, const char *ref)
{
    char *cell = mem_printf("@%s", ref);
    add_param(row, name, cell);
    row_add_need(row, span_of(ref), false, name);
    free(cell);
}

static void fill_params(const struct night *n, const struct night_job *job,
                        struct row *row)
{
    char text[64];
    switch (job->kind) {
    case KIND_USER:
        night_email(job, text);
        add_param(row, "email", text);
        return;
    case KIND_ACCOUNT:
        add_param(row, "label", job->ref);
        add_param(row, "body.cbu", "2740859941184278534946");
        return;
    case KIND_CASH:
        add_param(row, "amount", job->amount);
        add_param(row, "fiat_code", job->currency);
        add_reference(row, "withdrawal_instruction", n->jobs[job->account].ref);
        return;
    case KIND_COIN:
        add_param(row, "label", job->ref);
        add_param(row, "to_addresses", "1BoatSLRHtKNngkdXEeobR76b53LETtpyT");
        add_param(row, "amount", job->amount);
        add_param(row, "coin_code", job->currency);
        return;
    case KIND_READ:
        add_reference(row, "id", n->jobs[job->user].ref);
        return;
    case KIND_OTHER:
        add_param(row, "method", "POST");
        add_param(row, "path", "/orders");
        snprintf(text, sizeof(text), "{\"label\":\"%s\"}", job->ref);
        add_param(row, "body", text);
        return;
    }
}

static void fill_row(const struct night *n, int number, struct row *row)
{
    const struct night_job *job = &n->jobs[number];
    bool for_user = job->kind != KIND_USER && job->kind != KIND_READ;
    row_init(row);
    row->line = number + 2;
    row->ref = mem_text(job->ref);
    row->action = mem_text(night_action(job->kind));
    if (for_user && job->user < 0)
        row->on_behalf_of = mem_text("#" NIGHT_STRANGER);
    if (for_user && job->user >= 0) {
        row->on_behalf_of = mem_text(n->jobs[job->user].ref);
        row_add_need(row, span_of(row->on_behalf_of), false, "on_behalf_of");
    }
    if (job->extra_need >= 0)
        row_add_need(row, span_of(n->jobs[job->extra_need].ref), false, "needs");
    row->has_money = job->minor > 0;
    row->money.minor = job->minor;
    snprintf(row->money.currency, sizeof(row->money.currency), "%s", job->currency);
    fill_params(n, job, row);
}

static void hear(void *ctx, const struct complaint *c)
{
    (void)ctx;
    find(FOUND_WRONG, "the import complains of line %lld: %s", (long long)c->line,
         c->text);
}

int night_import(const struct night *n, struct store *store, struct err *err)
{
    struct import_options options = {
        .batch = "night", .source = "payees.csv", .complain = hear};
    struct import_result result;
    if (store_import_begin(store, &options, clock_wall(), err))
        return -1;
    for (int i = 0; i < n->job_count; i++) {
        struct row row;
        fill_row(n, i, &row);
        int rc = store_import_row(store, &row, err);
        row_close(&row);
        if (rc) {
            store_import_abort(store);
            return -1;
        }
    }
    return store_import_finish(store, 0, &result, err);
}
