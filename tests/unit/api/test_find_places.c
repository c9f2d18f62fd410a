/* Where the rows are that a lost answer is looked for among: a list, what a list includes, the one resource. What
 * such a page does not show may not count as absent. */
#include "lib/check.h"

#include "api/find.h"
#include "base/buf.h"
#include "unit/api/built_in.h"

#define SENT_AT INT64_C(1547063257000) /* 2019-01-09T19:47:37Z */

static char key_bytes[] = "0123456789abcdef";
static const struct key key = {.text = key_bytes};

#define CELLS_MAX 16

struct lost {
    const char *action, *actor;
    const char *cells[CELLS_MAX];
};

static void ask(struct find_question *q, const struct lost *lost)
{
    struct err err = {0};
    struct params params;
    params_init(&params);
    for (int i = 0; i < CELLS_MAX && lost->cells[i]; i += 2)
        params_add(&params, span_of(lost->cells[i]), span_of(lost->cells[i + 1]));
    const struct request_job job = {built_in_action(lost->action), &params, lost->actor};
    if (find_question_init(q, &job, (struct wall){SENT_AT}, NULL, NULL, &err))
        fail_msg("%s: %s", lost->action, err.text);
    params_close(&params);
}

static void read_answer(struct find_page *page, const struct find_question *q,
                        const char *body, const char *type)
{
    struct http_response r;
    http_response_init(&r);
    r.sends = 1;
    r.headers_complete = r.complete = true;
    r.status = 200;
    snprintf(r.content_type, sizeof(r.content_type), "%s", type);
    buf_add_text(&r.body, body);
    find_page_read(page, q, &r, (struct wall){SENT_AT});
    http_response_close(&r);
}

static void write_match(void *ctx, const char *id, const char *state, struct span row)
{
    (void)row;
    buf_printf(ctx, " %s/%s", id, state ? state : "-");
}

/* "usable", how many rows page for page, what matches; or why it cannot be used. */
static void judge_as(struct buf *got, const struct lost *lost, const char *body,
                     const char *type)
{
    struct find_question q;
    struct find_page page;
    ask(&q, lost);
    read_answer(&page, &q, body, type);
    if (page.usable) {
        buf_printf(got, "%d:", page.rows);
        find_matches(&q, span_of(body), write_match, got);
    } else
        buf_printf(got, "%s: %s", outcome_name(page.outcome), page.error);
    find_page_close(&page);
    find_question_close(&q);
}

struct example {
    const char *name;
    const struct lost *lost;
    const char *body, *want;
};

static void check(const struct example *examples, size_t count)
{
    struct table t = {0};
    for (size_t i = 0; i < count; i++) {
        struct buf got;
        buf_init(&got, 4096);
        judge_as(&got, examples[i].lost, examples[i].body, "application/vnd.api+json");
        table_want(&t, strcmp(got.data, examples[i].want) == 0, "%s: %s",
                   examples[i].name, got.data);
        buf_close(&got);
    }
    table_end(&t);
}

/* ---- what a list includes ---- */

static const struct lost phone = {
    "create_phone_seed", "#594", {"number", "+54 351 555 0101", "country", "AR"}};

#define HIDES "in_doubt: the list names resources that it does not include"
#define PHONE(id, number)                                                                \
    "{\"id\":\"" id "\",\"type\":\"phone_seeds\",\"attributes\":{\"number\":\"" number   \
    "\"},\"relationships\":{\"issue\":{\"data\":{\"id\":\"1\",\"type\":\"issues\"}},"    \
    "\"attachments\":{\"data\":[]}}}"
#define OURS              PHONE("7", "+54 351 555 0101")
#define THEIRS            PHONE("8", "+54 351 555 0199")
#define POINTER(type, id) "{\"type\":\"" type "\",\"id\":\"" id "\"}"
#define ISSUE(phones, more)                                                              \
    "{\"id\":\"1\",\"type\":\"issues\",\"attributes\":{\"state\":\"draft\"},"            \
    "\"relationships\":{\"phone_seeds\":{\"data\":[" phones "]}" more "}}"
#define PERSON             ",\"person\":{\"data\":" POINTER("people", "3") "}"
#define PAGE(rows, others) "{\"data\":[" rows "],\"included\":[" others "]}"
#define BARE(rows)         "{\"data\":[" rows "]}"
#define P7                 POINTER("phone_seeds", "7")
#define P8                 POINTER("phone_seeds", "8")

