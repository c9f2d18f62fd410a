/* What stands under /_sandbox: the ledger, and the levers of the sandbox's operator. No
 * key, no limit, no fault, and not counted. */
#ifndef REMESA_SANDBOX_LEVERS_H
#define REMESA_SANDBOX_LEVERS_H

#include "sandbox/answer.h"
#include "sandbox/sandbox.h"
#include "sandbox/target.h"

/* False: the path is none of them. */
bool levers_pull(struct sandbox *s, struct span method, const struct target *target,
                 struct answer *answer);

#endif
