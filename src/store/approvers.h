/* The persons behind a batch: who imported it, if that is known, and who has approved it. Two of them who cannot be
 * the same human being are what four eyes means. */
#ifndef REMESA_STORE_APPROVERS_H
#define REMESA_STORE_APPROVERS_H

#include <stddef.h>

#include "base/clock.h"
#include "store/person.h"
#include "store/store.h"

struct approvers {
    struct person *persons;
    size_t count;
    bool knows_importer; /* the first is the importer */
};

/* `now`: digest of all of the batch as it is (canonical.h). ERR_INPUT: an approval is of another one, or the trail does
 * not tell of it. To be closed in either case. */
int approvers_read(struct approvers *a, struct store *s, int64_t batch, const char *now,
                   const char *name, struct err *err);
void approvers_close(struct approvers *a);

bool approvers_suffice(const struct approvers *a);
/* ERR_NOPERM: this person may be one who is among them already. */
int approvers_may_add(const struct approvers *a, const struct person *p, const char *name,
                      struct err *err);
void approvers_count(struct approvers *a, const struct person *p);
/* Inside a transaction. */
int approvers_add(struct store *s, int64_t batch, const char *digest, struct wall now,
                  int64_t *id, struct err *err);

#endif
