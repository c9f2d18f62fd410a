/* What happens to a person and to a payment, from the first request to the last state. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sandbox/world.h"

struct line {
    const char *method, *path, *key, *body;
    int status;
    const char *part;
};

/* A part that begins with '{' begins the answer: an empty list also stands inside others. */
static bool shows(const char *got, const char *part)
{
    return part[0] == '{' ? strncmp(got, part, strlen(part)) == 0
                          : strstr(got, part) != NULL;
}

static void play(struct world *w, const struct line *lines, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct line *l = &lines[i];
        const char *got = ask(w, l->method, l->path, l->key, l->body);
        if (w->reply.answer.status != l->status || !shows(got, l->part))
            fail_msg("line %zu, %s %s: %d %s", i + 1, l->method, l->path,
                     w->reply.answer.status, got);
    }
}
#define PLAY(w, lines) play(w, lines, sizeof(lines) / sizeof(*(lines)))

#define TO(name, kind, id)                                                               \
    "\"" name "\":{\"data\":{\"type\":\"" kind "\",\"id\":\"" id "\"}}"
#define WITH(t, a, r)                                                                    \
    "{\"data\":{\"type\":\"" t "\",\"attributes\":{" a "},\"relationships\":{" r "}}}"
#define DOCKET(name) OF("natural_docket_seeds", "\"last_name\":\"" name "\"")
#define FILE_OF(a)                                                                       \
    WITH("attachments", "\"document_file_name\":\"a.png\"," a,                           \
         TO("attached_to_seed", "phone_seeds", "7401"))
/* Every wait is hours long: what real time a busy machine adds must not count. */
#define HOUR_MS (3600 * 1000)
#define ADVANCE "/_sandbox/advance?ms=3600000"

static void a_user_is_enabled_by_his_issue(void **state)
{
    (void)state;
    static const struct line lines[] = {
        {"POST", "/api/natural_docket_seeds", AS "594",
         OF("natural_docket_seeds", "\"last_name\":\"Paz\",\"nationality\":\"ar\""), 201,
         "\"nationality\":\"AR\""},
        {"POST", "/api/natural_docket_seeds", AS "594", DOCKET("Two"), 422,
         "cannot_create_more_than_one_per_issue"},
        {"POST", "/api/phone_seeds", AS "594",
         OF("phone_seeds", "\"number\":\"5\",\"has_whatsapp\":\"true\",\"what\":1"), 201,
         "\"number\":\"5\",\"country\":null,\"phone_kind_code\":null,"
         "\"has_whatsapp\":true"},
        {"POST", "/api/phone_seeds", AS "594",
         OF("phone_seeds", "\"phone_kind_code\":\"third\""), 422,
         "/data/attributes/phone_kind_code"},
        {"POST", "/api/note_seeds", AS "594", OF("note_seeds", ""), 422,
         "/data/attributes/body"},
        {"POST", "/api/phone_seeds", KEY, OF("phone_seeds", ""), 422,
         "/data/attributes/issue"},
        {"PATCH", "/api/phone_seeds/7401", AS "594",
         OF("phone_seeds", "\"note\":\"home\""), 200, "\"number\":\"5\""},
        {"PATCH", "/api/phone_seeds/7401", AS "595", OF("phone_seeds", ""), 404, ""},
        {"POST", "/api/attachments", AS "594",
         FILE_OF("\"document\":\"data:image/png;base64,QUJD\",\"document_size\":3"), 201,
         "\"document_file_size\":3"},
        {"POST", "/api/attachments", AS "594",
         FILE_OF("\"document\":\"data:image/png;base64,QUJ\""), 422,
         "/data/attributes/document\""},
        {"POST", "/api/attachments", AS "594",
         FILE_OF("\"document\":\"data:image/png;base64,QUJDQ\""), 422,
         "/data/attributes/document\""},
        {"POST", "/api/attachments", AS "594",
         FILE_OF("\"document\":\"data:text/html;base64,QUJD\""), 422,
         "document_content_type"},
        {"POST", "/api/attachments", AS "594",
         FILE_OF("\"document\":\"data:image/png;base64,QUJD\",\"document_file_size\":4"),
         422, "document_file_size"},
        {"GET", "/api/issues/current", AS "594", "", 200,
         "\"natural_docket_seed\":{\"data\":{\"type\":\"natural_docket_seeds\","
         "\"id\":\"5001\"}}"},
        {"GET", "/api/issues/4101", KEY, "", 200, "\"note\":\"home\""},
        {"GET", "/api/issues", AS "594", "", 200, "\"document_file_name\":\"a.png\""},
        {"GET", "/api/issues", AS "595", "", 200, "{\"data\":[]}"},
        {"POST", "/api/issues/current/complete", AS "594", "{}", 200,
         "{\"data\":{\"id\":\"4101\",\"type\":\"issues\",\"attributes\":{\"state\":"
         "\"new\"}}}"},
        {"GET", "/api/users/me", AS "594", "", 200, "\"compliance_state\":\"new\""},
        {"POST", "/_sandbox/approve", NULL, "", 200, "{}"},
        {"GET", "/api/issues/4101", KEY, "", 200, "\"state\":\"approved\""},
        {"PATCH", "/api/users/594", KEY, OF("users", ""), 200,
         "\"compliance_state\":\"enabled\""},
        {"POST", "/api/issues/4101/complete", KEY, "", 422, "invalid_transition"},
        {"PATCH", "/api/phone_seeds/7401", KEY, OF("phone_seeds", ""), 422,
         "no_more_updates_allowed"},
        {"POST", "/api/phone_seeds", KEY,
         WITH("phone_seeds", "", TO("issue", "issues", "4101")), 422,
         "no_more_updates_allowed"},
    };
    struct world w;
    world_open(&w);
    people(&w);
    PLAY(&w, lines);
    const char *ledger = ask(&w, "GET", "/_sandbox/ledger", NULL, "");
    assert_non_null(strstr(ledger, "\"kind\":\"issues/complete\""));
    assert_null(strstr(ledger, "QUJD"));
    sqlite3_stmt *st;
    assert_int_equal(sqlite3_prepare_v2(w.sandbox.sql.db,
                                        "SELECT count(*), sum(instr(body, 'QUJ')) "
                                        "FROM request WHERE path='/api/attachments'",
                                        -1, &st, NULL),
                     SQLITE_OK);
    assert_int_equal(sqlite3_step(st), SQLITE_ROW);
    assert_int_equal(sqlite3_column_int64(st, 0), 5);
    assert_int_equal(sqlite3_column_int64(st, 1), 0);
    sqlite3_finalize(st);
    world_close(&w);
}

