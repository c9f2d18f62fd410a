#include "server.h"

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"

#define CONNECTIONS_MAX 256
#define REQUESTS_MAX    512
#define BEHAVIOURS_MAX  64
#define REQUEST_MAX     (2 * 1024 * 1024)

struct connection {
    struct server *server;
    pthread_t thread;
    int fd; /* -1: ended */
};

struct server {
    pthread_mutex_t lock;
    pthread_cond_t arrived;
    pthread_t thread;
    int listener, port;
    bool quits;
    struct behaviour behaviour;
    char *said[BEHAVIOURS_MAX]; /* copies: a thread may still be saying one */
    int said_count;
    int waiting, gathered; /* requests at the gate; rounds let through */
    struct connection connections[CONNECTIONS_MAX];
    int contacts;
    char *requests[REQUESTS_MAX];
    int request_count;
};

static struct behaviour behaviour_of(struct server *s)
{
    pthread_mutex_lock(&s->lock);
    struct behaviour b = s->behaviour;
    pthread_mutex_unlock(&s->lock);
    return b;
}

/* Byte by byte, so that what is not to be read stays in the socket. */
static bool read_head(int fd, struct buf *b)
{
    char c;
    while (b->len < 4 || memcmp(b->data + b->len - 4, "\r\n\r\n", 4) != 0)
        if (recv(fd, &c, 1, 0) != 1 || !buf_add_char(b, c))
            return false;
    return true;
}

static bool read_body(int fd, struct buf *b)
{
    const char *length = strcasestr(b->data, "\r\ncontent-length:");
    char chunk[4096];
    for (long left = length ? atol(length + 17) : 0; left > 0;) {
        ssize_t n = recv(fd, chunk, left < 4096 ? (size_t)left : 4096, 0);
        if (n <= 0 || !buf_add(b, chunk, (size_t)n))
            return false;
        left -= n;
    }
    return true;
}

static void record(struct server *s, const struct buf *b)
{
    pthread_mutex_lock(&s->lock);
    if (s->request_count < REQUESTS_MAX)
        s->requests[s->request_count++] = mem_text(b->data);
    pthread_mutex_unlock(&s->lock);
}

static void gather(struct server *s, int wanted)
{
    struct timespec deadline;
    clock_gettime(CLOCK_REALTIME, &deadline);
    deadline.tv_sec += 5;
    pthread_mutex_lock(&s->lock);
    int round = s->gathered;
    if (++s->waiting >= wanted) {
        s->waiting = 0;
        s->gathered++;
        pthread_cond_broadcast(&s->arrived);
    }
    while (s->gathered == round && !s->quits &&
           pthread_cond_timedwait(&s->arrived, &s->lock, &deadline) == 0)
        ;
    pthread_mutex_unlock(&s->lock);
}

static bool say(int fd, const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t n = send(fd, bytes, len, MSG_NOSIGNAL);
        if (n <= 0)
            return false;
        bytes += n;
        len -= (size_t)n;
    }
    return true;
}

static void flood(int fd, size_t left)
{
    char chunk[4096];
    memset(chunk, 'x', sizeof chunk);
    while (left > 0) {
        size_t n = left < sizeof chunk ? left : sizeof chunk;
        if (!say(fd, chunk, n))
            return;
        left -= left == SIZE_MAX ? 0 : n;
    }
}

static void end(struct connection *c, enum server_end how)
{
    char byte;
    while (how == END_STALL && recv(c->fd, &byte, 1, 0) == 1)
        ;
    struct linger hard = {1, 0};
    if (how == END_RST)
        setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    pthread_mutex_lock(&c->server->lock);
    close(c->fd);
    c->fd = -1;
    pthread_mutex_unlock(&c->server->lock);
}

/* One request; false when the connection has ended by it. */
static bool serve_one(struct connection *c, struct buf *b)
{
    struct pollfd p = {.fd = c->fd, .events = POLLIN};
    if (behaviour_of(c->server).read != READ_NOTHING)
        poll(&p, 1, -1);
    struct behaviour how = behaviour_of(c->server);
    buf_clear(b);
    if (how.read != READ_NOTHING && !read_head(c->fd, b)) {
        end(c, END_FIN);
        return false;
    }
    if (how.read == READ_ALL && read_body(c->fd, b))
        record(c->server, b);
    if (how.gather)
        gather(c->server, how.gather);
    if (how.say && say(c->fd, how.say, strlen(how.say)))
        flood(c->fd, how.flood);
    if (how.end != END_KEEP)
        end(c, how.end);
    return how.end == END_KEEP;
}

