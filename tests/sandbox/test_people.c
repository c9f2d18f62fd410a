/* What happens to a person, from the first seed to the decision. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sandbox/story.h"

#define DOCKET(name) OF("natural_docket_seeds", "\"last_name\":\"" name "\"")
#define FILE_OF(a)                                                                       \
    WITH("attachments", "\"document_file_name\":\"a.png\"," a,                           \
         TO("attached_to_seed", "phone_seeds", "7401"))

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
        cmocka_unit_test(times_of_issues_may_be_seconds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
