/* Makes the HTTP request of a job: the catalogue's entry and the job's cells in, method,
 * path, headers and body out.
 *
 * Every cell is read strictly again here, after '@ref' was put in place: whatever reaches
 * a path or a header has been proved harmless on this floor (CWE-93, CWE-22), and an
 * amount goes on the wire digit for digit as the caller wrote it. */
#ifndef REMESA_API_REQUEST_H
#define REMESA_API_REQUEST_H

#include <stdbool.h>

#include "api/key.h"
#include "base/err.h"
#include "base/span.h"
#include "model/action.h"
#include "model/http.h"
#include "model/params.h"

struct request_job {
    const struct action *action;
    const struct params *params; /* '@ref' cells as written; the tag filled in already */
    const char *on_behalf_of;    /* "ref" or "#123"; NULL: the master itself */
};

/* What another job got; false: no such job, or it is not done. The texts stay valid until
 * the next call; NULL where the job got none. `answer` is verdict.answer. */
typedef bool request_lookup_fn(void *ctx, struct span ref, const char **remote_id,
                               const char **answer);

/* As `answer`, by its address: what the job will get is not known yet. A value of it is shown by a sample, and
 * nothing is required of it. */
extern const char request_foreseen[];

/* Fills *out, which the caller closes. ERR_INPUT names field and ref; *out needs no
 * closing then. */
int request_build(struct http_request *out, const struct request_job *job,
                  const struct key *key, request_lookup_fn *lookup, void *ctx,
                  struct err *err);

/* May the job be sent again without a second effect? Also for the generic request, whose
 * method is the job's own. */
bool request_is_repeat_safe(const struct action *action, const struct params *params);

#endif
