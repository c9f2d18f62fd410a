/* What must be so before a job is sent: a price within a limit, a state, a time that is still ahead. It is looked for
 * in what another job got, the one whose '@ref' stands in the field `require.of`.
 *
 * Asked just before the request is made, so nothing lies between the look and the attempt but the commit; and what
 * does not hold fails the job, which then never goes out. */
#ifndef REMESA_API_GUARD_H
#define REMESA_API_GUARD_H

#include "api/request.h"
#include "base/clock.h"

/* -1: it does not hold, or cannot be seen; ERR_INPUT says which number broke which limit. */
int guard_check(const struct request_job *job, request_lookup_fn *lookup, void *ctx,
                struct wall now, struct err *err);

#endif
