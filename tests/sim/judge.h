/* Compares the database with the ledger, by SQL of its own on an image of the disk; no
 * line of the program takes part. */
#ifndef TESTS_SIM_JUDGE_H
#define TESTS_SIM_JUDGE_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/night.h"

/* A row of the table job, with what is known of its attempts. */
struct judged {
    char state[12];
    char remote_id[24];
    int attempts;         /* rows of attempt */
    int open;             /* of them without an outcome */
    bool taken_and_ended; /* failed, but only after the API had taken it */
};

void judge_open(void); /* once per process, when a database is there */
void judge_begin(const struct night *n);
void judge_close(void);

void judge_imported(void); /* the program was told that its jobs are on disk */
bool judge_was_imported(void);

/* A request is about to leave: what must be on disk by now, and would outlive a power cut? */
void judge_send(int job);

/* Between two lives, and at the end. `ended`: the last one ended by itself. */
void judge_between_lives(bool ended);
void judge_end(void);
uint64_t judge_digest(void); /* of every job's row */

/* After a run with look-ups that ended by itself, with a truthful server on which nothing
 * is late. */
void judge_looked_up(void);

/* As they are now; NULL: there are none yet. */
const struct judged *judge_rows(void);

/* Would a list of that kind and user without any row of ours be seen to be blind? For
 * each job in doubt that has an effect there must be an older one whose id is known. */
bool judge_sees_blindness(enum job_kind kind, const char *user);

#endif
