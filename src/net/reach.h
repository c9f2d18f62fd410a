/* Can the API be reached? A connection and, with https, the TLS handshake with all of its checks; nothing is
 * sent over it. */
#ifndef REMESA_NET_REACH_H
#define REMESA_NET_REACH_H

#include "base/err.h"
#include "net/net.h"

/* After net_global_setup. 0: `took_ms`; ERR_UNAVAILABLE: why not. */
int net_reach(const struct net_options *options, int64_t *took_ms, struct err *err);

#endif
