/* A database that was put back: what becomes of its jobs, and of what it has forgotten. */
#include "store/restore.h"

#include <fcntl.h>
#include <sys/wait.h>

#include "db/beside.h"
#include "store/decisions.h"
#include "unit/store/on_desk.h"

static struct err err;

static bool is_a_get(void *ctx, const char *action, const char *params)
{
    (void)ctx, (void)params;
    return strcmp(action, "read") == 0;
}

static void keep_mark(void)
{
    if (store_mark_keep(desk.store, desk.now, &err))
        fail_msg("%s", err.text);
}

static enum mark_finding finding(void)
{
    enum mark_finding f;
    if (store_mark_look(desk.store, &f, NULL, &err))
        fail_msg("%s", err.text);
    return f;
}

/* The mark as it is, but for one number. */
static void mark_with(struct buf *changed, const char *name, int64_t value)
{
    struct buf text;
    char line[100];
    buf_init(&text, MARK_TEXT_MAX);
    buf_init(changed, MARK_TEXT_MAX);
    assert_int_equal(beside_read(desk.temp.db, MARK_SUFFIX, &text, &err), 1);
    snprintf(line, sizeof(line), "\n%s ", name);
    char *at = strstr(text.data, line);
    assert_non_null(at);
    char *end = strchr(at + 1, '\n');
    buf_printf(changed, "%.*s%s%lld%s", (int)(at - text.data), text.data, line,
               (long long)value, end);
    buf_close(&text);
}

/* As if the file had been further once. */
static void mark_says(const char *name, int64_t value)
{
    struct buf changed;
    mark_with(&changed, name, value);
    assert_int_equal(beside_write(desk.temp.db, MARK_SUFFIX, buf_span(&changed), &err),
                     0);
    buf_close(&changed);
}

static struct restored accept(void)
{
    struct restored r;
    if (store_accept_restore(desk.store, desk.now, &r, &err))
        fail_msg("%s", err.text);
    return r;
}

/* Put back: the mark is 100 attempts ahead. */
static struct restored put_back(void)
{
    keep_mark();
    mark_says("attempt", 100);
    desk.now.ms += 5000;
    return accept();
}

static int64_t doubt_suspects(void)
{
    return store_suspects_doubt(desk.store, desk.run, is_a_get, NULL,
                                (struct wall){desk.now.ms + 50}, desk.now, &err);
}

static void family(void)
{
    take_in("july", {"u1"}, {"w1", "pay", "u1"}, {"w2", "pay", "u1"}, {"u2"});
}

/* ---- noticing ---- */

static void a_file_that_is_where_it_was_fits(void **state)
{
    (void)state;
    family();
    assert_int_equal(finding(), MARK_FITS); /* never marked */
    keep_mark();
    assert_int_equal(finding(), MARK_FITS);
    desk_done(&desk, "u1", JOB_SUCCEEDED);
    assert_int_equal(finding(), MARK_FITS); /* ahead */
    keep_mark();
    desk_reopen(&desk);
    assert_int_equal(finding(), MARK_FITS);
    assert_int_equal(store_mark_check(desk.store, &err), 0);
}

static void a_file_that_has_forgotten_is_refused_with_what_to_do(void **state)
{
    (void)state;
    family();
    keep_mark();
    mark_says("attempt", 100);
    assert_int_equal(finding(), MARK_BEHIND);
    assert_int_equal(store_mark_check(desk.store, &err), -1);
    assert_int_equal(err.code, ERR_CONFIG);
    assert_non_null(
        strstr(err.text, "knows of 0 attempts in 1 runs, but there were 100"));
    assert_non_null(strstr(err.text, "remesa doctor --accept-restore"));
    assert_int_equal(store_accept_move(desk.store, desk.now, &err), -1);
    assert_int_equal(finding(), MARK_BEHIND);
}

/* When somebody has begun to read the mark, the file goes on, and then the mark. */
static void go_on_meanwhile(const char *path, const struct buf *text)
{
    int fd = open(path, O_WRONLY);
    struct db *db = temp_db(desk.temp.db, DB_READ_WRITE);
    sql_run(db, "INSERT INTO run (id, program, base_url, host, pid, started_at) "
                "VALUES (7, 'another', '', '', 1, 1)");
    db_close(db);
    _exit(write(fd, text->data, text->len) == (ssize_t)text->len ? 0 : 1);
}

