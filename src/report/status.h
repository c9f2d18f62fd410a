/* What an operator asks in the morning: who was paid, who was not, what is unknown; and
 * what to type next. Read from the store's views. */
#ifndef REMESA_REPORT_STATUS_H
#define REMESA_REPORT_STATUS_H

#include <stdio.h>

#include "base/clock.h"
#include "store/store.h"

struct status_options {
    const char *database; /* for the commands that are printed; NULL: the default one */
    const char *batch;    /* NULL: all */
    bool json;
    int exit_status; /* of the run that has just ended; -1: none has */
    struct wall now;
};

/* ERR_NOINPUT: there is no such batch. */
int status_print(FILE *out, struct store *s, const struct status_options *options,
                 struct err *err);

/* One job: its state, needs, attempts, what is known. ERR_NOINPUT: no job has that ref.
 */
int status_print_job(FILE *out, struct store *s, const char *ref, bool json,
                     struct err *err);

#endif
