/* A strict reader of JSON text (RFC 8259), for what a tree of doubles cannot tell:
 * whether the text is clean, and the raw digits of a number. A tree (cJSON) is built only
 * from text that passed here.
 *
 * json_check refuses: bad UTF-8, control characters, unpaired surrogates, \u0000, the
 * same key twice in an object, text after the end, nesting deeper than JSON_DEPTH_MAX. */
#ifndef REMESA_BASE_JSON_H
#define REMESA_BASE_JSON_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/span.h"

#define JSON_DEPTH_MAX 64
#define JSON_MEMBERS_MAX                                                                 \
    1024 /* of one object, so that looking for a repeated key stays cheap */

/* ERR_INPUT with the byte offset of the fault. */
int json_check(struct span text, struct err *err);

enum json_type {
    JSON_OBJECT,
    JSON_ARRAY,
    JSON_STRING,
    JSON_NUMBER,
    JSON_TRUE,
    JSON_FALSE,
    JSON_NULL,
};

/* The functions below want text that passed json_check. `raw` is the value as it stands
 * in the text: a number's digits, a string with its quotes and escapes. */

enum json_type json_type_of(struct span raw);

/* The value at a JSON pointer (RFC 6901) such as "/data/attributes/amount"; "" is the
 * whole. */
bool json_at(struct span text, const char *pointer, struct span *raw);

/* Walks an object's members or an array's items in order. Start with a zeroed cursor.
 * `key` (raw, with quotes) is empty for an array. */
struct json_cursor {
    size_t at;
};
bool json_next(struct span container, struct json_cursor *cursor, struct span *key,
               struct span *value);

/* A raw string without quotes and escapes, added to `out`. */
bool json_unquote(struct span raw, struct buf *out);

/* The text of a string, or the raw digits of a number, at a pointer; false for anything
 * else. */
bool json_text_at(struct span text, const char *pointer, struct buf *out);

#endif
