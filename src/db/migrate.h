/* The schema grows by numbered migrations (migrations/NNNN_name.sql), each applied once,
 * in order, in a transaction of its own, and recorded with its digest and the program
 * that applied it. */
#ifndef REMESA_DB_MIGRATE_H
#define REMESA_DB_MIGRATE_H

#include "base/embed.h"
#include "db/db.h"

/* Brings a database that is empty, or ours, up to the newest migration. Refused with
 * ERR_CONFIG: a file with somebody else's tables, one from a newer program, one whose
 * applied migration reads otherwise than ours. `program` is what the record names, such
 * as "remesa 0.1.0". */
int migrate_apply(struct db *db, const struct embed *migrations, const char *program,
                  struct err *err);

/* For a reader: is the file ours and at exactly the newest migration? Same refusals. */
int migrate_check(struct db *db, const struct embed *migrations, struct err *err);

#endif
