/* Marks in the data choose how a thing ends, so that a test needs no luck (--help tells
 * them). Pure. */
#ifndef REMESA_SANDBOX_MARK_H
#define REMESA_SANDBOX_MARK_H

#include "base/span.h"

static inline bool mark_ends(struct span text, const char *mark)
{
    size_t n = strlen(mark);
    return text.len >= n && memcmp(text.ptr + text.len - n, mark, n) == 0;
}

#endif
