/* A list that is read page after page, until one is empty, comes again, or cannot be used. */
#ifndef REMESA_RUN_WALK_H
#define REMESA_RUN_WALK_H

#include "api/find.h"

struct walk {
    int page; /* that is asked for, from 1 on */
    int rows;
    char *first_ids[2]; /* of the first page, and of the one before */
    bool is_whole;      /* it was read to its end */
    char *why_failed;   /* NULL and not whole: the run ended between two pages */
};

void walk_init(struct walk *w);
void walk_close(struct walk *w);
void walk_fail(struct walk *w, const char *why);

/* Does the page bring rows that have not been seen? After them: is there another one to be read? */
bool walk_takes(struct walk *w, const struct find_page *page);
bool walk_goes_on(struct walk *w, const struct find_page *page);

#endif