/* A pipe in the place of the mark holds the reader up in the middle. */
static void a_run_beside_that_goes_on_is_no_backup(void **state)
{
    (void)state;
    char path[300];
    struct buf text;
    int status;
    family();
    keep_mark();
    mark_with(&text, "run", 7);
    snprintf(path, sizeof(path), "%s%s", desk.temp.db, MARK_SUFFIX);
    unlink(path);
    assert_int_equal(mkfifo(path, 0600), 0);
    pid_t child = fork();
    if (child == 0)
        go_on_meanwhile(path, &text);
    assert_int_equal(finding(), MARK_FITS);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    buf_close(&text);
}

static void a_mark_that_is_gone_is_missed(void **state)
{
    (void)state;
    char path[300];
    keep_mark();
    snprintf(path, sizeof(path), "%s%s", desk.temp.db, MARK_SUFFIX);
    unlink(path);
    assert_int_equal(finding(), MARK_ABSENT);
    assert_int_equal(store_accept_move(desk.store, desk.now, &err), 0);
    assert_int_equal(finding(), MARK_FITS);
}

static void a_mark_is_written_only_when_something_changed(void **state)
{
    (void)state;
    struct stat before, after;
    char path[300];
    keep_mark();
    snprintf(path, sizeof(path), "%s%s", desk.temp.db, MARK_SUFFIX);
    assert_int_equal(stat(path, &before), 0);
    desk.now.ms += 1000;
    keep_mark();
    assert_int_equal(stat(path, &after), 0);
    assert_int_equal(before.st_ino, after.st_ino);
    family();
    keep_mark();
    assert_int_equal(stat(path, &after), 0);
    assert_true(before.st_ino != after.st_ino);
}

static void there_must_be_something_to_accept(void **state)
{
    (void)state;
    struct restored r;
    keep_mark();
    assert_int_equal(store_accept_restore(desk.store, desk.now, &r, &err), -1);
    assert_int_equal(err.code, ERR_USAGE);
    assert_int_equal(store_accept_move(desk.store, desk.now, &err), -1);
    assert_int_equal(err.code, ERR_USAGE);
}

/* ---- suspects ---- */

static void all_that_is_not_known_to_be_accepted_is_suspected(void **state)
{
    (void)state;
    take_in("july", {"done"}, {"followed"}, {"failed"}, {"doubtful"}, {"queued"});
    desk_done(&desk, "done", JOB_SUCCEEDED);
    desk_done(&desk, "followed", JOB_FOLLOWING);
    desk_done(&desk, "failed", JOB_FAILED);
    desk_done(&desk, "doubtful", JOB_IN_DOUBT);
    struct restored r = put_back();
    assert_int_equal(r.suspects, 3);
    assert_sql(desk.db, "SELECT ref FROM job WHERE suspect IS NOT NULL ORDER BY id",
               "failed doubtful queued");
    assert_int_equal(finding(), MARK_FITS);
    assert_true(desk_is_sound(&desk));
}

static void a_suspect_is_not_loaded_and_cannot_be_sent(void **state)
{
    (void)state;
    char got[1024];
    family();
    put_back();
    assert_string_equal(desk_load(&desk, 10, got), "");
    assert_int_equal(store_begin(desk.store, &err), 0);
    assert_int_equal(
        store_attempt_open(desk.store, desk.run, desk_id(&desk, "u1"), 1, desk.now, &err),
        -1);
    assert_non_null(strstr(err.text, "look it up first"));
    store_rollback(desk.store);
}

/* With the times between which it may have been sent. */
static void a_suspect_that_could_start_is_in_doubt(void **state)
{
    (void)state;
    family();
    desk_done(&desk, "u2", JOB_SUCCEEDED);
    int64_t since = desk.now.ms;
    keep_mark();
    mark_says("attempt", 100);
    mark_says("at", since + 700);
    desk.now.ms += 5000;
    struct restored r = accept();
    assert_int_equal(r.since.ms, since);
    assert_int_equal(r.until.ms, since + 700);
    assert_int_equal(doubt_suspects(), 1);
    assert_true(desk_is(&desk, "u1", JOB_IN_DOUBT));
    assert_true(desk_is(&desk, "w1", JOB_QUEUED));
    char want[200];
    snprintf(want, sizeof(want), "1|%lld|%lld|in_doubt|%lld", (long long)since,
             (long long)since + 700, (long long)desk.now.ms + 50);
    assert_sql(desk.db,
               "SELECT a.number, a.opened_at, a.closed_at, a.outcome, j.due_at "
               "FROM attempt a JOIN job j ON j.id = a.job_id WHERE j.ref = 'u1'",
               want);
    assert_int_equal(doubt_suspects(), 0);
    assert_true(desk_is_sound(&desk));
}

