/* What the checks of the trail share. Not for others. */
#ifndef REMESA_STORE_AUDIT_PARTS_H
#define REMESA_STORE_AUDIT_PARTS_H

#include "store/audit.h"

#define AUDIT_FAULT  "the audit trail does not hold"
#define AUDIT_BROKEN AUDIT_FAULT ": "

/* ERR_INPUT: the first thing that the trail does not tell of, or tells of otherwise. The trail itself has been found
 * whole before. */
int audit_judge_things(struct store *s, struct err *err);

#endif
