/* Answers that are lists: pages, and what faults do to them.
 *
 * Without --page-size a list comes whole. With it, page[page] (from 1) and page[per_page]
 * tell the page, and one past the end is empty, or the last one once more with
 * --repeat-last-page. How the API itself pages is not known (docs/bitex-api.md, 3). */
#ifndef REMESA_SANDBOX_LIST_H
#define REMESA_SANDBOX_LIST_H

#include <stdbool.h>
#include <stdint.h>

#include "sandbox/call.h"

/* What of a list an answer shows. */
struct list_window {
    int64_t skip, most; /* rows; most is -1: all */
    int64_t full;       /* rows of a full page; -1: there are no pages */
    bool past;          /* the page asked for lies behind the last one */
};

/* `total` is the number of rows, asked for only with --repeat-last-page. */
struct list_window list_window_of(const struct call *c, int64_t total);

/* Kind, user and times of the filter; the window is found here. */
void list_show(struct call *c, struct resource_filter *filter);

#endif
