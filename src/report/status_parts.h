/* What the parts of the screen share. Not for others. */
#ifndef REMESA_REPORT_STATUS_PARTS_H
#define REMESA_REPORT_STATUS_PARTS_H

#include "model/job.h"
#include "report/status.h"
#include "store/read.h"

struct status_tally {
    int64_t total, held, state[JOB_STATE_COUNT];
    int batches;
};

#define STATUS_JSON_MAX (64 * 1024 * 1024)
#define STATUS_ROWS     10 /* of failures and doubts; the rest is one sqlite3 command away */

/* "next: remesa WORDS    # why", with the database where it has to be named. */
void status_command(FILE *out, const struct status_options *o, const char *words,
                    const char *why);
int status_next(FILE *out, struct store *s, const struct status_options *o,
                const struct status_tally *t, struct err *err);

#endif
