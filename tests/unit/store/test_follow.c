/* Accepted jobs: when they are asked about, and what is kept of it. */
#include "store/follow.h"

#include "unit/store/on_desk.h"

static struct err err;

static bool none(void *ctx, int64_t id)
{
    (void)ctx, (void)id;
    return false;
}

static const char *names(struct follower *f, int n, char out[256])
{
    assert_true(n >= 0);
    out[0] = '\0';
    for (int i = 0; i < n; i++) {
        size_t len = strlen(out);
        snprintf(out + len, 256 - len, "%s%s/%d%s", i ? " " : "", f[i].job.ref,
                 f[i].polls, f[i].is_unlisted ? "!" : "");
        follower_close(&f[i]);
    }
    return out;
}

/* Refs of those that are due, with their polls: "a/0 b/2!". */
static const char *due(char out[256], struct wall *next)
{
    struct follower f[8];
    int n = store_followers_load(desk.store, desk.now, 8, none, NULL, f, next, &err);
    return names(f, n, out);
}

static const char *alike(const char *action, const char *user, char out[256])
{
    struct follower f[8];
    bool any = user && strcmp(user, "any") == 0;
    const struct alike as = {action, any ? NULL : user, any};
    int n = store_followers_alike(desk.store, &as, 8, none, NULL, f, &err);
    return names(f, n, out);
}

static void accept(const char *ref, int64_t due_ms)
{
    desk_send(&desk, ref);
    assert_int_equal(store_begin(desk.store, &err), 0);
    struct attempt_end end = {.job_id = desk_id(&desk, ref), .outcome = OUTCOME_ACCEPTED};
    struct job_move m = {.id = end.job_id,
                         .from = JOB_SENDING,
                         .to = JOB_FOLLOWING,
                         .due = {due_ms},
                         .remote_id = "7",
                         .remote_state = "received"};
    assert_int_equal(store_attempt_close(desk.store, &end, desk.now, &err), 0);
    assert_int_equal(store_move(desk.store, &m, desk.now, &desk.effect, &err), 0);
    assert_int_equal(store_commit(desk.store, &err), 0);
}

static void see(const char *ref, struct sight sight, int64_t again_ms)
{
    sight.job_id = desk_id(&desk, ref);
    assert_int_equal(store_begin(desk.store, &err), 0);
    assert_int_equal(
        store_follower_seen(desk.store, &sight, (struct wall){again_ms}, desk.now, &err),
        0);
    assert_int_equal(store_commit(desk.store, &err), 0);
}

static void they_fall_due_one_by_one(void **state)
{
    (void)state;
    char out[256];
    struct wall next;
    int64_t begin = desk.now.ms;
    take_in("a", {"a"}, {"b"}, {"c"}, {"d"});
    accept("a", begin + 2000);
    accept("b", begin + 1000);
    accept("c", 0); /* nobody can ask about it */
    assert_string_equal(due(out, &next), "");
    assert_int_equal(next.ms, begin + 1000);
    desk.now.ms = begin + 1000;
    assert_string_equal(due(out, &next), "b/0");
    assert_int_equal(next.ms, begin + 2000);
    desk.now.ms = begin + 3000;
    assert_string_equal(due(out, &next), "b/0 a/0");
    assert_int_equal(next.ms, 0);
}

static void what_was_seen_is_kept(void **state)
{
    (void)state;
    char out[256];
    struct wall next;
    take_in("a", {"a"});
    accept("a", 1);
    see("a",
        (struct sight){
            .polls = 3, .is_unlisted = true, .remote_state = "working", .answer = "{}"},
        desk.now.ms + 50);
    assert_string_equal(due(out, &next), "");
    assert_int_equal(next.ms, desk.now.ms + 50);
    desk.now.ms += 50;
    assert_string_equal(due(out, &next), "a/3!");
    assert_sql(desk.db, "SELECT remote_state, answer, state FROM job",
               "working|{}|following");
    see("a", (struct sight){.polls = 4}, 1); /* what was not seen stays as it was */
    assert_sql(desk.db, "SELECT remote_state, answer, unlisted FROM job", "working|{}|0");
    assert_true(desk_is_sound(&desk));
}

