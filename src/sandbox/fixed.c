/* What is the same for everybody: the ports of CrossBorder, an account without money, and
 * the bulk form of cancelling orders. */
#include <stdio.h>

#include "base/jsonw.h"
#include "sandbox/handlers.h"
#include "sandbox/list.h"
#include "sandbox/target.h"

static const struct {
    const char *code, *country, *currency;
} ports[] = {
    {"ar_ars", "AR", "ars"},    {"ar_usd", "AR", "usd"},    {"cl_clp", "CL", "clp"},
    {"uy_uyu", "UY", "uyu"},    {"uy_usd", "UY", "usd"},    {"py_pyg", "PY", "pyg"},
    {"py_usd", "PY", "usd"},    {"us_usd", "US", "usd"},    {"mx_mxn", "MX", "mxn"},
    {"other_usd", NULL, "usd"}, {"other_eur", NULL, "eur"},
};
#define PORTS (sizeof(ports) / sizeof(*ports))

static void write_port(struct jsonw *w, size_t i)
{
    char id[24];
    snprintf(id, sizeof(id), "%zu", i + 1);
    jsonw_open(w, NULL, '{');
    jsonw_text(w, "id", id);
    jsonw_text(w, "type", "concierge_ports");
    jsonw_open(w, "attributes", '{');
    jsonw_text(w, "code", ports[i].code);
    jsonw_text(w, "country", ports[i].country);
    jsonw_text(w, "currency_code", ports[i].currency);
    jsonw_close(w, '}');
    jsonw_close(w, '}');
}

void ports_list(struct call *c)
{
    struct jsonw w;
    struct list_window page = list_window_of(c, (int64_t)PORTS);
    jsonw_init(&w, &c->answer->body);
    jsonw_open(&w, NULL, '{');
    jsonw_open(&w, "data", '[');
    for (size_t i = (size_t)page.skip; i < PORTS && page.most != 0; i++, page.most--)
        write_port(&w, i);
    jsonw_close(&w, ']');
    jsonw_close(&w, '}');
}

void accounts_list(struct call *c)
{
    static const char *const currencies[] = {"usd", "ars", "uyu", "clp",
                                             "pyg", "btc", "bch"};
    struct buf *out = &c->answer->body;
    if (list_window_of(c, 1).most == 0) {
        buf_add_text(out, "{\"data\":[]}");
        return;
    }
    buf_printf(out,
               "{\"data\":[{\"id\":\"%lld\",\"type\":\"accounts\",\"attributes\":{"
               "\"country\":\"AR\",\"balances\":{",
               (long long)c->user);
    for (size_t i = 0; i < sizeof(currencies) / sizeof(*currencies); i++)
        buf_printf(out, "%s\"%s\":{\"total\":0.0,\"available\":0.0}", i ? "," : "",
                   currencies[i]);
    buf_printf(out,
               "}},\"relationships\":{\"user\":{\"data\":{\"type\":\"users\","
               "\"id\":\"%lld\"}}}}]}",
               (long long)c->user);
}

static void cancel_kind(struct call *c, const char *kind, struct span book)
{
    int64_t settle_ms = c->sandbox->options->settle_ms;
    sqlite3_stmt *st = sql_write(&c->sandbox->sql, SQL_CANCEL_ORDERS);
    sql_bind_int(st, 1, c->now_us);
    if (settle_ms)
        sql_bind_int(st, 2, c->now_us + settle_ms / 2 * MS_US);
    sql_bind_text(st, 3, span_of(kind));
    sql_bind_int(st, 4, c->user);
    sql_bind_text(st, 5, book);
    sql_run(&c->sandbox->sql, st);
}

/* 204, whether there was anything to cancel or not. */
void orders_cancel(struct call *c)
{
    struct buf book;
    buf_init(&book, 1 << 16);
    bool one = query_value(c->query, "filter[orderbook_code]", &book);
    struct span wanted = one ? buf_span(&book) : (struct span){0};
    if (fault_applies(c->fault)) {
        cancel_kind(c, "bids", wanted);
        cancel_kind(c, "asks", wanted);
    }
    c->answer->status = 204;
    buf_close(&book);
}
