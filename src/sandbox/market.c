/* Market data, of a market in which nothing happens: the same prices at every hour, and
 * nothing was traded. No key is needed to read it. */
#include <stdio.h>

#include "base/jsonw.h"
#include "sandbox/handlers.h"
#include "sandbox/list.h"

static const struct {
    const char *code, *base, *quote, *last;
} books[] = {
    {"btc_usd", "btc", "usd", "7000.0"},    {"btc_ars", "btc", "ars", "420000.0"},
    {"btc_clp", "btc", "clp", "5400000.0"}, {"btc_pyg", "btc", "pyg", "45000000.0"},
    {"btc_uyu", "btc", "uyu", "260000.0"},  {"bch_usd", "bch", "usd", "220.0"},
};
#define BOOKS (sizeof(books) / sizeof(*books))

typedef void (*write_fn)(struct jsonw *w, const char *key, size_t book);

static void begin(struct jsonw *w, const char *key, const char *type, const char *id)
{
    jsonw_open(w, key, '{');
    jsonw_text(w, "id", id);
    jsonw_text(w, "type", type);
    jsonw_open(w, "attributes", '{');
}

static void end(struct jsonw *w)
{
    jsonw_close(w, '}');
    jsonw_close(w, '}');
}

static void write_book(struct jsonw *w, const char *key, size_t i)
{
    char id[24];
    snprintf(id, sizeof(id), "%zu", i + 1);
    begin(w, key, "orderbooks", id);
    jsonw_text(w, "code", books[i].code);
    jsonw_text(w, "base", books[i].base);
    jsonw_text(w, "quote", books[i].quote);
    end(w);
}

static void write_ticker(struct jsonw *w, const char *key, size_t i)
{
    begin(w, key, "tickers", books[i].code);
    jsonw_raw(w, "last", span_of(books[i].last));
    jsonw_raw(w, "bid", span_of(books[i].last));
    jsonw_raw(w, "ask", span_of(books[i].last));
    jsonw_raw(w, "volume", span_of("0.0"));
    end(w);
}

static void write_market(struct jsonw *w, const char *key, size_t i)
{
    static const char *const sides[] = {"bids", "asks", "transactions", "candles"};
    jsonw_open(w, key, '{');
    jsonw_text(w, "id", books[i].code);
    jsonw_text(w, "type", "markets");
    jsonw_open(w, "relationships", '{');
    for (size_t k = 0; k < sizeof(sides) / sizeof(*sides); k++)
        jsonw_raw(w, sides[k], span_of("{\"data\":[]}"));
    jsonw_close(w, '}');
    jsonw_close(w, '}');
}

static void list(struct call *c, size_t count, write_fn write)
{
    struct jsonw w;
    struct list_window page = list_window_of(c, (int64_t)count);
    jsonw_init(&w, &c->answer->body);
    jsonw_open(&w, NULL, '{');
    jsonw_open(&w, "data", '[');
    for (size_t i = (size_t)page.skip; i < count && page.most != 0; i++, page.most--)
        write(&w, NULL, i);
    jsonw_close(&w, ']');
    jsonw_close(&w, '}');
}

void orderbooks_list(struct call *c)
{
    list(c, BOOKS, write_book);
}

void tickers_list(struct call *c)
{
    list(c, BOOKS, write_ticker);
}

/* Of a book that is not there the body is empty. */
void markets_show(struct call *c)
{
    struct jsonw w;
    size_t i = 0;
    while (i < BOOKS && !span_is(c->id, books[i].code))
        i++;
    if (i == BOOKS) {
        answer_clear(c->answer);
        c->answer->status = 404;
        return;
    }
    jsonw_init(&w, &c->answer->body);
    jsonw_open(&w, NULL, '{');
    write_market(&w, "data", i);
    jsonw_close(&w, '}');
}

void trades_of_market_list(struct call *c)
{
    list(c, 0, write_book);
}
