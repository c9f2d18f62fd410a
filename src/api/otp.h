/* One-time passwords by a secret, as an authenticator shows them: RFC 6238, SHA-1, half a
 * minute, six digits.
 *
 * A code is good for one request (RFC 6238, 5.2: who checks must not take it twice), so each
 * half minute gives one, and none a second time. The secret lies on a page of its own, as
 * the key does; neither it nor a code is written anywhere. */
#ifndef REMESA_API_OTP_H
#define REMESA_API_OTP_H

#include <stdbool.h>
#include <stdint.h>

#include "api/key.h"
#include "base/clock.h"
#include "base/span.h"

#define OTP_STEP_MS (INT64_C(30) * 1000)
#define OTP_DIGITS  6
#define OTP_MILLI_RATE                                                                   \
    32 /* requests in a thousand seconds: one in 31.4 s, so never two in a step */

struct otp {
    struct key page; /* the secret's bytes, not its letters */
    size_t len;
    int64_t last_step;
    bool is_mask;
};

/* `path`: a file as of key_read, with the secret in base32 (blanks and = do not count).
 * On -1 there is nothing to wipe. */
int otp_read(struct otp *out, const char *path, struct err *err);
void otp_wipe(struct otp *o); /* may be called twice */

/* Knows no secret: OTP_MASK is every code of it, for requests that are told and not sent. */
#define OTP_MASK "000000"
void otp_mask(struct otp *out);

/* The code of `now`; false: it is used up, the next half minute has another. */
bool otp_take(struct otp *o, struct wall now, char code[OTP_DIGITS + 1]);

void otp_code(struct span secret, int64_t step, char code[OTP_DIGITS + 1]);

#endif
