/* Base 64 (RFC 4648, 4), written in pieces. */
#ifndef REMESA_BASE_BASE64_H
#define REMESA_BASE_BASE64_H

#include <stdint.h>

#include "base/span.h"

int64_t base64_length(int64_t bytes); /* of the text of so many bytes */

/* Writes base64_length(bytes.len) characters, and no NUL. All pieces but the last are of
 * whole threes, or padding would stand in the middle. */
void base64_write(struct span bytes, char *out);

#endif
