/* The poll handles of curl's sockets on the loop. One lives exactly as long as its
 * socket: kept while the connection is idle (making one per request costs a third of the
 * throughput), and closed just before the socket, because libuv takes the number off
 * epoll when a poll handle closes, and by then the number must not be somebody else's. */
#ifndef REMESA_NET_WATCH_H
#define REMESA_NET_WATCH_H

#include <stdbool.h>
#include <uv.h>

struct watch {
    struct watches *table;
    void *user; /* who asked last to hear of it */
    uv_poll_t poll;
    int fd;
    int port;        /* local; known once the connection was idle */
    int events;      /* asked for; 0: the connection is idle */
    int polled;      /* what libuv waits for, perhaps more than was asked for */
    bool is_foreign; /* not made here (the resolver's): gone when nobody listens */
};

typedef void watch_event_fn(struct watch *w, int what); /* CURL_CSELECT_... */

struct watches {
    uv_loop_t *loop;
    struct watch **by_fd;
    int room;
    int count; /* open or closing */
    watch_event_fn *event;
    void (*gone)(void *ctx); /* one has closed; may free the table */
    void *ctx;
};

void watches_init(struct watches *t, uv_loop_t *loop, watch_event_fn *event,
                  void (*gone)(void *ctx), void *ctx);
void watches_close(struct watches *t); /* when count is 0 */

int watch_open_socket(struct watches *t, int family, int type, int protocol); /* or -1 */
int watch_close_socket(struct watches *t, int fd);

/* `what` is one of CURL_POLL_... */
void watch_listen(struct watches *t, int fd, int what, void *user);

/* Whether an idle connection that `user` had last, with this local port, has something to
 * read: bytes, its end, or an error. */
bool watches_have_stale(const struct watches *t, const void *user, int port);

/* An idle connection that `user` had last, with this local port, has something to read from
 * now on, whatever comes: so it is left, and curl finds it dead. */
void watches_spoil(const struct watches *t, const void *user, int port);

#endif
