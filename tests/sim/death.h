/* When the program dies. A life is given a plan: the n-th step of a kind, or a moment.
 *
 * The dead do not stop at once: the code that was running is let run on to its end, so
 * that its memory is freed, but nothing that it does reaches the world any more: every
 * call of the disk fails and changes nothing, what is sent goes nowhere, the loop ends.
 * Whoever stands between the program and the world asks death_came() first. */
#ifndef TESTS_SIM_DEATH_H
#define TESTS_SIM_DEATH_H

#include <stdbool.h>
#include <stdint.h>

enum death_step {
    DEATH_AT_DISK, /* a write, sync, truncation or deletion */
    DEATH_AT_SEND,
    DEATH_AT_TURN, /* of the loop */
    DEATH_NEVER,
};

struct death_plan {
    enum death_step step;
    int64_t number; /* 1: the first step of that kind */
    bool after;     /* the step is done first */
};

void death_plan(const struct death_plan *plan); /* a new life begins */

/* A step is about to happen. True: the program dies before it; nothing of it may happen. */
bool death_before(enum death_step step);
/* It has happened. True: the program is dead by now. */
bool death_after(enum death_step step);

bool death_came(void);

#endif
