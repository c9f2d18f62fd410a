/* Who gets the money of a job, told from the job: the fields that its action calls `payee`.
 *
 * An id or an address stands for itself. An '@ref' stands for what that job says of the account it makes,
 * without its name for it: so two jobs of two nights that pay to the same account have one payee, whatever
 * they call it. For whom a job acts is not looked at: the account is who is paid. */
#ifndef REMESA_MODEL_PAYEE_H
#define REMESA_MODEL_PAYEE_H

#include "base/buf.h"
#include "model/action.h"
#include "model/params.h"

#define PAYEE_MAX 33 /* 32 hex digits of a SHA-256, and the NUL */

/* Adds what the job `ref` says of what it makes. false: there is no such job. */
typedef bool payee_content_fn(void *ctx, struct span ref, struct buf *out);

/* false: the action names no payee, or the job none. */
bool payee_digest(const struct action *a, const struct params *p,
                  payee_content_fn *content, void *ctx, char out[PAYEE_MAX]);

/* For payee_content_fn: the parameters but the tag and what is another job's. Adds nothing when there is
 * nothing else. `a` NULL: an action that is not known any more. */
void payee_content(const struct action *a, const struct params *p, struct buf *out);

#endif
