#include "sandbox/route.h"

#include "sandbox/handlers.h"
#include "sandbox/target.h"

/* The first that matches: "/users/me" before "/users/:id". */
static const struct route routes[] = {
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
};

const struct route *route_find(struct span method, struct span path, struct span *id)
{
    *id = (struct span){"", 0};
    for (size_t i = 0; i < sizeof(routes) / sizeof(*routes); i++) {
        const char *pattern = strchr(routes[i].endpoint, ' ');
        struct span wanted = {routes[i].endpoint, (size_t)(pattern - routes[i].endpoint)};
        if (span_equal(method, wanted) && path_match(path, pattern + 1, id))
            return &routes[i];
    }
    return NULL;
}
