/* A plain HTTP request and response, and the seam through which the one becomes the
 * other. Nothing here knows curl. */
#ifndef REMESA_MODEL_HTTP_H
#define REMESA_MODEL_HTTP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/sha256.h"
#include "base/span.h"

#define HTTP_HEADERS_MAX 8
#define HTTP_BODY_MAX                                                                    \
    (8 * 1024 *                                                                          \
     1024) /* of an answer: a list of some 30,000 users; a longer one is torn */
#define HTTP_REQUEST_MAX (1024 * 1024)
#define HTTP_FILES_MAX   4 /* of one request */
#define HTTP_TEXT_MAX    128

struct http_header {
    char *name;
    char *value; /* no CR, LF or NUL: whoever adds it has checked */
};

/* Bytes that go out as base 64 in the middle of the body's text, read while they do. */
struct http_file {
    size_t at; /* in the text */
    int fd;    /* the request's own */
    int64_t size;
    char sha256[SHA256_HEX_MAX]; /* what they must come to */
};

struct http_request {
    char method[8];
    char *path; /* from '/', under the base URL; with the query, already escaped */
    struct http_header headers[HTTP_HEADERS_MAX];
    int header_count;
    struct buf body;                        /* text; empty: none is sent */
    struct http_file files[HTTP_FILES_MAX]; /* that stand in the text, in order */
    int file_count;
};

void http_request_init(struct http_request *r);
void http_request_header(struct http_request *r, const char *name,
                         const char *value); /* copies */
/* Its Content-Length. */
int64_t http_request_length(const struct http_request *r);
/* Wipes the header values and the body before it frees them: one of them is the key, a
 * password may be in the other. */
void http_request_close(struct http_request *r);

/* The facts by which an attempt is judged. Only the first four decide; the rest is
 * evidence. */
struct http_response {
    int sends; /* 0: the request never went out. 1: it may have. 2: it went out and a
                  re-send by the library was refused */
    bool headers_complete; /* the empty line after the final answer's headers was seen */
    bool complete;         /* ... and the whole body, with no transport error */
    int status;            /* 0 when no status line came */

    bool hopeless;      /* sends is 0 and trying again cannot help: certificate, URL */
    int transport_code; /* the library's number, for the record */
    char transport_text[HTTP_TEXT_MAX];
    char content_type[HTTP_TEXT_MAX];
    char request_id[HTTP_TEXT_MAX];  /* X-Request-Id; else Cf-Ray */
    char retry_after[HTTP_TEXT_MAX]; /* as it came: seconds or a date */
    char date[HTTP_TEXT_MAX];
    char rate_limit[HTTP_TEXT_MAX]; /* as it came, like the two parts of it */
    char rate_limit_remaining[HTTP_TEXT_MAX];
    char rate_limit_reset[HTTP_TEXT_MAX];
    int64_t elapsed_us;
    struct buf body;
};

void http_response_init(struct http_response *r);
void http_response_close(struct http_response *r);

/* Sends one request and tells once how it ended. Two fillings: net (curl) and tests' own.
 */
typedef void transport_done_fn(void *ctx, int64_t tag,
                               const struct http_response *response);

struct transport {
    void *ctx;
    /* `request` may be closed after the call. `done` is never called from inside send. */
    void (*send)(void *ctx, const struct http_request *request, int64_t tag);
    /* Ends everything in flight now; each is told as torn, from inside the call. */
    void (*abort)(void *ctx);
    /* Only from inside `done`: the answer being told came whole and cannot be relied on. A
     * server that counts its bytes wrongly may end the connection, or send the rest, when
     * the next request is on it already: so none goes there. */
    void (*distrust)(void *ctx);
};

#endif
