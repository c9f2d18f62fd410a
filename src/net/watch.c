#include "net/watch.h"

#include <curl/curl.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"

#define ROOM_STEP 64

void watches_init(struct watches *t, uv_loop_t *loop, watch_event_fn *event,
                  void (*gone)(void *ctx), void *ctx)
{
    *t = (struct watches){.loop = loop, .event = event, .gone = gone, .ctx = ctx};
}

void watches_close(struct watches *t)
{
    free(t->by_fd);
}

static struct watch *watch_of(const struct watches *t, int fd)
{
    return fd < t->room ? t->by_fd[fd] : NULL;
}

static void make_room(struct watches *t, int fd)
{
    int room = t->room;
    if (fd < room)
        return;
    t->room = fd + ROOM_STEP;
    t->by_fd = mem_resize(t->by_fd, (size_t)t->room, sizeof *t->by_fd);
    memset(t->by_fd + room, 0, (size_t)(t->room - room) * sizeof *t->by_fd);
}

static struct watch *watch_open(struct watches *t, int fd)
{
    make_room(t, fd);
    struct watch *w = t->by_fd[fd] = mem_zero(1, sizeof *w);
    w->table = t;
    w->fd = fd;
    w->poll.data = w;
    if (uv_poll_init(t->loop, &w->poll, fd) != 0)
        abort(); /* only for what is no socket, or for one that another handle polls */
    t->count++;
    return w;
}

static void on_closed(uv_handle_t *handle)
{
    struct watch *w = handle->data;
    struct watches *t = w->table;
    free(w);
    t->count--;
    t->gone(t->ctx);
}

static void watch_close(struct watch *w)
{
    w->table->by_fd[w->fd] = NULL;
    uv_close((uv_handle_t *)&w->poll, on_closed);
}

int watch_open_socket(struct watches *t, int family, int type, int protocol)
{
    int fd = socket(family, type | SOCK_CLOEXEC, protocol);
    if (fd >= 0)
        watch_open(t, fd);
    return fd;
}

int watch_close_socket(struct watches *t, int fd)
{
    struct watch *w = watch_of(t, fd);
    if (w)
        watch_close(w);
    return close(fd);
}

static void on_poll(uv_poll_t *poll, int status, int events);

/* To change what a handle waits for costs two system calls, so what it waits for already stays. */
static void poll_for(struct watch *w, int events)
{
    if (w->polled == events)
        return;
    w->polled = events;
    if (!events)
        uv_poll_stop(&w->poll);
    else if (uv_poll_start(&w->poll, events, on_poll) != 0)
        abort(); /* only for a handle that is closed */
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
    struct watch *w = poll->data;
    if (!w->events) { /* at rest, and yet something came: it is stale (watches_have_stale) */
        poll_for(w, 0);
        return;
    }
    int what = (events & UV_READABLE ? CURL_CSELECT_IN : 0) |
               (events & UV_WRITABLE ? CURL_CSELECT_OUT : 0);
    if (status < 0) {
        /* libuv has stopped the handle. Curl is told to read and write rather than that
         * there is an error: there may be an answer in front of it. */
        w->polled = 0;
        poll_for(w, w->events);
        what = CURL_CSELECT_IN | CURL_CSELECT_OUT;
    }
    w->table->event(w, what);
}

static int local_port(int fd)
{
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } a = {0};
    socklen_t len = sizeof a;
    if (getsockname(fd, &a.any, &len) != 0)
        return 0;
    return ntohs(a.any.sa_family == AF_INET6 ? a.v6.sin6_port : a.v4.sin_port);
}

/* Curl 7.88 closes a socket that never came to be connected without asking the close callback
 * (cf_socket_close): then this is the last that is heard of it. */
static void rest(struct watch *w)
{
    poll_for(w, w->polled & UV_READABLE); /* most probably it will be wanted again */
    uv_unref((uv_handle_t *)&w->poll);    /* and the loop need not wait for that */
    if (!w->port && !w->is_foreign)
        w->port = local_port(w->fd);
    if (!w->port)
        watch_close(w);
}

void watch_listen(struct watches *t, int fd, int what, void *user)
{
    struct watch *w = watch_of(t, fd);
    if (!w) {
        w = watch_open(t, fd);
        w->is_foreign = true;
    }
    w->user = user;
    w->events = 0;
    if (what == CURL_POLL_IN || what == CURL_POLL_INOUT)
        w->events |= UV_READABLE;
    if (what == CURL_POLL_OUT || what == CURL_POLL_INOUT)
        w->events |= UV_WRITABLE;
    if (!w->events) {
        rest(w);
        return;
    }
    uv_ref((uv_handle_t *)&w->poll);
    poll_for(w, w->events);
}

static bool is_quiet(int fd)
{
    char byte;
    return recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && errno == EAGAIN;
}

static bool is_idle(const struct watch *w, const void *user, int port)
{
    return w && w->user == user && !w->events && w->port == port;
}

bool watches_have_stale(const struct watches *t, const void *user, int port)
{
    for (int fd = 0; fd < t->room; fd++)
        if (is_idle(t->by_fd[fd], user, port) && !is_quiet(fd))
            return true;
    return false;
}

/* The reading side only: of the other one curl may still want to say goodbye (TLS), and
 * that would raise SIGPIPE. */
void watches_spoil(const struct watches *t, const void *user, int port)
{
    for (int fd = 0; fd < t->room; fd++)
        if (is_idle(t->by_fd[fd], user, port))
            shutdown(fd, SHUT_RD);
}
