#include <stdio.h>

#include "api/rate_limit.h"
#include "api/retry_after.h"
#include "lib/check.h"

/* 2026-11-24T03:16:07Z */
#define NOW_S INT64_C(1795490167)
#define HOUR  RETRY_AFTER_MAX_MS

struct row {
    const char *name, *field, *left, *reset, *date;
    int64_t wait_ms;
};

static const struct row rows[] = {
    {"nothing is said", "", "", "", "", 0},
    {"an older draft", "limit=100, remaining=0, reset=5", "", "", "", 5000},
    {"its order does not matter", "reset=5,remaining=0", "", "", "", 5000},
    {"there is some left", "limit=100, remaining=1, reset=5", "", "", "", 0},
    {"the newer form", "\"default\";r=0;t=30", "", "", "", 30000},
    {"with blanks", "\"a\" ; r=0 ; t=30", "", "", "", 30000},
    {"and some left", "\"default\";r=50;t=30", "", "", "", 0},
    {"several policies", "\"burst\";r=0;t=2, \"day\";r=0;t=9, \"x\";r=4;t=60", "", "", "",
     9000},
    {"left of one, reset of another", "\"a\";r=0, \"b\";t=9", "", "", "", 0},
    {"a name that looks like one", "\"a;r=0;t=9,r=0;t=8\";r=5;t=30", "", "", "", 0},
    {"a quote that does not end", "\"a;r=0;t=30", "", "", "", 0},
    {"a parameter that only begins so", "\"a\";ra=0;t=30", "", "", "", 0},
    {"two fields", "", "0", "7", "", 7000},
    {"blanks around", "", " 0 ", " 7 ", "", 7000},
    {"some left of two fields", "", "3", "7", "", 0},
    {"no reset", "", "0", "", "", 0},
    {"no remaining", "", "", "7", "", 0},
    {"begun anew by now", "", "0", "0", "", 0},
    {"negative", "", "0", "-7", "", 0},
    {"negative remaining", "", "-1", "7", "", 0},
    {"a fraction", "", "0", "7.5", "", 0},
    {"words", "", "none", "soon", "", 0},
    {"a date is none of the forms", "", "0", "Tue, 24 Nov 2026 03:16:17 GMT", "", 0},
    {"more digits than fit", "", "0", "99999999999999999999", "", 0},
    {"very long", "", "0", "86400", "", HOUR},
    {"just below the cap", "", "0", "3599", "", 3599000},
    {"since 1970", "", "0", "1795490177", "", 10000},
    {"since 1970, in the past", "", "0", "1795490100", "", 0},
    {"since 1970, far away", "", "0", "1999999999", "", HOUR},
    {"by the server's own clock", "", "0", "1795490177", "Tue, 24 Nov 2026 03:16:13 GMT",
     4000},
    {"the field and the pair: the longer", "limit=1, remaining=0, reset=5", "0", "7", "",
     7000},
};

static void texts(void **state)
{
    (void)state;
    struct table t = {0};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct http_response r;
        http_response_init(&r);
        snprintf(r.rate_limit, sizeof(r.rate_limit), "%s", rows[i].field);
        snprintf(r.rate_limit_remaining, sizeof(r.rate_limit_remaining), "%s",
                 rows[i].left);
        snprintf(r.rate_limit_reset, sizeof(r.rate_limit_reset), "%s", rows[i].reset);
        snprintf(r.date, sizeof(r.date), "%s", rows[i].date);
        int64_t got = rate_limit_wait_ms(&r, (struct wall){NOW_S * 1000});
        table_want(&t, got == rows[i].wait_ms, "%s: %lld", rows[i].name, (long long)got);
        http_response_close(&r);
    }
    table_end(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(texts)};
    return cmocka_run_group_tests_name("api: rate limit", tests, NULL, NULL);
}
