#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "api/key.h"
#include "base/mem.h"

#define GOOD "0123456789abcdef"

static char folder[64];

static int make_folder(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/remesa-key-XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    return rmdir(folder);
}

static char *in_folder(const char *name)
{
    return mem_printf("%s/%s", folder, name);
}

static char *put(const char *name, const void *bytes, size_t len, mode_t mode)
{
    char *path = in_folder(name);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, len), (ssize_t)len);
    assert_int_equal(fchmod(fd, mode), 0);
    close(fd);
    return path;
}

static void drop(char *path)
{
    remove(path);
    free(path);
}

static const struct {
    const char *text;
    const char *key; /* NULL: refused */
} texts[] = {
    {GOOD, GOOD},
    {GOOD "\n", GOOD},
    {GOOD "\r\n", GOOD},
    {"  \t" GOOD " \t\r\n", GOOD},
    {GOOD "\nsecond line\n", GOOD},
    {"12345678", "12345678"},
    {"!~#$%&'()*+,-./:<=>?@[]^_`{|}", "!~#$%&'()*+,-./:<=>?@[]^_`{|}"},
    {"", NULL},
    {"\n" GOOD "\n", NULL},
    {"   \n", NULL},
    {"1234567", NULL},
    {"01234567 89abcdef", NULL},
    {"01234567\t89abcdef", NULL},
    {"0123456789abcdef; user=1", NULL},
    {"0123456789abcdef;user=1", NULL},
    {"01234567\r89abcdef\n", NULL},
    {"01234567\x7f"
     "89abcdef",
     NULL},
    {"01234567\x1b"
     "89abcdef",
     NULL},
    {"01234567\xc3\xa9"
     "abcdef",
     NULL},
    {"\xef\xbb\xbf" GOOD, NULL},
};

static void only_visible_ascii_on_the_first_line_is_a_key(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        struct key key;
        struct err err = {0};
        char *path = put("k", texts[i].text, strlen(texts[i].text), 0600);
        int rc = key_read(&key, path, &err);
        if ((rc == 0) != (texts[i].key != NULL))
            fail_msg("row %zu: %d %s", i, rc, err.text);
        if (rc == 0)
            assert_string_equal(key.text, texts[i].key);
        else
            assert_int_equal(err.code, ERR_CONFIG);
        if (rc)
            assert_null(key.text);
        key_wipe(&key);
        drop(path);
    }
}

static void a_nul_in_the_key_is_refused(void **state)
{
    (void)state;
    struct key key;
    struct err err;
    char *path = put("k",
                     "01234567\0"
                     "89abcdef",
                     17, 0600);
    assert_int_equal(key_read(&key, path, &err), -1);
    assert_int_equal(err.code, ERR_CONFIG);
    drop(path);
}

static void the_length_is_bounded_on_both_sides(void **state)
{
    (void)state;
    static const struct {
        size_t len;
        bool good;
    } rows[] = {{7, false},    {8, true},     {80, true},    {512, true},   {513, false},
                {4095, false}, {4096, false}, {4097, false}, {50000, false}};
    char many[50000];
    memset(many, 'k', sizeof(many));
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct key key;
        struct err err;
        char *path = put("k", many, rows[i].len, 0600);
        int rc = key_read(&key, path, &err);
        assert_int_equal(rc == 0, rows[i].good);
        if (rc)
            assert_int_equal(err.code, ERR_CONFIG);
        key_wipe(&key);
        drop(path);
    }
}

static void a_file_that_others_may_touch_is_refused(void **state)
{
    (void)state;
    static const struct {
        mode_t mode;
        bool as_file, as_credential;
    } rows[] = {
        {0400, true, true},   {0600, true, true},   {0440, false, true},
        {0640, false, true},  {0460, false, false}, {0420, false, false},
        {0410, false, false}, {0404, false, false}, {0444, false, false},
        {0644, false, false}, {0602, false, false}, {0601, false, false},
        {0666, false, false}, {0777, false, false},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct key key;
        struct err err = {0};
        char *path = put("api_key", GOOD, strlen(GOOD), rows[i].mode);
        int rc = key_read(&key, path, &err);
        if ((rc == 0) != rows[i].as_file)
            fail_msg("file %03o: %s", rows[i].mode, err.text);
        if (rc) {
            assert_int_equal(err.code, ERR_NOPERM);
            assert_non_null(strstr(err.text, "chmod 600 "));
            assert_non_null(strstr(err.text, path));
        }
        key_wipe(&key);
        const char *const ways[] = {NULL, path};
        setenv("CREDENTIALS_DIRECTORY", folder, 1);
        for (int way = 0; way < 2; way++) {
            rc = key_read(&key, ways[way], &err);
            if ((rc == 0) != rows[i].as_credential)
                fail_msg("credential %03o: %s", rows[i].mode, err.text);
            key_wipe(&key);
        }
        unsetenv("CREDENTIALS_DIRECTORY");
        drop(path);
    }
}

