/* What a request asks for: path, pattern, query. Pure. */
#ifndef REMESA_SANDBOX_TARGET_H
#define REMESA_SANDBOX_TARGET_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/span.h"

struct target {
    struct span whole; /* the path as received, without the query */
    struct span path;  /* without "/api" and without a slash at the end */
    struct span query; /* what follows the '?', still encoded */
    bool in_api;       /* the path stands under /api */
};

/* Points into `text`. */
struct target target_of(struct span text);

/* Segment by segment: "*" is any segment, ":id" too and is handed out (`id` may be NULL).
 * The pattern "*" alone is every path. A segment is compared as it is written. */
bool path_match(struct span path, const char *pattern, struct span *id);

/* The first parameter of that name, decoded and added to `out`; name and value may be
 * percent-encoded ("filter%5Bfrom%5D"). */
bool query_value(struct span query, const char *name, struct buf *out);

#endif
