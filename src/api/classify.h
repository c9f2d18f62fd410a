/* Judges one attempt: the facts of model/http.h in, one verdict out. Pure.
 *
 * The order matters, and doubt is the default: an attempt counts as accepted, rejected or
 * not processed only by what proves it. The rules are docs/judging.md, 2 to 4:
 *
 *   1. it never went out             not sent; systemic when trying again cannot help
 *   2. a re-send was refused         in doubt: the first may have arrived
 *   3. no whole answer               in doubt, whatever the status line said
 *   4. a whole answer                by its status, then by what kind of body it has
 */
#ifndef REMESA_API_CLASSIFY_H
#define REMESA_API_CLASSIFY_H

#include "api/answer.h"
#include "base/clock.h"
#include "model/action.h"
#include "model/http.h"
#include "model/outcome.h"

#define CLASSIFY_ANSWER_MAX ANSWER_KEPT_MAX /* of verdict.answer */

/* Where the one-time password of a request came from. */
enum code_origin { CODE_NONE, CODE_OF_ROW, CODE_OF_SECRET };

struct attempt_facts {
    const struct action *action;
    const struct http_request *sent; /* what it is compared with */
    const struct http_response *response;
    enum code_origin code;
    struct wall now; /* for a Retry-After date when the answer has no Date */
};

/* Fills *out, which the caller closes. A final state among final_bad is still accepted
 * here: remote_state tells. An action that may be repeated gets the same verdict as any
 * other: what follows from it is the core's matter. */
void classify(struct verdict *out, const struct attempt_facts *facts);

#endif
