/* How the jobs of a run stood when it began. With millions of them that takes seconds, for which no
 * request should wait: they are counted on another thread, by a reader that sees the database as it
 * was at tally_begin. */
#ifndef REMESA_APP_TALLY_H
#define REMESA_APP_TALLY_H

#include <uv.h>

#include "base/err.h"
#include "model/job.h"
#include "store/store.h"

struct tally {
    uv_work_t work;
    struct store *reader;
    struct err err; /* with `counted`, the other thread's until it is done */
    int64_t counted[JOB_STATE_COUNT];
    bool is_known;
    int64_t counts[JOB_STATE_COUNT]; /* 0 until then */

    /* Does their money balance? Called on the loop when it does not; NULL: nobody asks. */
    void (*on_unbalanced)(void *ctx);
    void *ctx;
    int64_t unbalanced;
};

/* Of the batches with something unfinished, and of those named (ended by NULL; may be NULL). The loop
 * ends only after it; `t` must live as long; on_unbalanced and ctx are set before. */
int tally_begin(struct tally *t, uv_loop_t *loop, const char *database,
                const char *const *batches, struct err *err);

#endif
