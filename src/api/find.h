/* Did a job in doubt take effect? A GET of a list may tell: the rows that it answers are
 * compared here, one by one, with what was sent.
 *
 * The server's filters are never trusted: it ignores those that it does not know
 * (docs/bitex-api.md 1.4). How lists are cut into pages is not known for all of them
 * (3, Pagination): ask page after page until one is empty, repeats the one before, or
 * cannot be used. What an absence proves, and after how many looks, is the caller's
 * matter; a page that cannot be used says nothing about the job. */
#ifndef REMESA_API_FIND_H
#define REMESA_API_FIND_H

#include <stdbool.h>
#include <stdint.h>

#include "api/key.h"
#include "api/request.h"
#include "base/clock.h"
#include "base/err.h"
#include "model/action.h"
#include "model/http.h"
#include "model/outcome.h"
#include "model/params.h"

#define FIND_SKEW_MS (INT64_C(5) * 60 * 1000) /* our clock against the server's */

/* What is looked for: made once for each job in doubt. */
struct find_question {
    const struct action *action; /* borrowed */
    struct params sent;          /* the values as they went on the wire */
    char *actor;                 /* "#594"; NULL: the master itself */
    char *path;                  /* of the list, the date in it */
    char *scope;
    int64_t since_ms; /* what was made before is not ours */
};

/* Rebuilds what was sent at `sent_at`. The action must outlive *q, which the caller
 * closes. ERR_INPUT: it cannot be looked up (the action has no find, or a ref is gone);
 * *q needs no closing then. */
int find_question_init(struct find_question *q, const struct request_job *job,
                       struct wall sent_at, request_lookup_fn *lookup, void *ctx,
                       struct err *err);
void find_question_close(struct find_question *q);

/* Jobs whose scopes are equal are answered by one list: "user=594
 * /withdrawal_instructions version 2.1", "master /users version 2.1". Owned by *q. */
const char *find_scope(const struct find_question *q);

/* A path of the catalogue with its braces filled: by the UTC date of the day before `sent_at`, by what was sent, and
 * {id} by `remote_id` (NULL: by what was sent). To be freed. */
char *find_path(const char *template, const struct params *sent, struct wall sent_at,
                const char *remote_id);
char *find_scope_of(const struct action *a, const char *user,
                    const char *path); /* to be freed */

/* Any GET of the engine's own; page 0 and 1: no number is asked for. The caller closes *out; not on -1. */
struct find_ask {
    const struct action *action; /* its name and version */
    const char *actor;           /* "#594"; NULL: the master itself */
    const char *path;
};
int find_get(struct http_request *out, const struct find_ask *ask, int page,
             const struct key *key, struct err *err);

/* The GET of a page. The first, 1, is asked without a number, as a server without pages
 * knows it. The caller closes *out; it needs no closing on -1. */
int find_request(struct http_request *out, const struct find_question *q, int page,
                 const struct key *key, struct err *err);

/* One page as it was answered. */
struct find_page {
    bool usable; /* a whole 2xx answer, clean JSON, its data a list, or the resource that
                    was asked for with its state; nothing of the kind that is looked for
                    is pointed at without being included */

    /* When not usable, as in a verdict: NOT_SENT, NOT_PROCESSED, SYSTEMIC, and IN_DOUBT
     * for every other way to fail, a rejection too. ACCEPTED when usable. */
    enum outcome outcome;
    enum systemic systemic;
    int64_t retry_after_ms;
    char *error;

    int rows;
    char *first_id, *last_id; /* NULL: no row, or one without an id */
};

/* `now` is for a Retry-After date. The caller closes *out. */
void find_page_read(struct find_page *out, const struct find_question *q,
                    const struct http_response *response, struct wall now);
void find_page_close(struct find_page *page);

/* The same of an answer of any kind, whose rows are not counted; REJECTED stays what it is. */
void find_judge(struct find_page *out, enum action_answer kind,
                const struct http_response *response, struct wall now);

/* Of the same kind as what was sent. `state`: the API's own word; NULL: none. `row`: the
 * resource's JSON. Valid during the call only. */
typedef void find_match_fn(void *ctx, const char *id, const char *state, struct span row);

/* Calls for each row of a usable page's body that matches, and returns how many did.
 * Such a row is of the action's type, has an id, and carries every field of find.match
 * with the value that was sent (echo_same), and of find.also where one was; a resource
 * asked for by itself is in one of find.states; where find.since names a time that can be
 * read, it was not made more than FIND_SKEW_MS before the attempt. */
int find_matches(const struct find_question *q, struct span body, find_match_fn *each,
                 void *ctx);

/* Calls for the id of every row of a usable page's body that could have matched: an older
 * row of ours among them shows that the list is the right one. */
void find_ids(const struct find_question *q, struct span body,
              void (*each)(void *ctx, const char *id), void *ctx);

#endif
