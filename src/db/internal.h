/* What db.c and stmt.c share. Not for other floors. */
#ifndef REMESA_DB_INTERNAL_H
#define REMESA_DB_INTERNAL_H

#include <sqlite3.h>

#include "db/db.h"
#include "db/stmt.h"

struct db {
    sqlite3 *handle;
    char *path;
    struct stmt *
        *cached; /* by the address of their SQL text: a hash of open addressing */
    size_t cached_count;
    size_t cached_room;
};

void stmt_free(struct stmt *s);

/* As everywhere (base/mem.h). Otherwise a text that could not be read would pass for
 * NULL, and a query whose error nobody looks at for one without rows. */
void db_gone_if_no_memory(struct db *db);

#endif
