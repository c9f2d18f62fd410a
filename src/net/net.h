/* HTTP over curl and libuv: the filling of `struct transport` that talks to the real
 * world.
 *
 * A request is sent at most once, and the response says how sure that is. Curl sends a
 * request again by itself, POST included, when a reused connection dies before a header
 * line came; here the callback that runs before each sending counts, and refuses the
 * second (docs/judging.md, 1). Whatever ends without `complete` and with `sends` above 0
 * may have taken effect.
 *
 * One thread, one loop. `done` is called from the loop (or from inside abort and close),
 * never from inside send; it may send, abort and close. Redirects, proxies, cookies,
 * .netrc and compression are off whatever the environment says. TLS 1.2 or later, always
 * verified. */
#ifndef REMESA_NET_NET_H
#define REMESA_NET_NET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "model/http.h"

struct uv_loop_s;
struct net;

/* "libcurl 7.88.1 (built with 7.88.1; OpenSSL/3.0.11), libuv 1.44.2 (built with 1.44.2)". Returns `out`. */
const char *net_libraries(char *out, size_t room);

struct net_options {
    const char *base_url; /* see net_check_url; a '/' at its end does not matter */
    const char *ca_file;  /* PEM; trusted instead of the system's. NULL: the system's */
    int64_t connect_timeout_ms, timeout_ms;
    int concurrency;        /* most requests in flight; sizes the pool, limits nothing */
    bool fresh_connections; /* a connection of its own for what is not a GET */
    const char *user_agent;
};

/* Once per process, before there are threads. Refuses a libcurl without the guard above,
 * and forgets SSLKEYLOGFILE, at which curl would write down the keys of every TLS
 * connection. */
int net_global_setup(struct err *err);

/* https to anywhere, http to loopback only (127.0.0.0/8, ::1, localhost); no user, query
 * or fragment. ERR_CONFIG names what is wrong. */
int net_check_url(const char *base_url, struct err *err);

/* ERR_CONFIG: the URL or the CA file. The options are copied. */
int net_open(struct net **out, struct uv_loop_s *loop, const struct net_options *options,
             transport_done_fn *done, void *done_ctx, struct err *err);

/* Lives as long as `net`. */
const struct transport *net_transport(struct net *net);

/* Tells all that is in flight as torn, from inside the call, then closes. `closed` is
 * called once from the loop, when no handle is left and the memory is freed. Nothing may
 * be sent once this is called: not even by `done`. */
void net_close(struct net *net, void (*closed)(void *ctx), void *ctx);

#endif
