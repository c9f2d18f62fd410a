/* A libuv loop on simulated time: the few functions of uv.h that engine/run uses, with the
 * order that libuv 1.44 gives them. A turn: timers, idle, prepare, poll, closing. libuv
 * itself is not linked.
 *
 * Poll waits for what comes first: a timer, or something that the world has planned. */
#ifndef TESTS_SIM_LOOP_H
#define TESTS_SIM_LOOP_H

#include <stdbool.h>
#include <stdint.h>

struct loop_world {
    /* The next moment at which something of the world happens; INT64_MAX: none. */
    int64_t (*next_us)(void);
    void (*happen)(void); /* all that is due by now */
};

#define LOOP_TURNS_MAX 100000

enum loop_end {
    LOOP_ENDED,   /* *over was set */
    LOOP_DEAD,    /* death_came() */
    LOOP_STUCK,   /* nothing will ever happen */
    LOOP_ENDLESS, /* too many turns */
};

void loop_begin(void); /* forgets every handle */
enum loop_end loop_run(const struct loop_world *world, const bool *over);

#endif
