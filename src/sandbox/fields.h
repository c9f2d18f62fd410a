/* A document's attributes, read and judged as the table of kinds says (kinds.h). What it
 * does not name is dropped without a word, as the API does. */
#ifndef REMESA_SANDBOX_FIELDS_H
#define REMESA_SANDBOX_FIELDS_H

#include "sandbox/call.h"
#include "sandbox/kinds.h"

struct fields {
    struct buf attributes; /* a JSON object: every field, and what `old` has besides */
    struct buf amount; /* the first money, digit for digit as received; may be empty */
};

void fields_init(struct fields *f);
void fields_close(struct fields *f);

/* `old` is a JSON object: a field that the document does not tell keeps its value. */
void fields_read(struct call *c, const struct kind *kind, struct span old,
                 struct fields *f);

/* The members of `old`, those of `news` in their place or after them. */
void fields_merge(struct span old, struct span news, struct buf *out);

#endif
