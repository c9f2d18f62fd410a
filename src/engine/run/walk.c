#include "engine/run/walk.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define PAGES_MAX    1000 /* of one list; more than that is no list of ours */
#define ROWS_OF_PAGE 3    /* the shortest page that any list is known to be cut into */

void walk_init(struct walk *w)
{
    *w = (struct walk){.page = 1};
}

void walk_close(struct walk *w)
{
    free(w->first_ids[0]);
    free(w->first_ids[1]);
    free(w->why_failed);
    *w = (struct walk){0};
}

void walk_fail(struct walk *w, const char *why)
{
    free(w->why_failed);
    w->why_failed = mem_text(why);
}

/* By its first row: the list may have grown at its end meanwhile. A page without ids cannot be told from
 * the one before, so it counts as one that comes again. */
static bool comes_again(const struct walk *w, const struct find_page *page)
{
    if (!page->first_id)
        return true;
    for (int i = 0; i < 2; i++)
        if (w->first_ids[i] && strcmp(w->first_ids[i], page->first_id) == 0)
            return true;
    return false;
}

bool walk_takes(struct walk *w, const struct find_page *page)
{
    if (!page->usable)
        walk_fail(w, page->error ? page->error : "the list could not be read");
    else if (page->rows > 0 && (w->page == 1 || !comes_again(w, page)))
        return true;
    w->is_whole = page->usable;
    return false;
}

bool walk_goes_on(struct walk *w, const struct find_page *page)
{
    w->rows += page->rows;
    char **kept = &w->first_ids[w->page > 1];
    free(*kept);
    *kept = mem_text(page->first_id);
    if (page->rows < ROWS_OF_PAGE)
        w->is_whole = true;
    else if (++w->page > PAGES_MAX)
        walk_fail(w, "the list does not end");
    return !w->is_whole && !w->why_failed;
}
