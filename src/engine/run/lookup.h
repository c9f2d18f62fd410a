/* Look-ups: one list that is read, and every job in doubt that it can answer.
 *
 * Known by the job id of its first member, which is also its tag on the wire. Pages are read until one is
 * empty or comes again; each row is compared with what each member had sent. Then, in one transaction,
 * each member is settled by what was seen: found, several, not there (yet), absent, failed. */
#ifndef REMESA_RUN_LOOKUP_H
#define REMESA_RUN_LOOKUP_H

#include "api/find.h"
#include "engine/core/core.h"
#include "model/http.h"
#include "store/doubts.h"

struct run;
struct lookup;

/* Makes look-ups of the doubts that are due, up to `want`; adds their core_jobs to `jobs`. Returns how
 * many, -1 with err. Doubts that no list can answer are left to a person. */
int lookups_load(struct run *r, int want, struct core_job *jobs, struct wall *next_due,
                 struct err *err);
void lookups_free(struct run *r);

/* NULL: `id` is not a look-up's. */
struct lookup *lookup_of(struct run *r, int64_t id);
bool lookup_holds(struct run *r, int64_t job_id); /* as a member of any */

void lookup_send(struct run *r, struct lookup *l);
void lookup_answered(struct run *r, struct lookup *l,
                     const struct http_response *response);

/* Inside the turn's transaction. *conflict: a job seems to have taken effect more than once. */
int lookup_settle(struct run *r, struct lookup *l, struct wall now,
                  struct move_effect *effect, bool *conflict, struct err *err);
void lookup_free(struct run *r, struct lookup *l);

#endif
