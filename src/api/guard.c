#include "api/guard.h"

#include <stdlib.h>
#include <string.h>

#include "api/answer.h"
#include "base/decimal.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/scan.h"
#include "model/ref.h"

/* The other job's answer. 0 and answer NULL: the cell is no ref, so there is nothing to look at. */
static int find_answer(const struct request_job *job, request_lookup_fn *lookup,
                       void *ctx, const char **answer, struct err *err)
{
    const char *remote_id, *cell = params_get(job->params, job->action->require.of);
    struct ref_use use;
    *answer = NULL;
    if (!cell || ref_read_cell(span_of(cell), &use) != REF_CELL_USE || use.pointer.len)
        return 0;
    if (lookup(ctx, use.ref, &remote_id, answer) && *answer)
        return 0;
    return err_set(err, ERR_INPUT, "%s: nothing is known of what %s got",
                   job->action->require.of, cell);
}

static int check_state(const struct action *a, struct span answer, struct err *err)
{
    char *state = answer_text_at(answer, a->state_pointer);
    bool good = !a->require.states;
    for (char *const *s = a->require.states; s && *s && state && !good; s++)
        good = strcmp(*s, state) == 0;
    int rc = good ? 0
                  : err_set(err, ERR_INPUT, "not sent: %s is '%s', and must be '%s'",
                            a->state_pointer, state ? state : "(nothing)",
                            a->require.states[0]);
    free(state);
    return rc;
}

/* What is not a whole time cannot be ahead. */
static int check_before(const struct action *a, struct span answer, struct wall now,
                        struct err *err)
{
    const char *pointer = a->require.before;
    char *text = pointer ? answer_text_at(answer, pointer) : NULL;
    int64_t until;
    bool good = !text || (scan_time(span_of(text), &until) && now.ms < until);
    int rc =
        good ? 0
             : err_set(err, ERR_INPUT, "not sent: %s was %s, and is over", pointer, text);
    free(text);
    return rc;
}

static int check_limit(const struct action_limit *l, struct span limit,
                       struct span answer, struct err *err)
{
    char *text = answer_text_at(answer, l->pointer);
    struct decimal value, most;
    int rc = 0;
    if (!text || !decimal_parse_json(span_of(text), &value) ||
        !decimal_parse_plain(limit, &most))
        rc = err_set(err, ERR_INPUT, "not sent: %s is no number that %s could limit: %s",
                     l->pointer, l->field, text ? text : "(nothing)");
    else if (decimal_compare(value, most) > 0)
        rc = err_set(err, ERR_INPUT, "not sent: %s is %s, more than %s allows: %.*s",
                     l->pointer, text, l->field, SPAN_ARG(limit));
    free(text);
    return rc;
}

static int check_limits(const struct request_job *job, const char *answer,
                        struct err *err)
{
    const struct action_require *r = &job->action->require;
    for (size_t i = 0; i < r->limit_count; i++) {
        const char *limit = params_get(job->params, r->limits[i].field);
        if (!limit || !*limit)
            continue;
        if (!answer)
            return err_set(err, ERR_INPUT,
                           "%s: not sent: %s must be the @ref of the job that got the "
                           "number, or nothing can be held against the limit",
                           r->limits[i].field, r->of);
        if (check_limit(&r->limits[i], span_of(limit), span_of(answer), err))
            return -1;
    }
    return 0;
}

/* The state comes first: before it is there, neither is the price. */
int guard_check(const struct request_job *job, request_lookup_fn *lookup, void *ctx,
                struct wall now, struct err *err)
{
    const char *found;
    if (!job->action->require.of)
        return 0;
    if (find_answer(job, lookup, ctx, &found, err))
        return -1;
    if (found == request_foreseen)
        return 0;
    char *answer = mem_text(found); /* the next look-up would take it away */
    int rc = 0;
    if (answer)
        rc = check_state(job->action, span_of(answer), err) ||
             check_before(job->action, span_of(answer), now, err);
    if (rc == 0)
        rc = check_limits(job, answer, err);
    free(answer);
    return rc ? -1 : 0;
}
