/* The inbox table: rows that other programs put there, before they are judged. All of it
 * inside a transaction of the caller's. */
#ifndef REMESA_STORE_INBOX_H
#define REMESA_STORE_INBOX_H

#include "store/store.h"

struct inbox_row {
    int64_t id;
    const char *ref, *action, *on_behalf_of, *needs,
        *params; /* NULL where the column is */
};

/* Those without a problem, in order. `each` returns -1 with err to stop. */
typedef int inbox_row_fn(void *ctx, const struct inbox_row *row, struct err *err);
int store_inbox_each(struct store *s, inbox_row_fn *each, void *ctx, struct err *err);

bool store_inbox_has_new(struct store *s);
int store_inbox_problem(struct store *s, int64_t id, const char *problem,
                        struct err *err);
int store_inbox_clear(struct store *s, struct err *err); /* all rows without a problem */

#endif
