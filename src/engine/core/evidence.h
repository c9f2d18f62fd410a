/* What a whole list without the row is worth. Pure.
 *
 * Absence is no proof at first: the server may still be working, or its list may lag. It counts after
 * several whole lists without the row, the last of them asked for past the settle time, and with an older row of
 * ours in it where there is one (a positive control: the list is fresh and of the right scope). Then it
 * depends on the action: what is harmless twice, or refused twice, is sent again; money asks a person. */
#ifndef REMESA_CORE_EVIDENCE_H
#define REMESA_CORE_EVIDENCE_H

#include <stdbool.h>
#include <stdint.h>

struct evidence_rules {
    int64_t
        first_ms; /* from the end of the attempt to the first look-up; doubles each time */
    int64_t settle_ms; /* so long after the attempt's end an absence may count */
    int tries;         /* whole lists without it that are wanted, 1 or more */
};

struct evidence {
    int look_ups;         /* so far, this one too */
    int negatives;        /* whole lists without it, this one too */
    int64_t since_end_ms; /* from the end of the attempt to when the list was asked for */
    bool control_exists;  /* the list should show an older row of ours */
    bool control_seen;    /* it did */
    bool resend;          /* the action's policy when it is absent */
};

enum evidence_verdict {
    EVIDENCE_LOOK_AGAIN, /* after *wait_ms */
    EVIDENCE_ABSENT,     /* proved: send it again */
    EVIDENCE_ASK,        /* a person has to say */
};

enum evidence_verdict evidence_weigh(const struct evidence *e,
                                     const struct evidence_rules *rules,
                                     int64_t *wait_ms);

/* When to look after `look_ups` of them: first_ms, twice that, ..., at most EVIDENCE_WAIT_MAX_MS. */
#define EVIDENCE_WAIT_MAX_MS INT64_C(600000)
int64_t evidence_wait_ms(const struct evidence_rules *rules, int look_ups);

#endif
