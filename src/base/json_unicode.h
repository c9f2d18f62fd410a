/* The escape \uXXXX of JSON, for the two files that read JSON. */
#ifndef REMESA_BASE_JSON_UNICODE_H
#define REMESA_BASE_JSON_UNICODE_H

#include <stdint.h>

#include "base/span.h"

/* Reads "XXXX" at `at`, and "\uXXXX" more for a surrogate pair; returns the bytes read, 0
 * when it is wrong or stands for a NUL. */
size_t json_read_unicode(struct span text, size_t at, uint32_t *code);

#endif
