/* The answers of faults that put something in the place of the handler's, or a lie into
 * it. */
#ifndef REMESA_SANDBOX_SPOIL_H
#define REMESA_SANDBOX_SPOIL_H

#include "sandbox/answer.h"
#include "sandbox/fault.h"

/* `fault` NULL: nothing happens. Lies change answers that are a success, no others. */
void spoil(const struct fault *fault, struct answer *a);

#endif
