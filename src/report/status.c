#include "report/status_parts.h"

#include <inttypes.h>

#include "base/scan.h"
#include "report/outlook.h"
#include "report/table.h"
#include "report/unbalanced.h"

/* ---- counting ---- */

static int64_t number(const struct view_row *row, const char *column)
{
    int64_t n = 0;
    const char *text = view_text(row, column);
    return text && scan_int(span_of(text), 0, INT64_MAX, &n) ? n : 0;
}

static bool add_batch(void *ctx, const struct view_row *row)
{
    struct status_tally *t = ctx;
    t->batches++;
    t->total += number(row, "total");
    t->held += number(row, "held");
    for (int i = 0; i < JOB_STATE_COUNT; i++)
        t->state[i] += number(row, job_state_name((enum job_state)i));
    return true;
}

static int count_jobs(struct store *s, const struct status_options *o,
                      struct status_tally *t, struct err *err)
{
    *t = (struct status_tally){0};
    if (store_read(s, VIEW_PROGRESS, o->batch, 0, add_batch, t, err))
        return -1;
    if (o->batch && t->batches == 0)
        return err_set(err, ERR_NOINPUT,
                       "there is no batch '%s'; `remesa status` lists them", o->batch);
    return 0;
}

/* ---- for a person ---- */

static int print_counts(FILE *out, struct store *s, const struct status_options *o,
                        struct err *err)
{
    static const char *const money[] = {"batch",     "currency", "imported", "succeeded",
                                        "following", "in_doubt", "failed",   "returned",
                                        "waiting",   "held",     NULL};
    if (table_print(out, s, VIEW_PROGRESS, o->batch, 0, NULL, err) < 0)
        return -1;
    fputc('\n', out);
    int rows = table_print(out, s, VIEW_MONEY, o->batch, 0, money, err);
    if (rows > 0)
        fputc('\n', out);
    return rows < 0 ? -1 : 0;
}

static bool count_hold(void *ctx, const struct view_row *row)
{
    int64_t *count = ctx;
    (void)row;
    ++*count;
    return true;
}

/* A batch that waits for its approval is one line of another table, and not ten of its jobs here. */
static int print_holds(FILE *out, struct store *s, const struct status_options *o,
                       struct err *err)
{
    int64_t count = 0;
    static const char *const holds[] = {"ref",  "action", "currency", "amount",
                                        "kind", "reason", NULL};
    int rows = table_print(out, s, VIEW_RELEASABLE, o->batch, STATUS_ROWS, holds, err);
    if (rows < 0 || store_read(s, VIEW_RELEASABLE, o->batch, 0, count_hold, &count, err))
        return -1;
    if (count > STATUS_ROWS)
        fprintf(out, "... and %" PRId64 " more\n", count - STATUS_ROWS);
    if (rows > 0)
        fputc('\n', out);
    return 0;
}

/* What another person has to say before it goes on. */
static int print_second_persons(FILE *out, struct store *s,
                                const struct status_options *o, struct err *err)
{
    static const char *const approvals[] = {
        "batch", "state", "jobs", "imported_by", "approved_by", "approved_at", NULL};
    static const char *const proposals[] = {"ref",  "currency",    "amount",
                                            "verb", "proposed_by", NULL};
    int rows = table_print(out, s, VIEW_APPROVALS, o->batch, STATUS_ROWS, approvals, err);
    if (rows > 0)
        fputc('\n', out);
    if (rows >= 0)
        rows = table_print(out, s, VIEW_PROPOSALS, o->batch, STATUS_ROWS, proposals, err);
    if (rows > 0)
        fputc('\n', out);
    return rows < 0 ? -1 : 0;
}

/* Rows of other programs that could not become jobs. */
static int print_inbox(FILE *out, struct store *s, struct err *err)
{
    static const char *const inbox[] = {"id", "ref", "action", "problem", NULL};
    int rows = table_print(out, s, VIEW_INBOX, NULL, STATUS_ROWS, inbox, err);
    if (rows > 0)
        fputs(
            "these rows of the inbox are no jobs: mend them, then set problem = NULL\n\n",
            out);
    return rows < 0 ? -1 : 0;
}

