/* Strict reading of small texts: all of it has the form, or the answer is false. */
#ifndef REMESA_BASE_SCAN_H
#define REMESA_BASE_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

/* Digits with an optional '-', in [least, most]. */
bool scan_int(struct span text, int64_t least, int64_t most, int64_t *out);

/* A duration: digits with an optional fraction, then ms, s, m or h ("250ms", "1.5s",
 * "10m", "8h"). In milliseconds, at most a year. */
bool scan_duration(struct span text, int64_t *ms);

/* "2026-11-24", a day that exists. */
bool scan_date(struct span text);

/* A moment, in milliseconds since 1970: ISO 8601 as "2019-01-09T19:47:37Z", with three
 * digits of a second after a point or without, "Z" or an offset such as "-03:00"; or
 * seconds since 1970, in ten digits. */
bool scan_time(struct span text, int64_t *ms);

/* Something@somewhere.tld, no blanks, no control characters, at most 254 bytes (RFC
 * 5321). */
bool scan_email(struct span text);

/* C0, DEL or C1 somewhere in UTF-8 text. */
bool scan_has_control(struct span text);

bool scan_is_digits(struct span text); /* one digit or more, nothing else */

/* Length in bytes of the UTF-8 character at `at` (RFC 3629: no overlong form, no
 * surrogate, at most U+10FFFF), 0 when it is none. */
size_t scan_utf8_char(struct span text, size_t at);
bool scan_is_utf8(struct span text);
size_t scan_utf8_encode(uint32_t code, char out[4]);

struct span scan_trim(struct span text); /* without blanks and tabs at both ends */

/* Takes the next word (up to a blank) off the front of *text; false when none is left. */
bool scan_word(struct span *text, struct span *word);

#endif
