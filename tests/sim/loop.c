#include "sim/loop.h"

#include <stdlib.h>
#include <uv.h>

#include "sim/death.h"
#include "sim/hours.h"
#include "sim/trace.h"

#define HANDLES_MAX 8
#define NEVER       INT64_MAX

struct slot {
    void *handle;
    uv_handle_type type;
    bool active, closing, closed;
    int64_t due_ms, repeat_ms;
    int64_t order; /* of timers that are due in the same millisecond */
    union {
        uv_timer_cb timer;
        uv_idle_cb idle;
        uv_prepare_cb prepare;
    } call;
    uv_close_cb on_closed;
};

static struct slot slots[HANDLES_MAX];
static int count;
static int64_t loop_ms; /* the loop's own idea of now */
static int64_t starts;

static struct slot *slot_of(const void *handle)
{
    for (int i = 0; i < count; i++)
        if (slots[i].handle == handle)
            return &slots[i];
    abort();
}

static int add(void *handle, uv_handle_type type)
{
    if (count == HANDLES_MAX)
        abort();
    slots[count++] = (struct slot){.handle = handle, .type = type};
    return 0;
}

static struct slot *start(void *handle)
{
    struct slot *s = slot_of(handle);
    s->active = !s->closing;
    return s;
}

static void call(struct slot *s)
{
    if (s->type == UV_TIMER)
        s->call.timer(s->handle);
    else if (s->type == UV_IDLE)
        s->call.idle(s->handle);
    else
        s->call.prepare(s->handle);
}

/* ---- in the place of libuv ---- */

int uv_prepare_init(uv_loop_t *loop, uv_prepare_t *handle)
{
    (void)loop;
    return add(handle, UV_PREPARE);
}

int uv_idle_init(uv_loop_t *loop, uv_idle_t *handle)
{
    (void)loop;
    return add(handle, UV_IDLE);
}

int uv_timer_init(uv_loop_t *loop, uv_timer_t *handle)
{
    (void)loop;
    return add(handle, UV_TIMER);
}

int uv_prepare_start(uv_prepare_t *handle, uv_prepare_cb on_prepare)
{
    start(handle)->call.prepare = on_prepare;
    return 0;
}

int uv_idle_start(uv_idle_t *handle, uv_idle_cb on_idle)
{
    start(handle)->call.idle = on_idle;
    return 0;
}

int uv_idle_stop(uv_idle_t *handle)
{
    slot_of(handle)->active = false;
    return 0;
}

int uv_timer_start(uv_timer_t *handle, uv_timer_cb on_timer, uint64_t after_ms,
                   uint64_t repeat_ms)
{
    struct slot *s = start(handle);
    s->call.timer = on_timer;
    s->due_ms = loop_ms + (int64_t)after_ms;
    s->repeat_ms = (int64_t)repeat_ms;
    s->order = ++starts;
    return 0;
}

void uv_update_time(uv_loop_t *loop)
{
    (void)loop;
    loop_ms = hours_now_us() / 1000;
}

void uv_close(uv_handle_t *handle, uv_close_cb on_closed)
{
    struct slot *s = slot_of(handle);
    s->active = false;
    s->closing = true;
    s->on_closed = on_closed;
}

int uv_is_closing(const uv_handle_t *handle)
{
    return slot_of(handle)->closing;
}

/* ---- a turn ---- */

static struct slot *next_timer(void)
{
    struct slot *next = NULL;
    for (int i = 0; i < count; i++) {
        struct slot *s = &slots[i];
        if (s->type != UV_TIMER || !s->active)
            continue;
        if (!next || s->due_ms < next->due_ms ||
            (s->due_ms == next->due_ms && s->order < next->order))
            next = s;
    }
    return next;
}

static void run_timers(void)
{
    for (struct slot *s; (s = next_timer()) && s->due_ms <= loop_ms;) {
        s->active = s->repeat_ms > 0;
        s->due_ms = loop_ms + s->repeat_ms;
        s->order = ++starts;
        call(s);
    }
}

static bool run_all(uv_handle_type type)
{
    bool any = false;
    for (int i = 0; i < count; i++)
        if (slots[i].type == type && slots[i].active) {
            any = true;
            call(&slots[i]);
        }
    return any;
}

static bool is_any(bool is_idle)
{
    for (int i = 0; i < count; i++)
        if (is_idle ? slots[i].type == UV_IDLE && slots[i].active
                    : slots[i].closing && !slots[i].closed)
            return true;
    return false;
}

/* False: nothing is waited for. */
static bool poll(const struct loop_world *world)
{
    const struct slot *timer = next_timer();
    int64_t until = world->next_us();
    if (timer && timer->due_ms * 1000 < until)
        until = timer->due_ms * 1000;
    bool waits = !is_any(true) && !is_any(false);
    if (waits && until == NEVER)
        return false;
    if (waits)
        hours_pass_until(until);
    hours_pass(20);
    loop_ms = hours_now_us() / 1000;
    world->happen();
    return true;
}

static void run_closing(void)
{
    for (int i = 0; i < count; i++)
        if (slots[i].closing && !slots[i].closed) {
            slots[i].closed = true;
            if (slots[i].on_closed)
                slots[i].on_closed(slots[i].handle);
        }
}

void loop_begin(void)
{
    count = 0;
    starts = 0;
    loop_ms = hours_now_us() / 1000;
}

enum loop_end loop_run(const struct loop_world *world, const bool *over)
{
    for (int turn = 0; turn < LOOP_TURNS_MAX; turn++) {
        if (death_before(DEATH_AT_TURN))
            return LOOP_DEAD;
        loop_ms = hours_now_us() / 1000;
        run_timers();
        run_all(UV_IDLE);
        run_all(UV_PREPARE);
        if (death_came())
            return LOOP_DEAD;
        bool waited = poll(world);
        if (death_came())
            return LOOP_DEAD;
        run_closing();
        if (death_after(DEATH_AT_TURN))
            return LOOP_DEAD;
        if (*over)
            return LOOP_ENDED;
        if (!waited)
            return LOOP_STUCK;
    }
    return LOOP_ENDLESS;
}
