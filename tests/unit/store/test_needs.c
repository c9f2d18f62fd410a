/* What jobs need of each other: refs in any order, circles, other batches. */
#include "unit/store/on_desk.h"

static bool complains(const struct line *lines, size_t count, const char *words)
{
    struct import_result out;
    assert_int_equal(desk_try_import(&desk, "july", lines, count, &out), 0);
    assert_sql(desk.db,
               "SELECT count(*) FROM job WHERE batch_id IN (SELECT id FROM batch "
               "WHERE name = 'july')",
               "0");
    return out.complaints > 0 && strstr(desk.complaints.data, words);
}

static void a_ref_that_nobody_has_is_told_with_its_column(void **state)
{
    (void)state;
    static const struct line lines[] = {
        {"u1"}, {"p1", .needs = "u1 ghost"}, {"p2", .on_behalf_of = "phantom"}};
    assert_true(complains(lines, 3, "line 3 needs: "));
    assert_non_null(strstr(desk.complaints.data, "'ghost'"));
    assert_non_null(strstr(desk.complaints.data, "line 4 on_behalf_of: "));
    assert_non_null(strstr(desk.complaints.data,
                           "'phantom', neither in this input nor in "
                           "the database; for a user that the API"));
    assert_null(strstr(desk.complaints.data, "'ghost', neither in this input nor in the "
                                             "database;"));
}

static void a_need_may_stand_further_down(void **state)
{
    (void)state;
    take_in("july", {"p1", .needs = "p2 p3"}, {"p2", .needs = "p3"}, {"p3"});
    assert_sql(desk.db, "SELECT ref, unmet, ready FROM job ORDER BY id",
               "p1|2|0 p2|1|0 p3|0|1");
}

/* ---- circles ---- */

static void a_job_that_needs_itself_is_a_circle(void **state)
{
    (void)state;
    static const struct line lines[] = {{"a", .needs = "a"}, {"b"}};
    assert_true(complains(lines, 2, "line 2 needs: 'a' waits for itself"));
    assert_null(strstr(desk.complaints.data, "'b'"));
}

static void two_that_need_each_other_are_a_circle(void **state)
{
    (void)state;
    static const struct line lines[] = {{"a", .needs = "b"}, {"b", .needs = "a"}, {"c"}};
    assert_true(complains(lines, 3, "'a' waits for itself"));
    assert_non_null(strstr(desk.complaints.data, "'b' waits for itself"));
    assert_null(strstr(desk.complaints.data, "'c'"));
}

/* Needs in a ring of `count`, and before and after it jobs that are in no circle. */
static void ring(struct line *lines, char names[][16], int count)
{
    for (int i = 0; i < count; i++) {
        snprintf(names[i], sizeof(names[i]), "r%04d", i);
        lines[i] = (struct line){.ref = names[i], .needs = names[(i + 1) % count]};
    }
    snprintf(names[count], sizeof(names[count]), "before");
    lines[count] = (struct line){.ref = names[count]};
}

static void a_long_circle_is_found_whole(void **state)
{
    (void)state;
    enum { LONG = 300 };
    static struct line lines[LONG + 1];
    static char names[LONG + 1][16];
    struct import_result out;
    ring(lines, names, LONG);
    assert_int_equal(desk_try_import(&desk, "july", lines, LONG + 1, &out), 0);
    assert_int_equal(out.complaints, LONG);
    assert_null(strstr(desk.complaints.data, "before"));
}

/* It cannot start either, but it waits for others, not for itself. */
static void who_hangs_on_a_circle_is_not_said_to_be_in_it(void **state)
{
    (void)state;
    static const struct line lines[] = {{"innocent", .needs = "a"},
                                        {"a", .needs = "b"},
                                        {"b", .needs = "a before"},
                                        {"before"},
                                        {"later", .needs = "innocent"}};
    assert_true(complains(lines, 5, "'a' waits for itself"));
    assert_non_null(strstr(desk.complaints.data, "'b' waits for itself"));
    assert_null(strstr(desk.complaints.data, "'innocent' waits for itself"));
    assert_null(strstr(desk.complaints.data, "'later' waits for itself"));
    assert_null(strstr(desk.complaints.data, "'before' waits for itself"));
}

static void a_diamond_is_no_circle(void **state)
{
    (void)state;
    take_in("july", {"d", .needs = "b c"}, {"b", .needs = "a"}, {"c", .needs = "a"},
            {"a"});
    assert_sql(desk.db, "SELECT ref, unmet FROM job ORDER BY id", "d|2 b|1 c|1 a|0");
}

