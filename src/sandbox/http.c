#include "sandbox/http.h"

#include <strings.h>

#include "base/scan.h"

void http_init(struct http_reader *r)
{
    *r = (struct http_reader){0};
    buf_init(&r->request.method, 32);
    buf_init(&r->request.target, HTTP_HEAD_MAX);
    buf_init(&r->request.authorization, HTTP_HEAD_MAX);
    buf_init(&r->request.content_type, HTTP_HEAD_MAX);
    buf_init(&r->request.password, HTTP_HEAD_MAX);
    buf_init(&r->request.body, HTTP_BODY_MAX);
    buf_init(&r->line, HTTP_HEAD_MAX);
    http_next(r);
}

void http_close(struct http_reader *r)
{
    buf_close(&r->request.method);
    buf_close(&r->request.target);
    buf_close(&r->request.authorization);
    buf_close(&r->request.content_type);
    buf_close(&r->request.password);
    buf_close(&r->request.body);
    buf_close(&r->line);
}

void http_next(struct http_reader *r)
{
    buf_clear(&r->request.method);
    buf_clear(&r->request.target);
    buf_clear(&r->request.authorization);
    buf_clear(&r->request.content_type);
    buf_clear(&r->request.password);
    buf_clear(&r->request.body);
    buf_clear(&r->line);
    r->request.authorized = false;
    r->request.keep_alive = true;
    r->state = HTTP_IN_LINE;
    r->head = 0;
    r->headers = 0;
    r->seen = 0;
    r->left = 0;
    r->minor = r->chunked = r->expects = false;
}

/* Always false, so that `return refuse(...)` reads well. */
static bool refuse(struct http_reader *r, int status, const char *fault)
{
    r->state = HTTP_BROKEN;
    r->status = status;
    r->fault = fault;
    return false;
}

/* ---- the request line ---- */

static bool is_token(struct span s)
{
    static const char marks[] = "!#$%&'*+-.^_`|~";
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!letter && !(c >= '0' && c <= '9') && !memchr(marks, c, sizeof(marks) - 1))
            return false;
    }
    return s.len > 0;
}

static bool is_target(struct span s)
{
    for (size_t i = 0; i < s.len; i++)
        if ((unsigned char)s.ptr[i] <= ' ' || (unsigned char)s.ptr[i] >= 0x7f)
            return false;
    return s.len > 0 && s.ptr[0] == '/';
}

static bool read_version(struct http_reader *r, struct span version)
{
    if (version.len != 8 || memcmp(version.ptr, "HTTP/", 5) != 0)
        return refuse(r, 400, "the request line does not end with a version");
    if (!span_is(version, "HTTP/1.1") && !span_is(version, "HTTP/1.0"))
        return refuse(r, 505, "neither HTTP/1.1 nor HTTP/1.0");
    r->minor = version.ptr[7] == '1';
    r->request.keep_alive = r->minor;
    return true;
}

static bool read_request_line(struct http_reader *r, struct span line)
{
    if (line.len == 0) /* RFC 9112, 2.2: an empty line before it is passed over */
        return true;
    const char *first = memchr(line.ptr, ' ', line.len);
    const char *last = memrchr(line.ptr, ' ', line.len);
    if (!first || first == last)
        return refuse(r, 400, "the request line has not three parts");
    struct span method = {line.ptr, (size_t)(first - line.ptr)};
    struct span target = {first + 1, (size_t)(last - first - 1)};
    struct span version = {last + 1, line.len - (size_t)(last + 1 - line.ptr)};
    if (!is_token(method) || !buf_add_span(&r->request.method, method))
        return refuse(r, 400, "a wrong method");
    if (!is_target(target))
        return refuse(r, 400, "a wrong request target");
    buf_add_span(&r->request.target, target);
    r->state = HTTP_IN_HEADERS;
    return read_version(r, version);
}

/* ---- headers ---- */

static bool read_host(struct http_reader *r, struct span value)
{
    return value.len > 0 || refuse(r, 400, "an empty Host");
}

static bool read_length(struct http_reader *r, struct span value)
{
    if (!scan_is_digits(value) || !scan_int(value, 0, INT64_MAX, &r->left))
        return refuse(r, 400, "a wrong Content-Length");
    return r->left <= HTTP_BODY_MAX || refuse(r, 413, "the body is too long");
}

