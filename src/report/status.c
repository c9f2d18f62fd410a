#include "report/status.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/scan.h"
#include "base/text.h"
#include "report/outlook.h"
#include "report/table.h"
#include "report/unbalanced.h"

#define SHOWN_ROWS 10 /* of failures and doubts; the rest is one sqlite3 command away */
#define JSON_MAX   (64 * 1024 * 1024)

/* ---- counting ---- */

struct tally {
    int64_t total, held, state[JOB_STATE_COUNT];
    int batches;
};

static int64_t number(const struct view_row *row, const char *column)
{
    int64_t n = 0;
    const char *text = view_text(row, column);
    return text && scan_int(span_of(text), 0, INT64_MAX, &n) ? n : 0;
}

static bool add_batch(void *ctx, const struct view_row *row)
{
    struct tally *t = ctx;
    t->batches++;
    t->total += number(row, "total");
    t->held += number(row, "held");
    for (int i = 0; i < JOB_STATE_COUNT; i++)
        t->state[i] += number(row, job_state_name((enum job_state)i));
    return true;
}

static int count_jobs(struct store *s, const struct status_options *o, struct tally *t,
                      struct err *err)
{
    *t = (struct tally){0};
    if (store_read(s, VIEW_PROGRESS, o->batch, 0, add_batch, t, err))
        return -1;
    if (o->batch && t->batches == 0)
        return err_set(err, ERR_NOINPUT,
                       "there is no batch '%s'; `remesa status` lists them", o->batch);
    return 0;
}

/* ---- the next command ---- */

/* The file's name as it must be typed; the caller frees it. */
static char *typed(const struct status_options *o)
{
    struct buf word;
    buf_init(&word, 16 * 1024);
    text_shell_word(&word, span_of(o->database ? o->database : "remesa.db"));
    return buf_take(&word);
}

static void command(FILE *out, const struct status_options *o, const char *words,
                    const char *why)
{
    char *file = typed(o);
    fprintf(out, "next: remesa %s%s%s    # %s\n", words, o->database ? " --db " : "",
            o->database ? file : "", why);
    free(file);
}

static void query(FILE *out, const struct status_options *o, const char *view,
                  const char *why)
{
    char *file = typed(o);
    fprintf(out, "next: sqlite3 -box %s 'SELECT * FROM %s'    # %s\n", file, view, why);
    free(file);
}

struct next_teller {
    FILE *out;
    const struct status_options *o;
};

static bool tell_second(const struct next_teller *t, const struct view_row *row,
                        const char *why)
{
    const char *words = view_text(row, "next_command");
    if (words) /* "remesa ..." */
        command(t->out, t->o, words + strlen("remesa "), why);
    return true;
}

static bool tell_approval(void *ctx, const struct view_row *row)
{
    return tell_second(ctx, row, "by another system user than who imported it");
}

static bool tell_proposal(void *ctx, const struct view_row *row)
{
    return tell_second(ctx, row, "by another system user than who said it first");
}