static void *serve(void *ctx)
{
    struct connection *c = ctx;
    struct buf b;
    buf_init(&b, REQUEST_MAX);
    while (serve_one(c, &b))
        ;
    buf_close(&b);
    return NULL;
}

static void *accept_all(void *ctx)
{
    struct server *s = ctx;
    for (int fd; (fd = accept(s->listener, NULL, NULL)) >= 0;) {
        pthread_mutex_lock(&s->lock);
        if (s->quits || s->contacts == CONNECTIONS_MAX) {
            close(fd);
        } else {
            struct connection *c = &s->connections[s->contacts++];
            *c = (struct connection){.server = s, .fd = fd};
            pthread_create(&c->thread, NULL, serve, c);
        }
        pthread_mutex_unlock(&s->lock);
    }
    return NULL;
}

struct server *server_open(void)
{
    struct server *s = mem_zero(1, sizeof *s);
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t len = sizeof a;
    pthread_mutex_init(&s->lock, NULL);
    pthread_cond_init(&s->arrived, NULL);
    s->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(s->listener, (struct sockaddr *)&a, len) != 0 ||
        listen(s->listener, 256) != 0 ||
        getsockname(s->listener, (struct sockaddr *)&a, &len) != 0)
        abort();
    s->port = ntohs(a.sin_port);
    pthread_create(&s->thread, NULL, accept_all, s);
    return s;
}

void server_close(struct server *s)
{
    pthread_mutex_lock(&s->lock);
    s->quits = true;
    pthread_cond_broadcast(&s->arrived);
    pthread_mutex_unlock(&s->lock);
    shutdown(s->listener, SHUT_RDWR);
    pthread_join(s->thread, NULL);
    close(s->listener);
    server_end_all(s);
    for (int i = 0; i < s->contacts; i++)
        pthread_join(s->connections[i].thread, NULL);
    for (int i = 0; i < s->request_count; i++)
        free(s->requests[i]);
    for (int i = 0; i < s->said_count; i++)
        free(s->said[i]);
    free(s);
}

int server_port(const struct server *s)
{
    return s->port;
}

void server_behave(struct server *s, struct behaviour b)
{
    pthread_mutex_lock(&s->lock);
    s->behaviour = b;
    if (b.say && s->said_count == BEHAVIOURS_MAX)
        abort();
    if (b.say)
        s->behaviour.say = s->said[s->said_count++] = mem_text(b.say);
    pthread_mutex_unlock(&s->lock);
}

void server_say_to_all(struct server *s, const char *text)
{
    pthread_mutex_lock(&s->lock);
    for (int i = 0; i < s->contacts; i++)
        if (s->connections[i].fd >= 0)
            say(s->connections[i].fd, text, strlen(text));
    pthread_mutex_unlock(&s->lock);
}

/* Wakes the thread of each, which then closes it. */
void server_end_all(struct server *s)
{
    pthread_mutex_lock(&s->lock);
    for (int i = 0; i < s->contacts; i++)
        if (s->connections[i].fd >= 0)
            shutdown(s->connections[i].fd, SHUT_RDWR);
    pthread_mutex_unlock(&s->lock);
}

int server_contacts(struct server *s)
{
    pthread_mutex_lock(&s->lock);
    int n = s->contacts;
    pthread_mutex_unlock(&s->lock);
    return n;
}

int server_copies(struct server *s, const char *fragment)
{
    int n = 0;
    pthread_mutex_lock(&s->lock);
    for (int i = 0; i < s->request_count; i++)
        n += strstr(s->requests[i], fragment) != NULL;
    pthread_mutex_unlock(&s->lock);
    return n;
}

char *server_last(struct server *s)
{
    pthread_mutex_lock(&s->lock);
    char *text = mem_text(s->request_count ? s->requests[s->request_count - 1] : "");
    pthread_mutex_unlock(&s->lock);
    return text;
}
