/* The person who decides: looks at the other side, and says what was there. */
#ifndef TESTS_SIM_OPERATOR_H
#define TESTS_SIM_OPERATOR_H

#include "base/rng.h"
#include "sim/night.h"

/* `only_doubts`: every doubt that can be settled, and nothing else; otherwise some of
 * them, some failed jobs again, some queued ones cancelled. */
int operator_decides(const struct night *n, struct store *store, bool only_doubts,
                     struct rng *dice, struct err *err);

#endif
