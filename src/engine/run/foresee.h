/* A run that sends nothing: what it would send, in order, and when.
 *
 * It is the run's own code up to the socket (core, loads, flights, requests, the turn and its transactions), on a
 * scratch copy of the store (store_open_copy) and a clock of its own, which goes on to the next event at once. Every
 * request is answered well after `answer_after_us`, with a number in the place of the id; what is watched
 * until it is final is so when it is asked about first; what is in doubt is found. There is no loop. */
#ifndef REMESA_RUN_FORESEE_H
#define REMESA_RUN_FORESEE_H

#include "base/clock.h"
#include "engine/run/run.h"

enum foreseen_kind {
    FORESEEN_SEND,
    FORESEEN_LOOK_UP,
    FORESEEN_POLL,
};

struct foreseen {
    enum foreseen_kind kind;
    int64_t after_us; /* since the run began */
    int64_t job_id;   /* of a question: of the first job that it is about */
    const char *ref, *action;
    int jobs; /* that it is about */
    const struct http_request *request;
};
typedef void foreseen_fn(void *ctx, const struct foreseen *f);

struct foresight {
    struct wall begins;
    int64_t answer_after_us;
    foreseen_fn *each; /* valid during the call only */
    void *ctx;

    /* What is under way; for foresee.c. */
    struct run *run;
    int64_t now_us; /* since it began */
    int64_t wake_us;
    struct foreseen_answer {
        int64_t tag, due_us;
    } * answers; /* in the order of their times, a queue from `first` on */
    size_t first, count, room;
};

struct foresaw {
    int64_t took_us;
    bool was_stopped; /* by stop_after_ms, with work left */
};

/* `options`: as of a run, with a scratch store. Its key may be any text. */
int run_foresee(struct foresight *f, const struct run_options *options,
                struct foresaw *out, struct err *err);

/* The job that a foreseen id stands for; 0: it is no such id. */
#define FORESEEN_ID_LEN 18
int64_t foreseen_id_job(struct span digits);

/* For the rest of this folder. */
struct mono foresight_mono(const struct foresight *f);
struct wall foresight_wall(const struct foresight *f);
void foresight_sleep(struct foresight *f, struct mono until);
const char *foresight_answer(const char *answer); /* as request_lookup_fn gives it */

#endif
