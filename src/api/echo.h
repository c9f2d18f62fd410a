/* Did the API make what was asked for? It drops attributes that it does not know without
 * a word (docs/bitex-api.md 1.4), so a 2xx alone proves nothing: what the answer carries must
 * be what was sent. */
#ifndef REMESA_API_ECHO_H
#define REMESA_API_ECHO_H

#include "base/span.h"
#include "model/action.h"

/* Compares the JSON:API document that was sent with the resource that came back: decimals
 * by value, from their digits; currencies and e-mail addresses without regard to case;
 * the tag byte for byte; relationships by id. What the answer does not carry says
 * nothing. NULL: all equal; else a text for a person, which the caller frees. `resource`
 * is clean JSON. */
char *echo_mismatch(const struct action *action, struct span sent, struct span resource);

#endif
