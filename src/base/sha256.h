/* SHA-256 (FIPS 180-4), from libcrypto. */
#ifndef REMESA_BASE_SHA256_H
#define REMESA_BASE_SHA256_H

#include <stddef.h>

#include "base/span.h"

#define SHA256_HEX_MAX 65 /* 64 digits and the NUL */

/* Before anybody uses libcrypto, curl included: its memory is that of mem.h. Later it
 * changes nothing. */
void sha256_setup(void);

struct sha256; /* a digest in the making */

struct sha256 *sha256_begin(void);
void sha256_add(struct sha256 *s, struct span bytes);
/* Writes the digest in lower-case hex and frees `s`; `out` may be NULL to give up. */
void sha256_end(struct sha256 *s, char out[SHA256_HEX_MAX]);

/* PBKDF2 (RFC 8018) with HMAC-SHA-256: a digest of a password that is slow to guess. */
void sha256_stretch(struct span password, struct span salt, int rounds,
                    char out[SHA256_HEX_MAX]);

/* HMAC-SHA-1 (RFC 2104), for one-time passwords (RFC 6238). */
#define SHA1_BYTES 20
void sha1_hmac(struct span key, struct span message, unsigned char out[SHA1_BYTES]);

#endif
