/* A job as a source gives it: read and judged, not stored yet. */
#ifndef REMESA_MODEL_ROW_H
#define REMESA_MODEL_ROW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/span.h"
#include "model/money.h"
#include "model/params.h"

/* Another job that this row cannot start without, and the column that says so (for the
 * message when nobody has that ref). */
struct row_need {
    char *ref;
    bool is_soft;       /* waited for, and gone on without when it is lost */
    const char *column; /* owned by the source, as long as the source */
};

/* Of one row: those that one CrossBorder request may have, and more. */
#define ROW_NEEDS_MAX 20000

/* What it means that the row's ref is known already. */
enum row_share {
    ROW_OWN,    /* the same job again, from an earlier import; in one input a fault */
    ROW_SHARED, /* rows of one input may share it too, with the same content */
    ROW_KEPT,   /* the same, and a known job is used whatever its content */
};

struct row {
    int64_t line; /* of the file where the row starts, or the rowid in a table */
    char *ref;
    const char *ref_column; /* it came from this, as long as the source; NULL: "ref" */
    enum row_share share;
    char *action;
    char *on_behalf_of;     /* canonical: "ref" or "#123"; NULL: the master itself */
    struct row_need *needs; /* sorted by ref, each once; those implied by '@ref' and
                               on_behalf_of too */
    size_t need_count;
    bool
        frees_early; /* what needs it waits until it is accepted, not until it is final */
    struct params params; /* what the action takes; '@ref' cells still as written */
    struct params
        secrets; /* values that nobody may keep; in `params` stands for each, of a
                              password SECRET_DIGEST, of a one-time password SECRET_ONCE */
    bool has_money;
    struct money money;
};

void row_init(struct row *r);
void row_close(struct row *r);
/* A ref once; who needs it in both ways cannot go on without it. false: there is no room. */
bool row_add_need(struct row *r, struct span ref, bool is_soft, const char *column);

/* Something wrong in the input. Told all in one pass, so never the end of it. */
struct complaint {
    int64_t line;       /* 0: the whole file */
    const char *column; /* NULL: the whole line */
    const char *text;   /* what is wrong and what to do */
    bool is_warning;    /* nothing that we know to be wrong: the row is good */
};

/* Where rows come from. Three fillings: intake/source_csv, source_recipe, source_sqlite. */
struct source {
    void *ctx;
    /* 1: *row is filled, the caller closes it. 0: no more rows. -1: reading failed, err
     * says why. What is wrong with a row goes to `complain`; such a row is passed over
     * and reading goes on. */
    int (*next)(void *ctx, struct row *row, struct err *err);
    int64_t (*lines)(void *ctx); /* of data so far, those with a fault too */
    void (*close)(void *ctx);
};

typedef void complain_fn(void *ctx, const struct complaint *c);

#endif
