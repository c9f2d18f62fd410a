#include "api/resolve.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/scan.h"
#include "model/fit.h"
#include "model/ref.h"

struct source {
    request_lookup_fn *lookup;
    void *ctx;
};

static int find_job(struct source from, struct span ref, const char **remote_id,
                    const char **answer, struct err *err)
{
    *remote_id = *answer = NULL;
    if (from.lookup && from.lookup(from.ctx, ref, remote_id, answer))
        return 0;
    return err_set(err, ERR_INPUT, "@%.*s: no job of that ref has succeeded",
                   SPAN_ARG(ref));
}

static int read_answer(struct span ref, const char *answer, struct span pointer,
                       struct buf *out, struct err *err)
{
    struct err unclean;
    bool found = false;
    char *path = mem_span(pointer);
    if (answer && json_check(span_of(answer), &unclean) == 0)
        found = json_text_at(span_of(answer), path, out);
    free(path);
    if (found)
        return 0;
    return err_set(err, ERR_INPUT, "@%.*s%.*s: the answer has no text or number there",
                   SPAN_ARG(ref), SPAN_ARG(pointer));
}

static int use_job(struct source from, const struct action_field *f, struct ref_use use,
                   struct buf *out, struct err *err)
{
    const char *remote_id, *answer;
    if (find_job(from, use.ref, &remote_id, &answer, err))
        return -1;
    if (use.pointer.len && answer == request_foreseen) {
        buf_add_text(out, action_field_sample(f));
        return 0;
    }
    if (use.pointer.len)
        return read_answer(use.ref, answer, use.pointer, out, err);
    if (remote_id && buf_add_text(out, remote_id))
        return 0;
    return err_set(err, ERR_INPUT, "@%.*s: that job got no id", SPAN_ARG(use.ref));
}

static int resolve_cell(struct source from, const struct action_field *f,
                        struct span cell, struct buf *out, struct err *err)
{
    struct ref_use use;
    switch (ref_read_cell(cell, &use)) {
    case REF_CELL_TEXT:
        buf_add_span(out, cell);
        return 0;
    case REF_CELL_QUOTED:
        buf_add(out, cell.ptr + 1, cell.len - 1);
        return 0;
    case REF_CELL_USE:
        return use_job(from, f, use, out, err);
    case REF_CELL_WRONG:
        break;
    }
    return err_set(err, ERR_INPUT, "%.*s: no ref follows the @", SPAN_ARG(cell));
}

/* The value itself is not in the text: it may be long, or nobody's business. */
static int check_value(const struct action_field *f, const char *cell, struct span value,
                       struct err *err)
{
    const char *want;
    if (f->type == VALUE_ONE_TIME && span_is(value, SECRET_ONCE))
        return 0; /* a look-up, to which it is nothing */
    if (action_field_fit(f, value, &want) != FIT_WRONG)
        return 0;
    if (cell[0] == '@' && cell[1] != '@')
        return err_set(err, ERR_INPUT, "what %.200s gives is not %s", cell, want);
    return err_set(err, ERR_INPUT, "must be %s", want);
}

static int resolve_param(struct params *out, const struct action *action,
                         struct source from, const struct param *p, struct err *err)
{
    const struct action_field *f = action_field(action, span_of(p->name));
    if (!f)
        return err_set(err, ERR_INPUT, "the action %s has no such field", action->name);
    struct buf value;
    buf_init(&value, HTTP_REQUEST_MAX);
    int rc = resolve_cell(from, f, span_of(p->value), &value, err);
    if (rc == 0 && value.full)
        rc = err_set(err, ERR_INPUT, "too long");
    if (rc == 0)
        rc = check_value(f, p->value, buf_span(&value), err);
    if (rc == 0)
        params_add(out, span_of(p->name), buf_span(&value));
    buf_close(&value);
    return rc;
}

/* Without its tag a job in doubt could never be found again. */
static bool must_be_there(const struct action *action, const struct action_field *f)
{
    return f->required || (action->tag && strcmp(action->tag, f->name) == 0);
}

int resolve_params(struct params *out, const struct request_job *job,
                   request_lookup_fn *lookup, void *ctx, struct err *err)
{
    const struct source from = {lookup, ctx};
    for (size_t i = 0; i < job->params->count; i++) {
        const struct param *p = &job->params->items[i];
        if (resolve_param(out, job->action, from, p, err))
            return err_wrap(err, "%s", p->name);
    }
    for (size_t i = 0; i < job->action->field_count; i++) {
        const struct action_field *f = &job->action->fields[i];
        const char *value = params_get(out, f->name);
        if (must_be_there(job->action, f) && (!value || value[0] == '\0'))
            return err_set(err, ERR_INPUT, "%s: is missing", f->name);
    }
    return 0;
}

/* ---- on behalf of ---- */

static int check_actor(const struct request_job *job, struct err *err)
{
    enum action_actor actor = job->action->actor;
    if (job->on_behalf_of && actor == ACTOR_MASTER)
        return err_set(err, ERR_INPUT, "on_behalf_of: %s is never on behalf of a user",
                       job->action->name);
    if (!job->on_behalf_of && actor == ACTOR_USER)
        return err_set(err, ERR_INPUT, "on_behalf_of: is missing: %s is for a user",
                       job->action->name);
    return 0;
}

/* Digits only: this goes into a header, where "1\r\nX: y" would be a second one. */
static int keep_user(char out[USER_ID_MAX], const char *said, struct span id,
                     struct err *err)
{
    if (!scan_is_digits(id) || id.len >= USER_ID_MAX - 1)
        return err_set(err, ERR_INPUT, "on_behalf_of: %.200s: a user's id is digits only",
                       said);
    snprintf(out, USER_ID_MAX, "%.*s", SPAN_ARG(id));
    return 0;
}

int resolve_actor(char out[USER_ID_MAX], const struct request_job *job,
                  request_lookup_fn *lookup, void *ctx, struct err *err)
{
    const struct source from = {lookup, ctx};
    const char *remote_id, *answer, *said = job->on_behalf_of;
    struct span name;
    out[0] = '\0';
    if (check_actor(job, err))
        return -1;
    if (!said)
        return 0;
    switch (ref_read_actor(span_of(said), &name)) {
    case REF_ACTOR_ID:
        return keep_user(out, said, name, err);
    case REF_ACTOR_WRONG:
        return err_set(err, ERR_INPUT,
                       "on_behalf_of: write a ref, or # and the user's id");
    case REF_ACTOR_JOB:
        break;
    }
    if (find_job(from, name, &remote_id, &answer, err))
        return err_wrap(err, "on_behalf_of");
    if (!remote_id)
        return err_set(err, ERR_INPUT, "on_behalf_of: @%s: that job got no id", said);
    return keep_user(out, said, span_of(remote_id), err);
}
