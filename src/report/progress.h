/* The line that a run shows while it works. Pure: numbers and times in, text out. */
#ifndef REMESA_REPORT_PROGRESS_H
#define REMESA_REPORT_PROGRESS_H

#include "base/buf.h"
#include "remesa/remesa.h"

#define PROGRESS_SPAN_MS 10000 /* the pace is that of about the last ten seconds */

struct progress_meter {
    struct {
        int64_t at_ms, sent, done;
    } past[16]; /* a ring of samples, PROGRESS_SPAN_MS apart from end to end */
    int count, next;
};

/* Adds a sample; once per call of the progress callback. */
void progress_sample(struct progress_meter *m, const struct remesa_progress *p);

/* "312/600  52%  4.9 req/s  ETA 0:58  failed 3  in doubt 1", without a line end. */
void progress_line(struct buf *out, const struct progress_meter *m,
                   const struct remesa_progress *p);

/* "1:02:03", "4:05"; for a person. */
void progress_time(struct buf *out, int64_t ms);

#endif
