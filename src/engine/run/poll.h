/* Polls: one question to the API, and every accepted job that its answer can tell about.
 *
 * Known by the job id of its first member, which is also its tag on the wire. A list is read to its end, or one
 * resource is asked for alone: where the catalogue knows no list, or the list was without it. Then, in one
 * transaction, each member becomes what was seen, or is asked about again later. */
#ifndef REMESA_RUN_POLL_H
#define REMESA_RUN_POLL_H

#include "engine/core/core.h"
#include "model/http.h"
#include "store/follow.h"

struct run;
struct poll;

/* Makes polls of the accepted jobs that are due, up to `want`; adds their core_jobs to `jobs`. Returns how many,
 * -1 with err. `last`: what an earlier run has left and nobody has asked about in this one falls due now. Jobs that nobody can ask about are
 * left alone until the next run. */
int polls_load(struct run *r, int want, bool last, struct core_job *jobs,
               struct wall *next_due, struct err *err);
void polls_free(struct run *r);

struct poll *poll_of(struct run *r, int64_t id); /* NULL: `id` is not a poll's */

void poll_send(struct run *r, struct poll *p);
void poll_answered(struct run *r, struct poll *p, const struct http_response *response);

/* Inside the turn's transaction. */
int poll_settle(struct run *r, struct poll *p, struct wall now,
                struct move_effect *effect, struct err *err);
void poll_free(struct run *r, struct poll *p);

#endif
