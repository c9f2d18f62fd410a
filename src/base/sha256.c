#include "base/sha256.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"

struct sha256 {
    EVP_MD_CTX *ctx;
};

static void must(int ok)
{
    if (ok == 1)
        return;
    fputs("remesa: libcrypto gives no SHA-256\n", stderr);
    abort();
}

struct sha256 *sha256_begin(void)
{
    struct sha256 *s = mem_zero(1, sizeof(*s));
    s->ctx = EVP_MD_CTX_new();
    must(s->ctx != NULL && EVP_DigestInit_ex(s->ctx, EVP_sha256(), NULL) == 1);
    return s;
}

void sha256_add(struct sha256 *s, struct span bytes)
{
    must(EVP_DigestUpdate(s->ctx, bytes.ptr, bytes.len));
}

void sha256_end(struct sha256 *s, char out[SHA256_HEX_MAX])
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    must(EVP_DigestFinal_ex(s->ctx, digest, &len));
    for (unsigned i = 0; out && i < len; i++)
        snprintf(out + 2 * i, 3, "%02x", digest[i]);
    EVP_MD_CTX_free(s->ctx);
    free(s);
}
