/* From a request to a reply, without a socket: ledger, limit, fault, key, route, handler,
 * in that order. The caller commits before the reply leaves. */
#ifndef REMESA_SANDBOX_SERVE_H
#define REMESA_SANDBOX_SERVE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "sandbox/answer.h"
#include "sandbox/http.h"
#include "sandbox/sandbox.h"

struct reply {
    struct answer answer;
    enum fault_wire wire;
    int64_t delay_ms; /* from now to the answer */
    bool last;        /* the effect comes at the end: call serve_last before answering */
    struct mono arrived;
    int64_t request_id; /* 0: not in the ledger */
    const struct fault *fault;
};

void reply_init(struct reply *r);
void reply_close(struct reply *r);

void serve(struct sandbox *s, const struct http_request *request, struct mono arrived,
           struct reply *reply);
void serve_last(struct sandbox *s, const struct http_request *request, struct mono now,
                struct reply *reply);

/* Lets those of the late ones take effect whose time has come (fault late-apply). */
void serve_late(struct sandbox *s, struct mono now);

/* Bytes that are no request: counted and written down like one. */
void serve_bad(struct sandbox *s, const struct http_reader *reader, struct mono arrived,
               struct reply *reply);

#endif
