/* The rows of a page, wherever an action's find has them (model/action.h, find_place). For
 * find.c and find_page.c alone. */
#ifndef REMESA_API_FIND_ROWS_H
#define REMESA_API_FIND_ROWS_H

#include <stdbool.h>

#include "base/json.h"
#include "base/span.h"
#include "model/action.h"

struct row_cursor {
    struct json_cursor at;
    struct span rows, one;
    const char *type; /* others are passed over; NULL: all are taken */
};

/* `body` passed json_check and outlives the cursor. */
void rows_begin(struct row_cursor *c, const struct action *a, struct span body);
bool rows_next(struct row_cursor *c, struct span *row);

/* May a row that is not on this page be called absent from it? NULL: yes; else why not,
 * static. `path` is the one that was asked for. */
const char *rows_are_hidden(const struct action *a, const char *path, struct span body);

#endif
