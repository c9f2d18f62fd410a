/* What kind of body an answer carries, and what it says to a person. Bitex has three
 * error shapes (docs/bitex-api.md 1.6): errors[], an error text, and pages that are no JSON.
 */
#ifndef REMESA_API_ANSWER_H
#define REMESA_API_ANSWER_H

#include <stdbool.h>

#include "base/span.h"
#include "model/http.h"

#define ANSWER_WORDS_MAX 500         /* bytes of a text made from an answer */
#define ANSWER_KEPT_MAX  (64 * 1024) /* bytes of a resource that the database keeps */

enum answer_kind {
    ANSWER_IS_EMPTY,    /* nothing, or nothing but blanks */
    ANSWER_IS_FOREIGN,  /* not said to be JSON: a proxy's or a firewall's page */
    ANSWER_IS_BROKEN,   /* said to be JSON, and is not clean JSON */
    ANSWER_IS_ERRORS,   /* the API's own error document */
    ANSWER_IS_DOCUMENT, /* clean JSON of any other shape */
};
enum answer_kind answer_kind(const struct http_response *r);

/* Of a document: does it carry errors beside what else it has? */
bool answer_has_errors(const struct http_response *r);

/* The id of a resource, which goes into later paths and headers; NULL: it has none of the
 * form of VALUE_ID. A number counts only as plain digits. The caller frees it. */
char *answer_id(struct span resource);

bool answer_is_of_type(struct span resource, const char *type); /* its JSON:API type */

/* Of a resource whose id is known, what is kept for the jobs that use it: all of it; without the relationships, of
 * which a CrossBorder request has one for each output; or type and id. The caller frees it. */
char *answer_kept(struct span resource, const char *id);

/* A short text or number of a resource; NULL: there is none. The caller frees it. */
char *answer_text_at(struct span resource, const char *pointer);

/* "HTTP 422: /data/attributes/amount: too small". The caller frees it. */
char *answer_words(const struct http_response *r, enum answer_kind kind);

/* One line without control characters, at most ANSWER_WORDS_MAX bytes, cut between
 * characters. */
char *answer_line(struct span text);

#endif
