#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "unit/api/built_in.h"

static void the_built_in_actions_are_there(void **state)
{
    (void)state;
    static const struct {
        const char *name, *method, *path;
        enum action_actor actor;
        enum action_answer answer;
        bool repeat_safe, followed, money;
    } want[] = {
        {"create_user", "POST", "/users", ACTOR_MASTER, ANSWER_RESOURCE, false, false,
         false},
        {"get_user", "GET", "/users/{id}", ACTOR_MASTER, ANSWER_RESOURCE, true, false,
         false},
        {"list_coin_wallets", "GET", "/coin_wallets", ACTOR_USER, ANSWER_LIST, true,
         false, false},
        {"create_withdrawal_instruction", "POST", "/withdrawal_instructions", ACTOR_USER,
         ANSWER_RESOURCE, false, false, false},
        {"create_cash_withdrawal", "POST", "/cash_withdrawals", ACTOR_USER,
         ANSWER_RESOURCE, false, true, true},
        {"create_coin_withdrawal", "POST", "/coin_withdrawals", ACTOR_USER,
         ANSWER_RESOURCE, false, true, true},
        {"request", NULL, NULL, ACTOR_EITHER, ANSWER_ANY, false, false, false},
    };
    for (size_t i = 0; i < sizeof(want) / sizeof(*want); i++) {
        const struct action *a = built_in_action(want[i].name);
        assert_true(want[i].method ? !strcmp(a->method, want[i].method) : !a->method);
        assert_true(want[i].path ? !strcmp(a->path, want[i].path) : !a->path);
        assert_int_equal(a->actor, want[i].actor);
        assert_int_equal(a->answer, want[i].answer);
        assert_int_equal(a->repeat_safe, want[i].repeat_safe);
        assert_int_equal(action_is_followed(a), want[i].followed);
        assert_int_equal(a->amount_field != NULL, want[i].money);
    }
}

static void every_member_of_an_entry_arrives(void **state)
{
    (void)state;
    const struct action *a = built_in_action("create_cash_withdrawal");
    assert_string_equal(a->version, "2.1");
    assert_string_equal(a->resource_type, "cash_withdrawals");
    assert_string_equal(a->amount_field, "amount");
    assert_string_equal(a->currency_field, "fiat_code");
    assert_string_equal(a->state_pointer, "/attributes/status");
    assert_string_equal(a->final_good[0], "settled");
    assert_string_equal(a->final_good[1], "done");
    assert_null(a->final_good[2]);
    assert_string_equal(a->final_bad[0], "cancelled");
    assert_null(a->final_bad[1]);
    const struct action_field *f = action_field(a, span_of("withdrawal_instruction"));
    assert_int_equal(f->place, FIELD_RELATIONSHIP);
    assert_int_equal(f->type, VALUE_ID);
    assert_true(f->required);
    assert_string_equal(f->resource_type, "withdrawal_instructions");
    a = built_in_action("create_withdrawal_instruction");
    assert_string_equal(a->tag, "label");
    f = action_field(a, span_of("body.payment_method"));
    assert_int_equal(f->type, VALUE_CHOICE);
    assert_string_equal(f->choices[2], "third_party");
    assert_null(f->choices[3]);
    assert_true(built_in_action("request")->bare_body);
    assert_null(built_in_action("request")->find.path);
}

/* One line for what a lost answer is looked up by. */
static void write_find(struct buf *out, const struct action *a)
{
    buf_printf(out, "%s by", a->find.path ? a->find.path : "-");
    for (char **m = a->find.match; m && *m; m++)
        buf_printf(out, " %s", *m);
    buf_printf(out, ", %s%s", a->find.since ? "not old, " : "",
               a->find.resend ? "send again" : "ask");
}

