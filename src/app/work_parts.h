/* What the files of a run share (work.c, work_end.c). Not for others. */
#ifndef REMESA_APP_WORK_PARTS_H
#define REMESA_APP_WORK_PARTS_H

#include <uv.h>

#include "api/key.h"
#include "api/otp.h"
#include "app/internal.h"
#include "app/tally.h"
#include "base/clock.h"
#include "engine/run/run.h"
#include "net/net.h"

struct work {
    struct remesa *remesa;
    const struct remesa_run *how;
    struct remesa_ran *out;
    uv_loop_t loop;
    struct store *store;
    struct key key;
    struct otp otp;
    struct net *net;
    struct run *run;
    uv_timer_t progress, mark;
    bool mark_failed;
    uv_signal_t signals[2];
    int signals_seen;
    bool is_stopping;
    bool is_unbalanced; /* seen while it was at work: it was stopped for that */
    struct mono started;
    struct tally at_start; /* of the jobs of the scope */
    int64_t arrived;       /* jobs, since then */
};

void work_progress(const struct work *w, struct remesa_progress *p);

/* When the loop has ended: what is left, what is told of it, and the exit status; then the end is on disk. */
int work_conclude(struct work *w);

#endif
