/* Resources as the server writes them: in answers, and as rows of lists. */
#ifndef TESTS_SIM_ROWS_H
#define TESTS_SIM_ROWS_H

#include "base/buf.h"
#include "sim/ledger.h"

enum row_fault {
    ROW_GOOD,
    ROW_WITHOUT_ID,
    ROW_OF_ANOTHER_TYPE,
    ROW_OF_OTHER_VALUES,
};

const char *row_type(enum job_kind kind);
void row_write(struct buf *out, enum job_kind kind, const struct effect *e,
               enum row_fault fault, bool keeps_date);

/* A member of a request's body: a text without its quotes, a number digit for digit. */
void row_member(struct span body, const char *name, char *out, size_t room);

#endif