static void what_may_be_repeated_is_suspected_no_longer(void **state)
{
    (void)state;
    char got[1024];
    take_in("july", {"r", "read"}, {"u"});
    put_back();
    assert_int_equal(doubt_suspects(), 1);
    assert_string_equal(desk_load(&desk, 10, got), "r");
    assert_true(desk_is(&desk, "u", JOB_IN_DOUBT));
}

static void found(const char *ref)
{
    if (store_decide_succeeded(desk.store,
                               &(struct found_out){.ref = ref, .remote_id = "77"},
                               desk.now, &err))
        fail_msg("%s", err.text);
}

static void not_sent(const char *ref)
{
    if (store_decide_not_sent(desk.store,
                              &(struct found_out){.ref = ref, .reason = "looked"},
                              desk.now, &err))
        fail_msg("%s", err.text);
}

/* One of a lane after the other, each in doubt when its turn comes. */
static void what_is_found_brings_the_next_of_its_lane(void **state)
{
    (void)state;
    char got[1024];
    family();
    put_back();
    assert_int_equal(doubt_suspects(), 2);
    found("u1");
    assert_int_equal(doubt_suspects(), 1);
    assert_true(desk_is(&desk, "w1", JOB_IN_DOUBT));
    assert_true(desk_is(&desk, "w2", JOB_QUEUED));
    not_sent("w1");
    assert_string_equal(desk_load(&desk, 10, got), "w1");
    desk_done(&desk, "w1", JOB_SUCCEEDED);
    assert_int_equal(doubt_suspects(), 1);
    assert_true(desk_is(&desk, "w2", JOB_IN_DOUBT));
    assert_true(desk_is_sound(&desk));
}

static void what_needs_a_thing_that_never_was_cannot_have_been_sent(void **state)
{
    (void)state;
    take_in("july", {"u1"}, {"i1", "account", "u1"}, {"w1", "pay", "u1", "i1"}, {"u2"});
    put_back();
    assert_int_equal(doubt_suspects(), 2);
    not_sent("u1");
    assert_sql(desk.db, "SELECT ref FROM job WHERE suspect IS NOT NULL", "");
    assert_true(desk_is(&desk, "u2", JOB_IN_DOUBT));
}

/* It was in doubt before; evidence about that attempt says nothing about a lost one. */
static void an_old_doubt_that_is_settled_is_a_new_one(void **state)
{
    (void)state;
    take_in("july", {"a"}, {"b", NULL, NULL, "a"});
    desk_done(&desk, "a", JOB_IN_DOUBT);
    put_back();
    sql_run(desk.db, "INSERT INTO look_up (job_id, attempt, run_id, path, outcome, "
                     "looked_at) SELECT id, 1, 1, '/users', 'absent', 1 FROM job WHERE "
                     "ref = 'a'");
    desk_move(&desk, "a", JOB_QUEUED);
    assert_sql(desk.db, "SELECT ref FROM job WHERE suspect IS NOT NULL ORDER BY id",
               "a b");
    assert_int_equal(doubt_suspects(), 1);
    assert_sql(desk.db, "SELECT attempts, state FROM job WHERE ref = 'a'", "2|in_doubt");
}

/* A person has looked, after the restore. */
static void a_persons_word_about_an_old_doubt_is_the_last(void **state)
{
    (void)state;
    char got[1024];
    take_in("july", {"a"});
    desk_done(&desk, "a", JOB_IN_DOUBT);
    put_back();
    not_sent("a");
    assert_int_equal(doubt_suspects(), 0);
    assert_string_equal(desk_load(&desk, 10, got), "a");
}

static void a_failed_job_that_is_retried_is_looked_up(void **state)
{
    (void)state;
    int64_t queued = 0;
    take_in("july", {"a"});
    desk_done(&desk, "a", JOB_FAILED);
    put_back();
    assert_int_equal(store_decide_retry(desk.store, "a", NULL, desk.now, &queued, &err),
                     0);
    assert_int_equal(doubt_suspects(), 1);
    assert_true(desk_is(&desk, "a", JOB_IN_DOUBT));
}

