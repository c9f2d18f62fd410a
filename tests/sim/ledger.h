/* The other side: what really happened, whatever the program was told. It outlives every
 * death of the program. */
#ifndef TESTS_SIM_LEDGER_H
#define TESTS_SIM_LEDGER_H

#include "sim/night.h"

#define EFFECTS_MAX 192

struct effect {
    int job;
    int64_t at_us;      /* when it takes effect; it is decided before */
    int64_t visible_us; /* when lists show it */
    int64_t made_ms;    /* at_us by the server's clock */
    char id[16];
    char user[24];    /* on whose behalf; empty: the master */
    char label[80];   /* email or label */
    char account[24]; /* id of the instruction */
    char amount[32];  /* as it came */
    char currency[12];
    const char *status; /* NULL: that kind has none */
};

struct ledger {
    struct effect effects[EFFECTS_MAX];
    int count;
    int arrived[NIGHT_JOBS_MAX]; /* requests of the job that the server has read whole */
    int next_id;
};

extern struct ledger ledger;

void ledger_begin(void);

/* Room for one more, with an id. */
struct effect *ledger_add(int job);

/* Effects of a job: those that took place, and those that will. */
int ledger_done(int job);
int ledger_coming(int job);
const struct effect *ledger_effect_of(int job); /* the first; NULL: none */

int64_t ledger_quiet_us(void); /* from when on nothing is late and no list lags */

#endif
