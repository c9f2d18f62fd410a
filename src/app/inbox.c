/* Rows of other programs become jobs.
 *
 * An import takes all of its rows or none; here one bad row must not hold up the others.
 * So the rows are imported together, what is complained of is marked with its problem and
 * left out, and the rest is tried again: each round marks at least one row, or ends. */
#include <stdlib.h>

#include "app/internal.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "intake/judge.h"
#include "store/import.h"
#include "store/inbox.h"

#define PROBLEM_MAX 4096

struct problem {
    int64_t id;
    char *text;
};

struct round {
    struct store *store;
    const struct catalogue *catalogue;
    const struct settings *settings;
    struct problem *problems;
    size_t problem_count;
};

static void add_problem(struct round *r, int64_t id, const char *text)
{
    r->problems = mem_resize(r->problems, r->problem_count + 1, sizeof(*r->problems));
    r->problems[r->problem_count++] = (struct problem){id, mem_text(text)};
}

static void on_complaint(void *ctx, const struct complaint *c)
{
    char *text = c->column ? mem_printf("%s: %s", c->column, c->text) : mem_text(c->text);
    add_problem(ctx, c->line, text);
    free(text);
}

static int take_good(struct round *r, const struct row *row, const struct buf *warnings,
                     struct err *err)
{
    if (warnings->len)
        log_say(LOG_WARN, "inbox: row %lld: %s", (long long)row->line, warnings->data);
    return store_import_row(r->store, row, err);
}

static int take_row(void *ctx, const struct inbox_row *in, struct err *err)
{
    struct round *r = ctx;
    struct row row;
    struct buf problem;
    struct inbox_cells cells = {in->id,
                                span_of(in->ref),
                                span_of(in->action),
                                span_of(in->on_behalf_of),
                                span_of(in->needs),
                                span_of(in->params)};
    int rc = 0;
    buf_init(&problem, PROBLEM_MAX);
    bool is_good = judge_inbox(r->catalogue, &cells, &row, &problem);
    if (is_good && !(r->settings->strict && problem.len))
        rc = take_good(r, &row, &problem, err);
    else
        add_problem(r, in->id, problem.data);
    if (is_good)
        row_close(&row);
    buf_close(&problem);
    return rc;
}

/* In one transaction: bad rows are marked, and with `clear` the others leave. */
static int mark(struct round *r, bool clear, struct err *err)
{
    int rc = store_begin(r->store, err);
    for (size_t i = 0; rc == 0 && i < r->problem_count; i++)
        rc = store_inbox_problem(r->store, r->problems[i].id, r->problems[i].text, err);
    if (rc == 0 && clear)
        rc = store_inbox_clear(r->store, err);
    if (rc == 0)
        rc = store_commit(r->store, err);
    if (rc)
        store_rollback(r->store);
    return rc;
}

static void on_held(void *ctx, int64_t line, const char *ref, const char *why)
{
    (void)ctx, (void)line;
    log_say(LOG_WARN, "%s is held and not sent: %s", ref, why);
}

static int import_round(struct round *r, struct import_result *result, struct err *err)
{
    const struct import_options options = {.source = "inbox",
                                           .complain = on_complaint,
                                           .ctx = r,
                                           .catalogue = r->catalogue,
                                           .duplicate_days = r->settings->duplicate_days,
                                           .four_eyes = &r->settings->four_eyes,
                                           .by_others = true,
                                           .held = on_held};
    if (store_import_begin(r->store, &options, clock_wall(), err))
        return -1;
    if (store_inbox_each(r->store, take_row, r, err)) {
        store_import_abort(r->store);
        return -1;
    }
    /* The rows leave in the transaction that makes jobs of them. */
    if (r->problem_count == 0 && store_inbox_clear(r->store, err)) {
        store_import_abort(r->store);
        return -1;
    }
    return store_import_finish(r->store, (int64_t)r->problem_count, result, err);
}

static void forget_problems(struct round *r)
{
    for (size_t i = 0; i < r->problem_count; i++)
        free(r->problems[i].text);
    free(r->problems);
    r->problems = NULL;
    r->problem_count = 0;
}

int64_t app_take_inbox(struct store *store, const struct catalogue *catalogue,
                       const struct settings *settings, struct err *err)
{
    int64_t added = 0;
    while (store_inbox_has_new(store)) {
        struct round r = {store, catalogue, settings, NULL, 0};
        struct import_result result = {0};
        int rc = import_round(&r, &result, err);
        bool nothing_new = rc == 0 && r.problem_count == 0 && result.batch_id == 0;
        if (rc == 0 && (r.problem_count > 0 || nothing_new))
            rc = mark(&r, nothing_new, err);
        if (rc == 0 && result.batch_id)
            added += result.jobs;
        forget_problems(&r);
        if (rc)
            return -1;
    }
    return added;
}
