#include "base/base64.h"

int64_t base64_length(int64_t bytes)
{
    return (bytes + 2) / 3 * 4;
}

static char sign(unsigned bits)
{
    static const char signs[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                "0123456789+/";
    return signs[bits & 63];
}

void base64_write(struct span bytes, char *out)
{
    const unsigned char *in = (const unsigned char *)bytes.ptr;
    for (size_t i = 0; i < bytes.len; i += 3) {
        size_t left = bytes.len - i;
        unsigned bits = (unsigned)in[i] << 16 |
                        (left > 1 ? (unsigned)in[i + 1] << 8 : 0) |
                        (left > 2 ? in[i + 2] : 0U);
        *out++ = sign(bits >> 18);
        *out++ = sign(bits >> 12);
        *out++ = left > 1 ? sign(bits >> 6) : '=';
        *out++ = left > 2 ? sign(bits) : '=';
    }
}
