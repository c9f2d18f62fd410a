/* What can be told from one physical line before it is parsed: questions without state,
 * for intake/csv. */
#ifndef REMESA_INTAKE_CSV_LINE_H
#define REMESA_INTAKE_CSV_LINE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"

struct span csv_line_without_bom(struct span line);
bool csv_line_is_empty(struct span line); /* a line end and nothing else */

/* ',', ';' or TAB: the one that it has most of outside quotes; ',' when it has none. */
char csv_line_delimiter(struct span line);

/* Offset of the first byte that is no UTF-8, or the line's length. */
size_t csv_line_broken_utf8(struct span line);

/* A CR outside quotes that no LF follows. `quoted`: the line begins inside quotes;
 * `whole`: its LF stood in the file. */
bool csv_line_has_lone_cr(struct span line, bool quoted, bool whole);

/* Takes off the front of *bytes what goes up to and with the next LF, or all that there is. */
struct span csv_line_take(struct span *bytes, bool *ends_line);

#endif
