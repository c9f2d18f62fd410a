/* A job in the memory of a run: what was loaded, the request that was made of it, what
 * came of it. */
#ifndef REMESA_RUN_FLIGHT_H
#define REMESA_RUN_FLIGHT_H

#include "api/classify.h"
#include "api/otp.h"
#include "api/request.h"
#include "model/outcome.h"
#include "store/attempts.h"
#include "store/queue.h"

struct flight {
    struct queued_job job;
    const struct action *action; /* NULL: the catalogue of this run does not know it */
    struct params params;
    bool repeat_safe;
    enum job_state state; /* as it is in the store */
    bool has_request;
    struct http_request request;
    enum code_origin code; /* of the one-time password in it */
    struct verdict verdict;
    struct attempt_end end; /* its texts are `verdict.error` and `request_id` */
    char request_id[HTTP_TEXT_MAX];
    char *error; /* why no request can be made of it */
};

/* Takes *job over. */
struct flight *flight_new(struct queued_job *job, const struct catalogue *catalogue);
void flight_free(struct flight *f);

/* Puts the secrets of the job in its values; -1: the store failed. */
int flight_take_secrets(struct flight *f, struct store *store, struct err *err);
/* Or what stands for them, where a request is only shown. */
void flight_mask_secrets(struct flight *f);

/* Makes the request, if nothing forbids it now; -1: `error` says why it cannot be made. */
int flight_prepare(struct flight *f, const struct key *key, request_lookup_fn *lookup,
                   void *ctx, struct wall now);

/* Adds a one-time password where one is wanted and the row has none; false: there is none now. */
bool flight_add_code(struct flight *f, struct otp *otp, struct wall now);

/* Judges the answer, and takes the key and the job's secrets out of it should the server have sent it back. The request, with
 * the key in it, is gone after it. */
void flight_answered(struct flight *f, const struct http_response *response,
                     const struct key *key, struct wall now);

/* The best answer that could come to it, of which only the id is told. */
void flight_foreseen(struct flight *f, const char *remote_id, const char *answer);

/* The state that an API may give at once to a resource that is watched until it is final. */
#define FLIGHT_NOT_FINAL "foreseen"

/* Why a job that the API took has failed all the same: its final state there. */
#define FLIGHT_TAKEN_AND_ENDED "the API took it and says '%s'"

/* What an accepted job is: succeeded, following, or failed already. */
enum job_state flight_accepted_as(const struct flight *f);
/* The same of any resource that the API has, by its state there (NULL: it has none). */
enum job_state flight_state_of(const struct action *a, const char *remote_state);

#endif