static void what_is_observed_waits_for_a_reply(void **state)
{
    (void)state;
    static const struct line lines[] = {
        {"POST", "/api/issues", KEY, WITH("issues", "", TO("user", "users", "595")), 200,
         "\"reason_code\":\"new_client\""},
        {"POST", "/api/natural_docket_seeds", KEY,
         WITH("natural_docket_seeds", "\"last_name\":\"OBSERVE\"",
              TO("issue", "issues", "4101")),
         201, "\"id\":\"5001\""},
        {"POST", "/api/issues/4101/complete", KEY, "", 200, "new"},
        {"POST", ADVANCE, NULL, "", 200, "{\"advanced_ms\":3600000}"},
        {"GET", "/api/issues/4101", KEY, "", 200, "\"id\":\"611\""},
        {"PATCH", "/api/observations/611", KEY, OF("observations", ""), 422, "reply"},
        {"GET", "/api/issues/4101", KEY, "", 200, "\"state\":\"observed\""},
        {"PATCH", "/api/observations/611", KEY, OF("observations", "\"reply\":\"here\""),
         200, "\"reply\":\"here\""},
        {"GET", "/api/issues/4101", KEY, "", 200, "\"state\":\"answered\""},
        {"POST", ADVANCE, NULL, "", 200, ""},
        {"GET", "/api/issues/4101", KEY, "", 200, "\"state\":\"approved\""},
        {"POST", "/api/natural_docket_seeds", AS "594", DOCKET("REJECT"), 201, ""},
        {"POST", "/api/issues/current/complete", AS "594", "", 200, ""},
        {"POST", "/_sandbox/advance?ms=1800000", NULL, "", 200, ""},
        {"GET", "/api/issues/current", AS "594", "", 200, "\"state\":\"new\""},
        {"POST", "/_sandbox/approve", NULL, "", 200, ""},
        {"GET", "/api/users/594", KEY, "", 200, "\"compliance_state\":\"rejected\""},
    };
    struct world w;
    world_open(&w);
    w.options.approve_ms = HOUR_MS;
    people(&w);
    PLAY(&w, lines);
    world_close(&w);
}

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

static void times_of_issues_may_be_seconds(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    people(&w);
    w.options.epoch_times = true;
    const char *got = ask(&w, "GET", "/api/issues/current", AS "594", "");
    assert_non_null(strstr(got, "\"created_at\":"));
    assert_null(strstr(got, "\"created_at\":\""));
    got = ask(&w, "POST", "/api/bids", AS "594", BID);
    assert_non_null(strstr(got, "\"created_at\":\""));
    world_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_user_is_enabled_by_his_issue),
        cmocka_unit_test(what_is_observed_waits_for_a_reply),
        cmocka_unit_test(outputs_go_their_ways),
        cmocka_unit_test(a_request_of_rejected_outputs_finishes),
        cmocka_unit_test(a_quote_that_nobody_accepts_lapses),
        cmocka_unit_test(the_simple_kinds_answer_as_the_table_says),
        cmocka_unit_test(faults_reach_the_new_endpoints),
        cmocka_unit_test(times_of_issues_may_be_seconds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
