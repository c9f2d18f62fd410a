/* A CrossBorder request of user 595 with four outputs to user 594, up to its quote. For
 * tests that include cmocka before it. */
#ifndef REMESA_TESTS_SANDBOX_QUOTES_H
#define REMESA_TESTS_SANDBOX_QUOTES_H

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
    {"POST", "/api/concierge_requests/1201/request_quote", KEY, "", 422, ""},
    {"GET", "/api/concierge_requests/1201", KEY, "", 200,
     "\"quote_requested_at\":\"1970-01-01T00:00:01.000Z\","
     "\"accept_quote_before\":\"1970-01-03T13:00:01.000Z\",\"quote_accepted_at\":null"},
    {"GET", "/api/concierge_requests/1201", KEY, "", 200, "\"outputs_count\":4"},
    {"GET", "/api/concierge_requests", AS "595", "", 200, "\"total_to_spend\":14.35"},
    {"GET", "/api/concierge_requests", AS "594", "", 200, "{\"data\":[]}"},
};

static inline void world_of_quotes(struct world *w)
{
    world_open(w);
    w->options.quote_ms = HOUR_MS;
    w->options.lapse_ms = 60 * HOUR_MS;
    w->options.settle_ms = 2 * HOUR_MS;
    people(w);
    PLAY(w, a_draft);
}

#define OF_REQUEST(part)                                                                 \
    {                                                                                    \
        "GET", "/api/concierge_requests/1201", KEY, "", 200, part                        \
    }

#endif
