/* A whole run without a network: a real store, the built-in catalogue, a fake transport.
 *
 * At every send a second, read-only connection looks whether what must be on disk is
 * there; what is not counts in `too_early`. */
#ifndef TESTS_UNIT_RUN_STAGE_H
#define TESTS_UNIT_RUN_STAGE_H

#include "engine/run/run.h"
#include "lib/fake_transport.h"
#include "unit/store/desk.h"

struct stage {
    struct desk desk;
    uv_loop_t loop;
    uv_timer_t watchdog;
    struct fake_transport fake;
    struct catalogue catalogue;
    struct key key;
    struct run_options options;
    struct run *run;
    struct db *reader;

    int too_early; /* sends before their attempt, or before a need's outcome, was on disk */
    bool ended;
    int ends; /* calls of `ended` */
    enum core_end end;
    int result; /* of run_result */
    struct err err;
    struct run_counts counts;
    void (*during)(struct stage *s, const struct fake_sent *sent); /* at each send */
    int next_id;
};

void stage_open(struct stage *s);
void stage_close(struct stage *s);

/* From run_open to the end. The default server accepts everything, after a millisecond. */
void stage_play(struct stage *s);

/* Requests made for a job. */
int stage_sends(struct stage *s, const char *ref);
const struct fake_sent *stage_sent(struct stage *s, const char *ref, int nth);

fake_server_fn stage_server;

#endif
