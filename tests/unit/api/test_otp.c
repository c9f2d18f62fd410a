#include "api/otp.h"

#include <sys/stat.h>

#include "unit/intake/folder.h"

#define SECRET "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ" /* "12345678901234567890" */

/* RFC 6238, appendix B; of its eight digits the last six. */
static void the_standard_s_codes(void **state)
{
    (void)state;
    static const struct {
        int64_t seconds;
        const char *want;
    } rows[] = {
        {59, "287082"},         {1111111109, "081804"}, {1111111111, "050471"},
        {1234567890, "005924"}, {2000000000, "279037"}, {20000000000, "353130"},
    };
    struct table t = {0};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char code[OTP_DIGITS + 1];
        otp_code(span_of("12345678901234567890"), rows[i].seconds / 30, code);
        table_want(&t, strcmp(code, rows[i].want) == 0, "%lld: %s",
                   (long long)rows[i].seconds, code);
    }
    table_end(&t);
}

static char *file(void **state, const char *text, mode_t mode)
{
    char *path = folder_write(state, "otp", span_of(text));
    assert_int_equal(chmod(path, mode), 0);
    return path;
}

static void a_secret_is_read_as_people_write_it(void **state)
{
    static const struct {
        const char *text;
        mode_t mode;
        const char *want; /* the code at 59 s, or words of the error */
        bool good;
    } rows[] = {
        {SECRET "\n", 0600, "287082", true},
        {"gezdgnbv gy3tqojq gezdgnbv gy3tqojq", 0600, "287082", true},
        {" " SECRET "====\n", 0400, "287082", true},
        {SECRET, 0640, "chmod 600", false},
        {SECRET "1", 0600, "is no secret", false},
        {"GEZDGNBVGY3TQOJ", 0600, "is no secret", false},
        {"", 0600, "put the secret for one-time passwords on its first line", false},
        {"SHORT", 0600, "is no secret", false},
    };
    struct table t = {0};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct otp o;
        struct err err = {0};
        char code[OTP_DIGITS + 1] = "", *path = file(state, rows[i].text, rows[i].mode);
        int rc = otp_read(&o, path, &err);
        if (rc == 0) {
            table_want(&t, otp_take(&o, (struct wall){59000}, code), "%zu", i);
            otp_wipe(&o);
            otp_wipe(&o);
        }
        table_want(&t, (rc == 0) == rows[i].good, "row %zu: %d", i, rc);
        table_want(&t, strstr(rc ? err.text : code, rows[i].want) != NULL, "row %zu: %s",
                   i, rc ? err.text : code);
        table_want(&t, !strstr(err.text, SECRET), "row %zu: the secret is told", i);
        unlink(path);
        free(path);
    }
    table_end(&t);
}

static void each_half_minute_gives_one_code_once(void **state)
{
    static const struct {
        int64_t ms;
        bool want;
    } rows[] = {
        {59000, true}, {59000, false}, {59999, false},
        {60000, true}, {89999, false}, {30000, false}, /* the clock was put back */
        {90000, true}, {300000, true},
    };
    struct otp o;
    struct err err;
    struct table t = {0};
    char *path = file(state, SECRET, 0600), code[OTP_DIGITS + 1];
    assert_int_equal(otp_read(&o, path, &err), 0);
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        table_want(&t, otp_take(&o, (struct wall){rows[i].ms}, code) == rows[i].want,
                   "row %zu", i);
    table_end(&t);
    otp_wipe(&o);
    free(path);
}

/* For requests that are only told, as many as there are. */
static void a_mask_gives_the_same_every_time(void **state)
{
    (void)state;
    struct otp o;
    char code[OTP_DIGITS + 1];
    otp_mask(&o);
    for (int i = 0; i < 3; i++) {
        memset(code, 'x', sizeof(code));
        assert_true(otp_take(&o, (struct wall){59000}, code));
        assert_string_equal(code, OTP_MASK);
    }
    otp_wipe(&o);
}

int main(void)
{
#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, folder_make, folder_remove)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_standard_s_codes),
        IN_FOLDER(a_secret_is_read_as_people_write_it),
        IN_FOLDER(each_half_minute_gives_one_code_once),
        cmocka_unit_test(a_mask_gives_the_same_every_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
