/* Jobs in doubt, and what look-ups saw. A look-up never changes a job's state by failing. */
#ifndef REMESA_STORE_DOUBTS_H
#define REMESA_STORE_DOUBTS_H

#include "store/queue.h"

/* A job whose look-up is due. */
struct doubt {
    struct queued_job job;
    struct wall sent_at, ended_at; /* of the attempt in doubt */
    int look_ups;                  /* about that attempt so far */
    int negatives;                 /* those of them that were whole and without it */
};
void doubt_close(struct doubt *d);

/* Up to `limit`, in order of their time; those that `skip` knows are passed over. As store_load. */
typedef bool doubt_skip_fn(void *ctx, int64_t job_id);
int store_doubts_load(struct store *s, struct wall now, int limit, doubt_skip_fn *skip,
                      void *ctx, struct doubt *out, struct wall *next_due,
                      struct err *err);

/* At the start of a run: doubts that wait for a person are looked up once more. */
int store_doubts_rearm(struct store *s, struct wall now, struct err *err);

#define LOOK_UPS(X)                                                                      \
    X(FOUND, "found")     /* exactly one row: it took effect */                          \
    X(SEVERAL, "several") /* more than one: perhaps paid twice; a person must look */    \
    X(NOT_THERE, "not_there") /* a whole list without it, which proves nothing yet */    \
    X(ABSENT, "absent")       /* ... and by now it does */                               \
    X(FAILED, "failed")       /* the list could not be read */
enum look_up_outcome {
#define X(name, text) LOOK_UP_##name,
    LOOK_UPS(X)
#undef X
};

struct look_up {
    int64_t job_id;
    int attempt;
    int64_t run_id;
    const char *path;
    enum look_up_outcome outcome;
    int rows; /* of the list */
    bool
        control; /* an older row of ours was in it: the list is fresh, and of the right scope */
    const char *evidence; /* the rows that matched, or why it failed; may be NULL */
};
/* Records it and sets when to look again (0: when a person has looked). In a transaction. */
int store_look_up(struct store *s, const struct look_up *l, struct wall again,
                  struct wall now, struct err *err);

/* The resource belongs to another job of ours, so it is not the one that is looked for. */
bool store_is_of_another(struct store *s, int64_t job_id, const char *action,
                         const char *remote_id);

/* The remote id of an older job of that kind and scope: a fresh list shows it. The caller frees it; NULL:
 * there is none. */
char *store_control(struct store *s, int64_t job_id, const char *action,
                    const char *on_behalf_of);

/* No list can answer it: it waits for a person, until the next run. Not in a transaction. */
int store_doubt_hand_over(struct store *s, int64_t job_id, struct err *err);

#endif