static void lost_answers_are_looked_up_as_the_api_allows(void **state)
{
    (void)state;
    static const struct {
        const char *name, *want;
    } rows[] = {
        {"create_user", "/users by email, send again"},
        {"create_withdrawal_instruction",
         "/withdrawal_instructions by label, send again"},
        {"create_cash_withdrawal",
         "/cash_withdrawals?filter[from]={sent_on} by withdrawal_instruction amount "
         "fiat_code, not old, ask"},
        {"create_coin_withdrawal", "/coin_withdrawals?filter[from]={sent_on} by label "
                                   "amount coin_code, not old, ask"},
        {"get_user", "- by, ask"},
        {"request", "- by, ask"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct buf got;
        buf_init(&got, 1024);
        write_find(&got, built_in_action(rows[i].name));
        assert_string_equal(got.data, rows[i].want);
        buf_close(&got);
    }
    assert_string_equal(built_in_action("create_cash_withdrawal")->find.since,
                        "/attributes/created_at");
}

/* An entry of one action `x` with the members given. */
static int read_entry(struct catalogue *c, const char *members, struct err *err)
{
    char *text = NULL;
    assert_true(asprintf(&text, "{\"x\":{%s}}", members) > 0);
    int rc = catalogue_read(c, span_of(text), "mine.json", err);
    free(text);
    return rc;
}

#define BASE "\"summary\":\"s\",\"method\":\"POST\",\"path\":\"/x\",\"acts_as\":\"user\""
#define DOC  BASE ",\"type\":\"xs\""

static void what_is_not_stated_is_on_the_safe_side(void **state)
{
    (void)state;
    struct catalogue c = {0};
    struct err err;
    assert_int_equal(
        read_entry(&c, DOC ",\"attributes\":{\"a\":{\"type\":\"text\"}}", &err), 0);
    const struct action *a = catalogue_find(&c, span_of("x"));
    assert_false(a->repeat_safe);
    assert_int_equal(a->answer, ANSWER_RESOURCE);
    assert_false(a->bare_body);
    assert_null(a->tag);
    assert_false(action_is_followed(a));
    assert_false(a->fields[0].required);
    catalogue_close(&c);
}

static void repeat_is_safe_only_when_it_says_so(void **state)
{
    (void)state;
    static const struct {
        const char *members;
        bool safe;
    } rows[] = {
        {BASE, false},
        {BASE ",\"repeat\":\"unsafe\"", false},
        {BASE ",\"repeat\":\"safe\"", true},
        {"\"summary\":\"s\",\"method\":\"GET\",\"path\":\"/x\",\"acts_as\":\"user\"",
         true},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct catalogue c = {0};
        struct err err;
        assert_int_equal(read_entry(&c, rows[i].members, &err), 0);
        assert_int_equal(c.actions[0].repeat_safe, rows[i].safe);
        catalogue_close(&c);
    }
}

static void a_tag_may_be_a_text_or_an_email(void **state)
{
    (void)state;
    static const char *const types[] = {"text", "email"};
    for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
        struct catalogue c = {0};
        struct err err;
        char members[256];
        snprintf(members, sizeof(members),
                 DOC ",\"attributes\":{\"a\":{\"type\":\"%s\"}},\"tag\":\"a\"", types[i]);
        assert_int_equal(read_entry(&c, members, &err), 0);
        assert_string_equal(c.actions[0].tag, "a");
        catalogue_close(&c);
    }
}

static void a_later_file_replaces_by_name_and_keeps_the_place(void **state)
{
    (void)state;
    struct catalogue c = {0};
    struct err err;
    const char *first = "{\"x\":{" BASE "},\"y\":{" BASE "}}";
    assert_int_equal(catalogue_read(&c, span_of(first), "1", &err), 0);
    assert_int_equal(read_entry(&c, BASE ",\"version\":\"9\"", &err), 0);
    assert_int_equal(c.count, 2);
    assert_string_equal(c.actions[0].name, "x");
    assert_string_equal(c.actions[0].version, "9");
    assert_null(c.actions[1].version);
    catalogue_close(&c);
}

static void a_rate_belongs_to_an_endpoint(void **state)
{
    (void)state;
    struct catalogue c = {0};
    struct err err;
    const char *file = "{\"x\":{" BASE ",\"rate\":\"0.5\"},\"y\":{" BASE
                       ",\"rate\":\"0.5\"},\"free\":{" BASE "},"
                       "\"z\":{\"summary\":\"s\",\"method\":\"PUT\",\"path\":\"/x\","
                       "\"acts_as\":\"user\",\"rate\":\"2\"}}";
    assert_int_equal(catalogue_read(&c, span_of(file), "1", &err), 0);
    assert_int_equal(c.budget_count, 2);
    assert_int_equal(c.budget_rates[0], 500);
    assert_int_equal(c.budget_rates[1], 2000);
    static const int want[] = {1, 1, 0, 2};
    for (size_t i = 0; i < c.count; i++)
        assert_int_equal(c.actions[i].budget, want[i]);
    assert_int_equal(read_entry(&c, BASE ",\"rate\":\"3\"", &err), -1);
    assert_string_equal(
        err.text, "mine.json: y: rate: x has another one for the same method and path");
    catalogue_close(&c);
}

static void an_action_that_is_replaced_takes_its_rate_along(void **state)
{
    (void)state;
    struct catalogue c = {0};
    struct err err;
    assert_int_equal(read_entry(&c, BASE ",\"rate\":\"3\"", &err), 0);
    assert_int_equal(c.budget_count, 1);
    assert_int_equal(read_entry(&c, BASE, &err), 0);
    assert_int_equal(c.budget_count, 0);
    assert_int_equal(c.actions[0].budget, 0);
    catalogue_close(&c);
}

static void more_rates_than_there_is_room_for_are_refused(void **state)
{
    (void)state;
    struct catalogue c = {0};
    struct err err;
    struct buf file;
    buf_init(&file, 16384);
    buf_add_char(&file, '{');
    for (int i = 0; i <= RATE_BUDGETS_MAX; i++)
        buf_printf(&file,
                   "%s\"a%d\":{\"summary\":\"s\",\"method\":\"POST\",\"path\":\"/p%d\","
                   "\"acts_as\":\"user\",\"rate\":\"1\"}",
                   i ? "," : "", i, i);
    buf_add_char(&file, '}');
    assert_int_equal(catalogue_read(&c, buf_span(&file), "1", &err), -1);
    assert_string_equal(err.text, "1: a16: rate: more than 16 endpoints have one");
    buf_close(&file);
    catalogue_close(&c);
}

