/* What was asked and answered, step by step, for the chart of the page. Not for others. */
#ifndef REMESA_REPORT_HTML_COUNT_H
#define REMESA_REPORT_HTML_COUNT_H

#include "report/html_parts.h"

#define SLOTS_MAX 120

enum series { DONE, REFUSED, PUT_OFF, DOUBTED, SERIES };

struct slot {
    int64_t asked, answers[SERIES];
};

struct chart {
    struct digest_steps steps;
    int count; /* 0: nothing has been asked */
    struct slot slots[SLOTS_MAX + 1];
    int64_t most; /* the top of the axis: 1, 2 or 5, and zeros */
};

/* Of more than a day, its last one. */
int chart_count(struct chart *c, struct page *p);

bool slot_is_quiet(const struct slot *s); /* nothing asked, nothing answered */
/* The longest run of quiet slots: how many, from *begin on. */
int chart_pause(const struct chart *c, int *begin);

#endif
