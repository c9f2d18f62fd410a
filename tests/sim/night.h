/* What a seed expands to: the settings of the program, the ways of the server and of the
 * disk, and the jobs of one night. */
#ifndef TESTS_SIM_NIGHT_H
#define TESTS_SIM_NIGHT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "store/store.h"

#define NIGHT_JOBS_MAX 64

enum job_kind { KIND_USER, KIND_ACCOUNT, KIND_CASH, KIND_COIN, KIND_READ, KIND_OTHER };

struct night_job {
    enum job_kind kind;
    char ref[24];
    int user;    /* the job that makes it; -1: the user STRANGER, who was there before */
    int account; /* of KIND_CASH */
    int extra_need;  /* -1: none */
    char amount[48]; /* as the payee file has it */
    int64_t minor;   /* the same, in the smallest unit */
    const char *currency;
};

#define NIGHT_STRANGER "594"

/* A lie breaks an assumption on purpose, to see the judge find what follows. */
enum night_lie {
    LIE_NONE,
    LIE_LATE,   /* effects later than the settle time */
    LIE_SYNC,   /* the disk ignores syncs */
    LIE_REFUSE, /* a refusal of what took effect */
    LIE_AMOUNT, /* another amount takes effect */
    LIE_COUNT
};

struct night {
    uint64_t seed;
    enum night_lie lie;

    /* the program */
    int concurrency, retry_limit;
    int64_t milli_rate, retry_base_ms, retry_max_ms;
    int64_t find_first_ms, settle_ms; /* first 0: nothing is looked up */
    int find_tries;
    int checkpoint_frames; /* of SQLite; 0: as it is */
    bool starts_empty;     /* no database is there at first */

    /* the world */
    int lives;            /* that may end badly; after them everything is kind */
    int trouble;          /* requests of a hundred that do not go well */
    int loss;             /* of those that do not, how many take effect all the same */
    int64_t late_most_us; /* from a request's arrival to its effect */
    int64_t lag_most_us;  /* from the effect to the list */
    int64_t answer_most_us;
    int page; /* rows of a page; 0: lists have no pages */
    bool newest_first, filters, keeps_date;
    int foreign_rows;
    int blind; /* lists of a hundred without any row of ours, where that can be seen */
    int64_t server_skew_ms;
    int slow_syncs;   /* of a hundred */
    int wall_jump_ms; /* at most, between two lives */

    struct night_job jobs[NIGHT_JOBS_MAX];
    int job_count;
};

void night_expand(struct night *n, uint64_t seed, enum night_lie lie);
void night_print(const struct night *n);
const char *night_lie_name(enum night_lie lie); /* "": none */

/* 0: it is imported, or was before. -1 with err. */
int night_import(const struct night *n, struct store *store, struct err *err);

const char *night_action(enum job_kind kind);
void night_email(const struct night_job *job, char out[64]);
bool night_has_effect(const struct night_job *job);

#endif
