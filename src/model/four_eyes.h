/* What one person alone may not do: let a batch go, say what became of a payment that is in doubt, release
 * one that is held. */
#ifndef REMESA_MODEL_FOUR_EYES_H
#define REMESA_MODEL_FOUR_EYES_H

#include <stdbool.h>

#include "model/caps.h"

struct four_eyes {
    bool required;
    /* Up to these sums one is enough; a currency that is not among them has none. Empty: it takes two
     * for every sum, and for every batch. */
    struct cap_list above;
};

bool four_eyes_concern(const struct four_eyes *f, struct money sum);
/* A batch that moves no money: one that says where money will go is as good to a thief. */
bool four_eyes_concern_all(const struct four_eyes *f);

#endif
