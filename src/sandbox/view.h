/* A thing as an answer shows it: what is stored, and what points to it (an issue's seeds,
 * a seed's attachments, a request's outputs). */
#ifndef REMESA_SANDBOX_VIEW_H
#define REMESA_SANDBOX_VIEW_H

#include "base/jsonw.h"
#include "sandbox/call.h"

/* `included` gets the things that are shown in full beside it. */
void view_write(struct call *c, struct jsonw *w, const char *key,
                const struct resource *r, struct jsonw *included);

#endif
