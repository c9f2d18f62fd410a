/* The API key: read once from a file, kept on a page of its own, wiped at the end.
 *
 * Where from (CWE-214, 522, 526): a file that only its owner may
 * read, or the credential that systemd hands over. The path comes from the caller; the
 * key never comes from an argument or an environment variable, and no error text shows
 * any of it. The page is locked in memory and left out of core dumps (CWE-528) where the
 * system allows it. */
#ifndef REMESA_API_KEY_H
#define REMESA_API_KEY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

#define KEY_LEN_MIN 8
#define KEY_LEN_MAX 512

struct key {
    char *text;  /* NUL-ended visible ASCII, no blank, no ';': fit for a header */
    size_t room; /* of the page; key_wipe's business */
    bool is_locked;
};

/* `path` NULL: $CREDENTIALS_DIRECTORY/api_key. A file right in that folder may have the
 * group bit (0440) by which systemd shows its access list. ERR_NOINPUT: no such file.
 * ERR_NOPERM: not readable, or readable by others. ERR_CONFIG: not named, or what is in
 * it is no key. On -1 there is nothing to wipe. */
int key_read(struct key *out, const char *path, struct err *err);

/* The same of the secret for one-time passwords, in which blanks may stand (otp.h). */
int key_read_otp(struct key *out, const char *path, struct err *err);

void key_wipe(struct key *key); /* may be called twice */

/* Whether the system would lock such a page; without, the key may come to be on a disk, by swapping. */
bool key_can_be_locked(void);

/* Stars in the place of the key wherever a server has sent it back to us: what an answer says goes into
 * the database and onto screens. `text` may be NULL. */
void key_scrub_text(const char *secret, char *text);
void key_scrub(const struct key *key, char *text);

#endif
