#include "lib/check.h"
#include "model/job.h"

static void states_have_the_names_that_the_database_keeps(void **state)
{
    (void)state;
    static const struct {
        enum job_state state;
        const char *name;
        bool final;
    } rows[] = {
        {JOB_QUEUED, "queued", false},       {JOB_SENDING, "sending", false},
        {JOB_FOLLOWING, "following", false}, {JOB_IN_DOUBT, "in_doubt", false},
        {JOB_SUCCEEDED, "succeeded", true},  {JOB_FAILED, "failed", true},
        {JOB_SKIPPED, "skipped", true},      {JOB_CANCELLED, "cancelled", true},
    };
    assert_int_equal(COUNT_OF(rows), JOB_STATE_COUNT);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        enum job_state parsed = JOB_STATE_COUNT;
        assert_string_equal(job_state_name(rows[i].state), rows[i].name);
        assert_true(job_state_parse(span_of(rows[i].name), &parsed));
        assert_int_equal(parsed, rows[i].state);
        assert_int_equal(job_state_is_final(rows[i].state), rows[i].final);
    }
}

static void other_words_are_no_states(void **state)
{
    (void)state;
    static const struct span rows[] = {LIT(""),        LIT("Queued"),   LIT("queue"),
                                       LIT("queued "), LIT("queued\0"), LIT("in doubt"),
                                       {NULL, 0}};
    enum job_state parsed = JOB_SKIPPED;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_false(job_state_parse(rows[i], &parsed));
    assert_int_equal(parsed, JOB_SKIPPED);
}

/* Row: from. Column: to. In the order of enum job_state. */
static const char *const may[JOB_STATE_COUNT] = {
    /*                 q s f d S F k c */
    [JOB_QUEUED] = "   - x - - - x x x", [JOB_SENDING] = "  x - x x x x - -",
    [JOB_FOLLOWING] = "- - - - x x - -", [JOB_IN_DOUBT] = " x - x - x x - -",
    [JOB_SUCCEEDED] = "- - - - - - - -", [JOB_FAILED] = "   x - - - - - - -",
    [JOB_SKIPPED] = "  x - - - - - - -", [JOB_CANCELLED] = "x - - - - - - -",
};

static void a_job_moves_only_as_the_table_allows(void **state)
{
    (void)state;
    struct table t = {0};
    for (int from = 0; from < JOB_STATE_COUNT; from++) {
        struct span row = span_of(may[from]);
        while (row.len > 2 * JOB_STATE_COUNT - 1) {
            row.ptr++;
            row.len--;
        }
        for (int to = 0; to < JOB_STATE_COUNT; to++)
            table_want(&t, job_may_move(from, to) == (row.ptr[2 * to] == 'x'), "%s -> %s",
                       job_state_name(from), job_state_name(to));
    }
    table_end(&t);
    assert_int_equal(t.rows, JOB_STATE_COUNT * JOB_STATE_COUNT);
}

static void money_that_went_out_is_never_sent_again(void **state)
{
    (void)state;
    assert_false(job_may_move(JOB_SUCCEEDED, JOB_QUEUED));
    assert_false(job_may_move(JOB_FOLLOWING, JOB_QUEUED));
    assert_false(job_may_move(JOB_FOLLOWING, JOB_SENDING));
    for (int from = 0; from < JOB_STATE_COUNT; from++)
        assert_int_equal(job_may_move(from, JOB_SENDING), from == JOB_QUEUED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(states_have_the_names_that_the_database_keeps),
        cmocka_unit_test(other_words_are_no_states),
        cmocka_unit_test(a_job_moves_only_as_the_table_allows),
        cmocka_unit_test(money_that_went_out_is_never_sent_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
