/* A database that was put back from a backup, or copied: noticed by the mark beside it
 * (mark.h), and accepted by a person. From then on every job that the file does not know to
 * have been accepted is a suspect: as soon as it could start it is in doubt, and evidence
 * decides. Scratch databases have no mark and are never suspected. */
#ifndef REMESA_STORE_RESTORE_H
#define REMESA_STORE_RESTORE_H

#include "base/clock.h"
#include "store/attempts.h"
#include "store/mark.h"
#include "store/store.h"

/* Also says it in `found`, a text for a person, when that is not NULL. -1: it cannot be
 * found out; ERR_INPUT: the mark is unreadable. */
int store_mark_look(struct store *s, enum mark_finding *finding, struct buf *found,
                    struct err *err);
/* The same as a guard: ERR_CONFIG, with what to do, unless it fits. */
int store_mark_check(struct store *s, struct err *err);

/* Writes the mark, when anything has changed since the last time. Outside of any
 * transaction, and only after store_mark_check: the first send of a run comes after it, and
 * then it is kept up about every second. ERR_IO too when the file was moved away meanwhile:
 * SQLite would not notice. */
int store_mark_keep(struct store *s, struct wall now, struct err *err);

/* The same file in another place, and nothing else uses what it was copied from. Refused
 * (ERR_USAGE) when it is behind its mark. */
int store_accept_move(struct store *s, struct wall now, struct err *err);

struct restored {
    int64_t suspects; /* jobs */
    int64_t
        lost_batches; /* taken in meanwhile; until they come back, new imports are suspects */
    struct wall since, until;
};
/* ERR_USAGE: there is nothing to accept. The file becomes a database of its own. */
int store_accept_restore(struct store *s, struct wall now, struct restored *out,
                         struct err *err);

/* Suspects that could start now are in doubt, with an attempt that says why, and a look-up
 * at `look`; those whose action may be repeated are suspects no longer. Returns how many are
 * in doubt by it, -1 with err. In a transaction of its own, when there are any. */
int64_t store_suspects_doubt(struct store *s, int64_t run_id, repeat_safe_fn *repeat_safe,
                             void *ctx, struct wall look, struct wall now,
                             struct err *err);

#endif
