/* What the files of expand.h share. */
#ifndef REMESA_INTAKE_EXPAND_PARTS_H
#define REMESA_INTAKE_EXPAND_PARTS_H

#include "base/buf.h"
#include "intake/expand.h"

#define EXPAND_NOWHERE  SIZE_MAX       /* of no use, and told */
#define EXPAND_NAMELESS (SIZE_MAX - 1) /* its cells must be empty */

/* What was told of a column. */
enum told { TOLD_NOT, TOLD_OF_RECORD, TOLD_FOR_GOOD };

/* What a step was called in each record so far, when another needs each of them. */
struct expand_refs {
    bool is_wanted;
    char **items;
    size_t count;
};

struct expand {
    struct expand_options o;
    struct span *set;    /* by column; empty: not set */
    struct span *values; /* by column, of the record at hand */
    enum told *told;     /* by column: complaints */
    enum told *warned;   /* by column: warnings */
    size_t *column_of;   /* by field of the record; or EXPAND_NOWHERE, EXPAND_NAMELESS */
    char **labels;       /* by field of the record */
    size_t width;
    bool *is_private;   /* by field of the record */
    struct span *shown; /* expand_public */
    int64_t header_line;
    char **refs;              /* by step; NULL: left out of the record at hand */
    struct expand_refs *each; /* by step */
    struct buf cell;
};

void expand_find_private(struct expand *e); /* when column_of is known */

/* ---- expand_voice.c ---- */

/* The context of expand_speak, which hears the complaints about one step, in the action's words, and says them in
 * the recipe's. */
struct expand_voice {
    struct expand *e;
    const struct step *step;
};
void expand_speak(void *voice, const struct complaint *c);

/* The recipe's column from which a field of the step's row comes; NULL: from none. */
const char *expand_column_for(const struct recipe *r, const struct step *s,
                              const char *field);

/* Once for a column: a cell that two steps use is wrong in both, and what --set gives is
 * wrong in every line. A warning takes no complaint's place. */
bool expand_is_news(struct expand *e, size_t column, bool is_warning);

static inline const struct recipe_column *expand_column(const struct expand *e, size_t i)
{
    return &e->o.recipe->columns[i];
}

#endif
