#include "engine/run/flight.h"

#include <stdio.h>
#include <stdlib.h>

#include "api/guard.h"
#include "base/mem.h"

struct flight *flight_new(struct queued_job *job, const struct catalogue *catalogue)
{
    struct err unread;
    struct flight *f = mem_zero(1, sizeof(*f));
    f->job = *job;
    *job = (struct queued_job){0};
    f->state = JOB_QUEUED;
    f->action = catalogue_find(catalogue, span_of(f->job.action));
    params_init(&f->params);
    verdict_init(&f->verdict);
    if (!f->action)
        f->error =
            mem_printf("the catalogue has no action '%s' (any more)", f->job.action);
    else if (params_read(&f->params, span_of(f->job.params), &unread))
        f->error = mem_printf("its stored values cannot be read: %s", unread.text);
    f->repeat_safe = !f->error && request_is_repeat_safe(f->action, &f->params);
    return f;
}

static void drop_request(struct flight *f)
{
    if (f->has_request)
        http_request_close(&f->request);
    f->has_request = false;
}

void flight_free(struct flight *f)
{
    drop_request(f);
    verdict_close(&f->verdict);
    params_close(&f->params);
    queued_job_close(&f->job);
    free(f->error);
    free(f);
}

int flight_prepare(struct flight *f, const struct key *key, request_lookup_fn *lookup,
                   void *ctx, struct wall now)
{
    struct err err;
    struct request_job job = {f->action, &f->params, f->job.on_behalf_of};
    if (f->error)
        return -1;
    if (guard_check(&job, lookup, ctx, now, &err) == 0 &&
        request_build(&f->request, &job, key, lookup, ctx, &err) == 0) {
        f->has_request = true;
        return 0;
    }
    f->error = mem_text(err.text);
    return -1;
}

static void scrub(struct flight *f, const struct key *key)
{
    char *const texts[] = {f->verdict.remote_id, f->verdict.remote_state,
                           f->verdict.answer, f->verdict.error, f->request_id};
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
        key_scrub(key, texts[i]);
}

void flight_answered(struct flight *f, const struct http_response *response,
                     const struct key *key, struct wall now)
{
    struct attempt_facts facts = {f->action, &f->request, response, now};
    classify(&f->verdict, &facts);
    snprintf(f->request_id, sizeof(f->request_id), "%s", response->request_id);
    scrub(f, key);
    f->end = (struct attempt_end){
        .job_id = f->job.id,
        .outcome = f->verdict.outcome,
        .sends = response->sends,
        .http_status = response->status,
        .transport_code = response->transport_code,
        .elapsed_us = response->elapsed_us,
        .request_id = f->request_id[0] ? f->request_id : NULL,
        .error = f->verdict.error,
    };
    drop_request(f);
}

static bool is_among(const char *word, char *const *words)
{
    for (; word && words && *words; words++)
        if (strcmp(word, *words) == 0)
            return true;
    return false;
}

enum job_state flight_state_of(const struct action *a, const char *remote_state)
{
    if (!action_is_followed(a) || is_among(remote_state, a->final_good))
        return JOB_SUCCEEDED;
    return is_among(remote_state, a->final_bad) ? JOB_FAILED : JOB_FOLLOWING;
}

enum job_state flight_accepted_as(const struct flight *f)
{
    return flight_state_of(f->action, f->verdict.remote_state);
}
