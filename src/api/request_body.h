/* The JSON:API document of a request: {"data":{"type":...,"attributes":...,
 * "relationships":...}}, members in the order of the catalogue. */
#ifndef REMESA_API_REQUEST_BODY_H
#define REMESA_API_REQUEST_BODY_H

#include "base/buf.h"
#include "base/err.h"
#include "model/action.h"
#include "model/params.h"

/* `values` are resolved and checked. `user`: the id for relationships.user; "": none. ERR_INPUT when the document is too large. */
int request_body_write(struct buf *out, const struct action *action,
                       const struct params *values, const char *user, struct err *err);

#endif
