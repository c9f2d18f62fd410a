#include "base/sha256.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"

struct sha256 {
    EVP_MD_CTX *ctx;
};

/* Without memory libcrypto itself reads through null pointers. */

static void *crypto_malloc(size_t size, const char *file, int line)
{
    (void)file;
    (void)line;
    return mem_malloc(size);
}

static void *crypto_realloc(void *old, size_t size, const char *file, int line)
{
    (void)file;
    (void)line;
    return mem_realloc(old, size);
}

static void crypto_free(void *old, const char *file, int line)
{
    (void)file;
    (void)line;
    free(old);
}

void sha256_setup(void)
{
    CRYPTO_set_mem_functions(crypto_malloc, crypto_realloc, crypto_free);
}

static void must(int ok)
{
    if (ok == 1)
        return;
    fputs("remesa: libcrypto gives no SHA-256\n", stderr);
    abort();
}

static void write_hex(const unsigned char *digest, unsigned len, char *out)
{
    for (unsigned i = 0; i < len; i++)
        snprintf(out + 2 * i, 3, "%02x", digest[i]);
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
    if (out)
        write_hex(digest, len, out);
    EVP_MD_CTX_free(s->ctx);
    free(s);
}

void sha256_stretch(struct span password, struct span salt, int rounds,
                    char out[SHA256_HEX_MAX])
{
    unsigned char digest[SHA256_HEX_MAX / 2];
    must(PKCS5_PBKDF2_HMAC(password.ptr, (int)password.len,
                           (const unsigned char *)salt.ptr, (int)salt.len, rounds,
                           EVP_sha256(), sizeof(digest), digest));
    write_hex(digest, sizeof(digest), out);
}

void sha1_hmac(struct span key, struct span message, unsigned char out[SHA1_BYTES])
{
    unsigned len = 0;
    must(HMAC(EVP_sha1(), key.ptr, (int)key.len, (const unsigned char *)message.ptr,
              message.len, out, &len) != NULL &&
         len == SHA1_BYTES);
}
