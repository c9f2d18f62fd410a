/* Holding the trail against itself, and against what it tells of. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "store/audit_parts.h"
#include "store/balance.h"
#include "store/canonical.h"
#include "store/internal.h"
#include "store/restore.h"

/* ---- against itself ---- */

struct walk {
    int64_t rows;              /* so far: the id of the last one that holds */
    char prev[SHA256_HEX_MAX]; /* its seal */
    bool broken;
    struct err first; /* what is wrong with the first that does not hold */
};

static void break_at(struct walk *w, int64_t id, const char *why)
{
    if (w->broken)
        return;
    w->broken = true;
    err_set(&w->first, ERR_INPUT, AUDIT_BROKEN "row %" PRId64 ": %s", id, why);
}

static void judge_row(struct walk *w, const struct audit_row *row)
{
    char seal[SHA256_HEX_MAX];
    audit_seal(row, seal);
    if (row->id != w->rows + 1)
        break_at(w, w->rows + 1,
                 w->rows ? "it is missing" : "it is missing: the beginning was cut off");
    else if (strcmp(row->hash, seal) != 0)
        break_at(w, row->id, "it was changed: its hash is not that of its content");
    else if (strcmp(row->prev, w->prev) != 0)
        break_at(w, row->id, "it does not follow on the row before it");
    w->rows = row->id;
    snprintf(w->prev, sizeof(w->prev), "%s", row->hash);
}

static int walk_rows(struct store *s, struct walk *w, audit_row_fn *each, void *ctx,
                     struct err *err)
{
    struct stmt *q = db_stmt(s->db,
                             "SELECT id, at, who, what, subject, detail, prev, hash "
                             "FROM audit ORDER BY id",
                             err);
    int rc;
    snprintf(w->prev, sizeof(w->prev), "%s", AUDIT_FIRST_PREV);
    while ((rc = stmt_step(q, err)) == 1) {
        const struct audit_row row = {.id = stmt_int(q, "id"),
                                      .at = {stmt_int(q, "at")},
                                      .who = stmt_text(q, "who"),
                                      .what = stmt_text(q, "what"),
                                      .subject = stmt_text(q, "subject"),
                                      .detail = stmt_text(q, "detail"),
                                      .prev = stmt_text(q, "prev"),
                                      .hash = stmt_text(q, "hash")};
        judge_row(w, &row);
        if (each)
            each(ctx, &row);
    }
    return rc;
}

/* ---- against the mark ---- */

/* A database that was moved has all its rows. */
static int judge_mark(struct store *s, struct err *err)
{
    enum mark_finding finding;
    struct buf found;
    buf_init(&found, ERR_TEXT_MAX);
    int rc = store_mark_look(s, &finding, &found, err);
    if (rc == 0 && finding != MARK_FITS && finding != MARK_MOVED)
        rc = err_set(err, ERR_INPUT, AUDIT_BROKEN "%s", found.data);
    buf_close(&found);
    return rc;
}

/* ---- the rows of the batches ---- */

struct batch {
    int64_t id;
    char name[256], sha256[SHA256_HEX_MAX];
};

static int next_batch(struct store *s, struct batch *b, struct err *err)
{
    struct stmt *q = db_stmt(
        s->db, "SELECT id, name, sha256 FROM batch WHERE id > ? ORDER BY id LIMIT 1",
        err);
    stmt_bind_int(q, b->id);
    int rc = stmt_step(q, err);
    if (rc == 1) {
        b->id = stmt_int(q, "id");
        snprintf(b->name, sizeof(b->name), "%s", stmt_text(q, "name"));
        snprintf(b->sha256, sizeof(b->sha256), "%s", stmt_text(q, "sha256"));
    }
    stmt_reset(q);
    return rc;
}

static int judge_approvals(struct store *s, const struct batch *b, const char *now,
                           struct err *err)
{
    struct stmt *q = db_stmt(s->db,
                             "SELECT approved_by FROM approval "
                             "WHERE batch_id = ? AND sha256 <> ? ORDER BY id LIMIT 1",
                             err);
    stmt_bind_int(q, b->id);
    stmt_bind_text(q, now);
    int rc = stmt_step(q, err);
    if (rc == 1)
        err_set(err, ERR_INPUT,
                AUDIT_BROKEN
                "the batch %s is not what %s approved: its money or its totals "
                "were changed",
                b->name, stmt_text(q, "approved_by"));
    stmt_reset(q);
    return rc ? -1 : 0;
}

static int judge_batches(struct store *s, struct err *err)
{
    struct batch b = {0};
    struct batch_digest now;
    int rc;
    while ((rc = next_batch(s, &b, err)) == 1) {
        if (store_batch_digest(s, b.id, &now, err))
            return -1;
        if (strcmp(now.rows, b.sha256) != 0)
            return err_set(err, ERR_INPUT,
                           AUDIT_BROKEN
                           "the rows of the batch %s are not those that were "
                           "imported: their sha256 is %s and not %s",
                           b.name, now.rows, b.sha256);
        if (judge_approvals(s, &b, now.all, err))
            return -1;
    }
    return rc;
}

/* ---- their money ---- */

static int judge_balance(struct store *s, struct err *err)
{
    const struct balance_scope scope = {.everything = true};
    if (store_balance_check(s, &scope, err) == 0)
        return 0;
    return err->code == ERR_INPUT ? err_wrap(err, AUDIT_FAULT) : -1;
}

static int judge_all(struct store *s, audit_row_fn *each, void *ctx, int64_t *rows,
                     const struct err *mark, struct err *err)
{
    struct walk w = {0};
    int rc = walk_rows(s, &w, each, ctx, err);
    *rows = w.rows;
    if (rc)
        return -1;
    if (w.broken || mark->code != ERR_NONE) {
        *err = w.broken ? w.first : *mark;
        return -1;
    }
    return audit_judge_things(s, err) || judge_batches(s, err) || judge_balance(s, err)
               ? -1
               : 0;
}

/* The mark before the moment that all the rest is of: a run beside this writes rows before it marks
 * them. */
int store_audit(struct store *s, audit_row_fn *each, void *ctx, int64_t *rows,
                struct err *err)
{
    struct err mark = {.code = ERR_NONE};
    *rows = 0;
    judge_mark(s, &mark);
    if (store_hold(s, err))
        return -1;
    int rc = judge_all(s, each, ctx, rows, &mark, err);
    store_rollback(s);
    return rc;
}
