/* The page of very many jobs, and numbers as they are set. */
#include "report/html_count.h"

#include "lib/check.h"
#include "store/approvals.h"
#include "store/decisions.h"
#include "unit/store/on_desk.h"

static const struct line jobs[] = {{"a"}, {"b"}, {"c"}, {"d"}, {"e"}};

/* The caller frees it. */
static char *page(int64_t listed_max)
{
    const struct html_options o = {"night.db", {NULL, 0}, {0}, listed_max};
    char *text = NULL;
    size_t len = 0;
    struct err err;
    FILE *out = open_memstream(&text, &len);
    if (html_print(out, desk.store, &o, &err))
        fail_msg("%s", err.text);
    fclose(out);
    return text;
}

/* Refs of the list, in their order. */
static void lists(const char *text, const char *want)
{
    char got[64] = "";
    const char *at = strstr(text, "<ol>");
    for (; at && (at = strstr(at, "\"><b>")); at += 5)
        snprintf(got + strlen(got), sizeof(got) - strlen(got), "%.1s", at + 5);
    assert_string_equal(got, want);
}

static void few_jobs_are_listed_in_their_order(void **state)
{
    (void)state;
    desk_import(&desk, "july", jobs, COUNT_OF(jobs));
    desk_done(&desk, "d", JOB_FAILED);
    char *text = page(5);
    lists(text, "abcde");
    assert_null(strstr(text, "Listed here"));
    free(text);
}

static const struct four_eyes always = {.required = true};

static void who_approved_what_and_who_has_to(void **state)
{
    (void)state;
    struct err err;
    struct approved got;
    desk.four_eyes = &always;
    desk_sits(&desk, 1001, "ana", NULL);
    desk_import(&desk, "july", (struct line[]){{"a", .minor = 150}, {"b"}}, 2);
    desk_import(&desk, "<i>", (struct line[]){{"c", .minor = 5}}, 1);
    desk_sits(&desk, 1002, "beto", NULL);
    assert_int_equal(store_approve(desk.store, "july", NULL, desk.now, &got, &err), 0);
    desk_done(&desk, "a", JOB_IN_DOUBT);
    store_decide_succeeded(
        desk.store,
        &(struct found_out){
            .ref = "a", .remote_id = "77", .reason = "seen", .four_eyes = &always},
        desk.now, &err);
    assert_int_equal(err.code, ERR_TEMPFAIL);
    char *text = page(5);
    assert_non_null(
        strstr(text, "<td>july</td><td>approved</td><td>ana</td><td>beto</td>"));
    assert_non_null(strstr(text, "<td>&lt;i&gt;</td><td>waiting</td><td>ana</td>"));
    assert_non_null(strstr(text, "<code>remesa approve &#39;&lt;i&gt;&#39;</code>"));
    assert_non_null(
        strstr(text, "<td>a</td><td>1.50 usd</td><td>succeeded</td><td>beto</td>"));
    assert_non_null(
        strstr(text, "<code>remesa resolve a --succeeded --remote-id 77</code>"));
    assert_null(strstr(
        text, "Held: not sent")); /* a batch is one thing, and not all of its jobs */
    free(text);
    desk.four_eyes = NULL;
}

static void of_many_only_what_matters_and_the_newest(void **state)
{
    (void)state;
    desk_import(&desk, "july", jobs, COUNT_OF(jobs));
    desk_done(&desk, "b", JOB_FAILED);
    desk_send(&desk, "c");
    desk_answer(&desk, "c", OUTCOME_IN_DOUBT, JOB_IN_DOUBT);
    char *text = page(3);
    lists(text, "cbe");
    assert_non_null(strstr(text, "There are 5 jobs. Listed here are those in doubt"));
    free(text);
    text = page(1);
    lists(text, "c");
    free(text);
}

static void digits_come_in_threes_and_are_copied_as_one_number(void **state)
{
    (void)state;
    static const struct {
        const char *given, *want;
    } cases[] = {
        {"0", "0"},
        {"7.00", "7.00"},
        {"123.4", "123.4"},
        {"1234.56", "1<i>234</i>.56"},
        {"123456", "123<i>456</i>"},
        {"1234567.89000000", "1<i>234</i><i>567</i>.89000000"},
        {"-5", "-5"},
        {"<b>\"'&", "&lt;b&gt;&quot;&#39;&amp;"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char *text = NULL;
        size_t len = 0;
        FILE *out = open_memstream(&text, &len);
        html_number(out, cases[i].given);
        fclose(out);
        assert_string_equal(text, cases[i].want);
        free(text);
    }
}

static void an_empty_database_is_a_page_too(void **state)
{
    (void)state;
    char *text = page(0);
    assert_non_null(strstr(text, "Nothing has been imported yet"));
    assert_non_null(strstr(text, "</html>"));
    free(text);
}

/* ---- the course of the night ---- */

/* Each is asked and answered at once, so many seconds after the first. */
static void count_at(struct chart *c, const int *seconds, size_t count)
{
    struct err err;
    const struct html_options o = {"night.db", {NULL, 0}, {0}, 0};
    struct page p = {.store = desk.store, .options = &o, .err = &err};
    int64_t begin = desk.now.ms;
    desk_import(&desk, "july", jobs, count);
    for (size_t i = 0; i < count; i++) {
        desk.now.ms = begin + seconds[i] * INT64_C(1000);
        desk_done(&desk, jobs[i].ref, JOB_SUCCEEDED);
    }
    assert_int_equal(chart_count(c, &p), 0);
}

static void steps_grow_with_the_length_of_the_night(void **state)
{
    (void)state;
    static const int night[] = {0, 60, 6 * 3600};
    struct chart c;
    int begin, pause;
    count_at(&c, night, COUNT_OF(night));
    assert_int_equal(c.steps.width_ms, 300 * 1000);
    assert_in_range(c.count, 70, SLOTS_MAX);
    pause = chart_pause(&c, &begin);
    assert_in_range(pause, c.count - 3, c.count - 2);
    assert_true(c.slots[0].asked >= 1);
    assert_true(c.slots[0].answers[DONE] == c.slots[0].asked);
    assert_int_equal(c.slots[c.count - 1].asked, 1);
}

static void of_a_month_the_last_day(void **state)
{
    (void)state;
    static const int month[] = {0, 29 * 86400, 29 * 86400 + 3600};
    struct chart c;
    count_at(&c, month, COUNT_OF(month));
    int64_t asked = 0;
    for (int i = 0; i < c.count; i++)
        asked += c.slots[i].asked;
    assert_int_equal(asked, 2);
    assert_in_range(c.count, 90, SLOTS_MAX + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(few_jobs_are_listed_in_their_order),
        test(who_approved_what_and_who_has_to),
        test(of_many_only_what_matters_and_the_newest),
        test(digits_come_in_threes_and_are_copied_as_one_number),
        test(an_empty_database_is_a_page_too),
        test(steps_grow_with_the_length_of_the_night),
        test(of_a_month_the_last_day),
    };
    return cmocka_run_group_tests_name("html", tests, NULL, NULL);
}
