/* From cells to judged rows: the rules of the input table and of the catalogue.
 *
 *   - The header has `ref` and `action`; it may have `on_behalf_of`, `needs`, `params`;
 *     any other column is a field of some action. Blanks around names do not count.
 *   - A row has as many cells as the header has columns. An empty cell is absent; no
 *     cell is trimmed.
 *   - A value in a column that the row's action does not take is a fault.
 *   - Values are kept as written ("@@x" and "1.50" too); the request builder reads them.
 *   - Refs repeated, or needed but given by nobody, are the store's to find: that takes
 *     the whole batch.
 *
 * Complaints are told while judging, all of them: line by line, and within a row mostly
 * column by column. */
#ifndef REMESA_INTAKE_JUDGE_H
#define REMESA_INTAKE_JUDGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/span.h"
#include "intake/complain.h"
#include "model/action.h"
#include "model/row.h"

struct judge;

struct judge *judge_open(const struct catalogue *c, struct listener l);
void judge_close(
    struct judge *j); /* NULL is fine. The columns of its rows' needs end with it */

/* Decimals in columns have a comma from now on; they are kept with a point. */
void judge_with_comma(struct judge *j);

/* Once, before the first record. A faulty column is told and reading may go on; -1 with
 * ERR_INPUT when there is no `ref` or no `action`. */
int judge_header(struct judge *j, int64_t line, const struct span *names, size_t count,
                 struct err *err);
const char *judge_column(const struct judge *j,
                         size_t column); /* as complaints name it */

/* true: *row is good and the caller's to close. false: what is wrong is told. */
bool judge_record(struct judge *j, int64_t line, const struct span *cells, size_t count,
                  struct row *row);

/* The cells of a good row without those that are to be kept nowhere; good until the next
 * call. */
const struct span *judge_public(struct judge *j, const struct row *row,
                                const struct span *cells);

/* A row of the store's inbox; a text that is NULL or empty is absent. */
struct inbox_cells {
    int64_t id; /* becomes the row's line */
    struct span ref, action, on_behalf_of, needs, params;
};

/* As judge_record, with the complaints joined in *problem: "ref: missing; params: ...".
 * Of a good row, the warnings stand there. */
bool judge_inbox(const struct catalogue *c, const struct inbox_cells *cells,
                 struct row *row, struct buf *problem);

#endif
