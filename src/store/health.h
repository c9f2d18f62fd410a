/* Is the file sound? */
#ifndef REMESA_STORE_HEALTH_H
#define REMESA_STORE_HEALTH_H

#include "base/buf.h"
#include "store/store.h"

/* Adds what SQLite finds broken (PRAGMA integrity_check, foreign_key_check), in one line; nothing
 * when all is well. Reads the whole file. */
int store_examine(struct store *s, struct buf *broken, struct err *err);

#endif
