#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "sandbox/machine.h"
#include "sandbox/options.h"

/* Reads a command line whose words are parted by '|'. */
static int read_line(const char *line, struct options *o, char *copy, struct err *err)
{
    char *argv[32] = {copy};
    int argc = 1;
    snprintf(copy, 512, "remesa-sandbox|%s", line);
    for (char *p = strchr(copy, '|'); p && p[1]; p = strchr(p + 1, '|')) {
        *p = '\0';
        argv[argc++] = p + 1;
    }
    return options_read(o, argc, argv, err);
}

static void nothing_given_is_five_a_second_on_a_free_port(void **state)
{
    (void)state;
    struct options o;
    struct err err;
    char copy[512];
    assert_int_equal(read_line("", &o, copy, &err), 0);
    assert_int_equal(o.want, WANT_RUN);
    assert_int_equal(o.port, 0);
    assert_int_equal(options_window_most(&o), 5);
    assert_null(o.ledger);
    assert_null(o.key);
    assert_int_equal(o.settle_ms, 0);
    assert_int_equal(o.page_size, 0);
    assert_false(o.repeat_last_page);
    const int64_t waits[] = {o.approve_ms, o.draft_ms, o.quote_ms, o.lapse_ms};
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(waits[i], MACHINE_NEVER);
    assert_false(o.epoch_times);
    assert_int_equal(o.otp_count, 0);
    options_close(&o);
}

static void everything_given_is_read(void **state)
{
    (void)state;
    struct options o;
    struct err err;
    char copy[512];
    assert_int_equal(
        read_line("--port|8080|--port-file|p|--ledger=l.db|--rate|50|"
                  "--burst-window|200|--seed|9|--latency|5..20|--unique-emails|"
                  "--page-size|3|--repeat-last-page|--settle-after|0.5|--max-seconds|60|-"
                  "-quiet|"
                  "--fault|POST /users:500:1|--fault|* *:slow:0.1:5",
                  &o, copy, &err),
        0);
    assert_int_equal(o.port, 8080);
    assert_string_equal(o.port_file, "p");
    assert_string_equal(o.ledger, "l.db");
    assert_int_equal(options_window_most(&o), 10);
    assert_int_equal(o.window_ms, 200);
    assert_int_equal(o.seed, 9);
    assert_int_equal(o.latency_least_ms, 5);
    assert_int_equal(o.latency_most_ms, 20);
    assert_true(o.unique_emails);
    assert_int_equal(o.page_size, 3);
    assert_true(o.repeat_last_page);
    assert_int_equal(o.settle_ms, 500);
    assert_int_equal(o.max_seconds, 60);
    assert_true(o.quiet);
    assert_int_equal(o.fault_count, 2);
    assert_string_equal(o.faults[1].kind->name, "slow");
    options_close(&o);
}

static void waits_and_passwords_are_read(void **state)
{
    (void)state;
    struct options o;
    struct err err;
    char copy[512];
    assert_int_equal(
        read_line("--approve-after|1.5s|--draft-lapse|8h|--quote-after|0s|--quote-lapse|"
                  "never|--settle-after|2m|--epoch-times|--otp-secret|MFRGGZDFMZTWQ2LK|"
                  "--otp-secret|594:gezd gnbv gy3t qojq",
                  &o, copy, &err),
        0);
    assert_int_equal(o.approve_ms, 1500);
    assert_int_equal(o.draft_ms, 8 * 3600 * 1000);
    assert_int_equal(o.quote_ms, 0);
    assert_int_equal(o.lapse_ms, MACHINE_NEVER);
    assert_int_equal(o.settle_ms, 120000);
    assert_true(o.epoch_times);
    assert_int_equal(o.otp_count, 2);
    assert_int_equal(o.otp_secrets[0].user, 0);
    assert_memory_equal(o.otp_secrets[0].bytes, "abcdefghij", 10);
    assert_int_equal(o.otp_secrets[1].user, 594);
    assert_memory_equal(o.otp_secrets[1].bytes, "1234567890", 10);
    options_close(&o);
}

static void a_secret_is_not_repeated(void **state)
{
    (void)state;
    struct options o;
    struct err err;
    char copy[512];
    assert_int_equal(read_line("--otp-secret|SECRET0", &o, copy, &err), -1);
    assert_null(strstr(err.text, "SECRET"));
    options_close(&o);
}

static void help_and_version_win_over_what_follows(void **state)
{
    (void)state;
    struct options o;
    struct err err;
    char copy[512];
    assert_int_equal(read_line("--help|--nonsense", &o, copy, &err), 0);
    assert_int_equal(o.want, WANT_HELP);
    options_close(&o);
    assert_int_equal(read_line("--version", &o, copy, &err), 0);
    assert_int_equal(o.want, WANT_VERSION);
    options_close(&o);
}

static void wrong_lines_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        enum err_code code;
    } table[] = {
        {"--port|65536", ERR_USAGE},
        {"--port|x", ERR_USAGE},
        {"--port", ERR_USAGE},
        {"--nonsense", ERR_USAGE},
        {"word", ERR_USAGE},
        {"--rate|-1", ERR_USAGE},
        {"--rate|5|--burst-window|100", ERR_USAGE}, /* half a request */
        {"--latency|5", ERR_USAGE},
        {"--latency|20..5", ERR_USAGE},
        {"--latency|5..x", ERR_USAGE},
        {"--settle-after|-1", ERR_USAGE},
        {"--settle-after|0.0001", ERR_USAGE},
        {"--approve-after|soon", ERR_USAGE},
        {"--draft-lapse|5", ERR_USAGE},
        {"--quote-after|-1s", ERR_USAGE},
        {"--otp-secret|MFRGG", ERR_USAGE},
        {"--otp-secret|0:MFRGGZDFMZTWQ2LK", ERR_USAGE},
        {"--otp-secret|x:MFRGGZDFMZTWQ2LK", ERR_USAGE},
        {"--page-size|-1", ERR_USAGE},
        {"--page-size|all", ERR_USAGE},
        {"--seed|-1", ERR_USAGE},
        {"--max-seconds|1.5", ERR_USAGE},
        {"--fault|POST /users:500:1|--fault|nonsense", ERR_USAGE},
        {"--key-file|/nonexistent/key", ERR_NOINPUT},
        {"--key-file|/dev/null", ERR_CONFIG},
    };
    for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
        struct options o;
        struct err err = {0};
        char copy[512];
        if (read_line(table[i].line, &o, copy, &err) != -1)
            fail_msg("\"%s\" was taken", table[i].line);
        if (err.code != table[i].code || !err.text[0])
            fail_msg("\"%s\": %s", table[i].line, err.text);
        options_close(&o);
    }
}

static void the_key_is_the_first_line_trimmed(void **state)
{
    (void)state;
    char file[] = "/tmp/sandbox-key-XXXXXX", line[64], copy[512];
    struct options o;
    struct err err;
    int fd = mkstemp(file);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "  secret-key \r\nother\n", 21), 21);
    close(fd);
    snprintf(line, sizeof(line), "--key-file|%s", file);
    assert_int_equal(read_line(line, &o, copy, &err), 0);
    assert_string_equal(o.key, "secret-key");
    options_close(&o);
    unlink(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_given_is_five_a_second_on_a_free_port),
        cmocka_unit_test(everything_given_is_read),
        cmocka_unit_test(waits_and_passwords_are_read),
        cmocka_unit_test(a_secret_is_not_repeated),
        cmocka_unit_test(help_and_version_win_over_what_follows),
        cmocka_unit_test(wrong_lines_are_refused),
        cmocka_unit_test(the_key_is_the_first_line_trimmed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
