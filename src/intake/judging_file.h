/* Cells of type file, of a row being judged. */
#ifndef REMESA_INTAKE_JUDGING_FILE_H
#define REMESA_INTAKE_JUDGING_FILE_H

#include "base/err.h"
#include "intake/judging.h"

/* Or is it the bytes themselves ("data:..."), or a value of another job, which no file takes? */
bool judging_is_file_name(struct span cell);

/* What the job keeps of the file that `cell` names (model/document.h); to be freed. NULL: err says what is wrong with
 * it, as the end of a sentence that begins with the cell. */
char *judging_file_cell(const struct catalogue *c, const struct action_field *f,
                        struct span cell, struct err *err);

/* When all cells are seen: what each file says of itself goes into the fields that want it, when their cells are empty;
 * when they are not, it is held against them. */
void judging_file_fill(struct judging *g);

#endif