static int print_troubles(FILE *out, struct store *s, const struct status_options *o,
                          const struct status_tally *t, struct err *err)
{
    static const char *const failures[] = {"ref",         "action", "state",
                                           "http_status", "error",  NULL};
    static const char *const doubts[] = {"ref", "action", "sent_at", "known", NULL};
    int64_t failed = t->state[JOB_FAILED] + t->state[JOB_SKIPPED];
    if (table_print(out, s, VIEW_DOUBTS, o->batch, STATUS_ROWS, doubts, err) < 0)
        return -1;
    if (t->state[JOB_IN_DOUBT] > STATUS_ROWS)
        fprintf(out, "... and %" PRId64 " more\n", t->state[JOB_IN_DOUBT] - STATUS_ROWS);
    if (t->state[JOB_IN_DOUBT])
        fputc('\n', out);
    if (table_print(out, s, VIEW_FAILURES, o->batch, STATUS_ROWS, failures, err) < 0)
        return -1;
    if (failed > STATUS_ROWS)
        fprintf(out, "... and %" PRId64 " more\n", failed - STATUS_ROWS);
    if (failed)
        fputc('\n', out);
    return print_holds(out, s, o, err) || print_second_persons(out, s, o, err) ||
                   print_inbox(out, s, err)
               ? -1
               : 0;
}

/* What does not balance is said before anything else is believed. */
static int check_balance(FILE *out, struct store *s, const struct status_options *o,
                         struct err *err)
{
    int64_t count = 0;
    if (unbalanced_print(out, s, o->batch, &count, err))
        return -1;
    if (count == 0)
        return 0;
    status_command(out, o, "audit",
                   "what was changed beside the program, before it sends more");
    fputc('\n', out);
    return 0;
}

static int print_text(FILE *out, struct store *s, const struct status_options *o,
                      const struct status_tally *t, struct err *err)
{
    if (t->batches == 0) {
        fputs("nothing has been imported yet\n", out);
        status_command(out, o, "import FILE.csv", "takes a file in");
        return 0;
    }
    struct outlook outlook;
    if (check_balance(out, s, o, err) || outlook_read(&outlook, s, o->batch, o->now, err))
        return -1;
    outlook_print(out, &outlook);
    if (print_counts(out, s, o, err) || print_troubles(out, s, o, t, err))
        return -1;
    return status_next(out, s, o, t, err);
}

/* ---- for a program ---- */

static int print_json(FILE *out, struct store *s, const struct status_options *o,
                      struct err *err)
{
    struct buf b;
    struct jsonw w;
    struct outlook outlook;
    if (outlook_read(&outlook, s, o->batch, o->now, err))
        return -1;
    buf_init(&b, STATUS_JSON_MAX);
    jsonw_init(&w, &b);
    jsonw_open(&w, NULL, '{');
    jsonw_int(&w, "version", 1); /* docs/status-json.md */
    outlook_json(&w, &outlook);
    if (o->exit_status >= 0)
        jsonw_int(&w, "exit_status", o->exit_status);
    int rc = table_json(&w, "progress", s, VIEW_PROGRESS, o->batch, 0, err) ||
             table_json(&w, "money", s, VIEW_MONEY, o->batch, 0, err) ||
             table_json(&w, "failures", s, VIEW_FAILURES, o->batch, 0, err) ||
             table_json(&w, "doubts", s, VIEW_DOUBTS, o->batch, 0, err) ||
             table_json(&w, "holds", s, VIEW_HOLDS, o->batch, 0, err) ||
             table_json(&w, "approvals", s, VIEW_APPROVALS, o->batch, 0, err) ||
             table_json(&w, "proposals", s, VIEW_PROPOSALS, o->batch, 0, err) ||
             unbalanced_json(&w, s, o->batch, err);
    jsonw_close(&w, '}');
    if (!rc && b.full)
        rc = err_set(err, ERR_SOFTWARE,
                     "too much for one JSON text; ask for one batch, or use sqlite3");
    if (!rc)
        fprintf(out, "%s\n", b.data);
    buf_close(&b);
    return rc ? -1 : 0;
}

int status_print(FILE *out, struct store *s, const struct status_options *options,
                 struct err *err)
{
    struct status_tally t;
    if (store_hold(s, err) || count_jobs(s, options, &t, err))
        return -1;
    return options->json ? print_json(out, s, options, err)
                         : print_text(out, s, options, &t, err);
}
