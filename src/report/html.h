/* The morning's report as one page of HTML that needs nothing else: for a browser, a phone
 * and paper. Made from the views, as of one moment; whatever came from a file or a server
 * is text in it, never markup. */
#ifndef REMESA_REPORT_HTML_H
#define REMESA_REPORT_HTML_H

#include <stdio.h>

#include "base/clock.h"
#include "store/digest.h"

struct html_options {
    const char *database; /* as it is named in the page */
    struct digest_scope scope;
    struct wall now;
    int64_t listed_max; /* jobs in the list; 0: HTML_LISTED_MAX */
};

#define HTML_LISTED_MAX 10000

/* `store` is only read, many times: store_hold makes it one moment. ERR_NOINPUT: there is no such batch. Errors of `out` are the
 * caller's to look for. */
int html_print(FILE *out, struct store *store, const struct html_options *options,
               struct err *err);

#endif
