/* Puts what other jobs got in the place of '@ref', and checks each value against its
 * field. */
#ifndef REMESA_API_RESOLVE_H
#define REMESA_API_RESOLVE_H

#include "api/request.h"

#define USER_ID_MAX 20 /* 18 digits at most, and the NUL */

/* Fills `out` (initialised) with the cells as they go on the wire; all of them are fields
 * of the action, and no required one is absent. */
int resolve_params(struct params *out, const struct request_job *job,
                   request_lookup_fn *lookup, void *ctx, struct err *err);

/* The digits of the user to act for; empty for the master itself. */
int resolve_actor(char out[USER_ID_MAX], const struct request_job *job,
                  request_lookup_fn *lookup, void *ctx, struct err *err);

#endif
