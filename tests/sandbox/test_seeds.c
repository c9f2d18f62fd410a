/* What is known about a person, value by value, and documents. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sandbox/story.h"

#define AT_(name) "/data/attributes/" name "\""
#define FORTY     "0123456789012345678901234567890123456789"
#define LONG      FORTY FORTY FORTY FORTY FORTY FORTY "012345678901234"
#define GOOD_FILE "\"document\":\"data:image/png;base64,QUJD\""
#define UPLOAD(a) "POST", "/api/attachments", AS "594", FILE_OF(a)

static void what_is_no_value_of_its_kind_is_refused(void **state)
{
    (void)state;
    static const struct line lines[] = {
        {SEED("natural_docket_seeds", "\"birth_date\":\"2023-02-29\""), 422,
         AT_("birth_date")},
        {SEED("natural_docket_seeds", "\"last_name\":\"" LONG "6\""), 422,
         AT_("last_name")},
        {SEED("natural_docket_seeds", "\"nationality\":\"arg\""), 422,
         AT_("nationality")},
        {SEED("natural_docket_seeds", "\"nationality\":\"4r\""), 422, AT_("nationality")},
        {SEED("natural_docket_seeds", "\"last_name\":{}"), 500, "<html>"},
        {SEED("note_seeds", "\"body\":\"\""), 422, "no_puede_estar_en_blanco"},
        {SEED("natural_docket_seeds",
              "\"last_name\":\"" LONG "\",\"birth_date\":\"2024-02-29\","
              "\"politically_exposed\":\"no\""),
         201, "\"politically_exposed\":false"},
        {SEED("phone_seeds", ""), 201, "7401"},
        {UPLOAD(GOOD_FILE ",\"document_content_type\":\"image/gif\""), 422,
         AT_("document_content_type")},
        {UPLOAD(GOOD_FILE ",\"document_size\":4"), 422, AT_("document_file_size")},
        {UPLOAD("\"document\":\"data:image/png;base64,QU-D\""), 422, AT_("document")},
        {UPLOAD("\"document\":\"data:image/png;base64,\""), 422, AT_("document")},
        {UPLOAD("\"document_content_type\":\"image/png\""), 422, AT_("document")},
        {"POST", "/api/attachments", AS "594",
         WITH("attachments", GOOD_FILE, TO("attached_to_seed", "issues", "4101")), 422,
         AT_("attached_to_seed")},
        {UPLOAD(GOOD_FILE ",\"document_content_type\":\"image/png\""), 201, "9001"},
    };
    struct world w;
    world_open(&w);
    people(&w);
    PLAY(&w, lines);
    world_close(&w);
}

static int upload(struct world *w, size_t letters, const char *end)
{
    struct buf body;
    buf_init(&body, 1 << 24);
    buf_add_text(&body, "{\"data\":{\"type\":\"attachments\",\"attributes\":{"
                        "\"document_file_name\":\"a\",\"document\":\"data:image/"
                        "png;base64,");
    for (size_t i = 0; i < letters; i++)
        buf_add_char(&body, 'A');
    buf_add_text(&body, end);
    buf_add_text(&body, "\"},\"relationships\":{" TO("attached_to_seed", "phone_seeds",
                                                     "7401") "}}}");
    ask(w, "POST", "/api/attachments", AS "594", body.data);
    buf_close(&body);
    return w->reply.answer.status;
}

/* 4 letters are 3 bytes; the limit is 10 * 1024 * 1024 bytes. */
static void a_document_is_smaller_than_10_mb(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    people(&w);
    ask(&w, "POST", "/api/phone_seeds", AS "594", OF("phone_seeds", ""));
    assert_int_equal(upload(&w, 13981012, ""), 201);
    assert_int_equal(upload(&w, 13981014, "=="), 422);
    world_close(&w);
}

/* The work of SQLite, in its own steps, to read one issue with all that is in it. */
static int steps_for_one_issue(struct world *w, const char *path)
{
    static const enum sql_name names[] = {SQL_CHILDREN, SQL_ATTACHMENTS};
    int steps = 0;
    for (size_t i = 0; i < 2; i++)
        sqlite3_stmt_status(w->sandbox.sql.statements[names[i]],
                            SQLITE_STMTSTATUS_VM_STEP, 1);
    ask(w, "GET", path, KEY, "");
    assert_int_equal(w->reply.answer.status, 200);
    for (size_t i = 0; i < 2; i++)
        steps += sqlite3_stmt_status(w->sandbox.sql.statements[names[i]],
                                     SQLITE_STMTSTATUS_VM_STEP, 1);
    return steps;
}

static void one_issue_costs_the_same_among_many(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    people(&w);
    ask(&w, "POST", "/api/phone_seeds", AS "594", OF("phone_seeds", ""));
    ask(&w, "POST", "/api/attachments", AS "594",
        FILE_OF(GOOD_FILE ",\"document_content_type\":\"image/png\""));
    int alone = steps_for_one_issue(&w, "/api/issues/4101");
    for (int i = 0; i < 100; i++)
        ask(&w, "POST", "/api/phone_seeds", AS "595", OF("phone_seeds", ""));
    assert_true(alone > 10);
    assert_in_range(steps_for_one_issue(&w, "/api/issues/4101"), alone, alone + 20);
    world_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_value_of_its_kind_is_refused),
        cmocka_unit_test(a_document_is_smaller_than_10_mb),
        cmocka_unit_test(one_issue_costs_the_same_among_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
