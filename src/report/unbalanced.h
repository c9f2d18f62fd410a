/* The money that does not balance (store/balance.h), for a person and for a program. */
#ifndef REMESA_REPORT_UNBALANCED_H
#define REMESA_REPORT_UNBALANCED_H

#include <stdint.h>
#include <stdio.h>

#include "base/jsonw.h"
#include "store/store.h"

/* Of a batch, NULL: of all. A line for each of the first ten; *count: of them all. */
int unbalanced_print(FILE *out, struct store *s, const char *batch, int64_t *count,
                     struct err *err);
/* A member "unbalanced", an array. */
int unbalanced_json(struct jsonw *w, struct store *s, const char *batch, struct err *err);

#endif
