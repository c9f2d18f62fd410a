#include "base/mem.h"
#include "lib/check.h"
#include "model/outcome.h"

static void outcomes_have_the_names_that_the_database_keeps(void **state)
{
    (void)state;
    static const struct {
        enum outcome outcome;
        const char *want;
    } rows[] = {
        {OUTCOME_ACCEPTED, "accepted"},          {OUTCOME_REJECTED, "rejected"},
        {OUTCOME_SYSTEMIC, "rejected_systemic"}, {OUTCOME_NOT_PROCESSED, "not_processed"},
        {OUTCOME_NOT_SENT, "not_sent"},          {OUTCOME_IN_DOUBT, "in_doubt"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_string_equal(outcome_name(rows[i].outcome), rows[i].want);
}

static void a_verdict_begins_with_nothing_asked_for(void **state)
{
    (void)state;
    struct verdict v;
    verdict_init(&v);
    assert_int_equal(v.retry_after_ms, -1);
    assert_int_equal(v.systemic, SYSTEMIC_NONE);
    assert_null(v.remote_id);
    assert_null(v.error);
    verdict_close(&v);
}

static void closing_frees_and_may_be_repeated(void **state)
{
    (void)state;
    struct verdict v;
    verdict_init(&v);
    v.remote_id = mem_text("12");
    v.remote_state = mem_text("pending");
    v.answer = mem_text("{}");
    v.error = mem_text("/data: wrong");
    v.retry_after_ms = 5;
    verdict_close(&v);
    assert_null(v.answer);
    assert_int_equal(v.retry_after_ms, -1);
    verdict_close(&v);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(outcomes_have_the_names_that_the_database_keeps),
        cmocka_unit_test(a_verdict_begins_with_nothing_asked_for),
        cmocka_unit_test(closing_frees_and_may_be_repeated),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
