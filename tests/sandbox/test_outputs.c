/* What happens to the outputs of a CrossBorder request. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sandbox/quotes.h"

static const struct line from_accepted_to_finished[] = {
    {"POST", "/api/concierge_requests/1201/accept_quote", KEY, "", 200,
     "\"state\":\"quote_accepted\""},
    {"POST", "/api/concierge_requests/1201/accept_quote", KEY, "", 422, ""},
    {"POST", "/_sandbox/advance?ms=18000000", NULL, "", 200, ""},
    {"GET", "/api/concierge_request_outputs/15001", KEY, "", 200, "\"accepting\""},
    {"GET", "/api/concierge_requests/1201", KEY, "", 200, "\"state\":\"working\""},
    {"GET", "/api/concierge_requests/1201", KEY, "", 200, "\"funds_available\":true"},
    {"POST", "/api/issues/current/complete", AS "594", "", 200, ""},
    APPROVE,
    {"GET", "/api/concierge_request_outputs/15001", KEY, "", 200, "\"working\""},
    {"GET", "/api/concierge_request_outputs/15002", KEY, "", 200, "\"rejected\""},
    {"POST", ADVANCE, NULL, "", 200, ""},
    {"GET", "/api/concierge_request_outputs/15001", KEY, "", 200, "\"settling\""},
    {"GET", "/api/concierge_request_outputs/15003", KEY, "", 200, "\"failed\""},
    {"GET", "/api/concierge_request_outputs/15004", KEY, "", 200, "\"failed\""},
    {"POST", ADVANCE, NULL, "", 200, ""},
    {"GET", "/api/concierge_request_outputs/15001", KEY, "", 200, "\"settled\""},
    {"GET", "/api/concierge_request_outputs/15003", KEY, "", 200, "\"returned\""},
    {"GET", "/api/concierge_request_outputs/15004", KEY, "", 200, "\"working\""},
    {"GET", "/api/concierge_requests/1201", KEY, "", 200, "\"state\":\"working\""},
    {"POST", "/_sandbox/advance?ms=7200000", NULL, "", 200, ""},
    {"GET", "/api/concierge_request_outputs?filter[request_id]=1201", KEY, "", 200,
     "\"id\":\"15004\",\"type\":\"concierge_request_outputs\","
     "\"attributes\":{\"state\":\"settled\""},
    {"GET", "/api/concierge_request_outputs?filter[request_id]=7", KEY, "", 200,
     "{\"data\":[]}"},
    {"GET", "/api/concierge_requests/1201", KEY, "", 200, "\"state\":\"finished\""},
    {"GET", "/api/concierge_requests/1201", KEY, "", 200,
     "\"receipt_url\":\"https://sandbox.example/receipts/1201\""},
    {"GET", "/_sandbox/stats", NULL, "", 200, "\"GET /concierge_request_outputs/:id\":9"},
    {"GET", "/_sandbox/stats", NULL, "", 200, "\"concierge_requests/accept_quote\":1"},
};

static void outputs_go_their_ways(void **state)
{
    (void)state;
    struct world w;
    world_of_quotes(&w);
    PLAY(&w, from_accepted_to_finished);
    world_close(&w);
}

static void a_request_of_rejected_outputs_finishes(void **state)
{
    (void)state;
    static const struct line lines[] = {
        {"POST", "/api/withdrawal_instructions", AS "594", INSTRUCTION("11901"), 200, ""},
        {"POST", "/api/concierge_requests", KEY,
         WITH("concierge_requests", "\"port_code\":\"us_usd\"",
              TO("user", "users", "595")),
         200, ""},
        {"POST", "/api/concierge_request_outputs", KEY, OUTPUT(",\"amount\":1", "2072"),
         200, ""},
        {"POST", "/api/concierge_requests/1201/request_quote", KEY, "", 200, ""},
        {"POST", ADVANCE, NULL, "", 200, ""},
        {"POST", "/api/concierge_requests/1201/accept_quote", KEY, "", 200, ""},
        {"POST", ADVANCE, NULL, "", 200, ""},
        {"GET", "/api/concierge_requests/1201", KEY, "", 200, "\"state\":\"working\""},
        {"POST", "/api/issues/current/complete", AS "594", "", 200, ""},
        APPROVE,
        {"GET", "/api/concierge_requests/1201", KEY, "", 200, "\"state\":\"finished\""},
    };
    struct world w;
    world_open(&w);
    w.options.quote_ms = HOUR_MS;
    w.options.settle_ms = 2 * HOUR_MS;
    people(&w);
    PLAY(&w, lines);
    world_close(&w);
}

static void a_payee_who_is_disabled_is_waited_for(void **state)
{
    (void)state;
    static const struct line lines[] = {
        {"POST", "/_sandbox/compliance?user=594&state=enabled", NULL, "", 200, ""},
        {"GET", "/api/concierge_request_outputs/15001", KEY, "", 200, "\"accepted\""},
        {"POST", "/_sandbox/compliance?user=594&state=disabled", NULL, "", 200, ""},
        {"POST", "/api/concierge_requests", AS "595",
         OF("concierge_requests", "\"port_code\":\"us_usd\""), 200, "1202"},
        {"POST", "/api/concierge_request_outputs", KEY,
         WITH("concierge_request_outputs", "\"port_code\":\"ar_ars\",\"amount\":1",
              TO("request", "concierge_requests", "1202") "," TO(
                  "user", "users", "594") "," TO("withdrawal_instruction",
                                                 "withdrawal_instructions", "2071")),
         200, "15005"},
        {"GET", "/api/concierge_request_outputs/15005", KEY, "", 200, "\"accepting\""},
    };
    struct world w;
    world_of_quotes(&w);
    PLAY(&w, lines);
    world_close(&w);
}

static void outputs_that_ended_before_their_request_began_end_it(void **state)
{
    (void)state;
    static const struct line lines[] = {
        {"POST", "/_sandbox/compliance?user=594&state=enabled", NULL, "", 200, ""},
        {"POST", "/api/withdrawal_instructions", AS "594", INSTRUCTION("11901"), 200, ""},
        {"POST", "/api/concierge_requests", AS "595",
         OF("concierge_requests", "\"port_code\":\"us_usd\""), 200, ""},
        {"POST", "/api/concierge_request_outputs", KEY, OUTPUT(",\"amount\":1", "2072"),
         200, "\"accepting\""},
        {"GET", "/api/concierge_request_outputs/15001", KEY, "", 200, "\"rejected\""},
        {"POST", "/api/concierge_requests/1201/request_quote", KEY, "", 200, ""},
        {"POST", ADVANCE, NULL, "", 200, ""},
        {"POST", "/api/concierge_requests/1201/accept_quote", KEY, "", 200, ""},
        {"POST", ADVANCE, NULL, "", 200, ""},
        OF_REQUEST("\"state\":\"finished\""),
    };
    struct world w;
    world_open(&w);
    w.options.quote_ms = HOUR_MS;
    w.options.settle_ms = 2 * HOUR_MS;
    people(&w);
    PLAY(&w, lines);
    world_close(&w);
}

static void an_amount_that_is_not_there_is_not_lied_about(void **state)
{
    (void)state;
    static const struct line lines[] = {
        {"POST", "/api/concierge_requests", AS "595",
         OF("concierge_requests", "\"port_code\":\"us_usd\""), 200, ""},
        {"POST", "/api/concierge_request_outputs", KEY, OUTPUT(",\"amount\":1.5", "2071"),
         200, "\"amount\":11.5"},
        {"POST", "/api/concierge_request_outputs", KEY, OUTPUT(",\"budget\":1", "2071"),
         200, "\"amount\":null"},
    };
    struct world w;
    world_open(&w);
    people(&w);
    world_fault(&w, "POST /concierge_request_outputs:lie-200-other-amount:1");
    PLAY(&w, lines);
    world_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(outputs_go_their_ways),
        cmocka_unit_test(a_request_of_rejected_outputs_finishes),
        cmocka_unit_test(a_payee_who_is_disabled_is_waited_for),
        cmocka_unit_test(outputs_that_ended_before_their_request_began_end_it),
        cmocka_unit_test(an_amount_that_is_not_there_is_not_lied_about),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
