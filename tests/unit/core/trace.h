/* The core on a simulated clock: a store, a server and a shell that are as small as they
 * can be, and a readable record of what happened.
 *
 *     [    0] LOAD 4 -> 7 8
 *     [    0] SLEEP until 200
 *     [  200] OPEN 7
 *     [  200] COMMIT
 *     [  200] SEND 7
 *     [  280] 7 accepted
 *     [  280] RECORD 7 succeeded
 *
 * Times are milliseconds since the start. The shell keeps the order that core.h asks for,
 * in rounds as engine/run does: what was asked for in one round is written and committed
 * together, and only then come its sends and loads; what these bring out is the next
 * round. What the core owes the shell is watched at every step; a broken promise is a
 * line FAULT and counts in `faults`. */
#ifndef TESTS_UNIT_CORE_TRACE_H
#define TESTS_UNIT_CORE_TRACE_H

#include "base/buf.h"
#include "base/rng.h"
#include "engine/core/core.h"

#define TRACE_JOBS_MAX   256
#define TRACE_SCRIPT_MAX 8

struct trace_answer {
    int64_t after_us; /* since the send */
    enum outcome outcome;
    enum systemic systemic;
    enum job_state accepted_as;
    int64_t retry_after_us; /* -1: nothing is asked for */
    int64_t hold_us;        /* the quota is used up for so long; 0: it is not */
};

struct trace_job {
    int64_t id;
    bool repeat_safe;
    int budget; /* 0: none */
    int pages;  /* it is in doubt: a look-up that reads so many pages; 0: a job to send */
    int pages_read;
    int looks; /* it was accepted, and is final at the how manyeth look; 0: it is none of these */
    int looked;
    bool unsendable; /* no request can be made of it */
    bool withheld;   /* the store keeps it back instead of opening its attempt */
    int64_t needs;   /* a job that must succeed before; 0: none */
    int64_t after;   /* the one before it in its lane, which must have left it; 0: none */
    enum job_state state;
    int64_t due_us;     /* not before, since the start; 0: at once */
    int64_t appears_us; /* another program brings it; 0: there from the start */
    int doubts;         /* answers of it that could not be read */

    struct trace_answer script[TRACE_SCRIPT_MAX]; /* then the server's usual answer */
    int scripted, played;

    /* what the watch needs to know */
    bool held, opened, committed, sent, answered;
    int64_t answer_at_us;
    struct trace_answer answer;
    int opens, sends, records, asked;
};

typedef struct trace_answer trace_server_fn(void *ctx, const struct trace_job *job);

struct trace {
    struct core_config config;
    struct core *core;
    int64_t now_us; /* since the start */
    struct trace_job jobs[TRACE_JOBS_MAX];
    int job_count;
    int64_t withheld[TRACE_JOBS_MAX]; /* in this round */
    int withheld_count;

    trace_server_fn *server; /* the usual answer; NULL: accepted after 80 ms */
    void *server_ctx;
    struct rng *jitter; /* of the turns and timers; NULL: they take no time */
    bool turn_late;     /* several events are handed in before one turn */
    int64_t stop_at_us; /* 0: never */
    enum core_end stop_end;

    struct core_action *pending;
    int pending_count, pending_room;
    bool loading, stopped, finished, core_is_stopping;
    int64_t wake_at_us; /* -1: no SLEEP stands */
    int64_t told_sleep_us;
    int in_flight, most_in_flight;
    bool kept_back; /* by the LOAD that is carried out */
    int64_t send_times[TRACE_JOBS_MAX * 16];
    int send_budgets[TRACE_JOBS_MAX * 16];
    int send_count;
    enum core_end end;
    int faults;
    bool quiet; /* only FAULT lines are written */
    struct buf text;
};

void trace_init(struct trace *t, const struct core_config *config);
void trace_close(struct trace *t);

struct trace_job *trace_add(struct trace *t, int64_t id);
void trace_add_many(struct trace *t, int64_t first, int64_t last);
void trace_script(struct trace_job *job, struct trace_answer answer);

struct trace_answer trace_says(enum outcome outcome, int64_t after_ms);
struct trace_answer trace_asks(enum outcome outcome, int64_t after_ms,
                               int64_t retry_after_ms);
struct trace_answer trace_refuses(enum systemic systemic, int64_t after_ms);

/* Until FINISH, or until nothing is left that could happen (a fault). */
void trace_play(struct trace *t);

struct trace_job *trace_job(struct trace *t, int64_t id);
int trace_count(const struct trace *t, enum job_state state);
/* Most sends within any window of one second, both ends in it; of one budget, or of all (-1). */
int trace_most_in_a_second(const struct trace *t, int budget);

/* The whole text, or those of its lines that have one of `words` (NULL-ended) in them. */
#define TRACE_IS(t, want) trace_is((t), NULL, (want), __FILE__, __LINE__)
#define TRACE_LINES(t, want, ...)                                                        \
    trace_is((t), (const char *const[]){__VA_ARGS__, NULL}, (want), __FILE__, __LINE__)
void trace_is(struct trace *t, const char *const *words, const char *want,
              const char *file, int line);

#endif
