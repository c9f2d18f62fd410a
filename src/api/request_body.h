/* The JSON:API document of a request: {"data":{"type":...,"attributes":...,
 * "relationships":...}}, members in the order of the catalogue. */
#ifndef REMESA_API_REQUEST_BODY_H
#define REMESA_API_REQUEST_BODY_H

#include "base/err.h"
#include "model/action.h"
#include "model/http.h"
#include "model/params.h"

/* `values` are resolved and checked. `user`: the id for relationships.user; "": none. The bytes of a file are not
 * in the text: it is opened, and its place there noted. ERR_INPUT when the document is too large, or a file is not
 * the one that was imported. */
int request_body_write(struct http_request *out, const struct action *action,
                       const struct params *values, const char *user, struct err *err);

#endif
