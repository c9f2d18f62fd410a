/* The jobs that wait to be sent, and which of them is next: the one that came first, of those that may.
 *
 * Two things can hold a job back although the pace of the whole would let it go. Its endpoint's budget:
 * some endpoints stand less than the API as a whole, and each of these has a limiter of its own. And the
 * budget of repeats (M. Brooker, "Fixing retries with token buckets and circuit breakers", 2022): requests
 * that were made once already may be at most `retry_percent` of the first ones, REPEATS_SAVED in reserve,
 * for as long as there are first ones to make. A server that fails half of what it is asked is not asked
 * half as much again. When nothing else could start the repeats go, at the pace of everything.
 *
 * So there is a line for each budget, first attempts and repeats apart. Only the line of unhurried first
 * attempts fills a LOAD: the others hold `most` each, and a LOAD passes over what goes beyond. */
#ifndef REMESA_CORE_SENDS_H
#define REMESA_CORE_SENDS_H

#include "engine/core/core.h"
#include "engine/core/limiter.h"

#define REPEATS_SAVED 10

/* A job in memory: waiting for its turn to be sent, or in flight (opened and not yet
 * answered). */
struct held {
    struct core_job job;
    int64_t came; /* the how manyeth that came to wait */
    int failed;   /* questions about it in the last round that came to nothing */
    struct held *
        next; /* in the line of those waiting, or of those opened and not yet committed */
};

struct line {
    struct held *first;
    struct held **last;
    int count;
};
void line_init(struct line *l);
void line_add(struct line *l, struct held *h);
struct held *line_take(struct line *l); /* NULL: it is empty */

struct sends {
    int budgets; /* numbered from 1; 0 is the jobs that have none */
    struct limiter limits[1 + RATE_BUDGETS_MAX];
    struct line lines[1 + RATE_BUDGETS_MAX][2]; /* first attempts, repeats */
    int most;                                   /* in each line but the first */
    int64_t retry_percent;
    int64_t credit; /* for repeats, in hundredths of one */
    int64_t came;
};

void sends_init(struct sends *s, const struct core_config *config, struct mono now);
void sends_close(struct sends *s);

void sends_add(struct sends *s, struct held *h);
int sends_count(const struct sends *s);
int sends_plain(const struct sends *s); /* of them, those that fill a LOAD */
/* How many more such jobs may wait; INT_MAX: as many as a LOAD brings. */
int sends_room(const struct sends *s, int budget, bool is_repeat);

/* The earliest time at which one of them may go; LIMITER_UNKNOWN: there is none, or nobody knows yet. */
struct mono sends_due(const struct sends *s);

/* The next one, counted in its budgets; NULL: none may go now. `*eased`: a line that had been full is half
 * empty by it, so what a LOAD passed over may come. */
struct held *sends_take(struct sends *s, struct mono now, bool *eased);
void sends_left(struct sends *s, const struct held *h, struct mono now); /* it was sent */
void sends_give_back(struct sends *s,
                     const struct held *h); /* taken, but not to be sent */
void sends_slow(struct sends *s, const struct held *h);
void sends_recover(struct sends *s, const struct held *h);

#endif
