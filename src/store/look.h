/* The mark beside the database and the database itself, side by side. For the files of this floor. */
#ifndef REMESA_STORE_LOOK_H
#define REMESA_STORE_LOOK_H

#include "store/mark.h"
#include "store/store.h"

struct look {
    enum mark_finding finding;
    struct mark mark, now;
};

int look_init(struct look *l, struct store *s,
              struct err *err); /* to be closed in any case */
void look_close(struct look *l);

/* What is wrong, for a person. */
void look_describe(const struct look *l, const char *path, struct buf *out);

#endif
