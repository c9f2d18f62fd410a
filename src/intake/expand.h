/* From a record to the rows of its steps, judged by the rules of every input (judge.h).
 *
 *   - Refs: "ROW.step" for a step of a row, "NAME+step" for one that rows share (an empty
 *     NAME is the row's own ref), "BATCH=step" for one that stands for all rows.
 *   - A value whose columns are all empty is absent, as is one that uses a step that was
 *     left out; a step is left out when all columns of its `when` are empty.
 *   - The rows of a record come only when all of them are good.
 *   - Complaints name the column of the file that the value came from; of one column and
 *     record there is one, though several steps may use it. */
#ifndef REMESA_INTAKE_EXPAND_H
#define REMESA_INTAKE_EXPAND_H

#include <stdint.h>

#include "intake/complain.h"
#include "intake/recipe.h"

struct expand_options {
    const struct recipe *recipe; /* checked (recipe_check) */
    const struct catalogue *catalogue;
    const char *batch;       /* what {batch} is; NULL: it has no name */
    const char *const *sets; /* "NAME=VALUE" each, ended by NULL; NULL: none */
    bool decimal_comma;      /* in columns and sets; the recipe's own have a point */
    struct listener listener;
};

struct expand;

/* ERR_USAGE when a set does not fit the recipe, or a batch needs a name. What the options
 * point at must live as long. */
int expand_open(struct expand **out, const struct expand_options *options,
                struct err *err);
void expand_close(struct expand *e); /* NULL is fine */

/* Once, before the first record; what is wrong is told, and reading may go on. */
void expand_header(struct expand *e, int64_t line, const struct span *names,
                   size_t count);

/* Fills rows[0] to rows[*made - 1], the caller's to close; there is room for every step of
 * the recipe. false: something was wrong and is told, and *made is 0. */
bool expand_record(struct expand *e, int64_t line, const struct span *cells, size_t count,
                   struct row *rows, size_t *made);
/* Of the record that was expanded last: its ref, and its cells without those that are to
 * be kept nowhere, good until the next one. */
struct span expand_ref(const struct expand *e);
const struct span *expand_public(struct expand *e, const struct span *cells);

/* The same of the steps before or after the rows. */
bool expand_batch(struct expand *e, enum step_scope scope, struct row *rows,
                  size_t *made);

#endif
