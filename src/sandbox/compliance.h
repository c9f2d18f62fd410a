/* Whether a user may be paid: new -> enabled <-> disabled -> rejected. */
#ifndef REMESA_SANDBOX_COMPLIANCE_H
#define REMESA_SANDBOX_COMPLIANCE_H

#include "sandbox/sandbox.h"

/* False: there is no such user, or no such way from where he is. What waits for one who
 * is enabled goes on. */
bool compliance_move(struct sandbox *s, int64_t user, struct span to, int64_t now_us);

#endif
