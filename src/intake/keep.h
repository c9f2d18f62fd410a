/* The input as it stood, kept for who reports on it line by line (store/lines.h). */
#ifndef REMESA_INTAKE_KEEP_H
#define REMESA_INTAKE_KEEP_H

#include <stddef.h>

#include "base/buf.h"
#include "base/span.h"

struct keep {
    struct buf columns; /* the header, CSV; empty: the source keeps nothing */
    char delimiter;
    struct buf lines; /* kept since the caller emptied it; the form is migration 0007's */
    struct buf cells;
};

void keep_init(struct keep *k);
void keep_close(struct keep *k);

/* NULL: nobody wants it. */
void keep_header(struct keep *k, char delimiter, const struct span *names, size_t count);
void keep_line(struct keep *k, struct span ref, const struct span *cells, size_t count);

#endif
