/* The address under which all requests go, and the proof that one of them stays there:
 * what comes from a row (an id in a path) must not change scheme, host, port or the path
 * in front (CWE-22, CWE-918). */
#ifndef REMESA_NET_URL_H
#define REMESA_NET_URL_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"

struct url_base {
    char *text; /* as given, without '/' at the end */
    char *scheme, *host, *port, *path;
};

/* ERR_CONFIG names what is wrong; then there is nothing to close. */
int url_base_open(struct url_base *base, const char *text, struct err *err);
void url_base_close(struct url_base *base);

/* Whose API it is, in one spelling: "https://bitex.la:443/api"; "loopback" for any address of this
 * machine, where a sandbox has another port at each start. */
void url_base_name(const struct url_base *base, struct buf *out);

/* By the name alone: everything but this machine and hosts called sandbox.ANYTHING. What is in doubt is
 * production. */
bool url_is_production(const struct url_base *base);

/* Base and path (from '/', with its query, escaped by the caller) into `out`. False when
 * the path has a byte that must be escaped, a "." or ".." segment in any spelling, or
 * when curl's reading of the whole leads elsewhere. */
bool url_join(const struct url_base *base, const char *path, struct buf *out);

#endif