static int print_next(FILE *out, struct store *s, const struct status_options *o,
                      const struct tally *t, struct err *err)
{
    bool can_start = false;
    if (store_can_start(s, &can_start, err))
        return -1;
    if (t->state[JOB_IN_DOUBT])
        query(out, o, "doubts", "these may have taken effect: look before anything else");
    if (can_start)
        command(out, o, "run", "goes on with what is queued");
    struct next_teller teller = {out, o};
    if (store_read(s, VIEW_APPROVALS, o->batch, 0, tell_approval, &teller, err) ||
        store_read(s, VIEW_PROPOSALS, o->batch, SHOWN_ROWS, tell_proposal, &teller, err))
        return -1;
    if (t->held)
        query(out, o, "holds", "why these are not sent, and what lets each go");
    if (t->state[JOB_FAILED] + t->state[JOB_SKIPPED])
        query(out, o, "failures", "why, one row each");
    if (t->state[JOB_FOLLOWING])
        fprintf(out,
                "note: %" PRId64
                " are accepted by the API and not final yet (state following)\n",
                t->state[JOB_FOLLOWING]);
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

static int print_holds(FILE *out, struct store *s, const struct status_options *o,
                       const struct tally *t, struct err *err)
{
    static const char *const holds[] = {"ref",  "action", "currency", "amount",
                                        "kind", "reason", NULL};
    int rows = table_print(out, s, VIEW_HOLDS, o->batch, SHOWN_ROWS, holds, err);
    if (t->held > SHOWN_ROWS)
        fprintf(out, "... and %" PRId64 " more\n", t->held - SHOWN_ROWS);
    if (rows > 0)
        fputc('\n', out);
    return rows < 0 ? -1 : 0;
}

/* What another person has to say before it goes on. */
static int print_second_persons(FILE *out, struct store *s,
                                const struct status_options *o, struct err *err)
{
    static const char *const approvals[] = {
        "batch", "state", "jobs", "imported_by", "approved_by", "approved_at", NULL};
    static const char *const proposals[] = {"ref",  "currency",    "amount",
                                            "verb", "proposed_by", NULL};
    int rows = table_print(out, s, VIEW_APPROVALS, o->batch, SHOWN_ROWS, approvals, err);
    if (rows > 0)
        fputc('\n', out);
    if (rows >= 0)
        rows = table_print(out, s, VIEW_PROPOSALS, o->batch, SHOWN_ROWS, proposals, err);
    if (rows > 0)
        fputc('\n', out);
    return rows < 0 ? -1 : 0;
}

/* Rows of other programs that could not become jobs. */
static int print_inbox(FILE *out, struct store *s, struct err *err)
{
    static const char *const inbox[] = {"id", "ref", "action", "problem", NULL};
    int rows = table_print(out, s, VIEW_INBOX, NULL, SHOWN_ROWS, inbox, err);
    if (rows > 0)
        fputs(
            "these rows of the inbox are no jobs: mend them, then set problem = NULL\n\n",
            out);
    return rows < 0 ? -1 : 0;
}

static int print_troubles(FILE *out, struct store *s, const struct status_options *o,
                          const struct tally *t, struct err *err)
{
    static const char *const failures[] = {"ref",         "action", "state",
                                           "http_status", "error",  NULL};
    static const char *const doubts[] = {"ref", "action", "sent_at", "known", NULL};
    int64_t failed = t->state[JOB_FAILED] + t->state[JOB_SKIPPED];
    if (table_print(out, s, VIEW_DOUBTS, o->batch, SHOWN_ROWS, doubts, err) < 0)
        return -1;
    if (t->state[JOB_IN_DOUBT] > SHOWN_ROWS)
        fprintf(out, "... and %" PRId64 " more\n", t->state[JOB_IN_DOUBT] - SHOWN_ROWS);
    if (t->state[JOB_IN_DOUBT])
        fputc('\n', out);
    if (table_print(out, s, VIEW_FAILURES, o->batch, SHOWN_ROWS, failures, err) < 0)
        return -1;
    if (failed > SHOWN_ROWS)
        fprintf(out, "... and %" PRId64 " more\n", failed - SHOWN_ROWS);
    if (failed)
        fputc('\n', out);
    return print_holds(out, s, o, t, err) || print_second_persons(out, s, o, err) ||
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
    command(out, o, "audit", "what was changed beside the program, before it sends more");
    fputc('\n', out);
    return 0;
}

static int print_text(FILE *out, struct store *s, const struct status_options *o,
                      const struct tally *t, struct err *err)
{
    if (t->batches == 0) {
        fputs("nothing has been imported yet\n", out);
        command(out, o, "import FILE.csv", "takes a file in");
        return 0;
    }
    struct outlook outlook;
    if (check_balance(out, s, o, err) || outlook_read(&outlook, s, o->batch, o->now, err))
        return -1;
    outlook_print(out, &outlook);
    if (print_counts(out, s, o, err) || print_troubles(out, s, o, t, err))
        return -1;
    return print_next(out, s, o, t, err);
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
    buf_init(&b, JSON_MAX);
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
    struct tally t;
    if (store_hold(s, err) || count_jobs(s, options, &t, err))
        return -1;
    return options->json ? print_json(out, s, options, err)
                         : print_text(out, s, options, &t, err);
}

/* ---- one job ---- */

static bool print_pairs(void *ctx, const struct view_row *row)
{
    struct buf b;
    buf_init(&b, 1024 * 1024);
    for (int i = 0; i < row->count; i++) {
        if (!row->cells[i].text)
            continue;
        buf_printf(&b, "%-13s ", row->cells[i].column);
        text_printable(&b, span_of(row->cells[i].text));
        buf_add_char(&b, '\n');
    }
    fputs(b.data, ctx);
    buf_close(&b);
    return true;
}

static bool count_row(void *ctx, const struct view_row *row)
{
    (void)row;
    ++*(int *)ctx;
    return true;
}

static int job_as_text(FILE *out, struct store *s, const char *ref, struct err *err)
{
    static const char *const attempts[] = {"attempt",    "outcome",   "http_status",
                                           "error",      "sends",     "elapsed_ms",
                                           "request_id", "opened_at", NULL};
    if (store_read(s, VIEW_JOB, ref, 0, print_pairs, out, err))
        return -1;
    fputs("\nneeds\n", out);
    int needs = table_print(out, s, VIEW_NEEDS, ref, 0, NULL, err);
    if (needs == 0)
        fputs("nothing\n", out);
    fputs("\nattempts\n", out);
    int made = needs < 0 ? -1 : table_print(out, s, VIEW_ATTEMPTS, ref, 0, attempts, err);
    if (made == 0)
        fputs("none yet\n", out);
    return made < 0 ? -1 : 0;
}

static int job_as_json(FILE *out, struct store *s, const char *ref, struct err *err)
{
    struct buf b;
    struct jsonw w;
    buf_init(&b, JSON_MAX);
    jsonw_init(&w, &b);
    jsonw_open(&w, NULL, '{');
    int rc = table_json(&w, "job", s, VIEW_JOB, ref, 0, err) ||
             table_json(&w, "needs", s, VIEW_NEEDS, ref, 0, err) ||
             table_json(&w, "attempts", s, VIEW_ATTEMPTS, ref, 0, err);
    jsonw_close(&w, '}');
    if (!rc)
        fprintf(out, "%s\n", b.data);
    buf_close(&b);
    return rc ? -1 : 0;
}

int status_print_job(FILE *out, struct store *s, const char *ref, bool json,
                     struct err *err)
{
    int found = 0;
    if (store_read(s, VIEW_JOB, ref, 1, count_row, &found, err))
        return -1;
    if (!found)
        return err_set(err, ERR_NOINPUT, "no job has the ref '%s'", ref);
    return json ? job_as_json(out, s, ref, err) : job_as_text(out, s, ref, err);
}
