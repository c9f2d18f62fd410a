/* A life of the program: from its start to its end or its death, on the disk that the one
 * before has left. What app/work.c does, with the simulated world around it. */
#ifndef TESTS_SIM_LIFE_H
#define TESTS_SIM_LIFE_H

#include "base/rng.h"
#include "sim/death.h"
#include "sim/disk.h"
#include "sim/night.h"

struct life {
    struct death_plan death;
    struct disk_error error;
    int64_t signal_us;     /* from the start of the run; 0: none comes */
    bool aborts;           /* the signal ends it at once */
    int64_t stop_after_ms; /* 0: no deadline */
    bool asks_operator;    /* a person decides first, by the ledger */
    bool is_kind;          /* ... every doubt, and nothing else */
};

enum life_end {
    LIFE_ENDED, /* by itself, all of it on disk */
    LIFE_DIED,
    LIFE_FAILED, /* the disk did */
};

void life_setup(void); /* once per process: the catalogue */
void life_teardown(void);
enum life_end life_live(const struct night *n, const struct life *life, struct rng *dice);

#endif
