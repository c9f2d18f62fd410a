/* How a cell fits the field that it stands in, where the API may know more than the
 * catalogue: a new port, another orderbook, a currency. Such a value is good, and worth a
 * warning. */
#ifndef REMESA_MODEL_FIT_H
#define REMESA_MODEL_FIT_H

#include "model/action.h"

enum field_fit {
    FIT_GOOD,
    FIT_UNSEEN, /* of the right form, and none that we know */
    FIT_WRONG,  /* *want as action_field_accepts says it */
};

enum field_fit action_field_fit(const struct action_field *f, struct span text,
                                const char **want);

#endif
