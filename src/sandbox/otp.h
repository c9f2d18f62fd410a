/* One-time passwords as an authenticator shows them (RFC 6238: HMAC-SHA1, 30 seconds, six
 * digits). Written here, small, and not taken from the engine's side: the judge must not
 * share a mistake with what it judges. Pure. */
#ifndef REMESA_SANDBOX_OTP_H
#define REMESA_SANDBOX_OTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

#define OTP_SECRET_MAX 64

struct otp_secret {
    int64_t user; /* 0: everybody without one of his own */
    unsigned char bytes[OTP_SECRET_MAX];
    size_t len;
};

/* Base 32 (RFC 4648) in either case, '=' and blanks passed over. */
bool otp_read_secret(struct span text, struct otp_secret *out);

/* Six digits for the step that `seconds` (since 1970) lies in. */
void otp_code(const struct otp_secret *secret, int64_t seconds, char out[7]);

/* That step's, the one's before or the one's after. */
bool otp_good(const struct otp_secret *secret, struct span code, int64_t seconds);

#endif
