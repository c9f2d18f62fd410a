/* The Authorization header: "KEY", "KEY; user=ID", and the older "KEY ;user=ID". Pure.
 * What
 * the public guides do not know is no key: a misspelt "; usr=7" must not act as the
 * master. */
#ifndef REMESA_SANDBOX_AUTH_H
#define REMESA_SANDBOX_AUTH_H

#include <stdbool.h>

#include "base/span.h"

#define AUTH_KEY_MIN 8 /* characters of a key, when any key is good */

struct auth {
    struct span key;
    struct span user; /* as it is written, "" without */
    bool on_behalf;   /* a "; user=" was there */
};

struct auth auth_read(struct span header);

/* `wanted` is the one good key, or NULL: any visible one of AUTH_KEY_MIN characters. */
bool auth_key_ok(struct span key, const char *wanted);

#endif
