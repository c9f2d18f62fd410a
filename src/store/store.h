/* The durable side of the engine: the only place that knows the tables.
 *
 * One handle is one connection. A writer holds the database's lock for as long as it
 * lives, so there is one in the world; readers may come and go beside it. Changes are
 * made between store_begin and store_commit; what is not committed did not happen. */
#ifndef REMESA_STORE_STORE_H
#define REMESA_STORE_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct store;
struct db;

enum store_access {
    STORE_READ,
    STORE_WRITE, /* makes the file when it is not there, and brings its schema up to date
                  */
};

#define STORE_SCRATCH ":memory:" /* as a path: gone with the handle, and no lock */

/* `who` is what a second writer is told ("remesa run, pid 123"). ERR_TEMPFAIL: somebody
 * else writes. */
int store_open(struct store **out, const char *path, enum store_access access,
               const char *who, struct err *err);
/* A scratch copy of the database as it is at this moment, or an empty one where there is no such file. No lock
 * is taken, nothing of it lasts; it has the size of the database, in memory. */
int store_open_copy(struct store **out, const char *path, struct err *err);
void store_close(struct store *s); /* NULL is fine; what is not committed is undone */

int store_begin(struct store *s, struct err *err);
int store_commit(struct store *s, struct err *err);
void store_rollback(struct store *s);

/* -1 once a query has failed of store_job_result, store_is_of_another or store_control,
 * which could say no more than that there was nothing: nothing may be written that rests
 * on it. */
int store_check(const struct store *s, struct err *err);

/* All that is read from now on, until the handle is closed, is of this moment. */
int store_hold(struct store *s, struct err *err);

/* Something else has committed since the last call (a program that wrote to the inbox).
 */
bool store_changed_outside(struct store *s);

/* Empties the write-ahead log into the file, at the end of a run. */
int store_tidy(struct store *s, struct err *err);

/* The connection, for the files of this floor. */
struct db *store_db(struct store *s);

#endif
