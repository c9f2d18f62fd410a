/* Which of some known names a mistyped one may have meant: the one that the fewest
 * changed, missing or extra letters lead to, at most two, upper and lower case being the
 * same. */
#ifndef REMESA_INTAKE_NEAREST_H
#define REMESA_INTAKE_NEAREST_H

#include <stddef.h>

#include "base/span.h"

struct nearest {
    struct span wanted;
    const char *name; /* the best that was offered so far; NULL: none is near */
    size_t distance;
};

void nearest_init(struct nearest *n, struct span wanted);
void nearest_offer(struct nearest *n, const char *name); /* borrowed */

/* ": did you mean 'email'?", or "" when nothing is near. */
#define NEAREST_HINT_MAX 128
const char *nearest_hint(const struct nearest *n, char out[NEAREST_HINT_MAX]);

#endif
