#include "api/otp.h"

#include <stdio.h>
#include <string.h>

#include "base/sha256.h"

#define SECRET_MIN 10 /* bytes: sixteen letters */

/* ---- the secret ---- */

static int value_of(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a';
    return c >= '2' && c <= '7' ? c - '2' + 26 : -1;
}

/* RFC 4648, 6, over the letters themselves: bytes are fewer. */
static bool decode(struct otp *o)
{
    unsigned char *out = (unsigned char *)o->page.text;
    uint32_t bits = 0;
    int have = 0;
    o->len = 0;
    for (const char *c = o->page.text; *c && *c != '='; c++) {
        int five = value_of(*c);
        if (*c == ' ')
            continue;
        if (five < 0)
            return false;
        bits = bits << 5 | (uint32_t)five;
        have += 5;
        if (have >= 8) {
            have -= 8;
            out[o->len++] = (unsigned char)(bits >> have);
        }
    }
    explicit_bzero(out + o->len, o->page.room - o->len);
    return o->len >= SECRET_MIN;
}

int otp_read(struct otp *out, const char *path, struct err *err)
{
    *out = (struct otp){.last_step = -1};
    if (key_read_otp(&out->page, path, err))
        return -1;
    if (decode(out))
        return 0;
    otp_wipe(out);
    return err_set(
        err, ERR_CONFIG,
        "%s: the first line is no secret for one-time passwords: wanted sixteen "
        "letters or more of A-Z and 2-7 (base32)",
        path);
}

void otp_wipe(struct otp *o)
{
    key_wipe(&o->page);
    o->len = 0;
}

void otp_mask(struct otp *out)
{
    *out = (struct otp){.is_mask = true};
}

/* ---- codes ---- */

void otp_code(struct span secret, int64_t step, char code[OTP_DIGITS + 1])
{
    char message[8];
    unsigned char mac[SHA1_BYTES];
    for (int i = 0; i < 8; i++)
        message[i] = (char)((uint64_t)step >> (56 - 8 * i));
    sha1_hmac(secret, (struct span){message, sizeof(message)}, mac);
    const unsigned char *at = mac + (mac[SHA1_BYTES - 1] & 0xf);
    uint32_t number = (uint32_t)(at[0] & 0x7f) << 24 | (uint32_t)at[1] << 16 |
                      (uint32_t)at[2] << 8 | at[3];
    snprintf(code, OTP_DIGITS + 1, "%06u", number % 1000000u);
    explicit_bzero(mac, sizeof(mac));
}

bool otp_take(struct otp *o, struct wall now, char code[OTP_DIGITS + 1])
{
    int64_t step = now.ms / OTP_STEP_MS;
    if (o->is_mask) {
        snprintf(code, OTP_DIGITS + 1, OTP_MASK);
        return true;
    }
    if (step <= o->last_step) /* a clock that was put back gives no code again either */
        return false;
    o->last_step = step;
    otp_code((struct span){o->page.text, o->len}, step, code);
    return true;
}
