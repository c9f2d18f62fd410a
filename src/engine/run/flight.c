#include "engine/run/flight.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/guard.h"
#include "base/jsonw.h"
#include "base/mem.h"
#include "store/secrets.h"

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

static bool takes_secrets(const struct action *a)
{
    for (size_t i = 0; i < a->field_count; i++)
        if (action_field_is_secret(&a->fields[i]))
            return true;
    return false;
}

int flight_take_secrets(struct flight *f, struct store *store, struct err *err)
{
    const char *missing;
    if (f->error || !takes_secrets(f->action))
        return 0;
    int rc = store_secrets_fill(store, f->job.id, &f->params, &missing, err);
    if (rc == 0)
        f->error = mem_printf("%s: was removed when the job had ended: import the row "
                              "again, with a ref of its own",
                              missing);
    return rc < 0 ? -1 : 0;
}

void flight_mask_secrets(struct flight *f)
{
    for (size_t i = 0; f->action && i < f->action->field_count; i++) {
        const struct action_field *field = &f->action->fields[i];
        if (action_field_is_secret(field) && params_get(&f->params, field->name))
            params_set(&f->params, field->name,
                       field->type == VALUE_ONE_TIME ? OTP_MASK : "***");
    }
}

static void wipe_secrets(struct flight *f)
{
    for (size_t i = 0; f->action && i < f->action->field_count; i++) {
        const struct action_field *field = &f->action->fields[i];
        if (action_field_is_secret(field) && params_get(&f->params, field->name))
            params_set(&f->params, field->name, "");
    }
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
    wipe_secrets(f);
    verdict_close(&f->verdict);
    params_close(&f->params);
    queued_job_close(&f->job);
    free(f->error);
    free(f);
}

/* The value of the row's own code; NULL: it has none. */
static const char *own_code(const struct flight *f)
{
    const struct action_field *code = action_one_time(f->action);
    return code ? params_get(&f->params, code->name) : NULL;
}

/* A code is good for one request. Whether the server saw it in an attempt that came to nothing cannot be known. */
static bool code_is_spent(struct flight *f)
{
    f->code = own_code(f) ? CODE_OF_ROW : CODE_NONE;
    if (f->code == CODE_OF_ROW && f->job.attempts > 0)
        f->error =
            mem_text("its one-time password was used by the attempt before: import "
                     "the row again, with a code of now and a ref of its own");
    return f->error != NULL;
}

bool flight_add_code(struct flight *f, struct otp *otp, struct wall now)
{
    char digits[OTP_DIGITS + 1];
    const struct action_field *code = action_one_time(f->action);
    if (!otp || !code || f->code == CODE_OF_ROW)
        return true;
    if (!otp_take(otp, now, digits))
        return false;
    http_request_header(&f->request, code->header, digits);
    explicit_bzero(digits, sizeof(digits));
    f->code = CODE_OF_SECRET;
    return true;
}

int flight_prepare(struct flight *f, const struct key *key, request_lookup_fn *lookup,
                   void *ctx, struct wall now)
{
    struct err err;
    struct request_job job = {f->action, &f->params, f->job.on_behalf_of};
    if (f->error || code_is_spent(f))
        return -1;
    if (guard_check(&job, lookup, ctx, now, &err) == 0 &&
        request_build(&f->request, &job, key, lookup, ctx, &err) == 0) {
        f->has_request = true;
        return 0;
    }
    f->error = mem_text(err.text);
    return -1;
}

/* As it is, and as JSON writes it. A short one is left: its letters may be those of anything. */
#define SCRUB_MIN 6

static void scrub_secret(const char *secret, char *text)
{
    struct buf coded;
    struct jsonw w;
    buf_init(&coded, HTTP_REQUEST_MAX);
    jsonw_init(&w, &coded);
    jsonw_text(&w, NULL, secret);
    coded.data[coded.len - 1] = '\0'; /* without the quotes */
    key_scrub_text(coded.data + 1, text);
    key_scrub_text(secret, text);
    explicit_bzero(coded.data, coded.room);
    buf_close(&coded);
}

/* Six digits may be part of any number: only where a text for a person quotes them. */
static void scrub_code(struct flight *f)
{
    const struct action_field *code = action_one_time(f->action);
    for (int i = 0; code && i < f->request.header_count; i++)
        if (strcmp(f->request.headers[i].name, code->header) == 0) {
            key_scrub_text(f->request.headers[i].value, f->verdict.error);
            key_scrub_text(f->request.headers[i].value, f->request_id);
        }
}

static void scrub(struct flight *f, const struct key *key)
{
    char *const texts[] = {f->verdict.remote_id, f->verdict.remote_state,
                           f->verdict.answer, f->verdict.error, f->request_id};
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
        key_scrub(key, texts[i]);
    for (size_t i = 0; i < f->params.count; i++) {
        const struct param *p = &f->params.items[i];
        const struct action_field *field = action_field(f->action, span_of(p->name));
        if (field && field->type == VALUE_SECRET && strlen(p->value) >= SCRUB_MIN)
            for (size_t t = 0; t < sizeof(texts) / sizeof(*texts); t++)
                scrub_secret(p->value, texts[t]);
    }
    scrub_code(f);
}

void flight_answered(struct flight *f, const struct http_response *response,
                     const struct key *key, struct wall now)
{
    struct attempt_facts facts = {.action = f->action,
                                  .sent = &f->request,
                                  .response = response,
                                  .code = f->code,
                                  .now = now};
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

void flight_foreseen(struct flight *f, const char *remote_id, const char *answer)
{
    const struct action *a = f->action;
    bool is_final = action_is_followed(a) && !action_is_polled(a);
    f->verdict.outcome = OUTCOME_ACCEPTED;
    f->verdict.retry_after_ms = -1;
    f->verdict.remote_id = mem_text(remote_id);
    f->verdict.remote_state = mem_text(is_final ? a->final_good[0] : FLIGHT_NOT_FINAL);
    f->verdict.answer = mem_text(answer);
    f->end = (struct attempt_end){
        .job_id = f->job.id, .outcome = OUTCOME_ACCEPTED, .sends = 1, .http_status = 200};
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
