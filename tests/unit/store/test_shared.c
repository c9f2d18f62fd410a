/* Jobs that several rows have in common, and imports that are whole:
 * what a recipe asks of the store. */
#include "unit/store/on_desk.h"

static bool complains(const char *batch, const struct line *lines, size_t count,
                      const char *words)
{
    struct import_result out;
    assert_int_equal(desk_try_import(&desk, batch, lines, count, &out), 0);
    if (out.complaints != 1 || !strstr(desk.complaints.data, words))
        print_error("  %s", desk.complaints.data);
    return out.complaints == 1 && strstr(desk.complaints.data, words);
}

static void rows_of_one_input_share_a_job_of_the_same_content(void **state)
{
    (void)state;
    static const struct line lines[] = {
        {"ana", .note = "x", .share = ROW_SHARED, .minor = 5},
        {"p1", .needs = "ana"},
        {"ana", .note = "x", .share = ROW_SHARED, .minor = 5},
        {"p2", .needs = "ana"},
    };
    struct import_result out = desk_import(&desk, "july", lines, COUNT_OF(lines));
    assert_int_equal(out.jobs, 3);
    assert_int_equal(out.known, 0);
    assert_sql(desk.db, "SELECT imported FROM batch_money", "5");
    assert_sql(desk.db, "SELECT ref, unmet FROM job ORDER BY id", "ana|0 p1|1 p2|1");
}

static void rows_that_share_a_job_must_agree(void **state)
{
    (void)state;
    static const struct line lines[] = {{"ana", .note = "x", .share = ROW_SHARED},
                                        {"ana", .note = "y", .share = ROW_SHARED}};
    assert_true(
        complains("july", lines, 2, "line 3 payee: the job 'ana' is that of line 2"));
}

static void a_ref_that_is_not_shared_stands_once(void **state)
{
    (void)state;
    static const struct line lines[] = {{"ana", .share = ROW_SHARED}, {"ana"}};
    assert_true(
        complains("july", lines, 2, "line 3 ref: the ref 'ana' stands on line 2"));
}

static void a_known_job_of_another_content_is_used_only_where_that_is_said(void **state)
{
    (void)state;
    static const struct line kept[] = {{"ana", .note = "new", .share = ROW_KEPT},
                                       {"p1", .needs = "ana"}};
    static const struct line shared[] = {{"ana", .note = "new", .share = ROW_SHARED},
                                         {"p2", .needs = "ana"}};
    take_in("june", {"ana", .note = "old"});
    struct import_result out = desk_import(&desk, "july", kept, 2);
    assert_int_equal(out.jobs, 1);
    assert_int_equal(out.known, 1);
    assert_true(
        complains("august", shared, 2, "line 2 payee: the ref 'ana' is known from"));
    assert_sql(desk.db, "SELECT count(*) FROM job WHERE ref = 'p2'", "0");
}

/* ---- needs that are lost ---- */

static void with_a_recipe_a_need_that_is_lost_is_a_fault_of_the_row(void **state)
{
    (void)state;
    static const struct line lines[] = {{"ana", .share = ROW_SHARED},
                                        {"p1", .needs = "ana"}};
    take_in("june", {"ana"});
    desk_done(&desk, "ana", JOB_FAILED);
    desk.recipe = "pay";
    assert_true(complains("july", lines, 2, "`remesa retry ana`"));
    assert_non_null(strstr(desk.complaints.data, "line 3 needs: "));
    desk.recipe = NULL;
    take_in("july", {"p1", .needs = "ana"}); /* without one it is skipped, as ever */
    assert_sql(desk.db, "SELECT state FROM job WHERE ref = 'p1'", "skipped");
}

static void what_is_lost_is_told_with_the_way_out_that_there_is(void **state)
{
    (void)state;
    static const struct line on_bob[] = {{"p1", .needs = "bob"}};
    static const struct line on_eve[] = {{"p2", .needs = "eve"}};
    take_in("june", {"ana"}, {"bob", .needs = "ana"}, {"eve"});
    desk_done(&desk, "ana", JOB_FAILED);
    desk_move(&desk, "eve", JOB_CANCELLED);
    desk.recipe = "pay";
    assert_true(
        complains("july", on_bob, 1, "was skipped in batch 'june': `remesa show"));
    assert_true(complains("july", on_eve, 1, "was cancelled in batch 'june', for good"));
}

static void the_same_input_again_is_no_fault_when_a_job_of_it_has_failed(void **state)
{
    (void)state;
    static const struct line lines[] = {{"ana", .share = ROW_SHARED},
                                        {"p1", .needs = "ana"}};
    desk.recipe = "pay";
    desk_import(&desk, "july", lines, 2);
    desk_done(&desk, "ana", JOB_FAILED);
    struct import_result again = desk_import(&desk, "july", lines, 2);
    assert_int_equal(again.jobs, 0);
    assert_int_equal(again.known, 2);
    assert_string_equal(again.batch, "july");
}

static void what_is_known_is_named_by_the_batch_of_its_own_jobs(void **state)
{
    (void)state;
    static const struct line lines[] = {{"p1"}, {"ana", .share = ROW_SHARED}};
    take_in("june", {"ana"});
    desk_import(&desk, "july", lines, 2);
    assert_string_equal(desk_import(&desk, NULL, lines, 2).batch, "july");
}

static void the_recipe_is_written_down_with_the_source(void **state)
{
    (void)state;
    desk.recipe = "pay 1a2b";
    take_in("july", {"ana"});
    assert_sql(desk.db, "SELECT source FROM batch", "/home/ana/pay.csv, recipe pay 1a2b");
}

/* ---- whole ---- */

static void a_whole_import_is_all_new_or_all_known(void **state)
{
    (void)state;
    static const struct line first[] = {{"p1"}, {"quote"}};
    static const struct line mixed[] = {{"p1"}, {"p2"}};
    desk.whole = true;
    desk_import(&desk, "july", first, 2);
    assert_true(complains("august", mixed, 2, "1 new job and 1 known"));
    assert_int_equal(desk_import(&desk, "july", first, 2).known, 2);
    desk.whole = false;
    assert_int_equal(desk_import(&desk, "august", mixed, 2).jobs, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(rows_of_one_input_share_a_job_of_the_same_content),
        test(rows_that_share_a_job_must_agree),
        test(a_ref_that_is_not_shared_stands_once),
        test(a_known_job_of_another_content_is_used_only_where_that_is_said),
        test(with_a_recipe_a_need_that_is_lost_is_a_fault_of_the_row),
        test(what_is_lost_is_told_with_the_way_out_that_there_is),
        test(the_same_input_again_is_no_fault_when_a_job_of_it_has_failed),
        test(what_is_known_is_named_by_the_batch_of_its_own_jobs),
        test(the_recipe_is_written_down_with_the_source),
        test(a_whole_import_is_all_new_or_all_known),
    };
    return cmocka_run_group_tests_name("store: shared", tests, NULL, NULL);
}
