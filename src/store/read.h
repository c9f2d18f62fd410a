/* Reading for reports: rows of the public views, as texts, by column name. */
#ifndef REMESA_STORE_READ_H
#define REMESA_STORE_READ_H

#include "base/span.h"
#include "model/job.h"
#include "store/store.h"

enum store_view {
    VIEW_PROGRESS,  /* key: a batch's name, NULL for all */
    VIEW_MONEY,     /* the same */
    VIEW_RESULTS,   /* the same */
    VIEW_FAILURES,  /* the same */
    VIEW_DOUBTS,    /* the same */
    VIEW_HOLDS,     /* the same */
    VIEW_APPROVALS, /* the same */
    VIEW_PROPOSALS, /* the same */
    VIEW_JOB,       /* key: a ref. One row: `results` with the job's own columns */
    VIEW_NEEDS,     /* key: a ref. ref and state of what it needs */
    VIEW_ATTEMPTS,  /* key: a ref */
    VIEW_INBOX,     /* rows with a problem */
    VIEW_LOST_BATCHES,
    VIEW_RELEASABLE, /* key: a batch, NULL for all. Of `holds` those that `remesa release` lifts, and no approval */
    VIEW_REFS,       /* key: refs from this one on, in the order of their bytes */
    /* Of one batch that was just taken in; key: its name. */
    VIEW_BATCH_ACTIONS, /* action, jobs */
    VIEW_BATCH_MONEY,   /* currency, jobs, total */
    VIEW_BATCH_PAYEES, /* new_payees, known_payees: users that money goes to or comes from */
    /* Of a scratch copy on which a run was foreseen; key: a batch, NULL for all. These, and the next,
     * after store_caps_foresee. */
    VIEW_PLAN_MONEY, /* currency, jobs, amount: of the jobs that the last run has sent */
    VIEW_PLAN_WAITING, /* action, jobs, waits_for, which_is: what has not started, and why */
    VIEW_PLAN_HELD, /* hold (its kind), jobs, first (a ref), why (of the first): held until a person
                       lets them go; what each cap holds is a row of its own */
    VIEW_PLAN_UNSENT, /* ref, action, error: the last run could make no request of it */
    /* Without one. */
    VIEW_QUEUED_ACTIONS, /* action, jobs: queued and not held */
    VIEW_QUEUED_MONEY,   /* currency, jobs, amount: the same */
};

struct view_cell {
    const char *column;
    const char *text; /* NULL: SQL NULL */
    bool is_number;
};

struct view_row {
    const struct view_cell *cells;
    int count;
};
const char *view_text(const struct view_row *row,
                      const char *column); /* NULL: NULL, or no such */

/* `each` returns false to stop. `limit` 0: all. */
typedef bool view_row_fn(void *ctx, const struct view_row *row);
int store_read(struct store *s, enum store_view view, const char *key, int64_t limit,
               view_row_fn *each, void *ctx, struct err *err);

/* The batches that a run is about: those with something unfinished, and those that are
 * named. Kept in the connection, not in the file. */
int store_scope_begin(struct store *s, struct err *err);
int store_scope_widen(struct store *s,
                      struct err *err); /* what has come since belongs to it too */
int store_scope_add(struct store *s, const char *batch, struct err *err);

/* Jobs by state, of the scope. */
int store_scope_counts(struct store *s, int64_t counts[JOB_STATE_COUNT], struct err *err);

/* Is there a job that may start, now or at its retry time? */
int store_can_start(struct store *s, bool *can, struct err *err);

/* How long the API has taken lately for an answer, in the middle; 0: it was never asked. */
int store_usual_answer(struct store *s, int64_t *us, struct err *err);

/* Jobs that are queued. */
int store_queued_count(struct store *s, int64_t *jobs, struct err *err);

char *store_ref_of(struct store *s, int64_t job_id); /* to be freed; NULL: no such job */
bool store_is_in_batch(struct store *s, const char *ref, const char *batch);

#endif
