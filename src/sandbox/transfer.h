/* Money that went from one user to another: the API only shows it, so an operator's lever
 * makes it. */
#ifndef REMESA_SANDBOX_TRANSFER_H
#define REMESA_SANDBOX_TRANSFER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"
#include "sandbox/sandbox.h"

struct transfer {
    int64_t from, to; /* users */
    struct span amount, currency;
    int64_t sent, received; /* ids of what each of them sees */
};

/* False: a user who is not there, or no amount above 0, or no currency. */
bool transfer_make(struct sandbox *s, struct transfer *t, int64_t now_us);

#endif
