/* Write-only JSON for log, report and stored rows: adds to a buffer, puts the commas
 * itself. */
#ifndef REMESA_BASE_JSONW_H
#define REMESA_BASE_JSONW_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

struct jsonw {
    struct buf *out;
    bool comma; /* the next member or item needs one before it */
};

void jsonw_init(struct jsonw *w, struct buf *out);

/* `key` is NULL inside an array and at the top. */
void jsonw_open(struct jsonw *w, const char *key, char bracket);      /* '{' or '[' */
void jsonw_close(struct jsonw *w, char bracket);                      /* '}' or ']' */
void jsonw_text(struct jsonw *w, const char *key, const char *value); /* NULL: null */
void jsonw_span(struct jsonw *w, const char *key, struct span value);
void jsonw_int(struct jsonw *w, const char *key, int64_t value);
void jsonw_bool(struct jsonw *w, const char *key, bool value);
void jsonw_raw(struct jsonw *w, const char *key, struct span json); /* is JSON already */

/* A quoted JSON string; '<' and '>' as \u003c and \u003e, so that it may stand in HTML.
 */
void jsonw_quote(struct buf *out, struct span text);

#endif