static bool same_word(struct span s, const char *word)
{
    return s.len == strlen(word) && strncasecmp(s.ptr, word, s.len) == 0;
}

static bool read_encoding(struct http_reader *r, struct span value)
{
    r->chunked = same_word(value, "chunked");
    return r->chunked || refuse(r, 501, "a transfer encoding other than chunked");
}

static bool read_connection(struct http_reader *r, struct span value)
{
    if (same_word(value, "close"))
        r->request.keep_alive = false;
    if (same_word(value, "keep-alive"))
        r->request.keep_alive = true;
    return true;
}

static bool read_expect(struct http_reader *r, struct span value)
{
    r->expects = same_word(value, "100-continue");
    return r->expects || refuse(r, 417, "an unknown expectation");
}

static bool read_authorization(struct http_reader *r, struct span value)
{
    r->request.authorized = true;
    return buf_add_span(&r->request.authorization, value);
}

static bool read_content_type(struct http_reader *r, struct span value)
{
    return buf_add_span(&r->request.content_type, value);
}

static bool read_password(struct http_reader *r, struct span value)
{
    return buf_add_span(&r->request.password, value);
}

/* Each may stand there once: two of them and two readers would believe different ones. */
static const struct {
    const char *name;
    bool (*read)(struct http_reader *r, struct span value);
} known_headers[] = {
    {"Host", read_host},
    {"Content-Length", read_length},
    {"Transfer-Encoding", read_encoding},
    {"Connection", read_connection},
    {"Expect", read_expect},
    {"Authorization", read_authorization},
    {"Content-Type", read_content_type},
    {"One-Time-Password", read_password},
};
enum { SEEN_HOST = 1, SEEN_LENGTH = 2, SEEN_ENCODING = 4 };

static bool read_known(struct http_reader *r, struct span name, struct span value)
{
    for (size_t i = 0; i < sizeof(known_headers) / sizeof(*known_headers); i++) {
        if (!same_word(name, known_headers[i].name))
            continue;
        if (r->seen & 1U << i)
            return refuse(r, 400, "a header twice that may be there once");
        r->seen |= 1U << i;
        return known_headers[i].read(r, value);
    }
    return true;
}

static bool is_field_value(struct span s)
{
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        if ((c < ' ' && c != '\t') || c == 0x7f)
            return false;
    }
    return true;
}

static bool end_head(struct http_reader *r)
{
    if (r->minor && !(r->seen & SEEN_HOST))
        return refuse(r, 400, "no Host header");
    if ((r->seen & SEEN_LENGTH) && (r->seen & SEEN_ENCODING))
        return refuse(r, 400, "both Content-Length and Transfer-Encoding");
    if (r->chunked && !r->minor)
        return refuse(r, 400, "Transfer-Encoding in HTTP/1.0");
    r->state = r->chunked ? HTTP_IN_CHUNK_SIZE : r->left > 0 ? HTTP_IN_BODY : HTTP_AT_END;
    return true;
}

static bool read_header(struct http_reader *r, struct span line)
{
    if (line.len == 0)
        return end_head(r);
    if (++r->headers > HTTP_HEADERS_MAX)
        return refuse(r, 431, "too many headers");
    const char *colon = memchr(line.ptr, ':', line.len);
    struct span name = {line.ptr, colon ? (size_t)(colon - line.ptr) : 0};
    if (!is_token(name))
        return refuse(r, 400, "a line that is no header");
    struct span value =
        scan_trim((struct span){colon + 1, line.len - (size_t)(colon + 1 - line.ptr)});
    if (!is_field_value(value))
        return refuse(r, 400, "a control character in a header");
    return read_known(r, name, value);
}

/* ---- chunks ---- */

static int hex_digit(char c)
{
    static const char digits[] = "0123456789abcdef0123456789ABCDEF";
    const char *found = c ? strchr(digits, c) : NULL;
    return found ? (int)(found - digits) % 16 : -1;
}

static bool read_chunk_size(struct http_reader *r, struct span line)
{
    size_t n = 0;
    r->left = 0;
    for (; n < line.len && hex_digit(line.ptr[n]) >= 0; n++) {
        r->left = r->left * 16 + hex_digit(line.ptr[n]);
        if (r->left > HTTP_BODY_MAX)
            return refuse(r, 413, "the body is too long");
    }
    if (n == 0 || (n < line.len && line.ptr[n] != ';'))
        return refuse(r, 400, "a wrong chunk size");
    r->state = r->left > 0 ? HTTP_IN_CHUNK : HTTP_IN_TRAILERS;
    return true;
}

