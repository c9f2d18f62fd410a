/* The kinds without a story of their own, and orders. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sandbox/story.h"

#define BID OF("bids", "\"orderbook_code\":\"btc_usd\",\"amount\":\"1.50\",\"price\":2")

static void the_simple_kinds_answer_as_the_table_says(void **state)
{
    (void)state;
    static const struct line lines[] = {
        {"POST", "/api/bids", AS "594", BID, 200, "\"status\":\"pending\""},
        {"POST", "/api/bids", AS "594", BID, 200, "\"id\":\"36302023\""},
        {"POST", "/api/bids", AS "594", OF("bids", "\"orderbook_code\":\"x\""), 422,
         "/data/attributes/price"},
        {"GET", "/api/bids?filter[orderbook_code]=btc_ars", AS "594", "", 200,
         "{\"data\":[]}"},
        {"GET", "/api/bids?filter[what]=x", AS "594", "", 200, "36302022"},
        {"POST", "/api/bids/36302022/cancel/", AS "594", "", 204, ""},
        {"POST", "/api/bids/36302022/cancel", AS "595", "", 404, ""},
        {"GET", "/api/bids/36302022", AS "594", "", 200, "\"status\":\"to_cancel\""},
        {"POST", "/api/orders/cancel", AS "595", "", 204, ""},
        {"GET", "/api/bids/36302023", AS "594", "", 200, "\"status\":\"pending\""},
        {"POST", "/api/orders/cancel", AS "594", "", 204, ""},
        {"GET", "/api/bids/36302023", AS "594", "", 200, "\"status\":\"to_cancel\""},
        {"POST", "/api/support_tickets", AS "594",
         OF("support_tickets", "\"subject\":\"s\",\"body\":\"b\""), 200, ""},
        {"GET", "/api/coin_deposits", AS "594", "", 200, "{\"data\":[]}"},
        {"GET", "/api/accounts", AS "594", "", 200, "\"id\":\"594\""},
        {"GET", "/api/concierge_ports", KEY, "", 200, "\"code\":\"mx_mxn\""},
        {"POST", "/api/concierge_estimates", KEY,
         OF("concierge_estimates", "\"outputs\":[{\"amount\":1.25},{\"budget\":\"2\"}]"),
         200, "\"total_to_spend\":3.25"},
        {"POST", "/api/bids", KEY,
         "{\"data\":{\"type\":\"bids\",\"attributes\":{\"orderbook_code\":\"btc_usd\","
         "\"amount\":1,\"price\":2},\"relationships\":{" TO("user", "users", "595") "}}}",
         200, "\"id\":\"595\""},
        {"POST", "/_sandbox/advance?ms=x", NULL, "", 400, "milliseconds"},
        {"GET", "/_sandbox/approve", NULL, "", 404, ""},
    };
    struct world w;
    world_open(&w);
    people(&w);
    PLAY(&w, lines);
    world_close(&w);
}

static void faults_reach_the_new_endpoints(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    people(&w);
    world_fault(&w, "POST /bids:lie-200-not-applied:x1");
    world_fault(&w, "POST /issues/*/complete:lie-200-not-applied:x1");
    world_fault(&w, "POST /phone_seeds:500-after-commit:x1");
    static const struct line lines[] = {
        {"POST", "/api/bids", AS "594", BID, 200, "36302022"},
        {"GET", "/api/bids/36302022", AS "594", "", 404, ""},
        {"POST", "/api/issues/current/complete", AS "594", "", 200, "new"},
        {"GET", "/api/issues/current", AS "594", "", 200, "\"state\":\"draft\""},
        {"POST", "/api/phone_seeds", AS "594", OF("phone_seeds", ""), 500, "<html>"},
        {"GET", "/api/phone_seeds/7401", AS "594", "", 200, ""},
    };
    PLAY(&w, lines);
    assert_int_equal(effects(&w), 4);
    world_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_simple_kinds_answer_as_the_table_says),
        cmocka_unit_test(faults_reach_the_new_endpoints),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
