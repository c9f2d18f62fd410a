#include "report/progress.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void shows(const struct progress_meter *m, const struct remesa_progress *p,
                  const char *want)
{
    struct buf line;
    buf_init(&line, 256);
    progress_line(&line, m, p);
    assert_string_equal(line.data, want);
    buf_close(&line);
}

static void before_anything_has_happened(void **state)
{
    (void)state;
    struct progress_meter m = {0};
    struct remesa_progress p = {.total = 600, .waiting = 600};
    shows(&m, &p, "0/600  0%");
    progress_sample(&m, &p);
    shows(&m, &p, "0/600  0%"); /* no time has passed: no pace */
}

static void a_steady_pace(void **state)
{
    (void)state;
    struct progress_meter m = {0};
    struct remesa_progress p = {.total = 600, .waiting = 600};
    for (int second = 0; second <= 20; second++) {
        p.elapsed_ms = second * 1000;
        p.sent = p.succeeded = second * 5;
        p.waiting = 600 - p.succeeded;
        progress_sample(&m, &p);
    }
    shows(&m, &p, "100/600  16%  5.0 req/s  ETA 1:40");
}

static void the_pace_is_that_of_the_last_seconds(void **state)
{
    (void)state;
    struct progress_meter m = {0};
    struct remesa_progress p = {.total = 1000, .waiting = 1000};
    for (int tenth = 0; tenth <= 600; tenth++) {
        p.elapsed_ms = tenth * 100;
        p.sent = p.succeeded =
            tenth < 300 ? tenth : 300; /* then nothing for half a minute */
        p.waiting = 1000 - p.succeeded;
        progress_sample(&m, &p);
    }
    shows(&m, &p, "300/1000  30%  0.0 req/s");
}

static void trouble_is_named(void **state)
{
    (void)state;
    struct progress_meter m = {0};
    const struct remesa_progress p = {.total = 10,
                                      .in_flight = 1,
                                      .waiting = 2,
                                      .following = 3,
                                      .failed = 1,
                                      .skipped = 2,
                                      .in_doubt = 1};
    shows(&m, &p, "7/10  70%  following 3  failed 1  skipped 2  in doubt 1");
}

static void what_is_not_counted_yet_has_no_total(void **state)
{
    (void)state;
    struct progress_meter m = {0};
    const struct remesa_progress p = {0};
    shows(&m, &p, "0 requests");
}

static void times(void **state)
{
    (void)state;
    static const struct {
        int64_t ms;
        const char *want;
    } rows[] = {{0, "0:00"},           {499, "0:00"},      {500, "0:01"},
                {61000, "1:01"},       {3599499, "59:59"}, {3600000, "1:00:00"},
                {86399000, "23:59:59"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct buf b;
        buf_init(&b, 32);
        progress_time(&b, rows[i].ms);
        assert_string_equal(b.data, rows[i].want);
        buf_close(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(before_anything_has_happened),
        cmocka_unit_test(a_steady_pace),
        cmocka_unit_test(the_pace_is_that_of_the_last_seconds),
        cmocka_unit_test(trouble_is_named),
        cmocka_unit_test(what_is_not_counted_yet_has_no_total),
        cmocka_unit_test(times),
    };
    return cmocka_run_group_tests_name("progress", tests, NULL, NULL);
}
