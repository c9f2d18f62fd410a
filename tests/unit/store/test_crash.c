/* Killed in the middle of its work, at any moment: whatever was said to be committed is
 * there, and the file is sound after recovery. */
#include <signal.h>
#include <sys/wait.h>

#include "unit/store/nights.h"

#define KILLS   25
#define WAIT_US 400000 /* a child is killed within this */

/* What the child says after each commit. */
struct word {
    int64_t job;
    int32_t state;
    int32_t attempts;
};

static bool reads_are_safe(void *ctx, const char *action, const char *params)
{
    (void)ctx, (void)params;
    return strcmp(action, "get_user") == 0;
}

static void tell(struct desk *d, int pipe_end, int job)
{
    char ref[16];
    night_name(ref, job);
    struct stmt *q;
    struct err err;
    struct word w = {.job = job, .state = (int32_t)desk_state(d, ref)};
    q = db_stmt(d->db, "SELECT attempts FROM job WHERE ref = ?", &err);
    stmt_bind_text(q, ref);
    stmt_step(q, &err);
    w.attempts = (int32_t)stmt_int(q, "attempts");
    stmt_reset(q);
    if (write(pipe_end, &w, sizeof(w)) != sizeof(w))
        _exit(1);
}

/* Works until it is killed. */
static void work(struct desk *d, uint64_t seed, int jobs, int pipe_end)
{
    struct night night = {.jobs = jobs};
    char ref[16];
    rng_init(&night.rng, seed);
    desk_reopen(d);
    for (;;) {
        if (night.jobs == 0 || chance(&night, 40))
            night_import(&night, d);
        int job = 1 + (int)rng_below(&night.rng, (uint64_t)night.jobs);
        night_name(ref, job);
        if (night_move(&night, d, ref))
            tell(d, pipe_end, job);
    }
}

static pid_t start(struct desk *d, uint64_t seed, int jobs, int *from_child)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        close(ends[0]);
        work(d, seed, jobs, ends[1]);
    }
    close(ends[1]);
    *from_child = ends[0];
    return pid;
}

/* The job as it was said to be last, or further on. */
static bool kept(struct desk *d, const struct word *w)
{
    char ref[16], sql[200];
    night_name(ref, (int)w->job);
    enum job_state now = desk_state(d, ref);
    snprintf(sql, sizeof(sql), "SELECT attempts AS n FROM job WHERE ref = '%s'", ref);
    int64_t attempts = sql_int(d->db, sql);
    bool ok = attempts >= w->attempts;
    if (job_state_is_final((enum job_state)w->state))
        ok = ok && now == (enum job_state)w->state;
    if (!ok)
        print_error("  %s was told to be %s, attempt %d; it is %s, attempt %d\n", ref,
                    job_state_name((enum job_state)w->state), (int)w->attempts,
                    job_state_name(now), (int)attempts);
    return ok;
}

static int check_words(struct desk *d, int from_child)
{
    struct word w;
    int heard = 0;
    while (read(from_child, &w, sizeof(w)) == sizeof(w)) {
        assert_true(kept(d, &w));
        heard++;
    }
    close(from_child);
    return heard;
}

static void killed_at_any_moment_nothing_that_was_told_is_lost(void **state)
{
    (void)state;
    struct desk desk;
    struct rng rng;
    int heard = 0;
    int64_t orphans = 0;
    rng_init(&rng, 20261124);
    desk_open(&desk);
    for (int kill_number = 1; kill_number <= KILLS; kill_number++) {
        struct err err;
        struct recovery found;
        int from_child;
        int jobs = (int)sql_int(desk.db, "SELECT count(*) AS n FROM job");
        store_close(desk.store); /* no fork with an open connection */
        desk.store = NULL;
        pid_t pid = start(&desk, rng_next(&rng), jobs, &from_child);
        usleep((useconds_t)(1000 + rng_below(&rng, WAIT_US)));
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
        desk_reopen(&desk);
        assert_sql(desk.db, "PRAGMA integrity_check", "ok");
        assert_true(desk_is_sound(&desk));
        heard += check_words(&desk, from_child);
        assert_int_equal(
            store_recover(desk.store, reads_are_safe, NULL, desk.now, &found, &err), 0);
        orphans += found.in_doubt + found.queued;
        assert_int_equal(
            sql_int(desk.db, "SELECT count(*) AS n FROM attempt WHERE closed_at IS NULL"),
            0);
        assert_true(desk_is_sound(&desk));
    }
    print_message("  %d kills, %d commits told, %lld attempts left open\n", KILLS, heard,
                  (long long)orphans);
    assert_true(heard > KILLS);
    assert_true(orphans > 0);
    desk_close(&desk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(killed_at_any_moment_nothing_that_was_told_is_lost),
    };
    return cmocka_run_group_tests_name("store: kill -9", tests, NULL, NULL);
}