static void an_included_row_is_found_and_a_hidden_one_is_not_absent(void **state)
{
    (void)state;
    static const struct example examples[] = {
        {"ours among the included", &phone, PAGE(ISSUE(P7, ""), OURS), "1: 7/-"},
        {"ours and another's", &phone, PAGE(ISSUE(P8 "," P7, ""), THEIRS "," OURS),
         "1: 7/-"},
        {"two that are ours", &phone,
         PAGE(ISSUE(P7 "," P8, ""), OURS "," PHONE("8", "+54 351 555 0101")),
         "1: 7/- 8/-"},
        {"another's alone", &phone, PAGE(ISSUE(P8, ""), THEIRS), "1:"},
        {"its like of another type", &phone,
         PAGE(ISSUE("", ""),
              "{\"id\":\"7\",\"type\":\"email_seeds\",\"attributes\":{\"number\":"
              "\"+54 351 555 0101\"}}"),
         "1:"},
        {"a row of the list itself is none of the included", &phone, PAGE(OURS, ""),
         "1:"},
        {"no issue at all", &phone, BARE(""), "0:"},
        {"an issue that points at nothing", &phone, BARE(ISSUE("", "")), "1:"},
        {"at nothing, said with null", &phone,
         BARE("{\"id\":\"1\",\"type\":\"issues\",\"relationships\":{\"person\":{\"data\":"
              "null}}}"),
         "1:"},
        {"ours is named and nothing is included", &phone, BARE(ISSUE(P7, "")), HIDES},
        {"a person is named and nothing is included", &phone, BARE(ISSUE("", PERSON)),
         HIDES},
        {"the included are no list", &phone,
         "{\"data\":[" ISSUE(P7, "") "],\"included\":{}}", HIDES},
        {"the included are null", &phone,
         "{\"data\":[" ISSUE(P7, "") "],\"included\":null}", HIDES},
        {"no relationships and nothing included", &phone,
         BARE("{\"id\":\"1\",\"type\":\"issues\",\"attributes\":{}}"), HIDES},
        {"relationships that are links and nothing included", &phone,
         BARE("{\"id\":\"1\",\"type\":\"issues\",\"relationships\":{\"phone_seeds\":{"
              "\"links\":{}}}}"),
         HIDES},
        {"one of two is left out", &phone, PAGE(ISSUE(P8 "," P7, ""), THEIRS), HIDES},
        {"left out, of a second issue", &phone,
         PAGE(ISSUE(P8, "") "," ISSUE(P7, ""), THEIRS), HIDES},
        {"named by one, not in a list", &phone,
         PAGE("{\"id\":\"1\",\"type\":\"issues\",\"relationships\":{\"phone\":{"
              "\"data\":" P7 "}}}",
              THEIRS),
         HIDES},
        {"what is left out is of another kind", &phone, PAGE(ISSUE(P8, PERSON), THEIRS),
         "1:"},
    };
    check(examples, COUNT_OF(examples));
}

static void write_id(void *ctx, const char *id)
{
    buf_printf(ctx, "%s ", id);
}

/* An older row of ours is a control; another type's of the same id is none. */
static void the_ids_among_the_included_are_those_of_the_type(void **state)
{
    (void)state;
    struct find_question q;
    struct buf got;
    ask(&q, &phone);
    buf_init(&got, 4096);
    find_ids(&q,
             span_of(PAGE(ISSUE(P7 "," P8, ""),
                          OURS "," THEIRS ",{\"id\":\"9\",\"type\":\"email_seeds\"}")),
             write_id, &got);
    assert_string_equal(got.data, "7 8 ");
    buf_close(&got);
    find_question_close(&q);
}

static const struct lost front = {
    "attach_to_identification_seed",
    "#594",
    {"document", "data:image/png;base64,iVBORw0KGgo=", "document_file_name", "front.png",
     "document_content_type", "image/png", "document_file_size", "8", "attached_to_seed",
     "5"}};

#define SEED(attachments)                                                                \
    "{\"id\":\"5\",\"type\":\"identification_seeds\",\"relationships\":{"                \
    "\"attachments\":{\"data\":[" attachments "]}}}"
#define FILE_OF(id, name, size)                                                          \
    "{\"id\":\"" id                                                                      \
    "\",\"type\":\"attachments\",\"attributes\":{\"document_file_name\":"                \
    "\"" name "\",\"document_file_size\":" size "}}"
