/* Lists, as the server shows them to a look-up: in pages or not, with rows of others among
 * ours, with some of ours not yet in them. */
#ifndef TESTS_SIM_LISTS_H
#define TESTS_SIM_LISTS_H

#include "base/buf.h"
#include "base/rng.h"
#include "sim/night.h"

void lists_begin(const struct night *n);
/* `job`: the one that asks. */
void lists_write(struct buf *out, const char *path, int job, const char *user,
                 bool is_truthful, struct rng *dice);

#endif