#define ATTR(fields) DOC ",\"attributes\":{" fields "}"
#define MONEY_ATTRS                                                                      \
    "\"a\":{\"type\":\"decimal\",\"required\":true},"                                    \
    "\"c\":{\"type\":\"currency\",\"required\":true},\"t\":{\"type\":\"text\"}"
#define BY_A "\"path\":\"/x\",\"match\":[\"a\"]"
#define FIND(members)                                                                    \
    ATTR("\"a\":{\"type\":\"text\",\"required\":true},\"o\":{\"type\":\"text\"},"        \
         "\"j\":{\"type\":\"json\",\"required\":true},"                                  \
         "\"f\":{\"type\":\"boolean\",\"required\":true}")                               \
    ",\"find\":{" members "}"
#define GENERIC                                                                          \
    "\"summary\":\"s\",\"acts_as\":\"either\",\"bare_body\":true,\"request\":{"          \
    "\"method\":{\"type\":\"method\",\"required\":true},"                                \
    "\"path\":{\"type\":\"path\",\"required\":true},\"body\":{\"type\":\"json\"}"

static void a_lost_answer_is_a_persons_matter_unless_it_says_otherwise(void **state)
{
    (void)state;
    static const struct {
        const char *members;
        const char *want;
    } rows[] = {
        {DOC, "- by, ask"},
        {FIND(BY_A), "/x by a, ask"},
        {FIND(BY_A ",\"absent\":\"ask\""), "/x by a, ask"},
        {FIND(BY_A ",\"absent\":\"send_again\""), "/x by a, send again"},
        {FIND("\"path\":\"/x?from={sent_on}&to={sent_on}\",\"match\":[\"a\"]"),
         "/x?from={sent_on}&to={sent_on} by a, ask"},
        {FIND("\"path\":\"/x\",\"match\":[\"o\"]") ",\"tag\":\"o\"", "/x by o, ask"},
        {ATTR(MONEY_ATTRS) ",\"money\":{\"amount\":\"a\",\"currency\":\"c\"},\"find\":"
                           "{" BY_A ",\"since\":\"/attributes/at\"}",
         "/x by a, not old, ask"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct catalogue c = {0};
        struct err err;
        struct buf got;
        buf_init(&got, 1024);
        if (read_entry(&c, rows[i].members, &err))
            fail_msg("%s", err.text);
        write_find(&got, &c.actions[0]);
        assert_string_equal(got.data, rows[i].want);
        buf_close(&got);
        catalogue_close(&c);
    }
}

#define GUARD(members)                                                                   \
    ATTR("\"a\":{\"type\":\"decimal\"},\"i\":{\"type\":\"id\"}")                         \
    ",\"limits\":{\"m\":{\"type\":\"decimal\"}},\"require\":{" members "}"
#define FOLLOW(members)                                                                  \
    DOC ",\"state\":\"/attributes/"                                                      \
        "state\",\"follow\":{\"good\":[\"a\"],\"bad\":[\"b\"]," members "}"

static const struct {
    const char *members, *want; /* a piece of the message */
} faults[] = {
    {BASE ",\"repeet\":\"safe\"", "x: repeet: there is no such member"},
    {"\"method\":\"POST\",\"path\":\"/x\",\"acts_as\":\"user\"",
     "x: summary: is missing"},
    {"\"summary\":\"s\",\"method\":\"POST\",\"path\":\"/x\"", "acts_as: is missing"},
    {"\"summary\":\"s\",\"path\":\"/x\",\"acts_as\":\"user\"", "method: is missing"},
    {"\"summary\":\"s\",\"method\":\"POST\",\"acts_as\":\"user\"", "path: is missing"},
    {"\"summary\":1,\"method\":\"POST\",\"path\":\"/x\",\"acts_as\":\"user\"",
     "summary: must be a text"},
    {BASE ",\"version\":\"\"", "version: must be a text"},
    {FOLLOW("\"every\":[\"2m\",\"1m\"]"), "every: the first time is longer"},
    {FOLLOW("\"every\":[\"1m\"]"), "every: must be two times"},
    {FOLLOW("\"every\":[\"0s\",\"1m\"]"), "every: must be two times"},
    {FOLLOW("\"one\":\"/x\""), "follow: one: starts with / and has {id} in it"},
    {FOLLOW("\"one\":\"/x/{id}/{b}\""), "follow: one: starts with / and has {id} in it"},
    {FOLLOW("\"list\":\"/x/{id}\""), "follow: list: starts with / and has no braces but"},
    {FOLLOW("\"list\":\"x\""), "follow: list: starts with / and has no braces but"},
    {FOLLOW("\"reason\":\"why\""), "follow: reason: a JSON pointer"},
    {FOLLOW("\"acts_as\":\"me\""), "follow: acts_as: "},
    {"\"summary\":\"s\",\"method\":\"POST\",\"path\":\"/"
     "x\",\"acts_as\":\"master\",\"type\":\"xs\","
     "\"state\":\"/"
     "s\",\"follow\":{\"good\":[\"a\"],\"bad\":[\"b\"],\"acts_as\":\"master\"}",
     "follow: acts_as: the action itself is the master's"},
    {FOLLOW("\"dependants\":\"soon\""), "dependants: must be one of: final, accepted"},
    {FOLLOW("\"polls\":3"), "polls: there is no such member"},
    {GUARD("\"at_most\":{\"/attributes/t\":\"m\"}"), "require: of: is missing"},
    {GUARD("\"of\":\"a\",\"at_most\":{\"/attributes/t\":\"m\"}"),
     "require: of: must name a field of type id"},
    {GUARD("\"of\":\"i\""), "limits: m: require has no at_most for it"},
    {GUARD("\"of\":\"i\",\"at_most\":{\"/t\":\"m\",\"/u\":\"a\"}"),
     "at_most: a: must name a decimal of limits"},
    {GUARD("\"of\":\"i\",\"at_most\":{\"t\":\"m\"}"), "at_most: t: a JSON pointer"},
    {GUARD("\"of\":\"i\",\"state\":[\"q\"],\"at_most\":{\"/t\":\"m\"}"),
     "require: state: the action has no state"},
    {GUARD("\"of\":\"i\",\"before\":\"t\",\"at_most\":{\"/t\":\"m\"}"),
     "require: before: a JSON pointer"},
    {GUARD("\"of\":\"i\",\"until\":\"t\""), "until: there is no such member"},
    {BASE ",\"rate\":0.5", "x: rate: must be a text"},
    {BASE ",\"rate\":\"0\"", "x: rate: wants a number of requests a second"},
    {BASE ",\"rate\":\"5/s\"", "x: rate: wants a number of requests a second"},
    {GENERIC "},\"rate\":\"1\"", "x: rate: needs a method and a path"},
    {BASE ",\"version\":\"2 1\"", "version: one word"},
    {BASE ",\"version\":\"2\\r\\nX: 1\"", "version: one word"},
    {BASE ",\"answer\":\"page\"", "answer: must be one of: resource, list, nothing, any"},
    {BASE ",\"answer\":true", "answer: must be one of"},
    {BASE ",\"repeat\":\"yes\"", "repeat: must be one of: unsafe, safe"},
    {BASE ",\"repeat\":true", "repeat: must be one of"},
    {BASE ",\"bare_body\":\"true\"", "bare_body: must be true or false"},
    {BASE ",\"bare_body\":true", "bare_body: true goes with a body"},
    {"\"summary\":\"s\",\"method\":\"POST\",\"path\":\"/x\",\"acts_as\":\"boss\"",
     "acts_as: must be one of: master, user, either"},
    {"\"summary\":\"s\",\"method\":\"post\",\"path\":\"/x\",\"acts_as\":\"user\"",
     "method: GET"},
    {"\"summary\":\"s\",\"method\":\"POST\",\"path\":\"x\",\"acts_as\":\"user\"",
     "path: starts with /"},
    {"\"summary\":\"s\",\"method\":\"POST\",\"path\":\"/a/../"
     "x\",\"acts_as\":\"user\"",
     "path: starts with /"},
    {"\"summary\":\"s\",\"method\":\"POST\",\"path\":\"/{id}\",\"acts_as\":\"user\"",
     "path: {id} is not in in_path"},
    {"\"summary\":\"s\",\"method\":\"POST\",\"path\":\"/{id\",\"acts_as\":\"user\"",
     "path: {id} is not in in_path"},
    {"\"summary\":\"s\",\"method\":\"POST\",\"path\":\"/{a}\",\"acts_as\":\"user\","
     "\"type\":\"xs\",\"attributes\":{\"a\":{\"type\":\"text\"}}",
     "path: {a} is not in in_path"},
    {ATTR("\"\":{\"type\":\"text\"}"), "a name has letters"},
    {BASE ",\"in_path\":{\"id\":{\"type\":\"id\",\"required\":true}}",
     "in_path: id: the path has no {id}"},
    {"\"summary\":\"s\",\"method\":\"GET\",\"path\":\"/{id}\",\"acts_as\":\"user\","
     "\"in_path\":{\"id\":{\"type\":\"text\",\"required\":true}}",
     "in_path: id: must be a required id"},
    {"\"summary\":\"s\",\"method\":\"GET\",\"path\":\"/{id}\",\"acts_as\":\"user\","
     "\"in_path\":{\"id\":{\"type\":\"id\"}}",
     "in_path: id: must be a required id"},
    {BASE ",\"attributes\":{\"a\":{\"type\":\"text\"}}", "type: is missing"},
    {BASE ",\"attributes\":[]", "attributes: must be an object"},
    {"\"summary\":\"s\",\"method\":\"GET\",\"path\":\"/x\",\"acts_as\":\"user\","
     "\"type\":\"x\",\"attributes\":{\"a\":{\"type\":\"text\"}}",
     "attributes and relationships need a POST"},
    {ATTR("\"a\":{}"), "attributes: a: type: is missing"},
    {ATTR("\"a\":\"text\""), "attributes: a: must be an object"},
    {ATTR("\"a\":{\"type\":\"decimall\"}"), "attributes: a: type: no such type"},
    {ATTR("\"a\":{\"type\":\"text\",\"requird\":true}"),
     "attributes: a: requird: there is no such member"},
    {ATTR("\"a\":{\"type\":\"text\",\"required\":1}"),
     "a: required: must be true or false"},
    {ATTR("\"a\":{\"type\":\"text\",\"as_string\":true}"), "only a decimal"},
    {ATTR("\"a\":{\"type\":\"choice\"}"), "a: choices: is missing"},
    {ATTR("\"a\":{\"type\":\"choice\",\"choices\":[]}"), "must be a list of texts"},
    {ATTR("\"a\":{\"type\":\"choice\",\"choices\":[\"k\",1]}"), "must be a text"},
    {ATTR("\"a\":{\"type\":\"text\",\"choices\":[\"k\"]}"),
     "only a field of type choice, currency or file"},
    {ATTR("\"needs\":{\"type\":\"text\"}"), "needs: a column of every file"},
    {ATTR("\"a b\":{\"type\":\"text\"}"), "a b: a name has letters"},
    {ATTR("\"a..b\":{\"type\":\"text\"}"), "nothing stands beside a dot"},
    {ATTR("\"a.\":{\"type\":\"text\"}"), "nothing stands beside a dot"},
    {ATTR("\"a\":{\"type\":\"text\"},\"a.b\":{\"type\":\"text\"}"),
     "a.b: cannot be inside a"},
    {ATTR("\"a\":{\"type\":\"text\"}") ",\"relationships\":{\"a\":{\"type\":\"xs\"}}",
     "relationships: a: there is a field of this name already"},
    {DOC ",\"relationships\":{\"a\":{\"type\":7}}", "a: type: must be a text"},
    {ATTR(MONEY_ATTRS) ",\"money\":{\"amount\":\"a\"}", "needs both amount and currency"},
    {ATTR(MONEY_ATTRS) ",\"money\":{\"amount\":\"a\",\"curency\":\"c\"}",
     "money: curency: there is no such member"},
    {ATTR(MONEY_ATTRS) ",\"money\":{\"amount\":\"c\",\"currency\":\"c\"}",
     "money: amount: must name"},
    {ATTR(MONEY_ATTRS) ",\"money\":{\"amount\":\"a\",\"currency\":\"t\"}",
     "money: currency: must name"},
    {ATTR("\"a\":{\"type\":\"decimal\"},\"c\":{\"type\":\"currency\",\"required\":"
          "true}") ",\"money\":{\"amount\":\"a\",\"currency\":\"c\"}",
     "money: amount: must name"},
    {ATTR(MONEY_ATTRS) ",\"tag\":\"a\"", "tag: must name"},
    {ATTR(MONEY_ATTRS) ",\"tag\":\"nothing\"", "tag: must name"},
    {DOC ",\"follow\":{\"good\":[\"g\"],\"bad\":[\"b\"]}", "follow: needs state"},
    {DOC ",\"state\":\"status\"", "state: a JSON pointer"},
    {DOC ",\"state\":\"/s\",\"follow\":{\"good\":[\"g\"]}", "needs both good and bad"},
    {DOC ",\"state\":\"/s\",\"follow\":{\"good\":[],\"bad\":[\"b\"]}",
     "good: must be a list"},
    {DOC ",\"state\":\"/s\",\"follow\":{\"good\":[\"g\"],\"bad\":[\"b\"],\"ok\":[]}",
     "follow: ok: there is no such member"},
    {DOC ",\"state\":\"/s\",\"follow\":{\"good\":[\"g\"],\"bad\":[\"b\",\"g\"]}",
     "a state is both good and bad"},
    {DOC ",\"state\":\"/s\",\"answer\":\"any\","
         "\"follow\":{\"good\":[\"g\"],\"bad\":[\"b\"]}",
     "needs the answer to be a resource"},
    {FIND("\"path\":\"/x\""), "find: needs both path and match"},
    {FIND("\"match\":[\"a\"]"), "find: needs both path and match"},
    {ATTR("\"a\":{\"type\":\"text\"}") ",\"find\":\"/x\"", "find: must be an object"},
    {FIND("\"path\":7,\"match\":[\"a\"]"), "find: path: must be a text"},
    {FIND("\"path\":\"/x\",\"match\":\"a\""), "find: match: must be a list"},
    {FIND("\"path\":\"/x\",\"match\":[]"), "find: match: must be a list"},
    {FIND(BY_A ",\"matches\":1"), "find: matches: there is no such member"},
    {FIND(BY_A ",\"absent\":\"resend\""),
     "find: absent: must be one of: ask, send_again"},
    {FIND(BY_A ",\"absent\":true"), "find: absent: must be one of"},
    {FIND(BY_A ",\"since\":\"created_at\""), "find: since: a JSON pointer"},
    {FIND(BY_A ",\"since\":\"\""), "find: since: must be a text"},
    {FIND("\"path\":\"x\",\"match\":[\"a\"]"), "find: path: starts with /"},
    {FIND("\"path\":\"/../x\",\"match\":[\"a\"]"), "find: path: starts with /"},
    {FIND("\"path\":\"/x?a={id}\",\"match\":[\"a\"]"), "no braces but {sent_on}"},
    {FIND("\"path\":\"/x?a={a}\",\"match\":[\"a\"]"), "no braces but {sent_on}"},
    {FIND(BY_A ",\"in\":\"body\""), "find: in: must be one of: list, included, resource"},
    {FIND(BY_A ",\"states\":[\"s\"]"), "states: go with"},
    {FIND("\"path\":\"/x\",\"in\":\"resource\""), "states: go with"},
    {FIND(BY_A ",\"in\":\"resource\",\"states\":[\"s\"]"), "by its states alone"},
    {FIND("\"path\":\"/x\",\"in\":\"resource\",\"states\":[\"s\"]"),
     "a resource needs type and state"},
    {FIND(BY_A ",\"also\":[\"b\"]"), "find: also: b: is no attribute"},
    {FIND(BY_A ",\"also\":[\"j\"]"), "find: also: j: a json cannot be compared"},
    {ATTR("\"a\":{\"type\":\"text\"}") ",\"one_of\":[\"a\"]", "one_of: needs two"},
    {ATTR("\"a\":{\"type\":\"text\"}") ",\"one_of\":[\"a\",\"z\"]",
     "one_of: z: must name a field"},
    {FIND(BY_A) ",\"one_of\":[\"a\",\"o\"]", "one_of: a: must name a field that is not"},
    {ATTR("\"a\":{\"type\":\"text\",\"max\":0}"), "max: must be a whole number"},
    {ATTR("\"a\":{\"type\":\"text\",\"max\":1.5}"), "max: must be a whole number"},
    {ATTR("\"a\":{\"type\":\"date\",\"max\":9}"), "max: only a text or a file has it"},
    {ATTR("\"a\":{\"type\":\"file\",\"max\":10485760}"), "max: of a file at most"},
    {ATTR("\"a\":{\"type\":\"file\",\"choices\":[\"text/plain\"]}"),
     "files of that kind cannot be told"},
    {ATTR("\"a\":{\"type\":\"file\",\"fills\":{\"size\":\"b\"}},\"b\":{\"type\":"
          "\"text\"}"),
     "a: fills: b: must name an attribute of type integer"},
    {ATTR("\"a\":{\"type\":\"file\",\"fills\":{\"digest\":\"b\"}},\"b\":{\"type\":"
          "\"text\"}"),
     "fills: digest: there is no such member"},
    {ATTR("\"a\":{\"type\":\"text\",\"fills\":{\"name\":\"b\"}},\"b\":{\"type\":"
          "\"text\"}"),
     "a: fills: only a file has it"},
    {ATTR("\"a\":{\"type\":\"date\",\"digits\":9}"), "digits: only a text has it"},
    {ATTR("\"a\":{\"type\":\"text\",\"digits\":0}"), "digits: must be a whole number"},
    {ATTR("\"a\":{\"type\":\"text\",\"digits\":2,\"sample\":\"123\"}"),
     "sample: must be digits alone"},
    {ATTR("\"a\":{\"type\":\"date\",\"sample\":\"2026-02-30\"}"),
     "sample: must be a date"},
    {ATTR("\"a\":{\"type\":\"date\",\"sample\":\"@other\"}"), "sample: must be a date"},
    {ATTR("\"a\":{\"type\":\"country\",\"sample\":\"ZQ\"}"), "sample: must be a country"},
    {ATTR("\"a\":{\"type\":\"text\",\"max\":2,\"sample\":\"abc\"}"),
     "sample: must be a shorter text"},
    {ATTR("\"a\":{\"type\":\"text\",\"sample\":1}"), "sample: must be a text"},
    {ATTR("\"a\":{\"type\":\"text\",\"max\":\"9\"}"), "max: must be a whole number"},
    {"\"summary\":\"s\",\"method\":\"POST\",\"path\":\"/x\",\"acts_as\":\"master\","
     "\"type\":\"xs\",\"on_behalf\":\"relationship\"",
     "on_behalf: the master acts for itself"},
    {"\"summary\":\"s\",\"method\":\"PATCH\",\"path\":\"/x\",\"acts_as\":\"user\","
     "\"type\":\"xs\",\"on_behalf\":\"relationship\"",
     "needs a POST of a document with a type"},
    {FIND("\"path\":\"/x\",\"in\":\"included\""), "needs both path and match"},
    {FIND("\"path\":\"/x\",\"in\":\"resource\",\"states\":[\"s\"],\"since\":\"/t\""),
     "by its states alone"},
    {FIND("\"path\":\"/x\",\"in\":\"resource\",\"states\":[]"), "states: must be a list"},
    {DOC ",\"on_behalf\":\"body\"", "on_behalf: must be one of: header, relationship"},
    {BASE ",\"on_behalf\":\"relationship\"", "needs a POST of a document with a type"},
    {DOC ",\"on_behalf\":\"relationship\",\"relationships\":{\"user\":{\"type\":"
         "\"users\"}}",
     "user is a field already"},
    {ATTR(MONEY_ATTRS) ",\"money\":{\"amount\":\"a\",\"currency\":\"c\",\"part\":"
                       "\"middle\"}",
     "money: part: must be one of: whole, first, last"},
    {ATTR(MONEY_ATTRS) ",\"money\":{\"amount\":\"a\",\"currency\":\"c\",\"part\":"
                       "\"last\"}",
     "of type choice, of which it is a part"},
    {FIND("\"path\":\"/x?a={sent_on\",\"match\":[\"a\"]"), "no braces but {sent_on}"},
    {FIND("\"path\":\"/x\",\"match\":[\"b\"]"),
     "find: match: b: is no attribute or relationship"},
    {FIND("\"path\":\"/x\",\"match\":[\"a\",\"b\"]"), "find: match: b: is no"},
    {FIND("\"path\":\"/x\",\"match\":[\"o\"]"),
     "find: match: o: must be required, or the tag"},
    {FIND("\"path\":\"/x\",\"match\":[\"j\"]"), "j: a json cannot be compared"},
    {FIND("\"path\":\"/x\",\"match\":[\"f\"]"), "f: a boolean cannot be compared"},
    {"\"summary\":\"s\",\"method\":\"POST\",\"path\":\"/{id}\",\"acts_as\":\"user\","
     "\"in_path\":{\"id\":{\"type\":\"id\",\"required\":true}},\"find\":{\"path\":\"/x\","
     "\"match\":[\"id\"]}",
     "find: match: id: is no attribute or relationship"},
    {"\"summary\":\"s\",\"method\":\"GET\",\"path\":\"/x\",\"acts_as\":\"user\","
     "\"find\":{\"path\":\"/x\",\"match\":[\"a\"]}",
     "find: a GET or a free request has none"},
    {GENERIC "},\"find\":{\"path\":\"/x\",\"match\":[\"path\"]}",
     "find: a GET or a free request has none"},
    {ATTR(MONEY_ATTRS) ",\"money\":{\"amount\":\"a\",\"currency\":\"c\"},\"find\":{" BY_A
                       ",\"absent\":\"send_again\"}",
     "find: absent: what moves money is never sent again"},
    {GENERIC "},\"method\":\"POST\"", "method: is also in request"},
    {GENERIC ",\"host\":{\"type\":\"text\"}}", "request: host: only method"},
    {GENERIC ",\"version\":{\"type\":\"text\"}}", "version: must be of type decimal"},
    {"\"summary\":\"s\",\"acts_as\":\"user\",\"path\":\"/x\",\"request\":{\"method\":"
     "{\"type\":\"method\"}}",
     "method: is missing"},
};

static void a_rule_of_a_good_entry_arrives(void **state)
{
    (void)state;
    struct catalogue c = {0};
    struct err err;
    const char *members = ATTR(
        "\"p\":{\"type\":\"choice\",\"choices\":[\"ar_ars\"],\"required\":true},"
        "\"a\":{\"type\":\"decimal\"},\"b\":{\"type\":\"decimal\",\"sample\":"
        "\"1.5\"},\"t\":{\"type\":\"text\",\"max\":9}") ",\"on_behalf\":"
                                                        "\"relationship\",\"one_of\":["
                                                        "\"a\",\"b\"],\"money\":{"
                                                        "\"amount\":\"a\","
                                                        "\"currency\":\"p\",\"part\":"
                                                        "\"last\"},\"find\":{\"path\":\"/"
                                                        "x\",\"in\":"
                                                        "\"included\",\"match\":[\"p\"],"
                                                        "\"also\":[\"a\",\"b\"]}";
    if (read_entry(&c, members, &err))
        fail_msg("%s", err.text);
    const struct action *a = &c.actions[0];
    assert_string_equal(a->family, "mine");
    assert_true(a->actor_in_body);
    assert_true(action_is_one_of(a, "b"));
    assert_false(action_is_one_of(a, "p"));
    assert_int_equal(a->find.in, FIND_INCLUDED);
    assert_string_equal(a->find.also[1], "b");
    assert_int_equal(action_field(a, span_of("t"))->max, 9);
    assert_string_equal(action_field(a, span_of("b"))->sample, "1.5");
    assert_true(span_is(action_currency(a, span_of("ar_ars")), "ars"));
    catalogue_close(&c);
}

static void a_fault_is_told_with_file_action_and_member(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(faults) / sizeof(*faults); i++) {
        struct catalogue c = {0};
        struct err err = {0};
        if (read_entry(&c, faults[i].members, &err) != -1)
            fail_msg("accepted: %s", faults[i].members);
        assert_int_equal(err.code, ERR_CONFIG);
        if (strncmp(err.text, "mine.json: x: ", 14) != 0 ||
            !strstr(err.text, faults[i].want))
            fail_msg("'%s' for %s", err.text, faults[i].members);
        assert_int_equal(c.count, 0);
        catalogue_close(&c);
    }
}

