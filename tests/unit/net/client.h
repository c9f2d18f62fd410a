/* A net on its own loop, with everything it told kept. Bounded in time: a test that waits
 * too long fails. */
#ifndef REMESA_TESTS_NET_CLIENT_H
#define REMESA_TESTS_NET_CLIENT_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "net/net.h"

#define REPLIES_MAX 256

struct reply {
    int64_t tag;
    struct http_response r; /* its body is closed: see `body` */
    char *body;
    size_t body_len;
};

struct client {
    uv_loop_t loop;
    uv_timer_t tick;
    struct net *net;
    const struct transport *transport;
    struct reply replies[REPLIES_MAX];
    int told;
    bool is_sending; /* to see that nothing is told from inside send */
    bool closed;
    void (*on_reply)(struct client *c, int64_t tag); /* from inside done */
};

/* Options that are zero get a value; base_url must be set. */
void client_open(struct client *c, struct net_options options);
void client_open_on(struct client *c, int port); /* http://127.0.0.1:port/api */

void client_send(struct client *c, const char *method, const char *path, const char *body,
                 int64_t tag);
void client_send_request(struct client *c, const struct http_request *request,
                         int64_t tag);

void client_wait(struct client *c, int told); /* in all, since open */
void client_pause(struct client *c, int ms);  /* the loop goes on */
const struct reply *client_reply(const struct client *c, int64_t tag);

void client_close(struct client *c);

#endif
