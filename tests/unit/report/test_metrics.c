/* What those who watch a run are told: Prometheus text and the summary. */
#include "base/json.h"
#include "lib/check.h"
#include "report/figures.h"

static char queued[] = "queued", succeeded[] = "succeeded", waiting[] = "waiting";
static char ars[] = "ars", odd[] = "b\"t\\c", usd[] = "usd";
static struct figure some[] = {
    {NULL, queued, {3, 0}, false},       {NULL, succeeded, {12, 0}, false},
    {ars, succeeded, {12345, 2}, false}, {ars, waiting, {0, 2}, false},
    {usd, waiting, {9, 2}, true},        {odd, waiting, {1, 8}, false},
};
static const struct figures figures = {some, COUNT_OF(some), 1700000000500};

static const struct run_facts run = {
    .version = "1.2.3",
    .database = "a\"b\\c\nd.db",
    .started_ms = 1700000001001,
    .now_ms = 1700000002002,
    .numbers = {.sent = 7, .throttled = 1, .repeats = 2, .doubts = 3, .paused_ms = 4005},
};

static struct buf out;

static const char *text_of(const struct run_facts *facts)
{
    buf_close(&out);
    buf_init(&out, 64 * 1024);
    metrics_text(&out, &figures, facts);
    return out.data;
}

static void every_figure_is_a_line(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "\nremesa_jobs{state=\"queued\"} 3\n",
        "\nremesa_jobs{state=\"succeeded\"} 12\n",
        "\nremesa_money{currency=\"ars\",state=\"succeeded\"} 123.45\n",
        "\nremesa_money{currency=\"ars\",state=\"waiting\"} 0.00\n",
        "\nremesa_money{currency=\"b\\\"t\\\\c\",state=\"waiting\"} 0.00000001\n",
        ",database=\"a\\\"b\\\\c\\nd.db\"} 1\n",
        "\nremesa_info{version=\"1.2.3\",",
        "\nremesa_run_requests_total 7\n",
        "\nremesa_run_throttled_total 1\n",
        "\nremesa_run_retries_total 2\n",
        "\nremesa_run_doubts_total 3\n",
        "\nremesa_run_paused_seconds_total 4.005\n",
        "\nremesa_run_start_timestamp_seconds 1700000001.001\n",
        "\nremesa_run_seen_timestamp_seconds 1700000002.002\n",
        "\nremesa_run_active 1\n",
        "\nremesa_last_success_timestamp_seconds 1700000000.500\n",
    };
    struct table t = {0};
    const char *text = text_of(&run);
    for (size_t i = 0; i < COUNT_OF(lines); i++)
        table_want(&t, strstr(text, lines[i]) != NULL, "%s", lines[i]);
    table_want(&t, !strstr(text, "usd"), "a sum that does not fit has no value");
    table_want(&t, !strstr(text, "exit_status"), "a run that works has no exit status");
    table_end(&t);
}

static void a_run_that_has_ended_says_how(void **state)
{
    (void)state;
    struct run_facts ended = run;
    ended.has_ended = true;
    ended.exit_status = 69;
    const char *text = text_of(&ended);
    assert_non_null(strstr(text, "\nremesa_run_active 0\n"));
    assert_non_null(strstr(text, "\nremesa_run_exit_status 69\n"));
}

static void the_summary_is_one_object_with_amounts_as_texts(void **state)
{
    (void)state;
    static const struct {
        const char *at, *want;
    } rows[] = {
        {"/database", "a\"b\\c\nd.db"},
        {"/error", "no disk"},
        {"/started_at", "2023-11-14T22:13:21.001Z"},
        {"/ended_at", "2023-11-14T22:13:22.002Z"},
        {"/last_success_at", "2023-11-14T22:13:20.500Z"},
        {"/money/ars/succeeded", "123.45"},
        {"/money/ars/waiting", "0.00"},
    };
    struct table t = {0};
    struct err err = {0};
    struct run_facts ended = run;
    ended.exit_status = 74;
    ended.error = "no disk";
    struct figures plain = figures;
    plain.count--; /* no currency has a quote in its name */
    buf_close(&out);
    buf_init(&out, 64 * 1024);
    summary_json(&out, &plain, &ended);
    struct span json = buf_span(&out);
    struct buf value;
    buf_init(&value, 4096);
    table_want(&t, json_check(json, &err) == 0, "%s", err.text);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        buf_clear(&value);
        bool is_text = json_text_at(json, rows[i].at, &value);
        table_want(&t, is_text && strcmp(value.data, rows[i].want) == 0, "%s: %s",
                   rows[i].at, value.data);
    }
    table_want(&t, strstr(json.ptr, "\"exit_status\":74,") != NULL, "exit status");
    table_want(&t, strstr(json.ptr, "\"jobs\":{\"queued\":3,\"succeeded\":12}") != NULL,
               "jobs");
    table_want(&t, strstr(json.ptr, "\"usd\":{\"waiting\":null}") != NULL, "beyond");
    table_want(&t, json.ptr[json.len - 1] == '\n', "a line");
    buf_close(&value);
    table_end(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_figure_is_a_line),
        cmocka_unit_test(a_run_that_has_ended_says_how),
        cmocka_unit_test(the_summary_is_one_object_with_amounts_as_texts),
    };
    buf_init(&out, 1);
    int failed = cmocka_run_group_tests_name("metrics", tests, NULL, NULL);
    buf_close(&out);
    return failed;
}
