/* HTTP/1.1 requests out of bytes (RFC 9112): pure, no socket, no clock.
 *
 * Bytes go in as they come, in pieces of any size; the same bytes give the same requests
 * however they are cut. It is stricter than a server on the Internet would be, because it
 * judges a client: lines end with CR LF, a header that counts (Host, Content-Length,
 * Authorization ...) may stand there once, a folded line or a control character is
 * refused. After HTTP_BAD nothing more can be read from that connection. */
#ifndef REMESA_SANDBOX_HTTP_H
#define REMESA_SANDBOX_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/span.h"

#define HTTP_HEAD_MAX    (32 * 1024) /* bytes of request line and headers */
#define HTTP_HEADERS_MAX 100         /* lines */
#define HTTP_CHUNK_LINE  1024        /* bytes of a line that tells a chunk's size */
#define HTTP_BODY_MAX    (16 * 1024 * 1024) /* an attachment of 10 MB as base64 fits */

enum http_event {
    HTTP_MORE,     /* all bytes are read, the request is not complete */
    HTTP_CONTINUE, /* the client waits for "100 Continue" before it sends the body */
    HTTP_REQUEST,  /* `request` is complete; call http_next before feeding on */
    HTTP_BAD,      /* `status` and `fault` say why */
};

struct http_request {
    struct buf method;
    struct buf target; /* as received: path and query */
    struct buf authorization;
    struct buf content_type;
    struct buf password; /* the header One-Time-Password */
    struct buf body;     /* without chunk framing */
    bool authorized;     /* an Authorization header was there, maybe empty */
    bool keep_alive;
};

enum http_state {
    HTTP_IN_LINE,
    HTTP_IN_HEADERS,
    HTTP_IN_BODY,
    HTTP_IN_CHUNK_SIZE,
    HTTP_IN_CHUNK,
    HTTP_IN_CHUNK_END,
    HTTP_IN_TRAILERS,
    HTTP_AT_END,
    HTTP_BROKEN,
};

struct http_reader {
    struct http_request request;
    enum http_state state;
    struct buf line; /* of the head, so far */
    size_t head;     /* bytes of the head, so far */
    int headers;     /* lines, so far */
    unsigned seen;   /* a bit for each header that may stand there once */
    int64_t left;    /* bytes to come of the body or of the chunk */
    bool minor;      /* HTTP/1.1, not 1.0 */
    bool chunked;
    bool expects;
    int status;        /* after HTTP_BAD: what to answer */
    const char *fault; /* after HTTP_BAD: why, for a person */
};

void http_init(struct http_reader *r);
void http_close(struct http_reader *r);
void http_next(struct http_reader *r);

/* Reads up to the next event and takes what it read off the front of *bytes. */
enum http_event http_feed(struct http_reader *r, struct span *bytes);

#endif
