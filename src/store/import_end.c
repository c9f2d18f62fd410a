/* The end of an import: the whole is looked at, and stays or is undone. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "store/approvals.h"
#include "store/audit.h"
#include "store/import_parts.h"
#include "store/payees.h"
#include "store/wiring.h"

static int record_batch(struct store *s, struct err *err)
{
    struct import *i = s->import;
    sha256_end(i->sha, i->result.sha256);
    i->sha = NULL;
    struct stmt *q =
        db_stmt(s->db,
                "UPDATE batch SET sha256 = ?, jobs = ?, declared_rows = nullif(?, 0) "
                "WHERE id = ?",
                err);
    stmt_bind_text(q, i->result.sha256);
    stmt_bind_int(q, i->result.jobs);
    stmt_bind_int(q, i->options.declared ? i->options.declared->rows : 0);
    stmt_bind_int(q, i->result.batch_id);
    return stmt_run_one(q, "recording the batch", err);
}

/* What was declared is of the file; the batch has what of it was not known. */
static int record_declared(struct store *s, struct err *err)
{
    const struct import *i = s->import;
    const struct totals *t = i->options.declared;
    for (int n = 0; t && n < t->count; n++) {
        const struct money *known = totals_find(&i->known_sums, t->sums[n].currency);
        struct stmt *q = db_stmt(s->db,
                                 "UPDATE batch_money SET declared = ? WHERE batch_id = ? "
                                 "AND currency = ?",
                                 err);
        stmt_bind_int(q, t->sums[n].minor - (known ? known->minor : 0));
        stmt_bind_int(q, i->result.batch_id);
        stmt_bind_text(q, t->sums[n].currency);
        if (stmt_run(q, err))
            return -1;
    }
    return 0;
}

static void tell_declared(const struct totals *t, struct audit *a)
{
    if (!t || !totals_are_declared(t))
        return;
    if (t->rows)
        jsonw_int(&a->w, "declared_rows", t->rows);
    jsonw_open(&a->w, "declared", '{');
    for (int n = 0; n < t->count; n++) {
        char amount[DECIMAL_TEXT_MAX];
        jsonw_text(&a->w, t->sums[n].currency, money_text(t->sums[n], amount));
    }
    jsonw_close(&a->w, '}');
}

static int tell_totals(struct store *s, struct audit *a, struct err *err)
{
    struct stmt *q =
        db_stmt(s->db,
                "SELECT currency, imported FROM batch_money WHERE batch_id = ? "
                "ORDER BY currency",
                err);
    int rc;
    stmt_bind_int(q, s->import->result.batch_id);
    while ((rc = stmt_step(q, err)) == 1) {
        char amount[DECIMAL_TEXT_MAX];
        struct money m = {.minor = stmt_int(q, "imported")};
        snprintf(m.currency, sizeof(m.currency), "%s", stmt_text(q, "currency"));
        jsonw_text(&a->w, m.currency, money_text(m, amount));
    }
    return rc;
}

static int tell_of_import(struct store *s, struct err *err)
{
    struct import *i = s->import;
    struct audit a;
    audit_open(&a);
    jsonw_int(&a.w, "batch", i->result.batch_id);
    jsonw_text(&a.w, "sha256", i->result.sha256);
    jsonw_int(&a.w, "jobs", i->result.jobs);
    jsonw_text(&a.w, "source", i->options.source);
    if (!i->options.by_others)
        jsonw_int(&a.w, "uid", s->me.uid);
    jsonw_open(&a.w, "totals", '{');
    int rc = tell_totals(s, &a, err);
    jsonw_close(&a.w, '}');
    tell_declared(i->options.declared, &a);
    return audit_add(&a, s, "import", i->result.batch, i->now, err) || rc ? -1 : 0;
}

static int name_known_batch(struct store *s, struct err *err)
{
    struct import *i = s->import;
    struct stmt *q = db_stmt(s->db, "SELECT name, sha256 FROM batch WHERE id = ?", err);
    i->result.batch_id = 0;
    stmt_bind_int(q, i->known_batch);
    int rc = stmt_step(q, err);
    i->result.batch[0] = '\0';
    if (rc == 1) {
        snprintf(i->result.batch, sizeof(i->result.batch), "%s", stmt_text(q, "name"));
        snprintf(i->result.sha256, sizeof(i->result.sha256), "%s",
                 stmt_text(q, "sha256"));
    }
    stmt_reset(q);
    return rc < 0 ? -1 : 0;
}