#define HOLDER                                                                           \
    "{\"id\":\"1\",\"type\":\"issues\",\"relationships\":{\"identification_seeds\":{"    \
    "\"data\":[" POINTER("identification_seeds", "5") "]}}}"

static void a_file_hangs_on_what_is_included(void **state)
{
    (void)state;
    static const struct example examples[] = {
        {"there", &front,
         PAGE(HOLDER,
              SEED(POINTER("attachments", "9")) "," FILE_OF("9", "front.png", "8")),
         "1: 9/-"},
        {"of another size", &front,
         PAGE(HOLDER,
              SEED(POINTER("attachments", "9")) "," FILE_OF("9", "front.png", "9")),
         "1:"},
        {"no file", &front, PAGE(HOLDER, SEED("")), "1:"},
        {"a seed's file is left out", &front,
         PAGE(HOLDER, SEED(POINTER("attachments", "9"))), HIDES},
    };
    check(examples, COUNT_OF(examples));
}

/* ---- the one resource ---- */

static const struct lost quote = {"request_quote", NULL, {"id", "12"}};
static const struct lost accept = {"accept_quote", NULL, {"id", "12"}};
static const struct lost complete = {"complete_issue", "#594", {"id", "12"}};

#define REQUEST(id, state)                                                               \
    "{\"data\":{\"id\":" id ",\"type\":\"concierge_requests\",\"attributes\":{"          \
    "\"state\":" state "}}}"
#define IN_STATE(state) REQUEST("\"12\"", "\"" state "\"")
#define NOT_IT          "in_doubt: the answer is not the resource that was asked for"
#define STATELESS       "in_doubt: the resource does not say its state"

static void a_resource_tells_by_its_state(void **state)
{
    (void)state;
    static const struct example examples[] = {
        {"a draft: no quote was asked for", &quote, IN_STATE("draft"), "1:"},
        {"asked for", &quote, IN_STATE("quote_requested"), "1: 12/quote_requested"},
        {"quoted already", &quote, IN_STATE("quoted"), "1: 12/quoted"},
        {"an id as a number", &quote, REQUEST("12", "\"quoted\""), "1: 12/quoted"},
        {"gone on", &quote, IN_STATE("finished"), "1: 12/finished"},
        {"cancelled proves nothing", &quote, IN_STATE("cancelled"), "1:"},
        {"quoted is not accepted", &accept, IN_STATE("quoted"), "1:"},
        {"accepted", &accept, IN_STATE("quote_accepted"), "1: 12/quote_accepted"},
        {"no state", &quote, REQUEST("\"12\"", "null"), STATELESS},
        {"an empty state", &quote, REQUEST("\"12\"", "\"\""), STATELESS},
        {"a state that is no text", &quote, REQUEST("\"12\"", "{}"), STATELESS},
        {"another's", &quote, REQUEST("\"13\"", "\"draft\""), NOT_IT},
        {"its id with a zero more", &quote, REQUEST("\"012\"", "\"draft\""), NOT_IT},
        {"no id", &quote, REQUEST("null", "\"draft\""), NOT_IT},
        {"a list", &quote, "{\"data\":[]}", NOT_IT},
        {"nothing in it", &quote, "{\"data\":null}", NOT_IT},
        {"no data", &quote, "{}", NOT_IT},
        {"another type", &complete, IN_STATE("new"), NOT_IT},
        {"a form that is handed in", &complete,
         "{\"data\":{\"id\":\"12\",\"type\":\"issues\",\"attributes\":{\"state\":\"new\"}"
         "}}",
         "1: 12/new"},
        {"a form that is not", &complete,
         "{\"data\":{\"id\":\"12\",\"type\":\"issues\",\"attributes\":{\"state\":"
         "\"draft\"}"
         "}}",
         "1:"},
        {"an error beside it", &quote,
         "{\"errors\":[{\"detail\":null}],\"data\":{\"id\":\"12\",\"type\":"
         "\"concierge_requests\",\"attributes\":{\"state\":\"draft\"}}}",
         "in_doubt: HTTP 200, but the answer has errors in it"},
        {"nothing at all", &quote, "", "in_doubt: the answer has no resource"},
        {"half of it", &quote, "{\"data\":{\"id\":\"12\",",
         "in_doubt: HTTP 200: JSON that is broken"},
    };
    check(examples, COUNT_OF(examples));
}

