/* The kinds without a story of their own, and orders. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sandbox/story.h"

#define BID OF("bids", "\"orderbook_code\":\"btc_usd\",\"amount\":\"1.50\",\"price\":2")

static const struct line what_the_table_says[] = {
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
    {"POST", "/api/merchants/payments", KEY,
     OF("payments", "\"amount\":\"1.50\",\"merchant_reference\":\"sale-1\""), 200,
     "\"merchant_reference\":\"sale-1\""},
    {"GET", "/api/merchants/payments/901", KEY, "", 200, "\"status\":\"pending\""},
    {"GET", "/api/merchants/payments", KEY, "", 200, "\"amount\":1.5,"},
    {"GET", "/api/payments", KEY, "", 404, ""},
    {"GET", "/api/merchants", KEY, "", 404, ""},
    {"GET", "/api/bidsandasks", KEY, "", 404, ""},
    {"GET", "/api/coin_deposits", AS "594", "", 200, "{\"data\":[]}"},
    {"GET", "/api/accounts", AS "594", "", 200, "\"id\":\"594\""},
    {"GET", "/api/concierge_ports", KEY, "", 200, "\"code\":\"mx_mxn\""},
    {"POST", "/api/concierge_estimates", KEY,
     OF("concierge_estimates", "\"outputs\":[{\"amount\":1.25},{\"budget\":\"2\"}]"), 200,
     "\"total_to_spend\":3.25"},
    {"POST", "/api/bids", KEY,
     "{\"data\":{\"type\":\"bids\",\"attributes\":{\"orderbook_code\":\"btc_usd\","
     "\"amount\":1,\"price\":2},\"relationships\":{" TO("user", "users", "595") "}}}",
     200, "\"id\":\"595\""},
    {"POST", "/_sandbox/advance?ms=x", NULL, "", 400, "milliseconds"},
    {"GET", "/_sandbox/approve", NULL, "", 404, ""},
};

static void the_simple_kinds_answer_as_the_table_says(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    people(&w);
    PLAY(&w, what_the_table_says);
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

#define ORDERS(query)      "/api/orders" query
#define ASK                OF("asks", "\"orderbook_code\":\"btc_ars\",\"amount\":1,\"price\":3")
#define BROKE              OF("asks", "\"orderbook_code\":\"btc_usd\",\"amount\":13,\"price\":3")
#define FIRST_IS(kind, id) "{\"data\":[{\"id\":\"" id "\",\"type\":\"" kind "\""

static const struct line from_pending_to_their_ends[] = {
    {"POST", "/api/bids", AS "594", BID, 200, "36302022"},
    {"POST", "/api/asks", AS "594", ASK, 200, "36402022"},
    {"POST", "/api/asks", AS "594", BROKE, 200, "\"status\":\"pending\""},
    {"GET", ORDERS(""), AS "594", "", 200, "{\"data\":[]}"},
    {"POST", ADVANCE, NULL, "", 200, ""},
    {"GET", "/api/asks/36402023", AS "594", "", 200, "\"status\":\"cancelled\""},
    {"GET", ORDERS(""), AS "594", "", 200, FIRST_IS("asks", "36402022")},
    {"GET", ORDERS(""), AS "594", "", 200,
     "\"id\":\"36302022\",\"type\":\"bids\",\"attributes\":{\"status\":\"executing\""},
    {"GET", ORDERS(""), AS "595", "", 200, "{\"data\":[]}"},
    {"GET", ORDERS("?filter[orderbook_code]=btc_usd"), AS "594", "", 200,
     FIRST_IS("bids", "36302022")},
    {"GET", ORDERS("?filter[orderbook_code]=bch_usd"), AS "594", "", 200,
     "{\"data\":[]}"},
    {"POST", "/api/orders/cancel?filter[orderbook_code]=btc_ars", AS "594", "", 204, ""},
    {"GET", ORDERS(""), AS "594", "", 200, FIRST_IS("bids", "36302022")},
    {"GET", "/api/asks/36402022", AS "594", "", 200, "\"status\":\"to_cancel\""},
    {"POST", ADVANCE, NULL, "", 200, ""},
    {"GET", "/api/asks/36402022", AS "594", "", 200, "\"status\":\"cancelled\""},
    {"GET", "/api/bids/36302022", AS "594", "", 200, "\"status\":\"completed\""},
    {"GET", ORDERS(""), AS "594", "", 200, "{\"data\":[]}"},
    {"POST", "/api/bids/36302022/cancel", AS "594", "", 204, ""},
    {"GET", "/api/bids/36302022", AS "594", "", 200, "\"status\":\"completed\""},
    {"GET", "/_sandbox/stats", NULL, "", 200,
     "\"effects\":{\"asks\":2,\"asks/cancel\":1,\"bids\":1,\"users\":2"},
};

static void orders_are_what_executes_of_both_kinds(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    w.options.settle_ms = 2 * HOUR_MS;
    people(&w);
    PLAY(&w, from_pending_to_their_ends);
    world_close(&w);
}

#define BID_OF(amount) OF("bids", "\"orderbook_code\":\"btc_usd\",\"price\":2" amount)
#define SPEND(outputs) OF("concierge_estimates", outputs)

static void an_amount_is_a_number_above_0(void **state)
{
    (void)state;
    static const struct line lines[] = {
        {"POST", "/api/bids", AS "594", BID_OF(",\"amount\":0"), 422,
         "debe_ser_mayor_que_0"},
        {"POST", "/api/bids", AS "594", BID_OF(",\"amount\":\"-1\""), 422,
         "debe_ser_mayor_que_0"},
        {"POST", "/api/bids", AS "594", BID_OF(",\"amount\":\"1,5\""), 422,
         "no_es_un_numero"},
        {"POST", "/api/bids", AS "594", BID_OF(""), 422, "no_puede_estar_en_blanco"},
        {"POST", "/api/bids", AS "594", BID_OF(",\"amount\":\"1.50\""), 200, "1.5"},
        {"GET", "/_sandbox/ledger", NULL, "", 200,
         "\"amount\":\"1.50\",\"currency\":\"btc_usd\""},
        {"POST", "/api/concierge_estimates", KEY, SPEND("\"outputs\":[{\"amount\":0}]"),
         422, "/data/attributes/outputs"},
        {"POST", "/api/concierge_estimates", KEY, SPEND("\"outputs\":[3]"), 422, ""},
        {"POST", "/api/concierge_estimates", KEY, SPEND(""), 422, ""},
    };
    struct world w;
    world_open(&w);
    people(&w);
    PLAY(&w, lines);
    world_close(&w);
}

static void a_user_acts_for_himself_only(void **state)
{
    (void)state;
    static const struct line lines[] = {
        {"POST", "/api/support_tickets", AS "594",
         WITH("support_tickets", "\"subject\":\"s\",\"body\":\"b\"",
              TO("user", "users", "595")),
         200, TO("user", "users", "594")},
        {"POST", "/api/support_tickets", KEY,
         WITH("support_tickets", "\"subject\":\"s\",\"body\":\"b\"",
              TO("user", "users", "99")),
         404, NOT_FOUND},
    };
    struct world w;
    world_open(&w);
    people(&w);
    PLAY(&w, lines);
    world_close(&w);
}

static void what_is_fixed_comes_in_pages_too(void **state)
{
    (void)state;
    static const struct line lines[] = {
        {"GET", "/api/concierge_ports?page[page]=2", KEY, "", 200,
         "{\"data\":[{\"id\":\"9\",\"type\":\"concierge_ports\""},
        {"GET", "/api/concierge_ports?page[page]=3", KEY, "", 200, "{\"data\":[]}"},
        {"GET", "/api/accounts", KEY, "", 200, "{\"data\":[{\"id\":\"593\""},
        {"GET", "/api/accounts?page[page]=2", KEY, "", 200, "{\"data\":[]}"},
    };
    struct world w;
    world_open(&w);
    w.options.page_size = 8;
    PLAY(&w, lines);
    world_close(&w);
}

static void faults_bend_the_list_of_orders(void **state)
{
    (void)state;
    static const struct line lines[] = {
        {"POST", "/api/bids", AS "594", BID, 200, ""},
        {"POST", "/api/asks", AS "594", ASK, 200, ""},
        {"POST", ADVANCE, NULL, "", 200, ""},
        {"GET", ORDERS(""), AS "595", "", 200, FIRST_IS("asks", "36402022")},
        {"GET", ORDERS(""), AS "595", "", 200, "{\"data\":[]}"},
        {"GET", ORDERS("?page[page]=2"), AS "594", "", 200, FIRST_IS("bids", "36302022")},
    };
    struct world w;
    world_open(&w);
    w.options.settle_ms = 2 * HOUR_MS;
    w.options.page_size = 1;
    people(&w);
    world_fault(&w, "GET /orders:other-user-rows:x1");
    PLAY(&w, lines);
    world_close(&w);
}

static void a_bot_tells_what_it_does_in_two_flags(void **state)
{
    (void)state;
    static const struct line lines[] = {
        {"POST", "/api/buying_bots", AS "594",
         OF("buying_bots", "\"orderbook_code\":\"btc_usd\",\"amount\":5"), 200,
         "{\"data\":{\"id\":\"301\",\"type\":\"buying_bots\",\"attributes\":{\"chunk_"},
        {"GET", "/api/buying_bots/301", AS "594", "", 200,
         "\"executing\":true,\"to_cancel\":false"},
        {"POST", "/api/buying_bots/301/cancel", AS "594", "", 204, ""},
        {"GET", "/api/buying_bots/301", AS "594", "", 200,
         "\"executing\":true,\"to_cancel\":true"},
        {"POST", ADVANCE, NULL, "", 200, ""},
        {"GET", "/api/buying_bots/301", AS "594", "", 200,
         "\"executing\":false,\"to_cancel\":true"},
    };
    struct world w;
    world_open(&w);
    w.options.settle_ms = 2 * HOUR_MS;
    people(&w);
    PLAY(&w, lines);
    world_close(&w);
}

#define DEPOSIT                                                                          \
    OF("cash_deposits", "\"requested_amount\":\"7.50\",\"deposit_method\":\"bank\"")

static void a_date_filters_deposits_and_nothing_that_knows_none(void **state)
{
    (void)state;
    static const struct line lines[] = {
        {"POST", "/api/cash_deposits", AS "594", DEPOSIT, 200, "\"status\":\"pending\""},
        {"POST", "/api/bids", AS "594", BID, 200, ""},
        {"GET", "/api/cash_deposits?filter[from]=1970-01-01", AS "594", "", 200, "2501"},
        {"GET", "/api/cash_deposits?filter[from]=1970-01-02", AS "594", "", 200,
         "{\"data\":[]}"},
        {"GET", "/api/cash_deposits?filter[from]=1970-01-02x", AS "594", "", 200, "2501"},
        {"GET", "/api/bids?filter[from]=1970-01-02", AS "594", "", 200, "36302022"},
        {"POST", ADVANCE, NULL, "", 200, ""},
        {"GET", "/api/cash_deposits/2501", AS "594", "", 200, "\"status\":\"done\""},
    };
    struct world w;
    world_open(&w);
    w.options.settle_ms = 2 * HOUR_MS;
    people(&w);
    PLAY(&w, lines);
    world_close(&w);
}

static void a_fault_refuses_an_attribute_or_finds_nothing(void **state)
{
    (void)state;
    static const struct line lines[] = {
        {"POST", "/api/bids", AS "594", BID, 422,
         "{\"errors\":[{\"status\":422,\"title\":\"no es válido\","},
        {"POST", "/api/asks", AS "594", ASK, 422,
         "\"pointer\":\"/data/attributes/price\""},
        {"GET", "/api/bids", AS "594", "", 404, NOT_FOUND},
        {"POST", "/api/bids", AS "594", BID, 200, "36302022"},
        {"GET", "/api/bids", AS "594", "", 200, "36302022"},
    };
    struct world w;
    world_open(&w);
    people(&w);
    world_fault(&w, "POST /bids:422:x1");
    world_fault(&w, "POST /asks:422:x1:price");
    world_fault(&w, "GET /bids:404:x1");
    PLAY(&w, lines);
    assert_int_equal(effects(&w), 4);
    world_close(&w);
}

static void the_market_is_open_to_everybody(void **state)
{
    (void)state;
    static const struct line lines[] = {
        {"GET", "/api/orderbooks", NULL, "", 200, "\"code\":\"bch_usd\""},
        {"GET", "/api/tickers", NULL, "", 200, "\"id\":\"btc_ars\",\"type\":\"tickers\""},
        {"GET", "/api/markets/btc_usd", NULL, "", 200,
         "{\"data\":{\"id\":\"btc_usd\",\"type\":\"markets\""},
        {"GET", "/api/transactions", NULL, "", 200, "{\"data\":[]}"},
        {"GET", "/api/candles?span=1", KEY, "", 200, "{\"data\":[]}"},
        {"GET", "/api/tickers?page[page]=2", NULL, "", 200,
         "{\"data\":[{\"id\":\"btc_uyu\""},
        {"POST", "/api/tickers", NULL, "", 401, ""},
        {"GET", "/api/bids", NULL, "", 401, ""},
    };
    struct world w;
    world_open(&w);
    w.options.page_size = 4;
    play(&w, lines + 2, 6);
    w.options.page_size = 0;
    play(&w, lines, 2);
    ask(&w, "GET", "/api/markets/doge_usd", NULL, "");
    assert_int_equal(w.reply.answer.status, 404);
    assert_int_equal(w.reply.answer.body.len, 0);
    world_close(&w);
}

#define TRANSFER(text) "/_sandbox/transfer?" text

static void a_lever_moves_money_between_users(void **state)
{
    (void)state;
    static const struct line lines[] = {
        {"POST", TRANSFER("from=594&to=595&amount=1.50&currency=ars"), NULL, "", 200,
         "{\"sent\":\"3101\",\"received\":\"3301\"}"},
        {"GET", "/api/sent_transfers", AS "594", "", 200, "\"amount\":1.5,"},
        {"GET", "/api/sent_transfers/3101", AS "594", "", 200, "\"currency\":\"ars\""},
        {"GET", "/api/received_transfers", AS "594", "", 200, "{\"data\":[]}"},
        {"GET", "/api/received_transfers/3301", AS "595", "", 200,
         TO("user", "users", "595")},
        {"GET", "/api/received_transfers/3301", AS "594", "", 404, ""},
        {"POST", TRANSFER("from=594&to=99&amount=1&currency=ars"), NULL, "", 400,
         "one user"},
        {"POST", TRANSFER("from=594&to=595&amount=0&currency=ars"), NULL, "", 400, ""},
        {"POST", TRANSFER("from=594&to=595&amount=1"), NULL, "", 400, ""},
        {"GET", "/api/sent_transfers/3102", AS "594", "", 404, ""},
    };
    struct world w;
    world_open(&w);
    people(&w);
    PLAY(&w, lines);
    assert_int_equal(effects(&w), 3);
    world_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_simple_kinds_answer_as_the_table_says),
        cmocka_unit_test(orders_are_what_executes_of_both_kinds),
        cmocka_unit_test(an_amount_is_a_number_above_0),
        cmocka_unit_test(a_user_acts_for_himself_only),
        cmocka_unit_test(what_is_fixed_comes_in_pages_too),
        cmocka_unit_test(faults_bend_the_list_of_orders),
        cmocka_unit_test(a_bot_tells_what_it_does_in_two_flags),
        cmocka_unit_test(a_date_filters_deposits_and_nothing_that_knows_none),
        cmocka_unit_test(faults_reach_the_new_endpoints),
        cmocka_unit_test(a_fault_refuses_an_attribute_or_finds_nothing),
        cmocka_unit_test(the_market_is_open_to_everybody),
        cmocka_unit_test(a_lever_moves_money_between_users),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
