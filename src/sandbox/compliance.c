#include "sandbox/compliance.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/json.h"
#include "sandbox/machine.h"

/* A new one may be rejected at once; one who is enabled is disabled first. */
static const struct {
    const char *from, *to, *news;
} ways[] = {
    {"new", "enabled", "{\"kyc_accepted\":true,\"compliance_state\":\"enabled\"}"},
    {"new", "rejected", "{\"compliance_state\":\"rejected\"}"},
    {"enabled", "disabled", "{\"compliance_state\":\"disabled\"}"},
    {"disabled", "enabled", "{\"kyc_accepted\":true,\"compliance_state\":\"enabled\"}"},
    {"disabled", "rejected", "{\"compliance_state\":\"rejected\"}"},
};

static const char *find_news(struct sandbox *s, int64_t user, struct span to)
{
    struct buf hold, from;
    struct resource r;
    const char *news = NULL;
    buf_init(&hold, 1 << 16);
    buf_init(&from, 64);
    if (resource_get(&s->sql, KIND_USERS, user, &hold, &r) &&
        json_text_at(r.attributes, "/compliance_state", &from))
        for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++)
            if (span_is(buf_span(&from), ways[i].from) && span_is(to, ways[i].to))
                news = ways[i].news;
    buf_close(&from);
    buf_close(&hold);
    return news;
}

static void wake_outputs(struct sandbox *s, int64_t user, int64_t now_us)
{
    char payee[24];
    sqlite3_stmt *st = sql_write(&s->sql, SQL_WAKE_OUTPUTS_OF_PAYEE);
    snprintf(payee, sizeof(payee), "%" PRId64, user);
    sql_bind_int(st, 1, now_us);
    sql_bind_text(st, 2, span_of(payee));
    sql_run(&s->sql, st);
}

bool compliance_move(struct sandbox *s, int64_t user, struct span to, int64_t now_us)
{
    const char *news = find_news(s, user, to);
    if (!news)
        return false;
    machine_set(s, KIND_USERS, user, span_of(news));
    if (span_is(to, "enabled"))
        wake_outputs(s, user, now_us);
    return true;
}
