#include "sandbox/route.h"

#include <stdio.h>

#include "sandbox/handlers.h"
#include "sandbox/kinds.h"
#include "sandbox/target.h"
#include "sandbox/thing.h"

struct own {
    const char *endpoint;
    void (*handle)(struct call *c);
};

/* The first that matches: "/users/me" before "/users/:id". */
static const struct own routes[] = {
    {"POST /users", users_create},
    {"GET /users", users_list},
    {"GET /users/me", users_show_me},
    {"PATCH /users/me", users_update_me},
    {"PUT /users/me", users_update_me},
    {"GET /users/:id", users_show},
    {"PATCH /users/:id", users_update},
    {"PUT /users/:id", users_update},
    {"GET /coin_wallets", coin_wallets_list},
    {"GET /coin_wallets/:id", coin_wallets_show},
    {"GET /cash_wallets", cash_wallets_list},
    {"GET /cash_wallets/:id", cash_wallets_show},
    {"POST /withdrawal_instructions", instructions_create},
    {"GET /withdrawal_instructions", instructions_list},
    {"GET /withdrawal_instructions/:id", instructions_show},
    {"DELETE /withdrawal_instructions/:id", instructions_delete},
    {"POST /cash_withdrawals", cash_withdrawals_create},
    {"GET /cash_withdrawals", cash_withdrawals_list},
    {"GET /cash_withdrawals/:id", cash_withdrawals_show},
    {"POST /coin_withdrawals", coin_withdrawals_create},
    {"GET /coin_withdrawals", coin_withdrawals_list},
    {"GET /coin_withdrawals/:id", coin_withdrawals_show},
    {"POST /issues", issues_create},
    {"GET /issues/current", issues_show_current},
    {"POST /issues/current/complete", issues_complete_current},
    {"POST /issues/:id/complete", issues_complete},
    {"PATCH /observations/:id", observations_update},
    {"PUT /observations/:id", observations_update},
    {"POST /attachments", attachments_create},
    {"GET /concierge_ports", ports_list},
    {"POST /concierge_estimates", estimates_create},
    {"POST /concierge_requests", requests_create},
    {"POST /concierge_requests/:id/request_quote", requests_ask_quote},
    {"POST /concierge_requests/:id/accept_quote", requests_accept_quote},
    {"POST /concierge_requests/:id/cancel", requests_cancel},
    {"POST /concierge_request_outputs", outputs_create},
    {"GET /accounts", accounts_list},
    {"POST /orders/cancel", orders_cancel},
};

/* For everybody, without a key. */
static const struct own market[] = {
    {"GET /orderbooks", orderbooks_list},    {"GET /tickers", tickers_list},
    {"GET /markets/:id", markets_show},      {"GET /transactions", trades_of_market_list},
    {"GET /candles", trades_of_market_list},
};

/* What every kind may have (kinds.h). */
static const struct {
    const char *method, *rest;
    unsigned can;
    void (*handle)(struct call *c);
    void (*of_seed)(struct call *c);
} usual[] = {
    {"POST", "", CAN_CREATE, things_create, seeds_create},
    {"GET", "", CAN_LIST, things_list, things_list},
    {"GET", "/:id", CAN_SHOW, things_show, things_show},
    {"PATCH", "/:id", CAN_UPDATE, things_update, seeds_update},
    {"PUT", "/:id", CAN_UPDATE, things_update, seeds_update},
    {"POST", "/:id/cancel", CAN_CANCEL, things_cancel, things_cancel},
};

static const char *place_of(const struct kind *k)
{
    return k->path ? k->path : k->name;
}

static const struct kind *kind_of(struct span path)
{
    for (const struct kind *k = kinds; k->name; k++) {
        size_t n = strlen(place_of(k));
        if (path.len > n && memcmp(path.ptr + 1, place_of(k), n) == 0 &&
            (path.len == n + 1 || path.ptr[n + 1] == '/'))
            return k;
    }
    return NULL;
}

static bool find_usual(struct span method, struct span path, struct route *out)
{
    const struct kind *k = out->kind;
    for (size_t i = 0; k && i < sizeof(usual) / sizeof(*usual); i++) {
        char pattern[80];
        snprintf(pattern, sizeof(pattern), "/%s%s", place_of(k), usual[i].rest);
        if (!(k->can & usual[i].can) || !span_is(method, usual[i].method) ||
            !path_match(path, pattern, &out->id))
            continue;
        snprintf(out->endpoint, sizeof(out->endpoint), "%s %s", usual[i].method, pattern);
        out->handle = k->seed ? usual[i].of_seed : usual[i].handle;
        return true;
    }
    return false;
}

static bool find_own(const struct own *table, size_t count, struct span method,
                     struct span path, struct route *out)
{
    for (size_t i = 0; i < count; i++) {
        const char *pattern = strchr(table[i].endpoint, ' ');
        struct span wanted = {table[i].endpoint, (size_t)(pattern - table[i].endpoint)};
        if (!span_equal(method, wanted) || !path_match(path, pattern + 1, &out->id))
            continue;
        snprintf(out->endpoint, sizeof(out->endpoint), "%s", table[i].endpoint);
        out->handle = table[i].handle;
        return true;
    }
    return false;
}

#define COUNT(table) (sizeof(table) / sizeof(*(table)))

bool route_find(struct span method, struct span path, struct route *out)
{
    *out = (struct route){.kind = kind_of(path), .id = {"", 0}};
    if (find_own(routes, COUNT(routes), method, path, out))
        return true;
    out->open = find_own(market, COUNT(market), method, path, out);
    return out->open || find_usual(method, path, out);
}