/* A batch that a restore may have lost: its jobs may have been sent then. */
static int suspect_the_lost(struct store *s, struct err *err)
{
    struct import *i = s->import;
    int64_t any_lost = 0;
    if (db_one_int(s->db, "SELECT EXISTS (SELECT 1 FROM lost_batch) AS n", &any_lost,
                   err))
        return -1;
    if (!any_lost)
        return 0; /* the next statement walks over the whole batch */
    struct stmt *q =
        db_stmt(s->db,
                "UPDATE job SET suspect = (SELECT max(id) FROM restore) "
                "WHERE batch_id = ?1 AND (EXISTS (SELECT 1 FROM lost_batches) "
                "OR EXISTS (SELECT 1 FROM lost_batch WHERE name = ?2))",
                err);
    stmt_bind_int(q, i->result.batch_id);
    stmt_bind_text(q, i->result.batch);
    return stmt_run(q, err);
}

static void complain_from_wiring(void *ctx, const struct complaint *c)
{
    import_complain(ctx, c->line, c->column, c->text);
}

static void complain_of_mix(struct import *i)
{
    char *text = mem_printf(
        "%lld new job%s and %lld known from an earlier import: with this recipe, "
        "whose steps belong to the batch as one, a file is taken in once: leave out the "
        "rows that are known, and name the rest with --batch",
        (long long)i->result.jobs, text_plural(i->result.jobs, "", "s"),
        (long long)i->known_own);
    import_complain(i, 0, NULL, text);
    free(text);
}

static int tell_held(struct store *s, struct err *err)
{
    const struct import *i = s->import;
    struct stmt *q = db_stmt(s->db,
                             "SELECT j.line, j.ref, h.reason FROM hold h "
                             "JOIN job j ON j.id = h.job_id WHERE h.released_at IS NULL "
                             "AND h.kind = 'duplicate' AND j.batch_id = ? ORDER BY j.id",
                             err);
    int rc;
    stmt_bind_int(q, i->result.batch_id);
    while ((rc = stmt_step(q, err)) == 1)
        i->options.held(i->options.ctx, stmt_int(q, "line"), stmt_text(q, "ref"),
                        stmt_text(q, "reason"));
    return rc;
}

#define DAY_MS (INT64_C(24) * 60 * 60 * 1000)

/* Last of all: a hold takes its turn from a job that could start. */
static int hold_duplicates(struct store *s, struct err *err)
{
    struct import *i = s->import;
    struct wall since = {i->now.ms - i->options.duplicate_days * DAY_MS};
    if (!i->options.catalogue || i->options.duplicate_days == 0)
        return 0;
    db_triggers(s->db, true);
    if (payees_hold_duplicates(s, i->result.batch_id, since, i->now, &i->result.held,
                               err))
        return -1;
    return i->result.held && i->options.held ? tell_held(s, err) : 0;
}

static int fill_payees(struct store *s, struct err *err)
{
    const struct import *i = s->import;
    if (!i->options.catalogue)
        return 0;
    return payees_fill(s, i->result.batch_id, i->options.catalogue, err);
}

static int hold_unapproved(struct store *s, struct err *err)
{
    struct import *i = s->import;
    if (!i->options.four_eyes)
        return 0;
    return approvals_hold_new(s, i->result.batch_id, i->options.four_eyes, i->now,
                              &i->result.unapproved, err);
}

/* Returns 1 when the batch stays, 0 when it has to be undone. */
static int settle(struct store *s, int64_t outside, struct err *err)
{
    struct import *i = s->import;
    if (wiring_resolve(s, i->result.batch_id, complain_from_wiring, i, err))
        return -1;
    if (i->options.recipe && wiring_tell_lost(s, complain_from_wiring, i, err))
        return -1;
    if (i->options.whole && i->result.jobs > 0 && i->known_own > 0)
        complain_of_mix(i);
    if (i->result.complaints + outside > 0 || i->result.jobs == 0)
        return name_known_batch(s, err);
    if (i->options.batch && strcmp(i->options.batch, i->result.batch) != 0)
        return err_set(err, ERR_USAGE,
                       "there is a batch '%s' already; give these rows another name",
                       i->options.batch);
    if (record_batch(s, err) || record_declared(s, err) || tell_of_import(s, err) ||
        suspect_the_lost(s, err) || wiring_release(s, i->result.batch_id, i->now, err) ||
        fill_payees(s, err) || hold_unapproved(s, err) || hold_duplicates(s, err))
        return -1;
    return 1;
}

int store_import_finish(struct store *s, int64_t outside, struct import_result *out,
                        struct err *err)
{
    int rc = settle(s, outside, err);
    *out = s->import->result;
    import_free(s);
    if (rc == 1 && store_commit(s, err) == 0)
        return 0;
    store_rollback(s);
    return rc == 0 ? 0 : -1;
}