static bool read_chunk_end(struct http_reader *r, struct span line)
{
    if (line.len > 0)
        return refuse(r, 400, "a chunk longer than its size");
    r->state = HTTP_IN_CHUNK_SIZE;
    return true;
}

static bool read_trailer(struct http_reader *r, struct span line)
{
    if (line.len == 0)
        r->state = HTTP_AT_END;
    return true;
}

/* ---- lines and bodies ---- */

static bool read_line(struct http_reader *r, struct span line)
{
    switch (r->state) {
    case HTTP_IN_LINE:
        return read_request_line(r, line);
    case HTTP_IN_HEADERS:
        return read_header(r, line);
    case HTTP_IN_CHUNK_SIZE:
        return read_chunk_size(r, line);
    case HTTP_IN_CHUNK_END:
        return read_chunk_end(r, line);
    case HTTP_IN_TRAILERS:
        return read_trailer(r, line);
    case HTTP_IN_BODY:
    case HTTP_IN_CHUNK:
    case HTTP_AT_END:
    case HTTP_BROKEN:
        break;
    }
    return false;
}

static struct span take(struct span *bytes, size_t n)
{
    struct span taken = {bytes->ptr, n};
    bytes->ptr += n;
    bytes->len -= n;
    return taken;
}

static bool count_line(struct http_reader *r, size_t n)
{
    bool chunk = r->state == HTTP_IN_CHUNK_SIZE || r->state == HTTP_IN_CHUNK_END;
    if (chunk)
        return r->line.len + n <= HTTP_CHUNK_LINE || refuse(r, 400, "a wrong chunk size");
    r->head += n;
    if (r->head <= HTTP_HEAD_MAX)
        return true;
    return r->state == HTTP_IN_LINE ? refuse(r, 414, "the request line is too long")
                                    : refuse(r, 431, "the headers are too long");
}

/* True when a whole line was read and understood; false when bytes are missing or the
 * state is broken. */
static bool feed_line(struct http_reader *r, struct span *bytes)
{
    const char *end = memchr(bytes->ptr, '\n', bytes->len);
    struct span piece = take(bytes, end ? (size_t)(end - bytes->ptr) + 1 : bytes->len);
    if (!count_line(r, piece.len))
        return false;
    buf_add_span(&r->line, piece);
    if (!end)
        return false;
    struct span line = {r->line.data, r->line.len - 1};
    if (line.len == 0 || line.ptr[line.len - 1] != '\r')
        return refuse(r, 400, "a line that ends without CR");
    line.len--;
    if (memchr(line.ptr, '\r', line.len))
        return refuse(r, 400, "a CR inside a line");
    bool ok = read_line(r, line);
    buf_clear(&r->line);
    return ok;
}

static bool feed_body(struct http_reader *r, struct span *bytes)
{
    size_t n = bytes->len < (size_t)r->left ? bytes->len : (size_t)r->left;
    if (!buf_add_span(&r->request.body, take(bytes, n)))
        return refuse(r, 413, "the body is too long");
    r->left -= (int64_t)n;
    if (r->left == 0)
        r->state = r->state == HTTP_IN_CHUNK ? HTTP_IN_CHUNK_END : HTTP_AT_END;
    return true;
}

enum http_event http_feed(struct http_reader *r, struct span *bytes)
{
    while (r->state != HTTP_AT_END && bytes->len > 0) {
        bool body = r->state == HTTP_IN_BODY || r->state == HTTP_IN_CHUNK;
        bool ok = body ? feed_body(r, bytes) : feed_line(r, bytes);
        if (r->state == HTTP_BROKEN)
            return HTTP_BAD;
        if (!ok)
            return HTTP_MORE;
        bool wanted = r->state == HTTP_IN_BODY || r->state == HTTP_IN_CHUNK_SIZE;
        if (r->expects && wanted) {
            r->expects = false;
            return HTTP_CONTINUE;
        }
    }
    return r->state == HTTP_AT_END ? HTTP_REQUEST : HTTP_MORE;
}
