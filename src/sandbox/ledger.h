/* What a judge looks at afterwards: every request as it was received, and every effect.
 * Never the key. A row is on its way to disk when it is added and there when sql_commit
 * has been called, which is before any answer leaves. */
#ifndef REMESA_SANDBOX_LEDGER_H
#define REMESA_SANDBOX_LEDGER_H

#include <stdint.h>

#include "base/buf.h"
#include "base/span.h"
#include "sandbox/limit.h"
#include "sandbox/sql.h"

struct ledger_request {
    int64_t at_us; /* wall */
    struct span method;
    struct span path, query; /* as received */
    const char *endpoint;    /* method and pattern: "GET /users/:id" */
    struct span user;        /* no pointer: not on behalf of anybody */
    const char *fault;       /* NULL: none */
    struct span body;
    bool key_ok;
    const char *x_request_id;
};

struct ledger_effect {
    int64_t request_id;
    struct span kind;
    int64_t resource_id;
    int64_t user_id;                         /* 0: the master's */
    struct span reference, amount, currency; /* no pointer: none */
    struct span body;
};

int64_t ledger_add_request(struct sql *s, const struct ledger_request *r); /* its id */
void ledger_set_status(struct sql *s, int64_t request_id, int status);
void ledger_add_effect(struct sql *s, const struct ledger_effect *e);

int64_t ledger_last_request(struct sql *s); /* 0: none yet */

/* Lets a limiter know what it accepted before the sandbox was started anew. */
void ledger_recall(struct sql *s, struct limit *limit);

/* The bodies of GET /_sandbox/ledger and GET /_sandbox/stats. */
void ledger_write_effects(struct sql *s, struct buf *out);
void ledger_write_stats(struct sql *s, struct buf *out);

#endif
