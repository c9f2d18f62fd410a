#include "net/answer.h"

#include <strings.h>

#include "base/scan.h"

#define HEADER_BYTES_MAX (64 * 1024)

void answer_init(struct answer *a)
{
    *a = (struct answer){0};
    http_response_init(&a->response);
}

void answer_close(struct answer *a)
{
    http_response_close(&a->response);
}

static struct span without_line_end(struct span s)
{
    while (s.len && (s.ptr[s.len - 1] == '\n' || s.ptr[s.len - 1] == '\r'))
        s.len--;
    return s;
}

/* A text with anything but printable ASCII is left out: it goes into records and onto
 * terminals. */
static void keep_text(char out[HTTP_TEXT_MAX], struct span text)
{
    text = scan_trim(text);
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] < ' ' || text.ptr[i] > '~')
            return;
    size_t n = text.len < HTTP_TEXT_MAX - 1 ? text.len : HTTP_TEXT_MAX - 1;
    memcpy(out, text.ptr, n);
    out[n] = '\0';
}

static void keep_header(struct answer *a, struct span name, struct span value)
{
    struct http_response *r = &a->response;
    const struct {
        const char *name;
        char *out;
    } wanted[] = {
        {"content-type", r->content_type},
        {"x-request-id", r->request_id},
        {"cf-ray", a->cf_ray},
        {"retry-after", r->retry_after},
        {"date", r->date},
        {"ratelimit", r->rate_limit},
        {"ratelimit-remaining", r->rate_limit_remaining},
        {"ratelimit-reset", r->rate_limit_reset},
        {"x-ratelimit-remaining", r->rate_limit_remaining},
        {"x-ratelimit-reset", r->rate_limit_reset},
    };
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++)
        if (strlen(wanted[i].name) == name.len &&
            strncasecmp(wanted[i].name, name.ptr, name.len) == 0 && !wanted[i].out[0])
            keep_text(wanted[i].out, value);
}

/* "HTTP/1.1 201 Created": a new head begins, and what an interim one (1xx) said is no
 * part of it. */
static void begin_head(struct answer *a, struct span line)
{
    struct http_response *r = &a->response;
    r->content_type[0] = r->request_id[0] = r->retry_after[0] = r->date[0] =
        r->rate_limit[0] = r->rate_limit_remaining[0] = r->rate_limit_reset[0] =
            a->cf_ray[0] = '\0';
    const char *blank = memchr(line.ptr, ' ', line.len);
    int64_t status = 0;
    if (blank && line.ptr + line.len - blank >= 4)
        scan_int((struct span){blank + 1, 3}, 100, 999, &status);
    r->status = (int)status;
}

static bool is_final(int status)
{
    return status >= 200 || status == 101;
}

static void read_header_line(struct answer *a, struct span line)
{
    struct http_response *r = &a->response;
    const char *colon = memchr(line.ptr, ':', line.len);
    if (line.len == 0)
        r->headers_complete = is_final(r->status);
    else if (line.len >= 5 && memcmp(line.ptr, "HTTP/", 5) == 0)
        begin_head(a, line);
    else if (colon) {
        size_t at = (size_t)(colon - line.ptr);
        keep_header(a, (struct span){line.ptr, at},
                    (struct span){colon + 1, line.len - at - 1});
    }
}

size_t answer_on_header(char *bytes, size_t size, size_t count, void *ctx)
{
    struct answer *a = ctx;
    size_t len = size * count;
    a->header_bytes += len;
    if (a->header_bytes > HEADER_BYTES_MAX)
        return 0;                      /* torn */
    if (!a->response.headers_complete) /* after it: trailers */
        read_header_line(a, without_line_end((struct span){bytes, len}));
    return len;
}

size_t answer_on_body(char *bytes, size_t size, size_t count, void *ctx)
{
    struct answer *a = ctx;
    if (!buf_add(&a->response.body, bytes, size * count))
        return 0; /* torn */
    return size * count;
}

/* Of the codes that can come before anything is sent, those that come again however often
 * one tries. */
static bool is_hopeless(CURLcode code)
{
    static const CURLcode codes[] = {
        CURLE_UNSUPPORTED_PROTOCOL,
        CURLE_FAILED_INIT,
        CURLE_URL_MALFORMAT,
        CURLE_NOT_BUILT_IN,
        CURLE_BAD_FUNCTION_ARGUMENT,
        CURLE_UNKNOWN_OPTION,
        CURLE_SSL_ENGINE_NOTFOUND,
        CURLE_SSL_ENGINE_SETFAILED,
        CURLE_SSL_ENGINE_INITFAILED,
        CURLE_SSL_CERTPROBLEM,
        CURLE_SSL_CIPHER,
        CURLE_PEER_FAILED_VERIFICATION,
        CURLE_SSL_CACERT_BADFILE,
        CURLE_SSL_CRL_BADFILE,
        CURLE_SSL_ISSUER_ERROR,
        CURLE_SSL_PINNEDPUBKEYNOTMATCH,
        CURLE_SSL_INVALIDCERTSTATUS,
        CURLE_SSL_CLIENTCERT,
    };
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
        if (codes[i] == code)
            return true;
    return false;
}

void answer_finish(struct answer *a, CURLcode code, const char *why, int64_t elapsed_us)
{
    struct http_response *r = &a->response;
    r->complete = code == CURLE_OK && r->headers_complete;
    r->hopeless = r->sends == 0 && is_hopeless(code);
    r->transport_code = code;
    r->elapsed_us = elapsed_us;
    if (code != CURLE_OK)
        keep_text(r->transport_text, span_of(why));
    if (!r->request_id[0])
        memcpy(r->request_id, a->cf_ray, sizeof r->request_id);
}
