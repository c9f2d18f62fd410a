#include "model/http.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/base64.h"
#include "base/mem.h"

void http_request_init(struct http_request *r)
{
    *r = (struct http_request){0};
    buf_init(&r->body, HTTP_REQUEST_MAX);
}

void http_request_header(struct http_request *r, const char *name, const char *value)
{
    if (r->header_count == HTTP_HEADERS_MAX)
        abort();
    r->headers[r->header_count++] = (struct http_header){mem_text(name), mem_text(value)};
}

int64_t http_request_length(const struct http_request *r)
{
    int64_t length = (int64_t)r->body.len;
    for (int i = 0; i < r->file_count; i++)
        length += base64_length(r->files[i].size);
    return length;
}

void http_request_close(struct http_request *r)
{
    for (int i = 0; i < r->header_count; i++) {
        explicit_bzero(r->headers[i].value, strlen(r->headers[i].value));
        free(r->headers[i].name);
        free(r->headers[i].value);
    }
    for (int i = 0; i < r->file_count; i++)
        close(r->files[i].fd);
    free(r->path);
    if (r->body.data)
        explicit_bzero(r->body.data, r->body.room);
    buf_close(&r->body);
    *r = (struct http_request){0};
}

void http_response_init(struct http_response *r)
{
    *r = (struct http_response){0};
    buf_init(&r->body, HTTP_BODY_MAX);
}

void http_response_close(struct http_response *r)
{
    buf_close(&r->body);
    *r = (struct http_response){0};
}
