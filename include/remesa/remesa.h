/* remesa: take a batch of work against a money API, carry it out at the pace the API
 * allows, never do a thing twice, and leave a SQLite file in which every row's fate can
 * be read.
 *
 *     struct remesa *r = remesa_new("night.db");
 *     remesa_set(r, "api_key_file", "/etc/remesa/key");
 *     remesa_import(r, &(struct remesa_import){.path = "payees.csv"}, &imported);
 *     remesa_run(r, &(struct remesa_run){0}, &ran);
 *     remesa_free(r);
 *
 * One thread per handle; several handles in one process only on different databases.
 * Functions return 0, or -1 when remesa_error and remesa_exit_status tell what went
 * wrong. Texts given back belong to the handle and last until its next call. */
#ifndef REMESA_REMESA_H
#define REMESA_REMESA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define REMESA_API __attribute__((visibility("default")))
#else
#define REMESA_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

struct remesa;

REMESA_API const char *remesa_version(void);
/* "libcurl 7.88.1 (built with 7.88.1; ...), ...": those that this program runs with, cut to `room` bytes. */
REMESA_API void remesa_libraries(char *out, size_t room);

/* Nothing is opened yet. Never NULL. */
REMESA_API struct remesa *remesa_new(const char *database);
REMESA_API void remesa_free(struct remesa *r); /* NULL is fine */

REMESA_API const char *remesa_error(const struct remesa *r);
REMESA_API int
remesa_exit_status(const struct remesa *r); /* of a program that ends with the error */

/* A setting by the name that remesa.conf uses ("rate", "5"); also "db", the database. */
REMESA_API int remesa_set(struct remesa *r, const char *name, const char *value);

REMESA_API const char *remesa_get(const struct remesa *r,
                                  const char *name); /* text ones; else NULL */
REMESA_API int64_t remesa_metrics_every_ms(const struct remesa *r);

/* One value of a row of results. */
struct remesa_cell {
    const char *column;
    const char *text; /* NULL: SQL NULL */
    bool is_number;
};

/* ---- taking work in ---- */

struct remesa_import {
    const char *path;  /* a CSV file, "-" for standard input, or another SQLite file */
    const char *table; /* of a SQLite file; NULL: the only one it has */
    const char *batch; /* its name; NULL: the file's */
    char delimiter;    /* of a CSV; 0: found in its first line */
    /* Each line of the CSV becomes the jobs of this recipe; NULL: a line is a job. */
    const char *recipe;
    /* "NAME=VALUE": columns of the recipe that are the same for all lines; ended by NULL,
     * may be NULL. */
    const char *const *sets;
    /* Control totals: how many lines of data there are (0: any number), and what the money of its jobs comes to, one
     * "ars=1082998.10" for each currency; ended by NULL, may be NULL. So does a file beside the input, its path with
     * ".totals" behind it: lines "rows = 412" and "total = ars 1082998.10". What is not so is complained of. */
    int64_t expect_rows;
    const char *const *expect_totals;
    bool check_only; /* all of the judging, and nothing stays */
    /* What is wrong with the input, all of it in one pass; line 0: the whole, column
     * NULL: the line. May be NULL. */
    void (*complain)(void *ctx, int64_t line, const char *column, const char *text);
    /* What the API may know better: it is taken in all the same, unless the setting
     * `strict` makes a complaint of it. May be NULL. */
    void (*warn)(void *ctx, int64_t line, const char *column, const char *text);
    void *ctx;
    /* Each job that is held as a suspected duplicate, or would be. May be NULL. */
    void (*held)(void *ctx, int64_t line, const char *ref, const char *why);
    /* With check_only, and nothing to complain of: what the new jobs come to, a row at a time of the tables
     * "declared" (rows; then currency, total), "actions" (action, jobs), "money" (currency, jobs, total), "payees"
     * (new_payees, known_payees) and "held" (hold, jobs, first, why: what is held, and what the caps would hold if
     * all were sent now). May be NULL. */
    void (*survey)(void *ctx, const char *table, const struct remesa_cell *cells,
                   int count);
};

struct remesa_imported {
    char batch[128];
    char sha256[65];
    int64_t jobs;       /* new ones */
    int64_t known;      /* there before, with the same content */
    int64_t complaints; /* with any, nothing was imported and the call has failed */
    int64_t warnings;
    int64_t held; /* of the new ones: remesa_release lets them go */
    int64_t
        unapproved; /* of the new ones: they wait for remesa_approve by another system user */
};

