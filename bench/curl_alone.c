/* The rival that sets the mark: libcurl and nothing else. It sends the POSTs that remesa sends, over kept connections
 * from one process, counts the answers, and keeps none of them.
 *
 *     curl_alone URL COUNT CONNECTIONS PER_MULTI
 *
 * As fast as libcurl is reasonably driven: handles with all their options set once, sockets by curl_multi_socket_action
 * on epoll, and epoll told only what has really changed. PER_MULTI handles share a multi handle, whose work for one
 * event grows with their number on 7.88. */
#include <curl/curl.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <time.h>

#define EVENTS_MAX      512
#define DESCRIPTORS_MAX 65536
#define KEY                                                                              \
    "5d1f0b7c9e3a48d2b6f4a1c07e8d93525d1f0b7c9e3a48d2b6f4a1c07e8d93525d1f0b7c9e3a48d2"
#define NEVER INT64_MAX

struct multi {
    CURLM *curl;
    int64_t due_ms;
};

/* What curl wants of a descriptor, and what epoll has been told: a request's end takes the
 * socket off and the next request's start puts it on again. */
struct watch {
    struct multi *multi;
    uint32_t wanted, told;
};

struct lane {
    struct multi *multi;
    CURL *easy;
    char body[128];
};

static struct watch watches[DESCRIPTORS_MAX];
static int epoll;
static long count, started, answered, refused;

static void fail(const char *what)
{
    fprintf(stderr, "curl_alone: %s\n", what);
    exit(1);
}

static int64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Requests */

static size_t on_body(char *data, size_t size, size_t n, void *ctx)
{
    (void)data;
    (void)ctx;
    return size * n;
}

static void start_next(struct lane *lane)
{
    if (started == count)
        return;
    int n = snprintf(lane->body, sizeof(lane->body),
                     "{\"data\":{\"type\":\"users\",\"attributes\":{\"email\":"
                     "\"bench+%08ld@payer.example\"}}}",
                     started++);
    curl_easy_setopt(lane->easy, CURLOPT_POSTFIELDSIZE, (long)n);
    if (curl_multi_add_handle(lane->multi->curl, lane->easy) != CURLM_OK)
        fail("a request could not be added");
}

static void drain(struct multi *m)
{
    int left;
    for (CURLMsg *msg; (msg = curl_multi_info_read(m->curl, &left));) {
        struct lane *lane;
        long status = 0;
        CURL *easy = msg->easy_handle;
        bool whole = msg->data.result == CURLE_OK;
        curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
        curl_easy_getinfo(easy, CURLINFO_PRIVATE, &lane);
        answered++;
        refused += !whole || status < 200 || status > 299;
        curl_multi_remove_handle(m->curl, easy);
        start_next(lane);
    }
}

static void act(struct multi *m, curl_socket_t s, int what)
{
    int running;
    if (curl_multi_socket_action(m->curl, s, what, &running) != CURLM_OK)
        fail("curl_multi_socket_action");
    drain(m);
}

/* From curl to epoll */

static void tell_epoll(int fd, uint32_t wanted)
{
    struct epoll_event e = {.events = wanted, .data.fd = fd};
    struct watch *w = &watches[fd];
    int verb = !wanted ? EPOLL_CTL_DEL : w->told ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
    int rc = epoll_ctl(epoll, verb, fd, &e);
    if (rc && verb == EPOLL_CTL_MOD &&
        errno == ENOENT) /* a new socket of an old number */
        rc = epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &e);
    if (rc && wanted)
        fail("epoll_ctl");
    w->told = wanted;
}

static int on_socket(CURL *easy, curl_socket_t s, int what, void *ctx, void *unused)
{
    (void)easy;
    (void)unused;
    if (s >= DESCRIPTORS_MAX)
        fail("too many descriptors");
    struct watch *w = &watches[s];
    w->multi = ctx;
    w->wanted =
        (what & CURL_POLL_IN ? EPOLLIN : 0) | (what & CURL_POLL_OUT ? EPOLLOUT : 0);
    if (what == CURL_POLL_REMOVE)
        w->wanted = 0;
    else if (w->wanted != w->told)
        tell_epoll(s, w->wanted);
    return 0;
}

static int on_timer(CURLM *curl, long ms, void *ctx)
{
    (void)curl;
    struct multi *m = ctx;
    m->due_ms = ms < 0 ? NEVER : now_ms() + ms;
    return 0;
}

