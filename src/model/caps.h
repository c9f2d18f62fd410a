/* Most money that may be sent: by one job, to one payee on one day, of one batch, on one day. A list of each, one limit
 * for a currency: "ars=5000000,usd=20000". */
#ifndef REMESA_MODEL_CAPS_H
#define REMESA_MODEL_CAPS_H

#include "base/buf.h"
#include "model/money.h"

#define CAP_LIST_MAX 16

struct cap_list {
    struct money limits[CAP_LIST_MAX];
    int count;
};

#define CAPS_WANTED                                                                      \
    "limits such as ars=5000000,usd=20000.50: at most 16, each currency once"

/* Empty: no limit. false: not of that form, and *out is untouched. */
bool cap_list_parse(struct span text, struct cap_list *out);

void cap_list_write(const struct cap_list *list,
                    struct buf *out); /* cap_list_parse reads it */

/* NULL: none for that currency. */
const struct money *cap_list_find(const struct cap_list *list, const char *currency);

enum cap { CAP_JOB, CAP_PAYEE, CAP_BATCH, CAP_DAY, CAP_COUNT };

struct caps {
    struct cap_list of[CAP_COUNT];
};
bool caps_are_set(const struct caps *c);
const char *cap_name(enum cap cap); /* "cap_day", as the setting is called */

/* "cap_day: 4,999,000.00 ars sent today + 2,000.00 > 5,000,000.00" */
void cap_describe(struct buf *out, enum cap cap, struct money sent, struct money more,
                  struct money limit);

#endif
