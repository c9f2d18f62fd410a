/* A store in a folder of its own, and short words for what is done to it. Every word
 * fails the test by itself when the store does not do it. */
#ifndef TESTS_UNIT_STORE_DESK_H
#define TESTS_UNIT_STORE_DESK_H

#include "store/attempts.h"
#include "store/import.h"
#include "store/queue.h"
#include "store/store.h"
#include "unit/db/temp.h"

struct line {
    const char *ref;
    const char *action; /* NULL: "create_user" */
    const char *on_behalf_of;
    const char *
        needs; /* refs with blanks between, ? before a soft one; on_behalf_of is added by itself */
    int64_t minor;        /* 0: no money */
    const char *currency; /* NULL: usd */
    const char *note;     /* a parameter, to make contents differ */
    const char *params;   /* more of them: "email=a@b.cl amount=5" */
    bool frees_early;
    enum row_share share;
};

struct desk {
    struct temp temp;
    struct store *store;
    struct db *db; /* the store's own connection */
    struct wall now;
    int64_t run;
    struct buf complaints; /* "line 2 needs: ...\n" */
    const char *recipe;    /* of imports; and whether they are whole */
    bool whole;
    const struct catalogue *catalogue; /* the same: of duplicates */
    int64_t duplicate_days;
    const struct four_eyes *four_eyes; /* the same */
    bool by_others;
    const struct totals *declared; /* the same */
    struct totals *sums;           /* what the rows come to; NULL: nobody asks */
    struct move_effect effect;     /* of the last move */
};

void desk_open(struct desk *d);
void desk_close(struct desk *d);
void desk_reopen(struct desk *d); /* what is not committed is lost */

/* Who does what comes next. `sudo` NULL: nobody became that user. */
void desk_sits(struct desk *d, int64_t uid, const char *name, const char *sudo);

/* Lines are numbered from 2, as under the heading of a CSV. */
int desk_try_import(struct desk *d, const char *batch, const struct line *lines,
                    size_t count, struct import_result *out);
/* Everything must be taken in. */
struct import_result desk_import(struct desk *d, const char *batch,
                                 const struct line *lines, size_t count);

int64_t desk_id(struct desk *d, const char *ref);
enum job_state desk_state(struct desk *d, const char *ref);
bool desk_is(struct desk *d, const char *ref, enum job_state want);
bool desk_ready(struct desk *d, const char *ref); /* queued, and may start */

/* One transaction each. */
void desk_send(struct desk *d, const char *ref);
void desk_answer(struct desk *d, const char *ref, enum outcome outcome,
                 enum job_state to);
void desk_move(struct desk *d, const char *ref, enum job_state to);
int desk_try_move(struct desk *d, const char *ref, enum job_state to, struct err *err);
void desk_done(struct desk *d, const char *ref, enum job_state to); /* send and answer */

/* Refs of what may start now, in order, with blanks between. */
const char *desk_load(struct desk *d, int limit, char out[1024]);

/* What must hold after every commit; prints what does not. */
bool desk_is_sound(struct desk *d);

#endif
