/* The first lines of the status: the four answers in a sentence, and when it will end. */
#ifndef REMESA_REPORT_OUTLOOK_H
#define REMESA_REPORT_OUTLOOK_H

#include <stdio.h>

#include "base/jsonw.h"
#include "store/digest.h"
#include "store/pace.h"

struct outlook {
    struct wall now;
    struct run_pace pace;
    int64_t jobs[JOB_STATE_COUNT], payments[JOB_STATE_COUNT];
    int64_t held; /* of the queued ones */
};

/* `batch` NULL: all. */
int outlook_read(struct outlook *o, struct store *s, const char *batch, struct wall now,
                 struct err *err);

void outlook_print(FILE *out, const struct outlook *o);
void outlook_json(struct jsonw *w, const struct outlook *o);

#endif