static void a_file_of_another_user_is_refused(void **state)
{
    (void)state;
    struct key key;
    struct err err;
    if (geteuid() != 0)
        skip();
    char *path = put("k", GOOD, strlen(GOOD), 0600);
    assert_int_equal(chown(path, 12345, 12345), 0);
    assert_int_equal(key_read(&key, path, &err), -1);
    assert_int_equal(err.code, ERR_NOPERM);
    assert_non_null(strstr(err.text, "another user"));
    drop(path);
}

static void expect(const char *path, enum err_code code, const char *piece)
{
    struct key key;
    struct err err = {0};
    assert_int_equal(key_read(&key, path, &err), -1);
    if (err.code != code || !strstr(err.text, piece))
        fail_msg("%d '%s'", err.code, err.text);
    assert_null(key.text);
}

static void what_is_no_regular_file_is_refused_without_waiting(void **state)
{
    (void)state;
    alarm(10);
    char *file = put("k", GOOD, strlen(GOOD), 0600);
    char *link = in_folder("link"), *fifo = in_folder("fifo"), *none = in_folder("none");
    assert_int_equal(symlink(file, link), 0);
    assert_int_equal(mkfifo(fifo, 0600), 0);
    expect(link, ERR_NOPERM, "symbolic link");
    expect(fifo, ERR_CONFIG, "not a regular file");
    expect(folder, ERR_CONFIG, "not a regular file");
    expect("/dev/null", ERR_CONFIG, "not a regular file");
    expect(none, ERR_NOINPUT, "chmod 600");
    drop(link);
    drop(fifo);
    drop(file);
    free(none);
    alarm(0);
}

static void without_a_path_the_credential_is_asked_for(void **state)
{
    (void)state;
    unsetenv("CREDENTIALS_DIRECTORY");
    expect(NULL, ERR_CONFIG, "--api-key-file");
    setenv("CREDENTIALS_DIRECTORY", "", 1);
    expect(NULL, ERR_CONFIG, "--api-key-file");
    setenv("CREDENTIALS_DIRECTORY", "relative", 1);
    expect(NULL, ERR_CONFIG, "--api-key-file");
    setenv("CREDENTIALS_DIRECTORY", folder, 1);
    expect(NULL, ERR_NOINPUT, "api_key");
    unsetenv("CREDENTIALS_DIRECTORY");
}

static void no_error_shows_the_key(void **state)
{
    (void)state;
    struct key key;
    struct err err;
    char *path = put("k", "CANARY-CANARY é", strlen("CANARY-CANARY é"), 0600);
    assert_int_equal(key_read(&key, path, &err), -1);
    assert_null(strstr(err.text, "CANARY"));
    drop(path);
}

static void what_follows_the_first_line_does_not_matter(void **state)
{
    (void)state;
    struct key key;
    struct err err;
    char text[4096];
    memset(text, '#', sizeof(text));
    memcpy(text, GOOD "\n", strlen(GOOD) + 1);
    char *path = put("k", text, sizeof(text), 0600);
    assert_int_equal(key_read(&key, path, &err), 0);
    assert_string_equal(key.text, GOOD);
    key_wipe(&key);
    drop(path);
}

static void after_the_key_the_page_holds_nothing(void **state)
{
    (void)state;
    struct key key;
    struct err err;
    char *path = put("k", "  " GOOD "\nCANARY-CANARY", 32, 0600);
    assert_int_equal(key_read(&key, path, &err), 0);
    for (size_t i = strlen(GOOD); i < key.room; i++)
        assert_int_equal(key.text[i], 0);
    key_wipe(&key);
    assert_null(key.text);
    key_wipe(&key);
    drop(path);
}

/* ---- the page ---- */

static const char smaps[] = "/proc/self/smaps";

/* "VmFlags: ... lo ... dd ...": the kernel's account of a page, locked by mlock2 and left out of dumps by
 * MADV_DONTDUMP (proc(5)). -1: there is no such page. */
static int page_is(const void *at, const char *flag)
{
    char line[512], want[32];
    bool inside = false;
    int found = -1;
    snprintf(want, sizeof(want), "%lx-", (unsigned long)at);
    FILE *f = fopen(smaps, "r");
    while (f && found < 0 && fgets(line, sizeof(line), f)) {
        if (strncmp(line, want, strlen(want)) == 0)
            inside = true;
        if (inside && strncmp(line, "VmFlags:", 8) == 0)
            found = strstr(line, flag) != NULL;
    }
    if (f)
        fclose(f);
    return found;
}

