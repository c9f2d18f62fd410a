/* A sandbox without sockets: requests go through the parser, replies are looked at. For
 * tests that include cmocka before it. */
#ifndef REMESA_TESTS_SANDBOX_WORLD_H
#define REMESA_TESTS_SANDBOX_WORLD_H

#include "base/log.h"
#include "sandbox/late.h"
#include "sandbox/ledger.h"
#include "sandbox/machine.h"
#include "sandbox/resource.h"
#include "sandbox/serve.h"

struct world {
    struct options options;
    struct fault faults[4];
    struct sandbox sandbox;
    struct http_reader reader;
    struct reply reply;
    int64_t now_us;
};

static inline void world_open(struct world *w)
{
    struct err err;
    memset(w, 0, sizeof(*w));
    log_setup(LOG_WARN, false);
    w->sandbox.options = &w->options;
    w->options.faults = w->faults;
    w->options.approve_ms = w->options.draft_ms = MACHINE_NEVER;
    w->options.quote_ms = w->options.lapse_ms = MACHINE_NEVER;
    assert_int_equal(sql_open(&w->sandbox.sql, NULL, &err), 0);
    resource_begin(&w->sandbox.sql, 1);
    rng_init(&w->sandbox.faults, 1);
    rng_init(&w->sandbox.ids, 2);
    rng_init(&w->sandbox.delays, 3);
    http_init(&w->reader);
    reply_init(&w->reply);
    w->now_us = 1000000;
}

static inline void world_close(struct world *w)
{
    sql_commit(&w->sandbox.sql);
    for (size_t i = 0; i < w->options.fault_count; i++)
        fault_close(&w->faults[i]);
    late_close(&w->sandbox.late);
    limit_close(&w->sandbox.limit);
    http_close(&w->reader);
    reply_close(&w->reply);
    sql_close(&w->sandbox.sql);
}

static inline void world_fault(struct world *w, const char *rule)
{
    struct err err;
    assert_int_equal(fault_read(&w->faults[w->options.fault_count++], rule, &err), 0);
}

/* `headers`: whole lines, or "". */
static inline void read_with(struct world *w, const char *method, const char *path,
                             const char *key, const char *headers, const char *body)
{
    struct buf text;
    buf_init(&text, HTTP_BODY_MAX + HTTP_HEAD_MAX);
    buf_printf(&text, "%s %s HTTP/1.1\r\nHost: a\r\n", method, path);
    if (key)
        buf_printf(&text, "Authorization: %s\r\n", key);
    buf_printf(&text, "%sContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
               headers, strlen(body), body);
    struct span bytes = buf_span(&text);
    http_next(&w->reader);
    assert_int_equal(http_feed(&w->reader, &bytes), HTTP_REQUEST);
    buf_close(&text);
}

static inline void read_request(struct world *w, const char *method, const char *path,
                                const char *key, const char *body)
{
    read_with(w, method, path, key, "", body);
}

static inline const char *ask(struct world *w, const char *method, const char *path,
                              const char *key, const char *body)
{
    read_request(w, method, path, key, body);
    serve(&w->sandbox, &w->reader.request, (struct mono){w->now_us}, &w->reply);
    return w->reply.answer.body.data;
}

static inline int64_t effects(struct world *w)
{
    int64_t count = 0;
    sqlite3_stmt *st = sql_use(&w->sandbox.sql, SQL_EFFECTS);
    while (sql_row(&w->sandbox.sql, st))
        count++;
    return count;
}

#define KEY      "key-of-the-master"
#define AS       KEY "; user="
#define USER     "{\"data\":{\"type\":\"users\",\"attributes\":{\"email\":\"a@b.c\"}}}"
#define BARE     "{\"data\":{\"type\":\"users\"}}"
#define OF(t, a) "{\"data\":{\"type\":\"" t "\",\"attributes\":{" a "}}}"
#define COIN(a)  OF("coin_withdrawals", a)
#define PAY(a, id)                                                                       \
    "{\"data\":{\"type\":\"cash_withdrawals\",\"attributes\":{" a "},\"relationships\":" \
    "{\"withdrawal_instruction\":{\"data\":{\"id\":" id "}}}}}"
#define GOOD_COIN COIN("\"amount\":1,\"coin_code\":\"btc\",\"to_addresses\":\"m\"")
#define NOT_FOUND "{\"errors\":[{\"code\":null,\"detail\":null}]}"

/* User 594 has instruction 2071, user 595 has nothing. */
static inline void people(struct world *w)
{
    ask(w, "POST", "/api/users", KEY, USER);
    ask(w, "POST", "/api/users", KEY, BARE);
    ask(w, "POST", "/api/withdrawal_instructions", AS "594",
        OF("withdrawal_instructions", "\"label\":\"row\",\"body\":{\"country\":\"AR\"}"));
    assert_int_equal(effects(w), 3);
}

#endif
