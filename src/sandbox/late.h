/* Requests that were read, left without an answer, and take effect later: at a moment, or
 * when lists of their collection have been shown without them. Only the waiting: who asks
 * for what is due lets it take effect. Lost when the sandbox ends. */
#ifndef REMESA_SANDBOX_LATE_H
#define REMESA_SANDBOX_LATE_H

#include <stdint.h>

#include "base/clock.h"
#include "sandbox/answer.h"
#include "sandbox/fault.h"
#include "sandbox/http.h"

#define LATE_NEVER INT64_MAX

struct late {
    struct late *next;
    struct http_request request; /* a copy */
    char x_request_id[UUID_MAX];
    int64_t request_id; /* in the ledger */
    const struct fault *fault;
    struct mono arrived;
    int64_t due_us; /* monotonic; LATE_NEVER while it waits for lists */
    int64_t lists;  /* that have to be shown first */
};

/* At the end of the queue; the caller fills in the rest. */
struct late *late_add(struct late **queue, const struct http_request *request);

/* That list was shown to its end: whoever waits for lists of that path, acting for that
 * user, waits for one less, and is due when it was the last. */
void late_list_shown(struct late *queue, const struct http_request *list);

int64_t late_next_us(const struct late *queue); /* LATE_NEVER: nothing has a time */

/* Takes the first that is due out of the queue; NULL when none is. */
struct late *late_take(struct late **queue, struct mono now);

void late_free(struct late *one);
void late_close(struct late **queue);

#endif
