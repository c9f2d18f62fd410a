/* What happens to a CrossBorder request. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sandbox/quotes.h"

#define CANCELLED "\"cancellation_reason\":\"" /* and the reason */

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

static void a_draft_that_is_left_is_pruned(void **state)
{
    (void)state;
    static const struct line lines[] = {
        {"POST", "/api/concierge_requests", AS "595",
         OF("concierge_requests", "\"port_code\":\"us_usd\""), 200, ""},
        {"POST", ADVANCE, NULL, "", 200, ""},
        OF_REQUEST("\"state\":\"draft\""),
        {"POST", ADVANCE, NULL, "", 200, ""},
        OF_REQUEST("\"state\":\"cancelled\""),
        OF_REQUEST(CANCELLED "draft_was_pruned\""),
    };
    struct world w;
    world_open(&w);
    w.options.draft_ms = 2 * HOUR_MS;
    people(&w);
    PLAY(&w, lines);
    world_close(&w);
}

static void a_request_without_funds_is_cancelled(void **state)
{
    (void)state;
    static const struct line lines[] = {
        {"PATCH", "/api/concierge_requests/1201", KEY,
         OF("concierge_requests", "\"payment_authorization_code\":\"UNPAID\""), 200,
         "\"external_id\":\"run-1\""},
        OF_REQUEST("\"provision_funds_before\":null"),
        {"POST", "/api/concierge_requests/1201/accept_quote", KEY, "", 200, ""},
        OF_REQUEST("\"provision_funds_before\":\"1970-01-01T02:00:01.000Z\""),
        {"POST", ADVANCE, NULL, "", 200, ""},
        OF_REQUEST(CANCELLED "payment_not_received\""),
        OF_REQUEST("\"funds_available\":false"),
        {"GET", "/api/concierge_request_outputs/15001", KEY, "", 200, "\"cancelled\""},
    };
    struct world w;
    world_of_quotes(&w);
    PLAY(&w, lines);
    world_close(&w);
}

static void a_request_that_its_payer_cancels_has_no_reason(void **state)
{
    (void)state;
    static const struct line lines[] = {
        {"POST", "/api/concierge_requests/1201/cancel", AS "594", "", 404, NOT_FOUND},
        {"POST", "/api/concierge_requests/1201/cancel", AS "595", "", 200,
         "\"cancellation_reason\":null"},
        OF_REQUEST("\"state\":\"cancelled\""),
        {"POST", "/api/concierge_requests/1201/cancel", KEY, "", 422, ""},
    };
    struct world w;
    world_of_quotes(&w);
    PLAY(&w, lines);
    world_close(&w);
}

static void what_a_story_leaves_behind_is_told(void **state)
{
    (void)state;
    static const struct line lines[] = {
        {"PATCH", "/api/concierge_requests/1201", KEY,
         OF("concierge_requests", "\"external_id\":\"run-2\""), 200, ""},
        {"POST", "/api/concierge_requests/1201/accept_quote", KEY, "", 200, ""},
        OF_REQUEST("{\"data\":{\"id\":\"1201\",\"type\":\"concierge_requests\""),
        OF_REQUEST("\"quote_accepted_at\":\"1970-01-01T01:00:01.000Z\""),
        OF_REQUEST("\"outputs\":{\"data\":[{\"type\":\"concierge_request_outputs\","
                   "\"id\":\"15001\"}"),
        {"GET", "/_sandbox/ledger", NULL, "", 200,
         "\"kind\":\"concierge_requests\",\"resource_id\":\"1201\",\"user_id\":\"595\","
         "\"reference\":\"run-1\",\"amount\":null,\"currency\":\"us_usd\""},
        {"GET", "/_sandbox/ledger", NULL, "", 200,
         "\"kind\":\"concierge_requests/accept_quote\",\"resource_id\":\"1201\","
         "\"user_id\":\"595\",\"reference\":\"run-2\""},
        {"POST", "/_sandbox/compliance?user=594&state=enabled", NULL, "", 200, ""},
        {"POST", ADVANCE, NULL, "", 200, ""},
        {"POST", ADVANCE, NULL, "", 200, ""},
        {"GET", "/api/concierge_request_outputs/15003", KEY, "", 200,
         "\"failure\":\"invalid_account\""},
    };
    struct world w;
    world_of_quotes(&w);
    PLAY(&w, lines);
    assert_null(
        strstr(ask(&w, "GET", "/api/concierge_requests/1201", KEY, ""), "\"included\""));
    world_close(&w);
}

static void a_request_is_cancelled_in_three_states_only(void **state)
{
    (void)state;
    static const struct {
        const char *steps[4];
        int status;
    } table[] = {
        {{NULL}, 200},
        {{"/api/concierge_requests/1201/request_quote"}, 422},
        {{"/api/concierge_requests/1201/request_quote", ADVANCE}, 200},
        {{"/api/concierge_requests/1201/request_quote", ADVANCE,
          "/api/concierge_requests/1201/accept_quote"},
         200},
        {{"/api/concierge_requests/1201/request_quote", ADVANCE,
          "/api/concierge_requests/1201/accept_quote", ADVANCE},
         422},
    };
    for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
        struct world w;
        world_open(&w);
        w.options.quote_ms = HOUR_MS;
        w.options.settle_ms = 2 * HOUR_MS;
        people(&w);
        ask(&w, "POST", "/api/concierge_requests", AS "595",
            OF("concierge_requests", "\"port_code\":\"us_usd\""));
        ask(&w, "POST", "/api/concierge_request_outputs", KEY,
            OUTPUT(",\"amount\":1", "2071"));
        for (size_t k = 0; k < 4 && table[i].steps[k]; k++)
            ask(&w, "POST", table[i].steps[k], KEY, "");
        ask(&w, "POST", "/api/concierge_requests/1201/cancel", KEY, "");
        if (w.reply.answer.status != table[i].status)
            fail_msg("row %zu: %d", i, w.reply.answer.status);
        world_close(&w);
    }
}

static int64_t due(struct world *w)
{
    sqlite3_stmt *st = sql_use(&w->sandbox.sql, SQL_NEXT_DUE);
    sql_bind_int(st, 1, machine_now(&w->sandbox));
    bool found = sql_row(&w->sandbox.sql, st);
    sqlite3_reset(st);
    return found;
}

/* Who reads the ledger's file sees what a lever did, without asking for it first. */
static void a_lever_leaves_nothing_due(void **state)
{
    (void)state;
    static const char *const levers[] = {"/_sandbox/approve", ADVANCE,
                                         "/_sandbox/compliance?user=594&state=enabled"};
    for (size_t i = 0; i < 3; i++) {
        struct world w;
        world_of_quotes(&w);
        w.options.approve_ms = HOUR_MS;
        ask(&w, "POST", "/api/issues/current/complete", AS "594", "");
        ask(&w, "POST", levers[i], NULL, "");
        assert_int_equal(w.reply.answer.status, 200);
        if (due(&w))
            fail_msg("%s", levers[i]);
        assert_non_null(strstr(ask(&w, "GET", "/api/users/594", KEY, ""), "\"enabled\""));
        world_close(&w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_quote_that_nobody_accepts_lapses),
        cmocka_unit_test(a_draft_that_is_left_is_pruned),
        cmocka_unit_test(a_request_without_funds_is_cancelled),
        cmocka_unit_test(a_request_that_its_payer_cancels_has_no_reason),
        cmocka_unit_test(what_a_story_leaves_behind_is_told),
        cmocka_unit_test(a_request_is_cancelled_in_three_states_only),
        cmocka_unit_test(a_lever_leaves_nothing_due),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