static void text_that_is_no_clean_json_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "[]",
        "7",
        "{\"x\":{" BASE "}} x",
        "{\"x\":{" BASE "},\"x\":{" BASE "}}",
        "\"x\"",
        "{",
        "{\"x\":null}",
        "{\"x y\":{" BASE "}}",
        "{\"\":{" BASE "}}",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        struct catalogue c = {0};
        struct err err = {0};
        if (catalogue_read(&c, span_of(texts[i]), "mine.json", &err) != -1)
            fail_msg("accepted: %s", texts[i]);
        assert_int_equal(err.code, ERR_CONFIG);
        assert_ptr_equal(strstr(err.text, "mine.json: "), err.text);
        catalogue_close(&c);
    }
}

/* ---- files ---- */

static void read_the_example(struct buf *out)
{
    FILE *f = fopen(ACTIONS_README, "r");
    assert_non_null(f);
    char line[1024];
    bool inside = false;
    while (fgets(line, sizeof(line), f)) {
        if (strncmp(line, "```", 3) == 0)
            inside = strncmp(line, "```json", 7) == 0;
        else if (inside)
            buf_add_text(out, line);
    }
    fclose(f);
}

static void the_example_of_the_readme_is_an_actions_file(void **state)
{
    (void)state;
    struct catalogue c = {0};
    struct err err;
    struct buf text;
    buf_init(&text, 65536);
    read_the_example(&text);
    char path[] = "/tmp/remesa-actions-XXXXXX";
    int fd = mkstemp(path);
    assert_int_equal(write(fd, text.data, text.len), (ssize_t)text.len);
    close(fd);
    if (catalogue_read_file(&c, path, &err))
        fail_msg("%s", err.text);
    unlink(path);
    assert_int_equal(c.count, 1);
    assert_string_equal(c.actions[0].name, "create_bid");
    catalogue_close(&c);
    buf_close(&text);
}

