#include "db/lock.h"

#include <signal.h>
#include <sys/wait.h>

#include "unit/db/temp.h"

static struct temp temp;

static int set_up(void **state)
{
    (void)state;
    temp_open(&temp);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    temp_close(&temp);
    return 0;
}

static void a_second_taker_in_the_same_process_is_told_who_holds_it(void **state)
{
    (void)state;
    struct err err;
    struct db_lock *lock, *second = NULL;
    assert_int_equal(db_lock_take(&lock, temp.db, "remesa run, pid 77", &err), 0);
    assert_int_equal(db_lock_take(&second, temp.db, "remesa import, pid 78", &err), -1);
    assert_null(second);
    assert_int_equal(err.code, ERR_TEMPFAIL);
    assert_non_null(strstr(err.text, "remesa run, pid 77"));
    assert_non_null(strstr(err.text, temp.db));
    db_lock_drop(lock);
    assert_int_equal(db_lock_take(&second, temp.db, "remesa import, pid 78", &err), 0);
    db_lock_drop(second);
    db_lock_drop(NULL);
}

static void a_shorter_name_leaves_nothing_of_a_longer_one(void **state)
{
    (void)state;
    struct err err;
    struct db_lock *lock, *second;
    assert_int_equal(db_lock_take(&lock, temp.db, "a very long name indeed", &err), 0);
    db_lock_drop(lock);
    assert_int_equal(db_lock_take(&lock, temp.db, "me", &err), 0);
    assert_int_equal(db_lock_take(&second, temp.db, "you", &err), -1);
    assert_non_null(strstr(err.text, "held by me:"));
    db_lock_drop(lock);
}

static void two_databases_have_two_locks(void **state)
{
    (void)state;
    struct err err;
    struct db_lock *a, *b;
    char other[300];
    snprintf(other, sizeof(other), "%s/b.db", temp.dir);
    assert_int_equal(db_lock_take(&a, temp.db, "one", &err), 0);
    assert_int_equal(db_lock_take(&b, other, "two", &err), 0);
    db_lock_drop(a);
    db_lock_drop(b);
}

/* Holds the lock until it is killed; tells through the pipe that it has it. */
static pid_t start_holder(int *told)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        struct err err;
        struct db_lock *lock;
        char word = db_lock_take(&lock, temp.db, "the child", &err) == 0 ? 'y' : 'n';
        if (write(ends[1], &word, 1) != 1)
            _exit(1);
        for (;;)
            pause();
    }
    close(ends[1]);
    *told = ends[0];
    return pid;
}

static void the_kernel_drops_it_with_the_process(void **state)
{
    (void)state;
    struct err err;
    struct db_lock *lock = NULL;
    char word = 0;
    int told;
    pid_t pid = start_holder(&told);
    assert_int_equal(read(told, &word, 1), 1);
    assert_int_equal(word, 'y');
    int refused = db_lock_take(&lock, temp.db, "the parent", &err);
    bool named = refused && strstr(err.text, "the child");
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    close(told);
    assert_int_equal(refused, -1);
    assert_true(named);
    assert_int_equal(err.code, ERR_TEMPFAIL);
    assert_int_equal(db_lock_take(&lock, temp.db, "the parent", &err), 0);
    db_lock_drop(lock);
}

static void it_is_private_and_no_link_is_followed(void **state)
{
    (void)state;
    struct err err;
    struct stat st;
    struct db_lock *lock;
    char path[300], target[300];
    snprintf(path, sizeof(path), "%s-lock", temp.db);
    snprintf(target, sizeof(target), "%s/target", temp.dir);
    mode_t before = umask(0);
    assert_int_equal(db_lock_take(&lock, temp.db, "me", &err), 0);
    umask(before);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    db_lock_drop(lock);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(symlink(target, path), 0);
    assert_int_equal(db_lock_take(&lock, temp.db, "me", &err), -1);
    assert_int_equal(err.code, ERR_CANTCREATE);
    assert_int_equal(access(target, F_OK), -1);
}

static void no_folder_no_lock(void **state)
{
    (void)state;
    struct err err;
    struct db_lock *lock;
    assert_int_equal(db_lock_take(&lock, "/nowhere/at/all.db", "me", &err), -1);
    assert_int_equal(err.code, ERR_CANTCREATE);
    assert_non_null(strstr(err.text, "/nowhere/at/all.db"));
}

#define test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(a_second_taker_in_the_same_process_is_told_who_holds_it),
        test(a_shorter_name_leaves_nothing_of_a_longer_one),
        test(two_databases_have_two_locks),
        test(the_kernel_drops_it_with_the_process),
        test(it_is_private_and_no_link_is_followed),
        test(no_folder_no_lock),
    };
    return cmocka_run_group_tests_name("db: lock", tests, NULL, NULL);
}