/* A file in reverse order: every need stands one line further down. */
static void a_long_chain_upside_down_is_taken_in_quickly(void **state)
{
    (void)state;
    enum { LONG = 1000 };
    static struct line lines[LONG];
    static char names[LONG][16];
    for (int i = 0; i < LONG; i++) {
        snprintf(names[i], sizeof(names[i]), "r%04d", i);
        lines[i] = (struct line){.ref = names[i]};
        if (i > 0)
            lines[i - 1].needs = names[i];
    }
    struct mono begin = clock_mono();
    assert_int_equal(desk_import(&desk, "july", lines, LONG).jobs, LONG);
    double seconds = (double)(clock_mono().us - begin.us) / 1e6;
    print_message("  %d jobs upside down: %.2f s\n", LONG, seconds);
    assert_true(seconds < 3);
    assert_sql(desk.db, "SELECT count(*), max(ref) FROM job WHERE ready = 1", "1|r0999");
}

/* ---- needs on jobs of earlier batches ---- */

static void what_an_earlier_job_is_decides(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        enum job_state earlier, then;
        int unmet;
    } rows[] = {
        {"succeeded: may start", JOB_SUCCEEDED, JOB_QUEUED, 0},
        {"queued: waits", JOB_QUEUED, JOB_QUEUED, 1},
        {"following: waits", JOB_FOLLOWING, JOB_QUEUED, 1},
        {"in doubt: waits", JOB_IN_DOUBT, JOB_QUEUED, 1},
        {"failed: never", JOB_FAILED, JOB_SKIPPED, 1},
        {"cancelled: never", JOB_CANCELLED, JOB_SKIPPED, 1},
    };
    struct table t = {0};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char first[16], second[16], third[16], sql[200], want[100];
        snprintf(first, sizeof(first), "u%d", (int)i);
        snprintf(second, sizeof(second), "p%d", (int)i);
        snprintf(third, sizeof(third), "q%d", (int)i);
        take_in(NULL, {first});
        if (rows[i].earlier == JOB_CANCELLED)
            desk_move(&desk, first, JOB_CANCELLED);
        else if (rows[i].earlier != JOB_QUEUED)
            desk_done(&desk, first, rows[i].earlier);
        take_in(NULL, {second, .needs = first}, {third, .needs = second});
        snprintf(sql, sizeof(sql), "SELECT state, unmet, ready FROM job WHERE ref = '%s'",
                 second);
        snprintf(want, sizeof(want), "%s|%d|%d", job_state_name(rows[i].then),
                 rows[i].unmet, rows[i].unmet == 0);
        table_want(&t, sql_is(desk.db, sql, want), "%s", rows[i].name);
        table_want(&t, desk_is(&desk, third, rows[i].then), "%s, and what hangs on it",
                   rows[i].name);
        table_want(&t, desk_is_sound(&desk), "%s: sound", rows[i].name);
    }
    table_end(&t);
}

static void the_reason_of_a_skip_at_import_is_told(void **state)
{
    (void)state;
    take_in("july", {"u1"});
    desk_done(&desk, "u1", JOB_FAILED);
    take_in("august", {"p1", .needs = "u1"}, {"q1", .needs = "p1"});
    assert_sql(desk.db, "SELECT error FROM job WHERE state = 'skipped'",
               "it needs u1, which is failed it needs u1, which is failed");
}

static void a_later_batch_is_freed_by_an_earlier_one(void **state)
{
    (void)state;
    take_in("july", {"u1"});
    take_in("august", {"p1", .needs = "u1"});
    assert_false(desk_ready(&desk, "p1"));
    desk_done(&desk, "u1", JOB_SUCCEEDED);
    assert_int_equal(desk.effect.freed, 1);
    assert_true(desk_ready(&desk, "p1"));
}

/* A lane that an earlier batch has begun: the new ones wait behind. */
static void a_later_batch_waits_for_a_lane_that_is_taken(void **state)
{
    (void)state;
    take_in("july", {"p1", .on_behalf_of = "#7"});
    take_in("august", {"p2", .on_behalf_of = "#7"}, {"p3", .on_behalf_of = "#8"});
    assert_true(desk_ready(&desk, "p1"));
    assert_false(desk_ready(&desk, "p2"));
    assert_true(desk_ready(&desk, "p3"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(a_ref_that_nobody_has_is_told_with_its_column),
        test(a_need_may_stand_further_down),
        test(a_job_that_needs_itself_is_a_circle),
        test(two_that_need_each_other_are_a_circle),
        test(a_long_circle_is_found_whole),
        test(who_hangs_on_a_circle_is_not_said_to_be_in_it),
        test(a_diamond_is_no_circle),
        test(a_long_chain_upside_down_is_taken_in_quickly),
        test(what_an_earlier_job_is_decides),
        test(the_reason_of_a_skip_at_import_is_told),
        test(a_later_batch_is_freed_by_an_earlier_one),
        test(a_later_batch_waits_for_a_lane_that_is_taken),
    };
    return cmocka_run_group_tests_name("store: needs", tests, NULL, NULL);
}
