/* A transport without a network: the tests' filling of the seam in model/http.h.
 *
 * A server function makes the answer of each request; it comes from a timer of the loop,
 * never from inside send. Every request is kept as it went out. */
#ifndef REMESA_TESTS_LIB_FAKE_TRANSPORT_H
#define REMESA_TESTS_LIB_FAKE_TRANSPORT_H

#include <uv.h>

#include "model/http.h"

#define FAKE_SENDS_MAX 512

struct fake_sent {
    int64_t tag;
    char method[8];
    char *path;
    char *authorization; /* NULL: none */
    char *body;
    int nth; /* of this tag: 1, 2, ... */

    struct http_response answer;
    uint64_t due; /* on the loop's clock */
    bool answered;
};

/* Fills sent->answer; returns in how many milliseconds it comes, -1: never. */
typedef int fake_server_fn(void *ctx, struct fake_sent *sent);
/* Called inside send, before anything else. */
typedef void fake_watch_fn(void *ctx, const struct fake_sent *sent);

struct fake_transport {
    struct transport seam;
    uv_loop_t *loop;
    uv_timer_t timer;
    fake_server_fn *server;
    void *server_ctx;
    fake_watch_fn *watch; /* may be NULL */
    void *watch_ctx;
    transport_done_fn *done;
    void *done_ctx;
    struct fake_sent sent[FAKE_SENDS_MAX];
    int count;
    int aborts;
    int distrusts;
};

void fake_transport_init(struct fake_transport *f, uv_loop_t *loop);
void fake_transport_stop(struct fake_transport *f); /* lets the loop end */
void fake_transport_close(struct fake_transport *f);

int fake_sends_of(const struct fake_transport *f, int64_t tag);

/* Answers: torn after it was sent, never sent, or whole. */
void fake_torn(struct http_response *r);
void fake_not_sent(struct http_response *r);
void fake_says(struct http_response *r, int status, const char *json);
/* The resource that was sent, with an id and, when not NULL, a status: as the API does. */
void fake_echoes(struct fake_sent *sent, const char *id, const char *status);

#endif