static void a_look_that_failed_only_puts_it_off(void **state)
{
    (void)state;
    char out[256];
    struct wall next;
    take_in("a", {"a"});
    accept("a", 1);
    assert_int_equal(store_begin(desk.store, &err), 0);
    assert_int_equal(store_follower_later(desk.store, desk_id(&desk, "a"),
                                          (struct wall){desk.now.ms + 9}, &err),
                     0);
    assert_int_equal(store_commit(desk.store, &err), 0);
    assert_string_equal(due(out, &next), "");
    assert_int_equal(next.ms, desk.now.ms + 9);
    assert_sql(desk.db, "SELECT polls, polled_at FROM job", "0|");
}

static void those_of_one_action_and_user_are_alike(void **state)
{
    (void)state;
    char out[256];
    take_in("a", {"p1", "pay", "#7"}, {"p2", "pay", "#8"}, {"q1", "quote", "#7"},
            {"m1", "pay"}, {"m2", "pay"}, {"m3", "pay"});
    accept("p1", 1);
    accept("p2", 1);
    accept("q1", 1);
    accept("m1", desk.now.ms + 99999);
    accept("m2", 1);
    accept("m3", 0);
    assert_string_equal(alike("pay", "#7", out), "p1/0");
    assert_string_equal(alike("pay", NULL, out), "m1/0 m2/0");
    assert_string_equal(alike("quote", NULL, out), "");
    assert_string_equal(alike("pay", "any", out), "p1/0 p2/0 m1/0 m2/0");
}

static void the_last_load_brings_what_earlier_runs_left(void **state)
{
    (void)state;
    char out[256];
    struct wall next;
    int64_t later = desk.now.ms + 99999;
    take_in("a", {"a"}, {"b"}, {"c"});
    accept("a", later);
    accept("b", later);
    see("a", (struct sight){.polls = 1}, later);
    desk.now.ms += 10;
    assert_int_equal(store_run_begin(desk.store, "http://x", desk.now, &desk.run, &err),
                     0);
    accept("c", later); /* by this run */
    desk.now.ms += 10;
    see("b", (struct sight){.polls = 1}, later);
    assert_int_equal(store_followers_hurry(desk.store, desk.run, desk.now, &err), 0);
    assert_string_equal(due(out, &next), "a/1");
}

/* Taken and then cancelled, and queued again by a person: it begins anew. */
static void a_job_that_is_sent_again_is_asked_about_anew(void **state)
{
    (void)state;
    char out[256];
    struct wall next;
    take_in("a", {"a"});
    accept("a", 1);
    see("a", (struct sight){.polls = 5, .is_unlisted = true}, 1);
    desk_move(&desk, "a", JOB_FAILED);
    desk_move(&desk, "a", JOB_QUEUED);
    accept("a", 1);
    assert_string_equal(due(out, &next), "a/0");
}

static void results_tell_when(void **state)
{
    (void)state;
    take_in("a", {"a"});
    accept("a", 3600000);
    assert_sql(desk.db, "SELECT asked_at, asked_next FROM results",
               "|1970-01-01T01:00:00.000Z");
    see("a", (struct sight){.polls = 1}, 0);
    assert_sql(desk.db, "SELECT asked_at IS NOT NULL, asked_next FROM results", "1|");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(they_fall_due_one_by_one),
        test(what_was_seen_is_kept),
        test(a_look_that_failed_only_puts_it_off),
        test(those_of_one_action_and_user_are_alike),
        test(the_last_load_brings_what_earlier_runs_left),
        test(a_job_that_is_sent_again_is_asked_about_anew),
        test(results_tell_when),
    };
    return cmocka_run_group_tests_name("store: follow", tests, NULL, NULL);
}
