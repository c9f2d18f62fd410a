/* What came back for one request: status, body, the headers that are evidence, and how
 * sure it is that this is all of it. Reading stops, and the answer is torn, above 64 kB
 * of headers or HTTP_BODY_MAX of body. */
#ifndef REMESA_NET_ANSWER_H
#define REMESA_NET_ANSWER_H

#include <curl/curl.h>
#include <stddef.h>
#include <stdint.h>

#include "model/http.h"

struct answer {
    struct http_response response; /* `sends` is the sender's to count */
    char cf_ray[HTTP_TEXT_MAX];
    size_t header_bytes;
};

void answer_init(struct answer *a);
void answer_close(struct answer *a);

/* For CURLOPT_HEADERFUNCTION and CURLOPT_WRITEFUNCTION, with the answer as data. */
size_t answer_on_header(char *bytes, size_t size, size_t count, void *answer);
size_t answer_on_body(char *bytes, size_t size, size_t count, void *answer);

/* Judges by how curl ended; `why` says it in words, and is not read for CURLE_OK. */
void answer_finish(struct answer *a, CURLcode code, const char *why, int64_t elapsed_us);

#endif
