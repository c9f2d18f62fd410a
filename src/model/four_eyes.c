#include "model/four_eyes.h"

bool four_eyes_concern(const struct four_eyes *f, struct money sum)
{
    const struct money *limit = cap_list_find(&f->above, sum.currency);
    return f->required && (!limit || sum.minor > limit->minor);
}

bool four_eyes_concern_all(const struct four_eyes *f)
{
    return f->required && f->above.count == 0;
}
