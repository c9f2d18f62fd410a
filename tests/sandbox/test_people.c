/* What happens to a person, from the first seed to the decision. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sandbox/story.h"

static const struct line from_draft_to_approved[] = {
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
    {"PATCH", "/api/phone_seeds/7401", AS "594", OF("phone_seeds", "\"note\":\"home\""),
     200, "\"number\":\"5\""},
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
     FILE_OF("\"document\":\"data:image/png;base64,QUJD\",\"document_file_size\":4"), 422,
     "document_file_size"},
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

static void assert_no_document_is_kept(struct world *w)
{
    sqlite3_stmt *st;
    assert_int_equal(sqlite3_prepare_v2(w->sandbox.sql.db,
                                        "SELECT count(*), sum(instr(body, 'QUJ')) "
                                        "FROM request WHERE path='/api/attachments'",
                                        -1, &st, NULL),
                     SQLITE_OK);
    assert_int_equal(sqlite3_step(st), SQLITE_ROW);
    assert_int_equal(sqlite3_column_int64(st, 0), 5);
    assert_int_equal(sqlite3_column_int64(st, 1), 0);
    sqlite3_finalize(st);
}

static void a_user_is_enabled_by_his_issue(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    people(&w);
    PLAY(&w, from_draft_to_approved);
    const char *ledger = ask(&w, "GET", "/_sandbox/ledger", NULL, "");
    assert_non_null(strstr(ledger, "\"kind\":\"issues/complete\""));
    assert_null(strstr(ledger, "QUJD"));
    assert_no_document_is_kept(&w);
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
        {"POST", "/api/issues/4101/complete", KEY, "", 200, "\"state\":\"new\""},
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

static void who_is_decided_begins_anew(void **state)
{
    (void)state;
    static const struct line lines[] = {
        {SEED("phone_seeds", "\"number\":\"5\""), 201, TO("issue", "issues", "4101")},
        {"POST", "/api/issues/4101/complete", AS "594", "", 200, ""},
        {"POST", "/api/issues/4101/complete", AS "594", "", 200, ""},
        {SEED("phone_seeds", ""), 201, TO("issue", "issues", "4101")},
        APPROVE,
        {SEED("phone_seeds", ""), 201, TO("issue", "issues", "4102")},
        {"GET", "/api/issues/current", AS "594", "", 200, "{\"data\":{\"id\":\"4102\""},
        {"GET", "/_sandbox/ledger", NULL, "", 200,
         "\"kind\":\"phone_seeds\",\"resource_id\":\"7401\",\"user_id\":\"594\","
         "\"reference\":\"5\""},
    };
    struct world w;
    world_open(&w);
    people(&w);
    PLAY(&w, lines);
    world_close(&w);
}

static void a_lie_changes_nothing(void **state)
{
    (void)state;
    static const struct line lines[] = {
        {SEED("natural_docket_seeds", "\"last_name\":\"OBSERVE\""), 201, ""},
        {"POST", "/api/issues/current/complete", AS "594", "", 200, ""},
        APPROVE,
        {"PATCH", "/api/natural_docket_seeds/5001", AS "594", DOCKET("Paz"), 200, "Paz"},
        {"GET", "/api/natural_docket_seeds/5001", AS "594", "", 200, "OBSERVE"},
        {"PATCH", "/api/observations/611", AS "594", OF("observations", "\"reply\":1"),
         200, "\"reply\":\"1\""},
        {"GET", "/api/issues/4101", AS "594", "", 200, "\"state\":\"observed\""},
        {"GET", "/_sandbox/stats", NULL, "", 200, "\"natural_docket_seeds\":1,\"users\""},
        {"PATCH", "/api/observations/611", AS "594", OF("observations", "\"reply\":1"),
         200, ""},
        {"GET", "/_sandbox/stats", NULL, "", 200, "\"observations/reply\":1"},
    };
    struct world w;
    world_open(&w);
    people(&w);
    world_fault(&w, "PATCH *:lie-200-not-applied:x2");
    PLAY(&w, lines);
    world_close(&w);
}

struct decision {
    const char *name, *state, *compliance;
};

static void decide(const struct decision *d)
{
    struct world w;
    struct buf docket, part, compliance;
    struct buf *bufs[] = {&docket, &part, &compliance};
    world_open(&w);
    people(&w);
    for (size_t i = 0; i < 3; i++)
        buf_init(bufs[i], 1024);
    buf_printf(&docket, OF("natural_docket_seeds", "\"last_name\":\"%s\""), d->name);
    buf_printf(&part, "\"state\":\"%s\"", d->state);
    buf_printf(&compliance, "\"compliance_state\":\"%s\"", d->compliance);
    const struct line lines[] = {
        {"POST", "/api/natural_docket_seeds", AS "594", docket.data, 201, ""},
        {"POST", "/api/issues/current/complete", AS "594", "", 200, ""},
        APPROVE,
        {"GET", "/api/issues/current", AS "594", "", 200, part.data},
        {"GET", "/api/users/594", KEY, "", 200, compliance.data},
        {"POST", "/api/issues/4101/complete", KEY, "", 422, "invalid_transition"},
        {"PATCH", "/api/natural_docket_seeds/5001", AS "594", docket.data,
         strcmp(d->state, "observed") == 0 ? 200 : 422, ""},
    };
    PLAY(&w, lines);
    for (size_t i = 0; i < 3; i++)
        buf_close(bufs[i]);
    world_close(&w);
}

static void the_last_name_decides(void **state)
{
    (void)state;
    static const struct decision table[] = {
        {"Paz", "approved", "enabled"},  {"REJECT", "rejected", "rejected"},
        {"DISMISS", "dismissed", "new"}, {"ABANDON", "abandoned", "new"},
        {"OBSERVE", "observed", "new"},  {"OBSERVE TWICE", "observed", "new"},
    };
    for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++)
        decide(&table[i]);
}

#define REPLY OF("observations", "\"reply\":\"here\"")
#define IS(state)                                                                        \
    {                                                                                    \
        "GET", "/api/issues/4101", KEY, "", 200, "\"state\":\"" state "\""               \
    }

static void what_was_answered_is_decided_anew(void **state)
{
    (void)state;
    static const struct line lines[] = {
        {"POST", "/api/natural_docket_seeds", AS "594", DOCKET("OBSERVE TWICE"), 201, ""},
        {"POST", "/api/issues/current/complete", AS "594", "", 200, ""},
        APPROVE,
        IS("observed"),
        APPROVE,
        IS("observed"),
        {"PATCH", "/api/observations/611", AS "594", REPLY, 200, ""},
        IS("answered"),
        APPROVE,
        IS("observed"),
        {"GET", "/api/issues/4101", KEY, "", 200, "\"id\":\"612\""},
        {"PATCH", "/api/natural_docket_seeds/5001", AS "594", DOCKET("DISMISS"), 200, ""},
        {"PATCH", "/api/observations/612", AS "594", REPLY, 200, ""},
        APPROVE,
        IS("dismissed"),
    };
    struct world w;
    world_open(&w);
    people(&w);
    PLAY(&w, lines);
    world_close(&w);
}

#define MOVE(state) "/_sandbox/compliance?user=594&state=" state
#define HE_IS(state)                                                                     \
    {                                                                                    \
        "GET", "/api/users/me", AS "594", "", 200, "\"compliance_state\":\"" state "\""  \
    }

static void compliance_goes_its_ways_only(void **state)
{
    (void)state;
    static const struct line lines[] = {
        {"POST", MOVE("disabled"), NULL, "", 400, "from new to enabled"},
        HE_IS("new"),
        {"POST", MOVE("enabled"), NULL, "", 200, "{}"},
        {"POST", MOVE("rejected"), NULL, "", 400, ""},
        HE_IS("enabled"),
        {"POST", MOVE("disabled"), NULL, "", 200, "{}"},
        HE_IS("disabled"),
        {"POST", MOVE("enabled"), NULL, "", 200, "{}"},
        /* An issue that is rejected revokes; approved, it gives nothing back for good. */
        {"POST", "/api/natural_docket_seeds", AS "594", DOCKET("REJECT"), 201, ""},
        {"POST", "/api/issues/current/complete", AS "594", "", 200, ""},
        APPROVE,
        HE_IS("disabled"),
        {"POST", MOVE("rejected"), NULL, "", 200, "{}"},
        {"POST", "/api/issues", KEY, WITH("issues", "", TO("user", "users", "594")), 200,
         "4102"},
        {"POST", "/api/issues/4102/complete", KEY, "", 200, ""},
        APPROVE,
        {"GET", "/api/issues/4102", KEY, "", 200, "\"state\":\"approved\""},
        HE_IS("rejected"),
        {"POST", MOVE("enabled"), NULL, "", 400, ""},
        {"POST", "/_sandbox/compliance?user=99&state=enabled", NULL, "", 400, ""},
        {"POST", "/_sandbox/compliance?user=594", NULL, "", 400, ""},
    };
    struct world w;
    world_open(&w);
    people(&w);
    PLAY(&w, lines);
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
    got = ask(&w, "POST", "/api/support_tickets", AS "594",
              OF("support_tickets", "\"subject\":\"s\",\"body\":\"b\""));
    assert_non_null(strstr(got, "\"created_at\":\""));
    world_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_user_is_enabled_by_his_issue),
        cmocka_unit_test(what_is_observed_waits_for_a_reply),
        cmocka_unit_test(who_is_decided_begins_anew),
        cmocka_unit_test(a_lie_changes_nothing),
        cmocka_unit_test(the_last_name_decides),
        cmocka_unit_test(what_was_answered_is_decided_anew),
        cmocka_unit_test(compliance_goes_its_ways_only),
        cmocka_unit_test(times_of_issues_may_be_seconds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
