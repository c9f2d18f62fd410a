/* One writer per database, among all programs of ours: an open-file-description lock
 * (fcntl(2), F_OFD_SETLK) on a file beside it. The kernel drops it with the process,
 * however that ends. */
#ifndef REMESA_DB_LOCK_H
#define REMESA_DB_LOCK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct db_lock;

/* `who` is what the next one is told while we hold it. ERR_TEMPFAIL when another holds
 * it. */
int db_lock_take(struct db_lock **out, const char *db_path, const char *who,
                 struct err *err);
/* Does another program hold it now? `who` says which, "" when that is not known. */
bool db_lock_is_held(const char *db_path, char *who, size_t room);
void db_lock_drop(struct db_lock *lock); /* NULL is fine */

#endif
