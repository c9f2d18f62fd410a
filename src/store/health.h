/* Is the file sound, and when did a run go well last? */
#ifndef REMESA_STORE_HEALTH_H
#define REMESA_STORE_HEALTH_H

#include "base/buf.h"
#include "store/store.h"

/* Adds what SQLite finds broken (PRAGMA integrity_check, foreign_key_check), in one line; nothing
 * when all is well. Reads the whole file. */
int store_examine(struct store *s, struct buf *broken, struct err *err);

/* The end of the last run in which every job was accepted (exit status 0 or 3); 0: there was none. */
int store_last_success(struct store *s, int64_t *ended_ms, struct err *err);

/* Of how many attempts is nothing known yet, and the latest time that a run or an attempt wrote (0: none). */
int store_open_attempts(struct store *s, int64_t *open, int64_t *newest_ms,
                        struct err *err);

#endif
