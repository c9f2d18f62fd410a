/* What a seed is found guilty of, and the figures of all seeds. */
#ifndef TESTS_SIM_FINDINGS_H
#define TESTS_SIM_FINDINGS_H

#include <stdint.h>

enum finding {
    FOUND_TWICE, /* a job took effect more than once, or more left than is written down */
    FOUND_LOST,  /* the database does not know of an effect, or a job waits for nothing */
    FOUND_WRONG, /* any other disagreement */
    FOUND_CORRUPT, /* SQLite finds the file damaged */
    FINDING_COUNT
};

struct figures {
    int64_t seeds;
    int64_t guilty; /* seeds with a finding */
    int64_t found[FINDING_COUNT];
    int64_t us; /* simulated */
    int64_t crashes;
    int64_t power_cuts; /* of them */
    int64_t io_errors;
    int64_t requests;
    int64_t effects;
    int64_t look_ups;
    int64_t decisions; /* of the operator */
    int64_t doubts;    /* attempts that were closed as in doubt */
    uint64_t digest;   /* of every seed's trace, whatever their order */
};

extern struct figures figures; /* of this process */

void findings_begin(void); /* of the next seed */
void find(enum finding what, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
int findings_count(void); /* of this seed */
const char *findings_text(int number);

void figures_add(struct figures *sum, const struct figures *more);

#endif