REMESA_API int remesa_import(struct remesa *r, const struct remesa_import *what,
                             struct remesa_imported *out);

/* ---- carrying it out ---- */

struct remesa_progress {
    int64_t
        total; /* jobs of the batches that this run is about. 0: they are being counted, and what
                      follows is of this run alone */
    int64_t waiting, in_flight, succeeded, following, in_doubt, failed, skipped,
        cancelled;
    int64_t sent; /* requests */
    int64_t elapsed_ms;
    int64_t throttled, repeats,
        doubts;        /* answers 429; requests for a job that had one before; jobs
                                           that came into doubt, found since or not */
    int64_t paused_ms; /* nothing could start */
    bool stopping;     /* remesa_stop was called, or a signal came */
};

struct remesa_run {
    const char *const *batches; /* whose end counts for the exit status even if they are
                                   done already; ended by NULL; may be NULL */
    bool handle_signals; /* first SIGINT or SIGTERM: remesa_stop; the second: remesa_abort
                          */
    void (*progress)(void *ctx,
                     const struct remesa_progress *p); /* about five times a second */
    void *ctx;
    bool look_only; /* nothing is sent: only what is in doubt is looked up */
};

struct remesa_ran {
    int exit_status; /* 0 all succeeded, 1 some failed, skipped or held, 2 some in doubt, 3 some
                        not final yet, 4 the money does not balance; 69 API unreachable, 75 stopped with work left, 77
                        key refused */
    struct remesa_progress last;
    int64_t held;     /* jobs that wait for a person to release or approve them */
    bool key_refused; /* by the API; or it lacks a permission */
    int64_t
        unapproved; /* of them, those of batches that nobody has approved: exit status 77 */
    int64_t
        unbalanced; /* sums and counts of the batches that are not what was imported; the log tells which */
};

/* Settings, key file and catalogue as far as they can be judged without sending anything; remesa_run
 * begins with the same. */
REMESA_API int remesa_check_setup(struct remesa *r);

/* Whether `base_url` is production: neither this machine nor a host called sandbox.ANYTHING. A run there
 * needs the setting "production"; and a database goes only where its first run went. */
REMESA_API int remesa_is_production(struct remesa *r, bool *production);

/* Works until nothing is left that could start. Rows of the inbox are taken in before and
 * meanwhile. */
REMESA_API int remesa_run(struct remesa *r, const struct remesa_run *how,
                          struct remesa_ran *out);

/* From `progress`, or from another callback on the same thread. */
REMESA_API void
remesa_stop(struct remesa *r); /* no new requests; answers are waited for */
REMESA_API void
remesa_abort(struct remesa *r); /* answers are not waited for: those are in doubt */

/* ---- what it would be ---- */

/* A request as it would go. The key is masked; "{REF}" stands for an id that is not known yet. */
struct remesa_request {
    const char *kind; /* "send", "look_up" or "poll" */
    const char *ref;  /* of a question: the first of the jobs that it is about */
    const char *action;
    int jobs;         /* that it is about */
    int64_t after_ms; /* since the run began */
    const char *method, *url;
    const struct remesa_header {
        const char *name, *value;
    } * headers;
    int header_count;
    const char *body; /* NULL: none */
};

struct remesa_plan {
    const struct remesa_import *imports; /* as if they were imported first */
    int import_count;
    const char
        *batch; /* only what is of it is told; NULL: all. The run sends everything */
    /* Counts and no foresight, as with more than 100,000 queued jobs when `request` is NULL. */
    bool estimate;
    void (*request)(void *ctx,
                    const struct remesa_request *q); /* in order; may be NULL */
    /* Rows of the tables "requests" (action, kind, method, requests, jobs), "money" (currency, jobs,
     * amount), "waiting" (action, jobs, waits_for, which_is), "held" (hold, jobs, first, why) and "unsendable" (ref, action,
     * error). */
    void (*row)(void *ctx, const char *table, const struct remesa_cell *cells, int count);
    void *ctx;
};

struct remesa_planned {
    bool is_estimate;
    int64_t states[8];              /* jobs before, in the order of `state_names` */
    const char *const *state_names; /* ended by NULL */
    int64_t requests;           /* all that the run would make, of other batches too */
    int64_t begins_ms, ends_ms; /* since 1970 */
    const char *limit;          /* the setting that ends a run first; NULL: none does */
    int64_t limit_ms;           /* when, since 1970 */
    int64_t left;               /* jobs that would be left for want of time */
    int64_t left_takes_ms;      /* and how long they would take more */
    int64_t milli_rate; /* requests in a thousand seconds that are allowed; 0: no limit */
    int64_t answer_us;  /* that an answer was taken to need */
};

