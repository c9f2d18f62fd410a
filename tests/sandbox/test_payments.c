/* What happens to a CrossBorder request and its outputs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sandbox/story.h"

#define INSTRUCTION(cbu) OF("withdrawal_instructions", "\"body\":{\"cbu\":\"" cbu "\"}")
#define OUTPUT(a, instruction)                                                           \
    WITH("concierge_request_outputs", "\"port_code\":\"ar_ars\"" a,                      \
         TO("request", "concierge_requests", "1201") "," TO(                             \
             "user", "users", "594") "," TO("withdrawal_instruction",                    \
                                            "withdrawal_instructions", instruction))

static const struct line a_draft[] = {
    {"POST", "/api/withdrawal_instructions", AS "594", INSTRUCTION("11901"), 200, ""},
    {"POST", "/api/withdrawal_instructions", AS "594", INSTRUCTION("11902"), 200, ""},
    {"POST", "/api/withdrawal_instructions", AS "594", INSTRUCTION("11903"), 200, ""},
    {"POST", "/api/concierge_requests", KEY,
     OF("concierge_requests", "\"port_code\":\"us_usd\""), 422, "/data/attributes/user"},
    {"POST", "/api/concierge_requests", KEY,
     WITH("concierge_requests", "\"port_code\":\"us_usd\",\"external_id\":\"run-1\"",
          TO("user", "users", "595")),
     200, "\"attributes\":{\"state\":\"draft\""},
    {"POST", "/api/concierge_request_outputs", KEY, OUTPUT("", "2071"), 422,
     "/data/attributes/amount"},
    {"POST", "/api/concierge_request_outputs", KEY,
     OUTPUT(",\"amount\":1,\"budget\":1", "2071"), 422, "/data/attributes/budget"},
    {"POST", "/api/concierge_request_outputs", KEY, OUTPUT(",\"amount\":1", "99"), 404,
     NOT_FOUND},
    {"POST", "/api/withdrawal_instructions", AS "595", INSTRUCTION("1"), 200, "2075"},
    {"POST", "/api/concierge_request_outputs", KEY, OUTPUT(",\"amount\":1", "2075"), 404,
     NOT_FOUND},
    {"POST", "/api/concierge_request_outputs", KEY, OUTPUT(",\"amount\":10.25", "2071"),
     200, "\"state\":\"accepting\""},
    {"POST", "/api/concierge_request_outputs", KEY, OUTPUT(",\"amount\":1", "2072"), 200,
     ""},
    {"POST", "/api/concierge_request_outputs", KEY, OUTPUT(",\"amount\":1", "2073"), 200,
     ""},
    {"POST", "/api/concierge_request_outputs", KEY,
     OUTPUT(",\"budget\":\"2.10\"", "2074"), 200, "\"budget\":2.1"},
    {"POST", "/api/concierge_requests/1201/accept_quote", KEY, "", 422,
     "invalid_transition"},
    {"POST", "/api/concierge_requests/1201/request_quote", KEY, "{}", 200,
     "\"state\":\"quote_requested\""},
    {"POST", "/api/concierge_request_outputs", KEY, OUTPUT(",\"amount\":1", "2071"), 422,
     "invalid_transition"},
    {"POST", ADVANCE, NULL, "", 200, ""},
    {"GET", "/api/concierge_requests/1201", KEY, "", 200, "\"state\":\"quoted\""},
    {"GET", "/api/concierge_requests/1201", KEY, "", 200, "\"outputs_count\":4"},
    {"GET", "/api/concierge_requests", AS "595", "", 200, "\"total_to_spend\":14.35"},
    {"GET", "/api/concierge_requests", AS "594", "", 200, "{\"data\":[]}"},
};

static void world_of_quotes(struct world *w)
{
    world_open(w);
    w->options.quote_ms = HOUR_MS;
    w->options.lapse_ms = 60 * HOUR_MS;
    w->options.settle_ms = 2 * HOUR_MS;
    people(w);
    PLAY(w, a_draft);
}

static void outputs_go_their_ways(void **state)
{
    (void)state;
    static const struct line lines[] = {
        {"POST", "/api/concierge_requests/1201/accept_quote", KEY, "", 200,
         "\"state\":\"quote_accepted\""},
        {"POST", "/api/concierge_requests/1201/accept_quote", KEY, "", 422, ""},
        {"POST", "/_sandbox/advance?ms=18000000", NULL, "", 200, ""},
        {"GET", "/api/concierge_request_outputs/15001", KEY, "", 200, "\"accepting\""},
        {"GET", "/api/concierge_requests/1201", KEY, "", 200, "\"state\":\"working\""},
        {"POST", "/api/issues/current/complete", AS "594", "", 200, ""},
        {"POST", "/_sandbox/approve", NULL, "", 200, ""},
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
        {"GET", "/_sandbox/stats", NULL, "", 200,
         "\"GET /concierge_request_outputs/:id\":9"},
        {"GET", "/_sandbox/stats", NULL, "", 200,
         "\"concierge_requests/accept_quote\":1"},
    };
    struct world w;
    world_of_quotes(&w);
    PLAY(&w, lines);
    world_close(&w);
}

static void a_quote_that_nobody_accepts_lapses(void **state)
{
    (void)state;
    static const struct line lines[] = {
        {"POST", "/_sandbox/advance?ms=219600000", NULL, "", 200, ""},
        {"GET", "/api/concierge_requests/1201", KEY, "", 200,
         "\"cancellation_reason\":\"quote_not_accepted\""},
        {"POST", "/api/concierge_requests/1201/accept_quote", KEY, "", 422, ""},
        {"GET", "/api/concierge_request_outputs/15001", KEY, "", 200, "\"cancelled\""},
    };
    struct world w;
    world_of_quotes(&w);
    PLAY(&w, lines);
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
        {"POST", "/_sandbox/approve", NULL, "", 200, ""},
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(outputs_go_their_ways),
        cmocka_unit_test(a_quote_that_nobody_accepts_lapses),
        cmocka_unit_test(a_request_of_rejected_outputs_finishes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
