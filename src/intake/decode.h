/* Bytes of a file in another encoding become UTF-8, piece by piece (iconv(3)).
 *
 * "utf-16" goes by the byte order mark that the file begins with, and wants one. What no
 * character of the encoding is made of is an error, never a question mark. */
#ifndef REMESA_INTAKE_DECODE_H
#define REMESA_INTAKE_DECODE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/span.h"

struct decode;

/* `encoding` as the setting has it; NULL or "utf-8": bytes go through as they are, but a
 * file that shows by its first bytes what it is instead is refused with a hint. */
struct decode *decode_open(const char *encoding);
void decode_close(struct decode *d); /* NULL is fine */

/* Adds to `out` (at most three bytes for each one given, and twelve) what `bytes` give;
 * the start of a character that is not whole yet is kept for the next call. `is_last`:
 * there are no more. ERR_INPUT with a text for "FILE: line N: ..."; what came before it has
 * been added. */
int decode_add(struct decode *d, struct span bytes, bool is_last, struct buf *out,
               struct err *err);

#endif