/* What remesa_run would send; a database that it would refuse is refused with the same words. Nothing is sent or written, no lock is taken and no key is read: it is the
 * run's own code, on a copy of the database in memory. */
REMESA_API int remesa_plan(struct remesa *r, const struct remesa_plan *what,
                           struct remesa_planned *out);

/* ---- what a person decides ----
 * Recorded with who and when. Refused, with nothing changed, for jobs whose state does not allow it. What the settings
 * say takes two persons is kept when the first has said it, and the call fails (exit status 75). */

/* What was found out about a job in doubt: it took effect (`remote_id` as the API shows it; NULL only
 * when no other job needs this one; what the API may still cancel is then asked about until it is final), or it did
 * not, and is queued again (`reason` is required). */
REMESA_API int remesa_resolve(struct remesa *r, const char *ref, bool succeeded,
                              const char *remote_id, const char *reason);

/* A failed job is queued again, with what was skipped because of it; `ref` NULL: every failed job, of
 * one batch when `batch` is not NULL. *queued is added to. */
REMESA_API int remesa_retry(struct remesa *r, const char *ref, const char *batch,
                            const char *reason, int64_t *queued);

/* A queued job is not carried out, what needs it is skipped; `ref` NULL: all of a batch. */
REMESA_API int remesa_cancel(struct remesa *r, const char *ref, const char *batch,
                             const char *reason, int64_t *cancelled);

/* Held jobs (view holds) may be sent: one, or with `ref` NULL those of a batch; of one kind ("duplicate",
 * "cap"), or with NULL of each. `reason` is required. *released is added to, the number of holds. */
REMESA_API int remesa_release(struct remesa *r, const char *ref, const char *batch,
                              const char *kind, const char *reason, int64_t *released);

/* A batch may be sent, by the word of another system user than the one who imported it: needed when the setting
 * four_eyes says so. Refused when it is not what was imported (exit status 65), and to its importer
 * (77). `sha256`: what remesa_import gave, or what was looked at; NULL: whatever it is. */
struct remesa_approved {
    char sha256[65];
    int64_t freed;      /* jobs that may be sent now */
    bool wants_another; /* one more person has to: nobody knows who its importer is */
    bool was_already;
};
REMESA_API int remesa_approve(struct remesa *r, const char *batch, const char *sha256,
                              struct remesa_approved *out);

/* ---- looking after the database ---- */

/* Tells of each thing that a run needs whether it is well, and what is wrong with it. Beside a
 * run, too. */
REMESA_API void remesa_examine(struct remesa *r,
                               void (*tell)(void *ctx, bool well, const char *what,
                                            const char *text),
                               void *ctx);

/* The same of the way to the API: a connection (and the TLS handshake), over which nothing is sent. */
REMESA_API void remesa_reach(struct remesa *r,
                             void (*tell)(void *ctx, bool well, const char *what,
                                          const char *text),
                             void *ctx);

/* A database that was put back from a backup, or copied, is noticed by the mark beside it
 * (FILE-mark), and remesa_run refuses it (exit status 78). Accepted as moved: nothing was sent by
 * another copy since. Accepted as restored: whatever may have been sent since is looked up
 * before it is sent; remesa_run with `look_only` begins with that. */
struct remesa_restored {
    int64_t suspects;     /* jobs that may have been sent */
    int64_t lost_batches; /* imports that the file does not know of (view lost_batches) */
};
REMESA_API int remesa_accept_move(struct remesa *r);
REMESA_API int remesa_accept_restore(struct remesa *r, struct remesa_restored *out);

/* ---- reading the results ----
 * The rows of a view: "progress", "money", "results", "failures", "doubts", "holds", "approvals", "proposals" (key: a batch
 * or NULL for all), "job", "needs", "attempts" (key: a ref), "inbox", "lost_batches" (no key). The same views can be read
 * with any SQLite client. */

typedef bool remesa_row_fn(void *ctx, const struct remesa_cell *cells, int count);

REMESA_API int remesa_report(struct remesa *r, const char *view, const char *key,
                             int64_t limit, remesa_row_fn *each, void *ctx);

#ifdef __cplusplus
}
#endif

#endif