static void a_page_for_people_is_no_resource(void **state)
{
    (void)state;
    struct buf got;
    buf_init(&got, 4096);
    judge_as(&got, &quote, IN_STATE("draft"), "text/html");
    assert_non_null(strstr(got.data, "in_doubt: "));
    buf_close(&got);
}

/* ---- by what else was sent ---- */

#define OUTPUT_CELLS(more, value)                                                        \
    {                                                                                    \
        "port_code", "cl_clp", "request", "3", "user", "594", "withdrawal_instruction",  \
            "77", more, value                                                            \
    }
static const struct lost amount = {"create_concierge_request_output", NULL,
                                   OUTPUT_CELLS("amount", "100.50")};
static const struct lost budget = {"create_concierge_request_output", NULL,
                                   OUTPUT_CELLS("budget", "7")};

#define OUTPUT(id, numbers)                                                              \
    "{\"id\":\"" id "\",\"type\":\"concierge_request_outputs\",\"attributes\":{"         \
    "\"port_code\":\"cl_clp\",\"state\":\"accepting\"" numbers                           \
    "},\"relationships\":{\"request\":{\"data\":" POINTER(                               \
        "concierge_requests",                                                            \
        "3") "},\"user\":{\"data\":" POINTER("users",                                    \
                                             "594") "},\"withdrawal_instruction\":{"     \
                                                    "\"data\":" POINTER("withdrawal_"    \
                                                                        "instructions",  \
                                                                        "77") "}}}"
#define OUTPUTS                                                                          \
    "{\"data\":[" OUTPUT("1", ",\"amount\":100.5,\"budget\":7.25") "," OUTPUT(           \
        "2", ",\"amount\":99,\"budget\":7.00") "," OUTPUT("3", "") "]}"

static void what_was_sent_beside_the_match_is_compared_too(void **state)
{
    (void)state;
    static const struct example examples[] = {
        {"the amount that was sent", &amount, OUTPUTS, "3: 1/accepting"},
        {"the budget that was sent", &budget, OUTPUTS, "3: 2/accepting"},
    };
    check(examples, COUNT_OF(examples));
}

/* ---- what is asked ---- */

static const struct {
    const struct lost *lost;
    const char *want; /* scope; path; Authorization */
} questions[] = {
    {&phone, "user=594 /issues version 2.0 included phone_seeds; /issues; "
             "0123456789abcdef; user=594"},
    {&front, "user=594 /issues version 2.0 included attachments; /issues; "
             "0123456789abcdef; user=594"},
    {&(const struct lost){"create_issue", "#594", {"reason_code", "new_client"}},
     "user=594 /issues version 2.0; /issues; 0123456789abcdef; user=594"},
    {&quote, "master /concierge_requests/12 version 2.1; /concierge_requests/12; "
             "0123456789abcdef"},
    {&accept, "master /concierge_requests/12 version 2.1; /concierge_requests/12; "
              "0123456789abcdef"},
    {&complete,
     "user=594 /issues/12 version 2.0; /issues/12; 0123456789abcdef; user=594"},
    {&amount, "master /concierge_request_outputs?filter[request_id]=3 version 2.1; "
              "/concierge_request_outputs?filter[request_id]=3; 0123456789abcdef"},
};

static void a_question_goes_to_the_place_and_to_no_one_else_s(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(questions); i++) {
        struct find_question q;
        struct http_request r;
        struct err err = {0};
        struct buf got;
        ask(&q, questions[i].lost);
        assert_int_equal(find_request(&r, &q, 1, &key, &err), 0);
        buf_init(&got, 4096);
        buf_printf(&got, "%s; %s; %s", find_scope(&q), r.path, r.headers[0].value);
        assert_string_equal(got.data, questions[i].want);
        buf_close(&got);
        http_request_close(&r);
        find_question_close(&q);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_included_row_is_found_and_a_hidden_one_is_not_absent),
        cmocka_unit_test(the_ids_among_the_included_are_those_of_the_type),
        cmocka_unit_test(a_file_hangs_on_what_is_included),
        cmocka_unit_test(a_resource_tells_by_its_state),
        cmocka_unit_test(a_page_for_people_is_no_resource),
        cmocka_unit_test(what_was_sent_beside_the_match_is_compared_too),
        cmocka_unit_test(a_question_goes_to_the_place_and_to_no_one_else_s),
    };
    return cmocka_run_group_tests(tests, open_built_in, close_built_in);
}
