/* The shell around the core: one libuv loop, one store, one transport.
 *
 * A turn of the loop:   poll -> callbacks hand events to the core -> its actions pile up
 * -> before the loop sleeps: one transaction with every outcome and every new attempt,
 * COMMIT, only then the sends.
 *
 * A job in memory is a `flight` (flight.h). One commit serves all jobs of a turn. When
 * the store fails, nothing more is sent and the run ends: what was in flight stays an
 * open attempt on disk, and the next start treats it as such. */
#ifndef REMESA_RUN_RUN_H
#define REMESA_RUN_RUN_H

#include "api/key.h"
#include "api/otp.h"
#include "engine/core/core.h"
#include "engine/core/evidence.h"
#include "model/action.h"
#include "model/caps.h"
#include "model/http.h"
#include "store/store.h"

struct uv_loop_s;
struct foresight;
struct run;

/* What has happened since the run began; for a progress line. */
struct run_counts {
    int64_t sent;
    int64_t moved[JOB_STATE_COUNT]; /* moves into each state */
    int64_t skipped;                /* by a lost need */
    int in_flight;
    int64_t throttled; /* answers 429, to requests of any kind */
    int64_t repeats;   /* requests for jobs that had an attempt before */
    int64_t doubts;    /* moves into doubt, those that were found since too */
    int64_t paused_us; /* nothing could start: setbacks, and quotas that were used up */
};

/* Looks for rows of other programs and makes jobs of them. Returns how many are new, -1
 * with err. */
typedef int64_t run_arrivals_fn(void *ctx, struct err *err);

struct run_options {
    struct core_config core;
    struct evidence_rules find; /* tries 0: nothing is looked up */
    const char *base_url;       /* for the record */
    struct store *store;
    const struct catalogue *catalogue;
    const struct key *key;
    struct otp *otp; /* NULL: no codes can be made */
    run_arrivals_fn *arrivals;
    void *arrivals_ctx;
    int64_t stop_after_ms;       /* no new sends after this time; 0: no such limit */
    bool look_only;              /* nothing is sent but look-ups */
    struct caps caps;            /* what would pass one is held */
    struct foresight *foresight; /* NULL: a real run; else the business of run_foresee */
};

/* Everything is borrowed and must outlive the run. */
int run_open(struct run **out, struct uv_loop_s *loop, const struct run_options *options,
             struct err *err);
void run_close(struct run *r); /* after the loop has ended */

/* The transport's transport_done_fn, with the run as its context. */
void run_on_response(void *run, int64_t tag, const struct http_response *response);

/* Goes to work; `ended` is called once, from the loop, when nothing is in flight and all
 * is on disk. */
void run_start(struct run *r, const struct transport *transport, void (*ended)(void *ctx),
               void *ctx);

void run_stop(struct run *r);  /* no new sends; what is in flight is waited for */
void run_abort(struct run *r); /* what is in flight is torn, hence in doubt */

const struct run_counts *run_counts(const struct run *r);
int64_t run_id(const struct run *r); /* its row in the store */

/* Once `ended` was called. -1: the store failed, err says how. */
int run_result(const struct run *r, enum core_end *end, struct err *err);

#endif
