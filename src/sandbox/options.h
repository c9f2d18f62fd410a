/* The command line of remesa-sandbox. */
#ifndef REMESA_SANDBOX_OPTIONS_H
#define REMESA_SANDBOX_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "sandbox/fault.h"
#include "sandbox/otp.h"

enum options_want { WANT_RUN, WANT_HELP, WANT_VERSION };

struct options {
    enum options_want want;
    int port; /* 0: a free one */
    const char *port_file;
    const char *ledger; /* NULL: in memory */
    char *key;          /* NULL: any */
    int64_t rate;       /* requests a second; 0: no limit */
    int64_t window_ms; /* rate * window_ms / 1000 requests in any window of that length */
    uint64_t seed;
    int64_t latency_least_ms, latency_most_ms;
    int64_t settle_ms;                                /* 0: withdrawals stay received */
    int64_t approve_ms, draft_ms, quote_ms, lapse_ms; /* MACHINE_NEVER: never */
    bool epoch_times; /* of issues and what belongs to them */
    struct otp_secret *otp_secrets;
    size_t otp_count;
    int64_t max_seconds; /* 0: never */
    int64_t page_size;   /* rows of a list's page; 0: lists come whole */
    bool repeat_last_page;
    bool unique_emails;
    bool quiet;
    struct fault *faults;
    size_t fault_count;
};

/* Texts point into argv; options_close frees the rest, after a failure too. ERR_USAGE, or
 * ERR_NOINPUT / ERR_CONFIG for the key file. */
int options_read(struct options *o, int argc, char **argv, struct err *err);
void options_close(struct options *o);

size_t options_window_most(const struct options *o); /* requests in a window; 0: any */

#endif