static void a_file_that_cannot_be_read_is_named(void **state)
{
    (void)state;
    struct catalogue c = {0};
    struct err err;
    assert_int_equal(catalogue_read_file(&c, "/nonexistent/a.json", &err), -1);
    assert_int_equal(err.code, ERR_NOINPUT);
    assert_non_null(strstr(err.text, "/nonexistent/a.json"));
    assert_int_equal(catalogue_read_file(&c, "/tmp", &err), -1);
    assert_int_equal(err.code, ERR_NOINPUT);
    assert_int_equal(catalogue_read_file(&c, "/dev/zero", &err), -1);
}

static void a_file_without_end_is_refused(void **state)
{
    (void)state;
    struct catalogue c = {0};
    struct err err;
    char path[] = "/tmp/remesa-actions-XXXXXX";
    int fd = mkstemp(path);
    assert_int_equal(ftruncate(fd, CATALOGUE_FILE_MAX + 1), 0);
    close(fd);
    assert_int_equal(catalogue_read_file(&c, path, &err), -1);
    unlink(path);
    assert_int_equal(err.code, ERR_CONFIG);
    assert_non_null(strstr(err.text, "larger than"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_built_in_actions_are_there),
        cmocka_unit_test(every_member_of_an_entry_arrives),
        cmocka_unit_test(lost_answers_are_looked_up_as_the_api_allows),
        cmocka_unit_test(a_lost_answer_is_a_persons_matter_unless_it_says_otherwise),
        cmocka_unit_test(what_is_not_stated_is_on_the_safe_side),
        cmocka_unit_test(repeat_is_safe_only_when_it_says_so),
        cmocka_unit_test(a_tag_may_be_a_text_or_an_email),
        cmocka_unit_test(a_later_file_replaces_by_name_and_keeps_the_place),
        cmocka_unit_test(a_rate_belongs_to_an_endpoint),
        cmocka_unit_test(an_action_that_is_replaced_takes_its_rate_along),
        cmocka_unit_test(more_rates_than_there_is_room_for_are_refused),
        cmocka_unit_test(a_rule_of_a_good_entry_arrives),
        cmocka_unit_test(a_fault_is_told_with_file_action_and_member),
        cmocka_unit_test(text_that_is_no_clean_json_is_refused),
        cmocka_unit_test(the_example_of_the_readme_is_an_actions_file),
        cmocka_unit_test(a_file_that_cannot_be_read_is_named),
        cmocka_unit_test(a_file_without_end_is_refused),
    };
    return cmocka_run_group_tests(tests, open_built_in, close_built_in);
}
