/* Taking rows in: all of them, or none.
 *
 *     store_import_begin     a transaction opens
 *     store_import_row       once per row; what is wrong goes to `complain`
 *     store_import_finish    looks at the whole (refs that nobody has, circles), then
 * commits; with nothing new, or after any complaint, everything is undone
 *
 * A ref that is known with the same content is passed over: the same file again changes
 * nothing. What else a known ref may mean: enum row_share (model/row.h). */
#ifndef REMESA_STORE_IMPORT_H
#define REMESA_STORE_IMPORT_H

#include "base/clock.h"
#include "base/sha256.h"
#include "model/action.h"
#include "model/four_eyes.h"
#include "model/row.h"
#include "model/totals.h"
#include "store/store.h"

#define BATCH_NAME_MAX 128

typedef void held_fn(void *ctx, int64_t line, const char *ref, const char *why);

struct import_options {
    const char
        *batch; /* its name; NULL: the source's file name, made unique by a number */
    const char *source; /* for the record: a path, "inbox" */
    complain_fn *complain;
    void *ctx;
    const char *recipe; /* for the record; NULL: the rows are as they stood. With one, a
                           need that is lost already is a fault of the row */
    bool whole; /* all jobs are new, or none is: some belong to the batch as one */
    const struct catalogue *catalogue; /* tells who is paid; NULL: nobody asks */
    int64_t
        duplicate_days; /* how far back what looks the same is a duplicate; 0: never */
    const struct four_eyes *four_eyes; /* whether it waits for an approval; NULL: never */
    bool by_others; /* other programs wrote the rows: nobody knows who */
    held_fn *held;  /* each job that is held; may be NULL. With `ctx` */
    const struct import_input *input; /* kept for store/lines.h; NULL: nothing is */
    const struct totals
        *declared; /* kept with the batch, less what is known; NULL: nothing */
};

struct import_input {
    const char *columns; /* the header, CSV */
    char delimiter;
    bool by_recipe;
};

struct import_result {
    int64_t batch_id;           /* 0: nothing new, no batch was made */
    char batch[BATCH_NAME_MAX]; /* with nothing new: one that holds the known rows */
    char sha256[SHA256_HEX_MAX];
    int64_t jobs;  /* new ones */
    int64_t known; /* rows that were there already, with the same content */
    int64_t complaints;
    int64_t held;       /* of the new ones, as duplicates: they wait for a person */
    int64_t unapproved; /* of the new ones: they wait for an approval of the batch */
};

int store_import_begin(struct store *s, const struct import_options *options,
                       struct wall now, struct err *err);
int store_import_row(struct store *s, const struct row *row, struct err *err);
/* Some whole lines of the input, in the form of migration 0008; in the order of the input. */
int store_import_lines(struct store *s, struct span lines, struct err *err);
/* What the money of the rows comes to, known jobs too; a job that rows share counts once. ERR_INPUT: more than a
 * total can hold. *out: empty before, the caller's. */
int store_import_sums(struct store *s, struct totals *out, struct err *err);
/* `outside`: complaints that the caller has had from elsewhere (the source); with any,
 * nothing stays. */
int store_import_finish(struct store *s, int64_t outside, struct import_result *out,
                        struct err *err);
void store_import_abort(struct store *s);

#endif