/* The first time that it may have been sent is that of the first restore. */
static void a_second_restore_reaches_back_to_the_first(void **state)
{
    (void)state;
    take_in("july", {"a"}, {"b", NULL, NULL, "a"});
    int64_t since = put_back().since.ms;
    desk.now.ms += 60000;
    desk_reopen(&desk);
    struct restored second = put_back();
    assert_int_equal(second.since.ms, since);
    assert_true(second.until.ms > since);
}

/* ---- what was taken in meanwhile ---- */

static struct restored lose_a_batch(void)
{
    struct buf text;
    take_in("july", {"a"});
    keep_mark();
    mark_says("attempt", 100);
    buf_init(&text, MARK_TEXT_MAX);
    assert_int_equal(beside_read(desk.temp.db, MARK_SUFFIX, &text, &err), 1);
    buf_add_text(&text, "named august\n");
    assert_int_equal(beside_write(desk.temp.db, MARK_SUFFIX, buf_span(&text), &err), 0);
    buf_close(&text);
    mark_says("batch", 2);
    return accept();
}

static bool suspects_are(const char *want)
{
    return sql_is(desk.db, "SELECT ref FROM job WHERE suspect IS NOT NULL ORDER BY id",
                  want);
}

static void a_lost_batch_is_suspected_when_it_comes_again(void **state)
{
    (void)state;
    assert_int_equal(lose_a_batch().lost_batches, 1);
    assert_sql(desk.db, "SELECT name FROM lost_batches", "august");
    take_in("august", {"b"});
    assert_true(suspects_are("a b"));
    assert_sql(desk.db, "SELECT count(*) FROM lost_batches", "0");
    take_in("september", {"c"});
    assert_true(suspects_are("a b"));
}

/* It may be the lost one under another name. */
static void as_long_as_one_is_lost_every_import_is_suspected(void **state)
{
    (void)state;
    lose_a_batch();
    take_in("september", {"c"});
    assert_true(suspects_are("a c"));
    sql_run(desk.db, "DELETE FROM lost_batch");
    take_in("october", {"d"});
    assert_true(suspects_are("a c"));
}

static void older_ones_whose_names_are_not_kept_count_too(void **state)
{
    (void)state;
    take_in("july", {"a"});
    keep_mark();
    mark_says("attempt", 100);
    mark_says("batch", 4);
    assert_int_equal(accept().lost_batches, 1);
    assert_sql(desk.db, "SELECT name FROM lost_batches",
               "(2 more, whose names are not known)");
}

static void restores_stay_on_record(void **state)
{
    (void)state;
    family();
    put_back();
    assert_true(sql_refused(desk.db, "UPDATE restore SET since = 0", "append-only"));
    assert_true(sql_refused(desk.db, "DELETE FROM restore", "append-only"));
    assert_true(sql_refused(
        desk.db, "REPLACE INTO restore VALUES (1, 'x', 1, 1, 'me', 1)", "append-only"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(a_file_that_is_where_it_was_fits),
        test(a_file_that_has_forgotten_is_refused_with_what_to_do),
        test(a_run_beside_that_goes_on_is_no_backup),
        test(a_mark_that_is_gone_is_missed),
        test(a_mark_is_written_only_when_something_changed),
        test(there_must_be_something_to_accept),
        test(all_that_is_not_known_to_be_accepted_is_suspected),
        test(a_suspect_is_not_loaded_and_cannot_be_sent),
        test(a_suspect_that_could_start_is_in_doubt),
        test(what_may_be_repeated_is_suspected_no_longer),
        test(what_is_found_brings_the_next_of_its_lane),
        test(what_needs_a_thing_that_never_was_cannot_have_been_sent),
        test(an_old_doubt_that_is_settled_is_a_new_one),
        test(a_persons_word_about_an_old_doubt_is_the_last),
        test(a_failed_job_that_is_retried_is_looked_up),
        test(a_second_restore_reaches_back_to_the_first),
        test(a_lost_batch_is_suspected_when_it_comes_again),
        test(as_long_as_one_is_lost_every_import_is_suspected),
        test(older_ones_whose_names_are_not_kept_count_too),
        test(restores_stay_on_record),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
