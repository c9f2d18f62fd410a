/* Text for a terminal: what came from a file or a server may carry control and direction
 * characters that would move the cursor or turn the line around (CWE-150). */
#ifndef REMESA_BASE_TEXT_H
#define REMESA_BASE_TEXT_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/span.h"

/* Adds `text` with control, bidi and broken bytes as \xNN or \u{NNNN}. */
void text_printable(struct buf *out, struct span text);

/* Adds `text` as one word of a shell command, quoted when it has to be. */
void text_shell_word(struct buf *out, struct span text);

/* How many terminal columns it takes, by characters (wide ones count once). */
size_t text_width(struct span text);

/* The words that go with a number: `one` with 1, else `many`. */
const char *text_plural(int64_t n, const char *one, const char *many);

#endif
