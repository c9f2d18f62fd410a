/* What the files of this floor share. Not for other floors. */
#ifndef REMESA_STORE_INTERNAL_H
#define REMESA_STORE_INTERNAL_H

#include "base/clock.h"
#include "db/db.h"
#include "db/lock.h"
#include "db/stmt.h"
#include "model/job.h"
#include "model/money.h"
#include "store/mark.h"
#include "store/person.h"
#include "store/queue.h"
#include "store/read.h"
#include "store/store.h"

struct import;

struct store {
    struct db *db;
    struct db_lock *lock;
    int64_t data_version;
    struct import *import; /* while one is under way */
    char *result_id;       /* of the last store_job_result */
    char *result_answer;
    struct person me; /* who decides */
    struct mark kept; /* as it was written last */
    bool is_unread;   /* a query of store_row failed */
    struct err unread;
};

/* A step of a query whose caller can only be told that there is no row; its statement is
 * made with &s->unread, too. An error is kept for store_check. */
bool store_row(struct store *s, struct stmt *q);

void import_free(struct store *s);

/* secrets.c: the row's params with what stands for its secrets, into *out (initialized, the caller's); and the secrets
 * of a job that is new. */
struct row;
struct params;
int secrets_stand_in(struct store *s, const struct row *row, struct params *out,
                     struct err *err);
int secrets_add(struct store *s, int64_t job_id, const struct row *row, struct err *err);

/* read.c: each row of a query that is bound. */
int read_rows(struct stmt *q, view_row_fn *each, void *ctx, struct err *err);

/* queue.c: a job of the columns id, attempts, ref, action, on_behalf_of and params; and the first due_at after
 * `now` that a query of one parameter gives, 0 for none. */
struct queued_job queue_read_job(struct stmt *q);
int queue_first_due(struct stmt *q, struct wall now, struct wall *next_due,
                    struct err *err);

/* Of the columns currency and minor; no currency where they are NULL. */
struct money money_of_job(struct stmt *q);

/* Of a need `n` for the job `d`: it holds nobody back any more. */
#define NEED_IS_MET                                                                      \
    "(d.state = 'succeeded' OR (d.frees_early AND d.state = 'following') "               \
    "OR (n.soft AND d.state IN ('failed', 'skipped', 'cancelled')))"

/* needs.c and queue.c: what has become possible, after `id` succeeded or left its lane. Each adds to
 * *freed the number of jobs that may start now. */
int queue_need_met(struct store *s, int64_t id, int64_t *freed, struct err *err);
int queue_next_in_lane(struct store *s, const char *lane, int64_t *freed,
                       struct err *err);
int queue_give_turn(struct store *s, int64_t id, int64_t *freed, struct err *err);
int queue_read_lane(struct store *s, int64_t id, char **lane,
                    struct err *err); /* to be freed; NULL: the job is in none */

/* `id` will not succeed: what cannot go on without it is skipped, what can waits for it no more. */
struct lost_need {
    int64_t id;
    bool was_met; /* those that go on without it do so already */
};
int queue_need_lost(struct store *s, const struct lost_need *lost, struct wall now,
                    struct move_effect *effect, struct err *err);
/* It was lost, and comes back: what had given it up and has not started waits for it again. */
int queue_need_again(struct store *s, int64_t id, int64_t *freed, struct err *err);

#endif
