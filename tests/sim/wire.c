#include "sim/wire.h"

#include <stdlib.h>
#include <string.h>

#include "sim/death.h"
#include "sim/findings.h"
#include "sim/hours.h"
#include "sim/judge.h"
#include "sim/server.h"
#include "sim/trace.h"

#define FLIGHTS_MAX    16
#define RECENT_MAX     32
#define SLOW_COMMIT_US 250000

struct flight {
    bool is_taken;
    int64_t tag, due_us;
    struct http_response response;
};

static const struct night *night;
static struct flight flights[FLIGHTS_MAX];
static transport_done_fn *done;
static void *done_ctx;
static int life;
static struct leaving {
    int64_t us;
    int life;
} recent[RECENT_MAX]; /* the last requests that left, a ring */
static int64_t left;

/* ---- pace ---- */

/* No second holds more than a second's share. A new life knows when it began and not when
 * the last requests of the one before really left, so across a death the second may be
 * shorter by what a commit can take. */
static void watch_pace(void)
{
    int share = (int)(night->milli_rate / 1000);
    struct leaving now = {hours_now_us(), life}, before;
    if (share > 0 && left >= share) {
        before = recent[(left - share) % RECENT_MAX];
        int64_t second = before.life == life ? 1000000 : 1000000 - SLOW_COMMIT_US;
        if (now.us - before.us < second)
            find(FOUND_WRONG, "%d requests left in %lld us, of %d that may in a second",
                 share + 1, (long long)(now.us - before.us), share);
    }
    recent[left++ % RECENT_MAX] = now;
}

/* ---- sending ---- */

static struct flight *free_flight(void)
{
    for (int i = 0; i < FLIGHTS_MAX; i++)
        if (!flights[i].is_taken)
            return &flights[i];
    abort();
}

static int in_flight(void)
{
    int count = 0;
    for (int i = 0; i < FLIGHTS_MAX; i++)
        count += flights[i].is_taken;
    return count;
}

static void wire_send(void *ctx, const struct http_request *request, int64_t tag)
{
    struct reply reply;
    int job = (int)tag - 1;
    (void)ctx;
    if (death_before(DEATH_AT_SEND))
        return;
    if (tag < 1 || tag > night->job_count) {
        find(FOUND_WRONG, "a request of a job that is none: %lld", (long long)tag);
        return;
    }
    figures.requests++;
    figures.look_ups += server_is_look_up(request, job);
    watch_pace();
    if (!server_is_look_up(request, job))
        judge_send(job);
    server_take(request, job, &reply);
    struct flight *f = free_flight();
    *f = (struct flight){true, tag, hours_now_us() + reply.after_us, reply.response};
    if (in_flight() > night->concurrency)
        find(FOUND_WRONG, "%d requests in flight, of %d that may be", in_flight(),
             night->concurrency);
    death_after(DEATH_AT_SEND);
}

static void tell(struct flight *f)
{
    struct flight told = *f;
    f->is_taken = false;
    if (!death_came())
        done(done_ctx, told.tag, &told.response);
    http_response_close(&told.response);
}

static void wire_abort(void *ctx)
{
    (void)ctx;
    for (int i = 0; i < FLIGHTS_MAX; i++) {
        struct http_response *r = &flights[i].response;
        if (!flights[i].is_taken)
            continue;
        http_response_close(r);
        http_response_init(r);
        r->sends = 1;
        r->transport_code = 42;
        tell(&flights[i]);
    }
}

/* ---- answers ---- */

static struct flight *first_due(void)
{
    struct flight *first = NULL;
    for (int i = 0; i < FLIGHTS_MAX; i++)
        if (flights[i].is_taken && (!first || flights[i].due_us < first->due_us))
            first = &flights[i];
    return first;
}

int64_t wire_next_us(void)
{
    const struct flight *f = first_due();
    return f ? f->due_us : INT64_MAX;
}

void wire_happen(void)
{
    for (struct flight *f; (f = first_due()) && f->due_us <= hours_now_us();)
        tell(f);
}

/* ---- life ---- */

void wire_begin(const struct night *n)
{
    night = n;
    left = 0;
    life = 0;
    memset(recent, 0, sizeof(recent));
}

static void wire_distrust(void *ctx)
{
    (void)ctx; /* no connections here */
}

const struct transport *wire_open(transport_done_fn *to, void *ctx)
{
    static const struct transport seam = {NULL, wire_send, wire_abort, wire_distrust};
    life++;
    done = to;
    done_ctx = ctx;
    return &seam;
}

void wire_close(void)
{
    for (int i = 0; i < FLIGHTS_MAX; i++)
        if (flights[i].is_taken)
            http_response_close(&flights[i].response);
    memset(flights, 0, sizeof(flights));
}
