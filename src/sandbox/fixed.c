/* What is the same for everybody: the ports of CrossBorder, and an account without money.
 */
#include <stdio.h>

#include "base/jsonw.h"
#include "sandbox/handlers.h"
#include "sandbox/list.h"

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
    struct list_window page = list_window_of(c, 1);
    if (page.most == 0 || page.skip > 0) {
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
