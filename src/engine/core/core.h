/* The engine's mind: an event and the time go in, actions come out. It asks no clock and
 * touches no disk, socket or table, so its tests are traces on a simulated clock.
 *
 * The shell (engine/run) owes it an order:
 *   1. requests are made of the jobs to OPEN; those that come back as CORE_UNSENDABLE bring
 *      out more actions, of the same round;
 *   2. OPEN and RECORD of the round are written in one transaction, which is committed;
 *   3. only then CORE_COMMITTED goes in, and only that brings out SEND;
 *   4. LOAD is carried out after the commit.
 * Look-ups of jobs in doubt, and after them questions about accepted ones, share the pace; they change
 * nothing on the other side, so they need no attempt and no commit before.
 *
 * So nothing leaves before the line that says it may leave is on disk, and nothing that
 * depends on an outcome starts before that outcome is on disk.
 *
 * When the API does not answer well, everything waits: each setback doubles the pause,
 * then one request at a time probes; the first good answer opens the way again,
 * `setback_limit` setbacks in a row end the run with every job kept. So a dead or sick
 * server costs at most `concurrency` + `setback_limit` + 1 doubts, however long the queue. */
#ifndef REMESA_CORE_CORE_H
#define REMESA_CORE_CORE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "model/job.h"
#include "model/outcome.h"
#include "model/rate.h"

struct core;

struct core_config {
    int concurrency;    /* most requests in flight, 1 or more */
    int64_t milli_rate; /* requests in a thousand seconds; 0: no limit */
    int burst; /* of them may start at once after a lull; 0 or 1: evenly spaced */
    int64_t budget_rates[RATE_BUDGETS_MAX]; /* as milli_rate, but never 0 */
    int budget_count;
    int64_t retry_base_us;
    int64_t retry_max_us;
    int64_t retry_percent; /* repeats for a hundred first attempts, 0 to 100 */
    int setback_limit;     /* setbacks in a row that end the run */
    int try_limit; /* of one repeatable job whose answers stay unreadable: then it has failed */
    uint64_t seed; /* of the jitter */
    bool follows;  /* accepted jobs are asked about; all of them once more at the end */
    int64_t follow_for_us; /* so long after there was something else to do */
};

/* What there is to do for a job, the more important first. The other two only ask, and one question may be for
 * several jobs: it goes by the id of the first. */
enum core_job_kind {
    CORE_JOB_SEND,
    CORE_JOB_LOOK_UP, /* it is in doubt: a list is read that tells about it */
    CORE_JOB_FOLLOW,  /* it was accepted: is it final by now? */
    CORE_JOB_KINDS
};

struct core_job {
    int64_t id;
    int doubts;       /* attempts of it whose answers could not be read */
    bool repeat_safe; /* its action may be sent twice */
    bool is_repeat;   /* an attempt of it was made before */
    int budget;       /* of its endpoint, 1 to budget_count; 0: none */
    enum core_job_kind kind;
};

enum core_event_type {
    CORE_START,
    CORE_LOADED, /* answers LOAD: jobs, count, all, kept_back, next_due */
    CORE_COMMITTED, /* OPEN and RECORD of this turn are on disk, but for the OPENs in `withheld`:
                        of those no attempt is recorded, and they are at rest in the store */
    CORE_ANSWERED,   /* an attempt came to something: job_id, outcome, ... */
    CORE_UNSENDABLE, /* answers OPEN, before the commit: no request can be made of it and
                        no attempt is recorded: job_id */
    CORE_HOLD,   /* the server's quota is used up: nothing starts for retry_after_us. That
                     is no setback */
    CORE_LOOKED, /* answers LOOK: job_id, outcome (accepted: the page was read; rejected: it
                    never will be), more */
    CORE_WOKEN,   /* the time of SLEEP has come */
    CORE_ARRIVED, /* new jobs may be in the store */
    CORE_STOP,    /* no new sends; end when the answers are in: end */
};

enum core_end {
    CORE_END_DONE,        /* nothing is left that could start */
    CORE_END_STOPPED,     /* a signal or a deadline */
    CORE_END_UNAVAILABLE, /* the API cannot be reached, or does not answer well */
    CORE_END_KEY,         /* the key is refused */
    CORE_END_FUNDS,       /* the account has no funds */
    CORE_END_CONFLICT, /* a job seems to have taken effect more than once: a person must look */
};

struct core_event {
    enum core_event_type type;
    const struct core_job *jobs;
    int count;
    bool all;       /* the store has no more that may start now, but for what was... */
    bool kept_back; /* ...passed over: core_room had no room for it */
    int64_t next_due_us; /* in how many microseconds a job falls due; -1: none waits for a
                            time */
    int64_t next_follow_us; /* the same of what is to be asked about; -1: nothing is */
    int64_t job_id;
    enum outcome outcome;
    enum systemic systemic;
    enum job_state accepted_as; /* of ACCEPTED: succeeded, following, or failed */
    int64_t retry_after_us;     /* -1: the server asked for nothing */
    bool more;                  /* of LOOKED: the list has another page to read */
    bool freed;                 /* of COMMITTED: jobs have become ready by it */
    const int64_t *withheld;    /* of COMMITTED: so many jobs */
    int withheld_count;
    enum core_end end;
};

enum core_action_type {
    CORE_LOAD, /* up to `count` jobs, none of those that core_holds, and of each kind no more
                    than core_room says at that moment */
    CORE_OPEN,   /* make the request, record the attempt: job_id */
    CORE_SEND,   /* let it go: job_id */
    CORE_RECORD, /* job_id moves to `to`; queued: due after `delay_us` (0: at once) */
    CORE_LOOK, /* let the next page's GET go, at once: job_id; after one that failed, the first. No attempt is
                    recorded */
    CORE_SETTLE, /* the look-up of job_id is over: write what it has shown, with the RECORDs */
    CORE_SLEEP,  /* wake me at `until`, or with the next event; replaces an earlier SLEEP
                  */
    CORE_FINISH, /* nothing is in flight or unwritten; `end` says why it is over. The last
                    action */
};

struct core_action {
    enum core_action_type type;
    int64_t job_id;
    int count;
    bool
        last; /* of LOAD: there is nothing else to do; what earlier runs have left, and was
                  not asked about in this one, falls due now */
    enum job_state to;
    int64_t delay_us;
    struct mono until;
    enum core_end end;
};

struct core *core_new(const struct core_config *config, struct mono now);
void core_free(struct core *c);

/* The actions stay with the core until the next step. */
struct core_actions {
    const struct core_action *items;
    int count;
};
struct core_actions core_step(struct core *c, const struct core_event *event,
                              struct mono now);

bool core_holds(const struct core *c,
                int64_t job_id); /* loaded, and not at rest in the store again */
/* How many more of such jobs a LOAD may bring; INT_MAX: as many as it asked for. */
int core_room(const struct core *c, int budget, bool is_repeat);
int core_in_flight(const struct core *c);
int64_t core_paused_us(
    const struct core *c); /* everything had, or has, to wait for so long in all */

#endif
