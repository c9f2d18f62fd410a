/* Wallets are empty: the sandbox knows no deposits, and a withdrawal needs no balance. */
#include <inttypes.h>
#include <stdio.h>
#include <strings.h>

#include "base/jsonw.h"
#include "sandbox/handlers.h"
#include "sandbox/list.h"

static const char *const coins[] = {"btc", "bch"};
static const char *const fiats[] = {"usd", "ars", "uyu", "clp", "pyg"};

#define COINS (sizeof(coins) / sizeof(*coins))
#define FIATS (sizeof(fiats) / sizeof(*fiats))

static bool same_word(struct span s, const char *word)
{
    return s.len == strlen(word) && strncasecmp(s.ptr, word, s.len) == 0;
}

static void write_balance(struct jsonw *w, const char *currency)
{
    jsonw_open(w, "attributes", '{');
    jsonw_raw(w, "balance", span_of("0.0"));
    jsonw_raw(w, "available", span_of("0.0"));
    jsonw_text(w, "currency", currency);
}

static int64_t coin_id(const struct call *c, size_t coin)
{
    return c->user * (int64_t)COINS + (int64_t)coin;
}

static void write_coin(struct call *c, struct jsonw *w, const char *key, size_t coin)
{
    char text[64];
    snprintf(text, sizeof(text), "%" PRId64, coin_id(c, coin));
    jsonw_open(w, key, '{');
    jsonw_text(w, "id", text);
    jsonw_text(w, "type", "coin_wallets");
    write_balance(w, coins[coin]);
    snprintf(text, sizeof(text), "mSandbox%sWallet%" PRId64, coins[coin], c->user);
    jsonw_text(w, "address", text);
    snprintf(text, sizeof(text), "mSandbox%sAutoSell%" PRId64, coins[coin], c->user);
    jsonw_text(w, "auto_sell_address", text);
    jsonw_close(w, '}');
    jsonw_close(w, '}');
}

static void write_cash(struct call *c, struct jsonw *w, const char *key, size_t fiat)
{
    (void)c;
    jsonw_open(w, key, '{');
    jsonw_text(w, "id", fiats[fiat]);
    jsonw_text(w, "type", "cash_wallets");
    write_balance(w, fiats[fiat]);
    jsonw_close(w, '}');
    jsonw_close(w, '}');
}

typedef void (*write_fn)(struct call *c, struct jsonw *w, const char *key, size_t which);

static void list(struct call *c, size_t count, write_fn write)
{
    struct jsonw w;
    struct list_window page = list_window_of(c, (int64_t)count);
    jsonw_init(&w, &c->answer->body);
    jsonw_open(&w, NULL, '{');
    jsonw_open(&w, "data", '[');
    for (size_t i = (size_t)page.skip; i < count && page.most != 0; i++, page.most--)
        write(c, &w, NULL, i);
    jsonw_close(&w, ']');
    jsonw_close(&w, '}');
}

static void show(struct call *c, size_t which, size_t count, write_fn write)
{
    struct jsonw w;
    if (which == count) {
        answer_not_found(c->answer);
        return;
    }
    jsonw_init(&w, &c->answer->body);
    jsonw_open(&w, NULL, '{');
    write(c, &w, "data", which);
    jsonw_close(&w, '}');
}

void coin_wallets_list(struct call *c)
{
    list(c, COINS, write_coin);
}

void coin_wallets_show(struct call *c)
{
    size_t i = 0;
    while (i < COINS && !same_word(c->id, coins[i]) && call_id(c) != coin_id(c, i))
        i++;
    show(c, i, COINS, write_coin);
}

void cash_wallets_list(struct call *c)
{
    list(c, FIATS, write_cash);
}

void cash_wallets_show(struct call *c)
{
    size_t i = 0;
    while (i < FIATS && !same_word(c->id, fiats[i]))
        i++;
    show(c, i, FIATS, write_cash);
}
