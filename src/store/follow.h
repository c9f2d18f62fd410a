/* Jobs that were accepted and are not final yet, and what the API says of them. */
#ifndef REMESA_STORE_FOLLOW_H
#define REMESA_STORE_FOLLOW_H

#include "store/doubts.h"

struct follower {
    struct queued_job job;
    char *remote_id;
    char *remote_state;  /* as it was seen last; NULL: never */
    struct wall sent_at; /* its last attempt */
    int polls;           /* looks since then, or since its state changed */
    bool is_unlisted;    /* the last whole list was without it */
};
void follower_close(struct follower *f);

/* Those that are due, up to `limit`, in order of their time; those that `skip` knows are passed over. As
 * store_load. */
int store_followers_load(struct store *s, struct wall now, int limit, doubt_skip_fn *skip,
                         void *ctx, struct follower *out, struct wall *next_due,
                         struct err *err);
/* Those of the same action and user, due or not: one list may answer them all. */
struct alike {
    const char *action;
    const char *on_behalf_of;
    bool any_user;
};
int store_followers_alike(struct store *s, const struct alike *as, int limit,
                          doubt_skip_fn *skip, void *ctx, struct follower *out,
                          struct err *err);

/* Falls due now whatever an earlier run has left and this one has not looked at: what was accepted only now has
 * its first interval before it. Not in a transaction. */
int store_followers_hurry(struct store *s, int64_t run_id, struct wall now,
                          struct err *err);
/* No way to ask is known: not before the next run. Not in a transaction. */
int store_follower_hand_over(struct store *s, int64_t job_id, struct err *err);

/* What a look saw of a job that stays what it is. In a transaction. */
struct sight {
    int64_t job_id;
    int polls;
    bool is_unlisted;
    const char *remote_state; /* NULL: as it was; so for the texts below */
    const char *answer;
    const char *request_id;
};
int store_follower_seen(struct store *s, const struct sight *sight, struct wall again,
                        struct wall now, struct err *err);
/* A look that failed says nothing; only when to look again. In a transaction. */
int store_follower_later(struct store *s, int64_t job_id, struct wall again,
                         struct err *err);

#endif