static void the_page_is_locked_and_kept_out_of_core_dumps(void **state)
{
    (void)state;
    struct key key;
    struct err err;
    if (access(smaps, R_OK) != 0)
        skip();
    char *path = put("k", GOOD, strlen(GOOD), 0600);
    assert_int_equal(key_read(&key, path, &err), 0);
    const void *at = key.text;
    assert_int_equal(page_is(at, " dd"), 1);
    struct rlimit may;
    assert_int_equal(getrlimit(RLIMIT_MEMLOCK, &may), 0);
    if (may.rlim_cur >= 64 * 1024)
        assert_int_equal(page_is(at, " lo"), 1);
    assert_int_equal(page_is(at, " lo"), key.is_locked);
    assert_int_equal(key.is_locked, key_can_be_locked());
    key_wipe(&key);
    assert_true(page_is(at, " lo") < 1);
    drop(path);
}

/* The same page at two addresses: one is wiped and taken away, the other one shows what was left. */
static void what_is_wiped_is_zeros_and_gone(void **state)
{
    (void)state;
    size_t room = (size_t)sysconf(_SC_PAGESIZE) * 2;
    int fd = memfd_create("key", MFD_CLOEXEC);
    assert_int_equal(ftruncate(fd, (off_t)room), 0);
    char *first = mmap(NULL, room, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    char *second = mmap(NULL, room, PROT_READ, MAP_SHARED, fd, 0);
    assert_true(first != MAP_FAILED && second != MAP_FAILED);
    memset(first, 'k', room - 1);
    assert_int_equal(second[room - 2], 'k');
    struct key key = {.text = first, .room = room};
    key_wipe(&key);
    for (size_t i = 0; i < room; i++)
        assert_int_equal(second[i], 0);
    assert_null(key.text);
    assert_int_equal(msync(first, room, MS_ASYNC), -1); /* ENOMEM: not mapped */
    munmap(second, room);
    close(fd);
}

/* In a process of its own, which cannot get its rights back: what is wrong, or NULL. */
static const char *read_without_right_to_lock(const char *path)
{
    const struct rlimit none = {0, 0};
    struct key key;
    struct err err;
    if (setrlimit(RLIMIT_MEMLOCK, &none) || (geteuid() == 0 && setresuid(1, 1, 1)))
        return "cannot be tried";
    if (key_can_be_locked())
        return "a page was locked all the same";
    if (key_read(&key, path, &err))
        return err.text[0] ? "the key was refused" : "?";
    if (strcmp(key.text, GOOD) != 0 || key.is_locked)
        return "the key is another, or said to be locked";
    if (page_is(key.text, " lo") == 1 || page_is(key.text, " dd") == 0)
        return "the page is locked, or is dumped";
    key_wipe(&key);
    return NULL;
}

static void where_nothing_may_be_locked_the_key_is_read_all_the_same(void **state)
{
    (void)state;
    int status = 0;
    char *path = put("k", GOOD, strlen(GOOD), 0600);
    assert_int_equal(chmod(folder, 0711), 0);
    if (geteuid() == 0)
        assert_int_equal(chown(path, 1, 1), 0);
    pid_t child = fork();
    if (child == 0) {
        const char *wrong = read_without_right_to_lock(path);
        if (wrong)
            print_error("  %s\n", wrong);
        _exit(wrong != NULL);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    drop(path);
}

/* A server may send the key back, in a header or in what it complains of. */
static void the_key_is_scrubbed_wherever_it_stands(void **state)
{
    (void)state;
    static const struct {
        const char *text, *want;
    } rows[] = {
        {"", ""},
        {"nothing of it", "nothing of it"},
        {"0123456789", "**********"},
        {"a 0123456789 b0123456789", "a ********** b**********"},
        {"01234567890123456789", "********************"},
        {"012345678", "012345678"},
        {"0123450123456789", "012345**********"},
    };
    char text[] = "0123456789";
    const struct key key = {.text = text};
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        char copy[64];
        snprintf(copy, sizeof(copy), "%s", rows[i].text);
        key_scrub(&key, copy);
        assert_string_equal(copy, rows[i].want);
    }
    key_scrub(&key, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_key_is_scrubbed_wherever_it_stands),
        cmocka_unit_test(only_visible_ascii_on_the_first_line_is_a_key),
        cmocka_unit_test(a_nul_in_the_key_is_refused),
        cmocka_unit_test(the_length_is_bounded_on_both_sides),
        cmocka_unit_test(a_file_that_others_may_touch_is_refused),
        cmocka_unit_test(a_file_of_another_user_is_refused),
        cmocka_unit_test(what_is_no_regular_file_is_refused_without_waiting),
        cmocka_unit_test(without_a_path_the_credential_is_asked_for),
        cmocka_unit_test(no_error_shows_the_key),
        cmocka_unit_test(what_follows_the_first_line_does_not_matter),
        cmocka_unit_test(after_the_key_the_page_holds_nothing),
        cmocka_unit_test(the_page_is_locked_and_kept_out_of_core_dumps),
        cmocka_unit_test(what_is_wiped_is_zeros_and_gone),
        cmocka_unit_test(where_nothing_may_be_locked_the_key_is_read_all_the_same),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
