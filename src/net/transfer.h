/* One request on its way: an easy handle that is kept and used again, what it sends, and
 * the facts it gathers. */
#ifndef REMESA_NET_TRANSFER_H
#define REMESA_NET_TRANSFER_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "model/http.h"
#include "net/answer.h"
#include "net/body.h"
#include "net/pool.h"
#include "net/url.h"

/* What all requests of a net have in common. */
struct transfer_common {
    struct url_base base;
    char *ca_file; /* NULL: the system's */
    char *user_agent;
    long connect_timeout_ms, timeout_ms;
    bool fresh_connections;
    struct pool *pool;
    CURLSH *share; /* names looked up, TLS sessions */
};

struct transfer {
    struct transfer *prev, *next; /* in flight, or free: the owner's */
    struct multi *multi;          /* NULL: not on its way in curl */
    int64_t tag;
    uint64_t serial;

    CURL *easy;
    struct buf url;
    struct body body;
    struct curl_slist *headers;
    struct answer answer;
    int port;         /* local; of the connection it was sent on, 0 before */
    bool met_stale;   /* turned away before sending: the idle connection was not clean */
    CURLcode refused; /* could not even be started */
    char error[CURL_ERROR_SIZE];
};

struct transfer *transfer_open(void); /* NULL: curl gave no handle */
void transfer_close(struct transfer *t);

/* Copies what it needs of `request`. Not CURLE_OK: it must not be added to a multi. */
CURLcode transfer_prepare(struct transfer *t, const struct transfer_common *common,
                          const struct http_request *request);

/* Whether it ended before anything was sent, only because of the idle connection it met:
 * then it is ready to be added again, and will use a new connection. */
bool transfer_take_second_start(struct transfer *t, CURLcode code);

/* Fills in the response; `why` replaces curl's own words (NULL: they stand). */
void transfer_finish(struct transfer *t, CURLcode code, const char *why);

/* Wipes what was sent (the key, a password) and drops what came. */
void transfer_clear(struct transfer *t);

#endif
