/* Curl multi handles on one libuv loop: a few for what changes something, each with a
 * share of the connections because one multi scans all of its own for every request, and
 * one for reads, so that look-ups never keep the connections of writes from ageing.
 *
 * An easy handle whose transfer ended is taken off its multi and told through `done`,
 * from the loop. `done` may add, remove and close. */
#ifndef REMESA_NET_POOL_H
#define REMESA_NET_POOL_H

#include <curl/curl.h>
#include <stdbool.h>

#include "base/err.h"

struct uv_loop_s;
struct pool;
struct multi;

typedef void pool_done_fn(void *ctx, CURL *easy, CURLcode code);

/* NULL: curl gave no handle, ERR_SOFTWARE. */
struct pool *pool_open(struct uv_loop_s *loop, int concurrency, pool_done_fn *done,
                       void *ctx, struct err *err);

/* Wants that no easy handle is in it; `closed` is called from the loop, as the last
 * thing. */
void pool_close(struct pool *p, void (*closed)(void *ctx), void *ctx);

struct multi *pool_pick(struct pool *p, bool is_read);
bool multi_add(struct multi *m, CURL *easy); /* false: curl refused; it is not in */
void multi_remove(struct multi *m, CURL *easy);

/* Whether an idle connection of the multi, named by its local port, was closed or written
 * to by the other side. Curl 7.88 reuses one with bytes waiting (an early 408, a second
 * answer, the goodbye of TLS): they would pass for the answer to the next request, or the
 * request would go to a server that is gone. */
bool multi_is_stale(const struct multi *m, int local_port);

/* No request is sent on that idle connection any more. */
void multi_distrust(const struct multi *m, int local_port);

/* For CURLOPT_OPENSOCKETFUNCTION and CURLOPT_CLOSESOCKETFUNCTION of every easy handle,
 * with the pool as data: a poll handle lives exactly as long as its socket. */
curl_socket_t pool_open_socket(void *pool, curlsocktype purpose, struct curl_sockaddr *a);
int pool_close_socket(void *pool, curl_socket_t s);

#endif