static void on_event(const struct epoll_event *e)
{
    int fd = e->data.fd;
    struct watch *w = &watches[fd];
    if (!w->wanted) { /* nobody has asked since the socket was taken off */
        tell_epoll(fd, 0);
        return;
    }
    int what = (e->events & EPOLLIN ? CURL_CSELECT_IN : 0) |
               (e->events & EPOLLOUT ? CURL_CSELECT_OUT : 0);
    if (e->events & (EPOLLERR | EPOLLHUP))
        what |= CURL_CSELECT_IN | CURL_CSELECT_OUT;
    act(w->multi, fd, what);
}

/* The loop */

static int64_t first_due(const struct multi *multis, int n)
{
    int64_t due = NEVER;
    for (int i = 0; i < n; i++)
        due = multis[i].due_ms < due ? multis[i].due_ms : due;
    return due;
}

static int wait_ms(int64_t due)
{
    if (due == NEVER)
        return -1;
    int64_t left = due - now_ms();
    return left < 0 ? 0 : (int)left;
}

static void turn(struct multi *multis, int n)
{
    struct epoll_event events[EVENTS_MAX];
    int got = epoll_wait(epoll, events, EVENTS_MAX, wait_ms(first_due(multis, n)));
    for (int i = 0; i < got; i++)
        on_event(&events[i]);
    int64_t now = now_ms();
    for (int i = 0; i < n; i++) {
        if (multis[i].due_ms > now)
            continue;
        multis[i].due_ms = NEVER;
        act(&multis[i], CURL_SOCKET_TIMEOUT, 0);
    }
}

/* The beginning */

static struct curl_slist *make_headers(void)
{
    static const char *const lines[] = {
        "Expect:",
        "Authorization: " KEY,
        "Version: 2.1",
        "Accept: application/vnd.api+json",
        "Content-Type: application/vnd.api+json",
    };
    struct curl_slist *all = NULL;
    for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++)
        all = curl_slist_append(all, lines[i]);
    return all;
}

static void open_multi(struct multi *m)
{
    *m = (struct multi){curl_multi_init(), NEVER};
    curl_multi_setopt(m->curl, CURLMOPT_SOCKETFUNCTION, on_socket);
    curl_multi_setopt(m->curl, CURLMOPT_SOCKETDATA, m);
    curl_multi_setopt(m->curl, CURLMOPT_TIMERFUNCTION, on_timer);
    curl_multi_setopt(m->curl, CURLMOPT_TIMERDATA, m);
    curl_multi_setopt(m->curl, CURLMOPT_MAXCONNECTS, 1024L);
}

static void open_lane(struct lane *lane, struct multi *m, const char *url,
                      struct curl_slist *headers)
{
    lane->multi = m;
    lane->easy = curl_easy_init();
    curl_easy_setopt(lane->easy, CURLOPT_PRIVATE, lane);
    curl_easy_setopt(lane->easy, CURLOPT_URL, url);
    curl_easy_setopt(lane->easy, CURLOPT_PROXY, "");
    curl_easy_setopt(lane->easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(lane->easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(lane->easy, CURLOPT_USERAGENT, "curl_alone");
    curl_easy_setopt(lane->easy, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(lane->easy, CURLOPT_POST, 1L);
    curl_easy_setopt(lane->easy, CURLOPT_POSTFIELDS, lane->body);
    curl_easy_setopt(lane->easy, CURLOPT_WRITEFUNCTION, on_body);
}

int main(int argc, char **argv)
{
    if (argc != 5)
        fail("usage: curl_alone URL COUNT CONNECTIONS PER_MULTI");
    int connections = atoi(argv[3]), per_multi = atoi(argv[4]);
    count = atol(argv[2]);
    if (count < 1 || connections < 1 || per_multi < 1)
        fail("COUNT, CONNECTIONS and PER_MULTI are at least 1");
    curl_global_init(CURL_GLOBAL_DEFAULT);
    epoll = epoll_create1(EPOLL_CLOEXEC);
    int multi_count = (connections + per_multi - 1) / per_multi;
    struct multi *multis = calloc((size_t)multi_count, sizeof(*multis));
    struct lane *lanes = calloc((size_t)connections, sizeof(*lanes));
    struct curl_slist *headers = make_headers();
    for (int i = 0; i < multi_count; i++)
        open_multi(&multis[i]);
    for (int i = 0; i < connections; i++) {
        open_lane(&lanes[i], &multis[i / per_multi], argv[1], headers);
        start_next(&lanes[i]);
    }
    while (answered < count)
        turn(multis, multi_count);
    printf("%ld answered, %ld not well\n", answered, refused);
    return refused ? 1 : 0;
}
