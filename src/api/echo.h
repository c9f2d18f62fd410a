/* Did the API make what was asked for? It drops attributes that it does not know without
 * a word (docs/bitex-api.md 1.4), so a 2xx alone proves nothing: what the answer carries must
 * be what was sent. */
#ifndef REMESA_API_ECHO_H
#define REMESA_API_ECHO_H

#include <stdbool.h>

#include "base/span.h"
#include "model/action.h"

/* Where an attribute's value, or a relationship's id, stands in a resource: a JSON
 * pointer, which the caller frees. */
char *echo_pointer(const struct action_field *f);

/* Do two texts stand for one value of this field? Decimals by value, from their digits;
 * currencies, countries and e-mail addresses without regard to case; the rest byte for
 * byte. */
bool echo_same(const struct action_field *f, struct span a, struct span b);

/* Compares the JSON:API document that was sent with the resource that came back, by
 * echo_same: decimals, currencies, e-mail addresses, the tag, the ids of relationships.
 * What the answer does not carry says nothing. NULL: all equal; else a text for a person, which the caller frees. `resource`
 * is clean JSON. */
char *echo_mismatch(const struct action *action, struct span sent, struct span resource);

#endif
