/* One answer: status, body, and the headers that depend on them. The three shapes of an
 * error are docs/bitex-api.md's 1.6: a list of errors, one text, an HTML page. */
#ifndef REMESA_SANDBOX_ANSWER_H
#define REMESA_SANDBOX_ANSWER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/clock.h"

#define UUID_MAX 37 /* 36 characters and the NUL */

struct answer {
    int status;
    bool page;            /* an HTML page, as a proxy or a broken server gives it */
    char retry_after[40]; /* "": no such header */
    char x_request_id[UUID_MAX];
    struct buf body;
};

void answer_init(struct answer *a);
void answer_close(struct answer *a);
void answer_clear(struct answer *a); /* as after init; the request id stays */

/* Each takes the place of what was there. */
void answer_text_error(struct answer *a, int status, const char *text);
void answer_not_found(struct answer *a);
void answer_invalid(struct answer *a, const char *attribute); /* 422 */
void answer_too_many(struct answer *a);
void answer_page(struct answer *a, int status, const char *title);

const char *answer_reason(int status); /* "Not Found" */

/* Status line and headers. `length` is what Content-Length says: a fault may lie. */
void answer_head(const struct answer *a, size_t length, bool keep_alive, struct wall now,
                 int64_t took_us, struct buf *out);

/* "Tue, 24 Nov 2026 03:16:07 GMT" (RFC 9110, 5.6.7) */
#define HTTP_DATE_MAX 40
void answer_date(struct wall t, char out[HTTP_DATE_MAX]);

#endif
