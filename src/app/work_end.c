/* The end of a run: what it came to, what a person is told of it, and the record of it. */
#include "app/work_parts.h"
#include "base/log.h"
#include "base/text.h"
#include "store/approvals.h"
#include "store/attempts.h"
#include "store/holds.h"
#include "store/restore.h"
#include "store/secrets.h"

static int status_of(const int64_t counts[JOB_STATE_COUNT], const struct remesa_ran *ran,
                     enum core_end end)
{
    switch (end) {
    case CORE_END_KEY:
        return err_exit_status(ERR_NOPERM);
    case CORE_END_UNAVAILABLE:
        return err_exit_status(ERR_UNAVAILABLE);
    case CORE_END_STOPPED:
    case CORE_END_FUNDS:
        return err_exit_status(ERR_TEMPFAIL);
    case CORE_END_CONFLICT:
    case CORE_END_DONE:
        break;
    }
    if (ran->unbalanced > 0)
        return err_exit_status(ERR_UNBALANCED);
    if (counts[JOB_IN_DOUBT] > 0)
        return 2;
    if (ran->unapproved > 0)
        return err_exit_status(ERR_NOPERM);
    if (counts[JOB_FAILED] + counts[JOB_SKIPPED] + ran->held > 0)
        return 1;
    return counts[JOB_FOLLOWING] > 0 ? 3 : 0;
}

/* A stop that came when nothing was left to do is no stop. */
static bool has_work_left(const int64_t counts[JOB_STATE_COUNT], int64_t held)
{
    return counts[JOB_QUEUED] - held + counts[JOB_SENDING] > 0;
}

/* Jobs that wait for a person, and what is to be typed. */
static int tell_held(struct work *w)
{
    struct remesa_ran *out = w->out;
    struct buf kinds;
    buf_init(&kinds, 1024);
    int rc = store_scope_held(w->store, &out->held, &kinds, &w->remesa->err);
    if (rc == 0 && out->held > out->unapproved) /* those of a batch are told by it */
        log_say(LOG_WARN,
                "%lld %s held and not sent (%s): the view holds tells why, and what lets "
                "each go; remesa cancel REF takes one out",
                (long long)out->held, text_plural(out->held, "job is", "jobs are"),
                kinds.data);
    buf_close(&kinds);
    return rc;
}

static void on_unapproved(void *ctx, const char *batch, int64_t jobs, const char *command)
{
    (void)ctx;
    log_say(LOG_WARN,
            "batch %s (%lld %s) waits for the approval of another system user than its "
            "importer: %s",
            batch, (long long)jobs, text_plural(jobs, "job", "jobs"), command);
}

static int tell_waiting(struct work *w)
{
    return store_scope_unapproved(w->store, &w->out->unapproved, on_unapproved, w,
                                  &w->remesa->err) ||
                   tell_held(w)
               ? -1
               : 0;
}

static int conclude(struct work *w, int64_t counts[JOB_STATE_COUNT])
{
    struct remesa *r = w->remesa;
    enum core_end end = CORE_END_DONE;
    if (run_result(w->run, &end, &r->err) ||
        store_scope_counts(w->store, counts, &r->err) || tell_waiting(w) ||
        app_tell_unbalanced(w->store, &w->out->unbalanced, &r->err))
        return -1;
    if (w->out->unbalanced)
        log_say(LOG_ERROR, "%s", UNBALANCED_TEXT);
    if (end == CORE_END_STOPPED &&
        (w->is_unbalanced || !has_work_left(counts, w->out->held)))
        end = CORE_END_DONE;
    work_progress(w, &w->out->last);
    w->out->key_refused = end == CORE_END_KEY;
    w->out->exit_status = status_of(counts, w->out, end);
    return 0;
}

static int record_end(struct work *w, int64_t run_id, const int64_t *counts)
{
    struct remesa *r = w->remesa;
    if (store_begin(w->store, &r->err))
        return -1;
    if (store_run_end(w->store, run_id, w->out->exit_status, counts, clock_wall(),
                      &r->err) ||
        store_commit(w->store, &r->err)) {
        store_rollback(w->store);
        return -1;
    }
    if (store_secrets_drop(w->store, &r->err) || store_tidy(w->store, &r->err) ||
        store_mark_keep(w->store, clock_wall(), &r->err))
        return -1;
    return w->mark_failed ? -1 : 0;
}

int work_conclude(struct work *w)
{
    int64_t counts[JOB_STATE_COUNT];
    return conclude(w, counts) || record_end(w, run_id(w->run), counts) ? -1 : 0;
}
