#include "sandbox/otp.h"

#include <stdio.h>
#include <string.h>

#define STEP_SECONDS 30
#define BLOCK        64 /* bytes of a SHA-1 block */
#define DIGEST       20

bool otp_read_secret(struct span text, struct otp_secret *out)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    uint32_t bits = 0;
    int count = 0;
    out->len = 0;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == '=' || c == ' ')
            continue;
        c = c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
        const char *at = c ? strchr(letters, c) : NULL;
        if (!at || out->len == OTP_SECRET_MAX)
            return false;
        bits = bits << 5 | (uint32_t)(at - letters);
        count += 5;
        if (count >= 8) {
            count -= 8;
            out->bytes[out->len++] = (unsigned char)(bits >> count);
        }
    }
    return out->len >= 10; /* 80 bits: shorter ones are typing mistakes */
}

/* ---- SHA-1 (FIPS 180-4) of short texts ---- */

static uint32_t turn(uint32_t x, int by)
{
    return x << by | x >> (32 - by);
}

static void mix(int round, uint32_t b, uint32_t c, uint32_t d, uint32_t *f, uint32_t *k)
{
    static const uint32_t constants[] = {0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xca62c1d6};
    *k = constants[round / 20];
    if (round < 20)
        *f = (b & c) | (~b & d);
    else if (round >= 40 && round < 60)
        *f = (b & c) | (b & d) | (c & d);
    else
        *f = b ^ c ^ d;
}

static void hash_block(uint32_t h[5], const unsigned char *block)
{
    uint32_t w[80], v[5], f, k;
    for (int i = 0; i < 16; i++)
        w[i] = (uint32_t)block[4 * i] << 24 | (uint32_t)block[4 * i + 1] << 16 |
               (uint32_t)block[4 * i + 2] << 8 | block[4 * i + 3];
    for (int i = 16; i < 80; i++)
        w[i] = turn(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
    memcpy(v, h, sizeof(v));
    for (int i = 0; i < 80; i++) {
        mix(i, v[1], v[2], v[3], &f, &k);
        uint32_t next = turn(v[0], 5) + f + v[4] + k + w[i];
        v[4] = v[3];
        v[3] = v[2];
        v[2] = turn(v[1], 30);
        v[1] = v[0];
        v[0] = next;
    }
    for (int i = 0; i < 5; i++)
        h[i] += v[i];
}

/* Of a whole block and fewer than 56 bytes after it: all that HMAC needs here. */
static void hash(const unsigned char first[BLOCK], const unsigned char *rest, size_t len,
                 unsigned char out[DIGEST])
{
    uint32_t h[5] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
    unsigned char last[BLOCK] = {0};
    size_t bits = 8 * (BLOCK + len);
    memcpy(last, rest, len);
    last[len] = 0x80;
    last[BLOCK - 2] = (unsigned char)(bits >> 8);
    last[BLOCK - 1] = (unsigned char)bits;
    hash_block(h, first);
    hash_block(h, last);
    for (int i = 0; i < DIGEST; i++)
        out[i] = (unsigned char)(h[i / 4] >> (24 - 8 * (i % 4)));
}

/* RFC 2104. The key is never longer than a block. */
static void hmac(const struct otp_secret *key, const unsigned char message[8],
                 unsigned char out[DIGEST])
{
    unsigned char inner[BLOCK], outer[BLOCK], digest[DIGEST];
    for (size_t i = 0; i < BLOCK; i++) {
        unsigned char byte = i < key->len ? key->bytes[i] : 0;
        inner[i] = byte ^ 0x36;
        outer[i] = byte ^ 0x5c;
    }
    hash(inner, message, 8, digest);
    hash(outer, digest, DIGEST, out);
}

void otp_code(const struct otp_secret *secret, int64_t seconds, char out[7])
{
    unsigned char message[8], digest[DIGEST];
    uint64_t step = (uint64_t)(seconds / STEP_SECONDS);
    for (int i = 0; i < 8; i++)
        message[i] = (unsigned char)(step >> (56 - 8 * i));
    hmac(secret, message, digest);
    const unsigned char *at = digest + (digest[DIGEST - 1] & 0xf);
    uint32_t number = (uint32_t)(at[0] & 0x7f) << 24 | (uint32_t)at[1] << 16 |
                      (uint32_t)at[2] << 8 | at[3];
    snprintf(out, 7, "%06u", number % 1000000u);
}

bool otp_good(const struct otp_secret *secret, struct span code, int64_t seconds)
{
    char wanted[7];
    for (int step = -1; step <= 1; step++) {
        otp_code(secret, seconds + step * STEP_SECONDS, wanted);
        if (span_is(code, wanted))
            return true;
    }
    return false;
}
