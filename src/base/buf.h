/* Growable bytes with a ceiling given at init: what would pass it is refused, and the
 * buffer stays as it was. Always ended by a NUL that does not count, so `data` may be
 * printed. */
#ifndef REMESA_BASE_BUF_H
#define REMESA_BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"

struct buf {
    char *data; /* never NULL after init */
    size_t len;
    size_t room; /* allocated, the NUL included */
    size_t max;  /* most that `len` may become */
    bool full;   /* something was refused since init or clear */
};

void buf_init(struct buf *b, size_t max);
void buf_close(struct buf *b);
void buf_clear(struct buf *b); /* keeps the memory */

/* Each returns false, and sets `full`, when the ceiling would be passed. A caller may
 * write on and look at `full` once at the end. */
bool buf_add(struct buf *b, const void *bytes, size_t len);
bool buf_add_text(struct buf *b, const char *text);
bool buf_add_span(struct buf *b, struct span s);
bool buf_add_char(struct buf *b, char c);
bool buf_printf(struct buf *b, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static inline struct span buf_span(const struct buf *b)
{
    return (struct span){b->data, b->len};
}

/* Hands the NUL-ended bytes to the caller, who frees them; the buffer is closed. */
char *buf_take(struct buf *b);

#endif
