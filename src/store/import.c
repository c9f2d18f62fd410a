#include "store/import.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "model/ref.h"
#include "store/audit.h"
#include "store/canonical.h"
#include "store/internal.h"
#include "store/payees.h"
#include "store/wiring.h"

#define PARAMS_MAX (4 * 1024 * 1024)
#define NEEDS_MAX  (ROW_NEEDS_MAX * (REF_MAX_BYTES + 2)) /* " ?" before each */

struct import {
    struct import_options options;
    struct wall now;
    struct sha256 *sha;
    struct buf params;
    struct buf needs;
    struct import_result result;
    int64_t known_own; /* of them, those that no other row may share */
    int64_t told_line; /* the last of which a ref was complained of, and where */
    const char *told_column;
    int64_t known_batch;
};

void import_free(struct store *s)
{
    if (!s->import)
        return;
    db_triggers(s->db, true);
    if (s->import->sha)
        sha256_end(s->import->sha, NULL);
    buf_close(&s->import->params);
    buf_close(&s->import->needs);
    free(s->import);
    s->import = NULL;
}

void store_import_abort(struct store *s)
{
    import_free(s);
    store_rollback(s);
}

static void complain(struct import *i, int64_t line, const char *column, const char *text)
{
    i->result.complaints++;
    i->options.complain(
        i->options.ctx,
        &(struct complaint){.line = line, .column = column, .text = text});
}

/* ---- the batch ---- */

static int name_is_free(struct store *s, const char *name, struct err *err)
{
    struct stmt *q = db_stmt(s->db, "SELECT id FROM batch WHERE name = ?", err);
    stmt_bind_text(q, name);
    int rc = stmt_step(q, err);
    stmt_reset(q);
    return rc < 0 ? -1 : rc == 0;
}

static int choose_name(struct store *s, struct err *err)
{
    struct import *i = s->import;
    const char *slash = strrchr(i->options.source, '/');
    const char *base = i->options.batch ? i->options.batch
                       : slash          ? slash + 1
                                        : i->options.source;
    if (strlen(base) > BATCH_NAME_MAX - 16)
        return err_set(err, ERR_USAGE,
                       "a batch's name has at most %d bytes; give one with --batch",
                       BATCH_NAME_MAX - 16);
    snprintf(i->result.batch, sizeof(i->result.batch), "%.*s", BATCH_NAME_MAX - 16, base);
    int rc = name_is_free(s, i->result.batch, err);
    for (int n = 2; rc == 0; n++) {
        snprintf(i->result.batch, sizeof(i->result.batch), "%.*s-%d", BATCH_NAME_MAX - 16,
                 base, n);
        rc = name_is_free(s, i->result.batch, err);
    }
    return rc < 0 ? -1 : 0;
}

static int insert_batch(struct store *s, struct err *err)
{
    struct import *i = s->import;
    const char *recipe = i->options.recipe;
    char *source = mem_printf("%s%s%s", i->options.source, recipe ? ", recipe " : "",
                              recipe ? recipe : "");
    struct stmt *q = db_stmt(
        s->db,
        "INSERT INTO batch (name, source, sha256, jobs, imported_at, imported_by) "
        "VALUES (?, ?, '', 0, ?, ?)",
        err);
    stmt_bind_text(q, i->result.batch);
    stmt_bind_text(q, source);
    stmt_bind_int(q, i->now.ms);
    stmt_bind_text(q, system_user());
    int rc = stmt_run(q, err);
    free(source);
    if (rc)
        return -1;
    i->result.batch_id = db_last_id(s->db);
    return 0;
}

static int insert_input(struct store *s, struct err *err)
{
    const struct import_input *in = s->import->options.input;
    if (!in)
        return 0;
    const char delimiter[] = {in->delimiter, '\0'};
    struct stmt *q = db_stmt(s->db,
                             "INSERT INTO batch_input (batch_id, columns, delimiter, "
                             "by_recipe) VALUES (?, ?, ?, ?)",
                             err);
    stmt_bind_int(q, s->import->result.batch_id);
    stmt_bind_text(q, in->columns);
    stmt_bind_text(q, delimiter);
    stmt_bind_int(q, in->by_recipe);
    return stmt_run(q, err);
}

int store_import_lines(struct store *s, struct span lines, struct err *err)
{
    struct stmt *q =
        db_stmt(s->db, "INSERT INTO batch_lines (batch_id, lines) VALUES (?, ?)", err);
    stmt_bind_int(q, s->import->result.batch_id);
    stmt_bind_span(q, lines);
    return stmt_run(q, err);
}

static int begin_inside(struct store *s, const struct import_options *options,
                        struct wall now, struct err *err)
{
    s->import = mem_zero(1, sizeof(*s->import));
    db_triggers(s->db, false); /* a new row is as it has to be, and replaces none */
    *s->import = (struct import){.options = *options, .now = now, .sha = sha256_begin()};
    buf_init(&s->import->params, PARAMS_MAX);
    buf_init(&s->import->needs, NEEDS_MAX);
    if (choose_name(s, err) || insert_batch(s, err) || insert_input(s, err))
        return -1;
    return wiring_begin(s, err);
}

int store_import_begin(struct store *s, const struct import_options *options,
                       struct wall now, struct err *err)
{
    if (store_begin(s, err))
        return -1;
    if (begin_inside(s, options, now, err) == 0)
        return 0;
    store_import_abort(s);
    return -1;
}

/* ---- one row ---- */

static void write_needs(struct buf *out, const struct row *row)
{
    buf_clear(out);
    for (size_t n = 0; n < row->need_count; n++) {
        if (n)
            buf_add_char(out, ' ');
        if (row->needs[n].is_soft)
            buf_add_char(out, '?');
        buf_add_text(out, row->needs[n].ref);
    }
}

static void digest_row(struct import *i, const struct row *row)
{
    struct buf line;
    const struct canonical canonical = {.ref = row->ref,
                                        .action = row->action,
                                        .on_behalf_of = row->on_behalf_of,
                                        .needs = i->needs.data,
                                        .params = buf_span(&i->params)};
    buf_init(&line, PARAMS_MAX + NEEDS_MAX + 4096);
    canonical_write(&canonical, &line);
    sha256_add(i->sha, buf_span(&line));
    buf_close(&line);
}

static int insert_job(struct store *s, const struct row *row, struct err *err)
{
    struct import *i = s->import;
    struct stmt *q =
        db_stmt(s->db,
                "INSERT INTO job (batch_id, line, ref, action, on_behalf_of, needs, "
                "params, currency, minor, ready, frees_early) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                err);
    bool waits_for_nothing = row->need_count == 0 && !row->on_behalf_of;
    stmt_bind_int(q, i->result.batch_id);
    stmt_bind_int(q, row->line);
    stmt_bind_text(q, row->ref);
    stmt_bind_text(q, row->action);
    stmt_bind_text(q, row->on_behalf_of);
    stmt_bind_text(q, i->needs.data);
    stmt_bind_span(q, buf_span(&i->params));
    stmt_bind_text(q, row->has_money ? row->money.currency : NULL);
    if (row->has_money)
        stmt_bind_int(q, row->money.minor);
    else
        stmt_bind_null(q);
    stmt_bind_int(q, waits_for_nothing);
    stmt_bind_int(q, row->frees_early);
    return stmt_run(q, err);
}

static int add_money(struct store *s, const struct row *row, struct err *err)
{
    int places = currency_places(row->money.currency);
    int64_t unit = 1;
    for (int p = 0; p < places; p++)
        unit *= 10;
    struct stmt *q =
        db_stmt(s->db,
                "INSERT INTO batch_money (batch_id, currency, places, unit, imported) "
                "VALUES (?, ?, ?, ?, ?) ON CONFLICT (batch_id, currency) "
                "DO UPDATE SET imported = imported + excluded.imported",
                err);
    stmt_bind_int(q, s->import->result.batch_id);
    stmt_bind_text(q, row->money.currency);
    stmt_bind_int(q, places);
    stmt_bind_int(q, unit);
    stmt_bind_int(q, row->money.minor);
    if (stmt_run(q, err) == 0)
        return 0;
    if (err->code != ERR_SOFTWARE) /* a sum past 64 bits is no INTEGER any more */
        return -1;
    return err_set(err, ERR_INPUT,
                   "line %lld: the sum in %s is more than a total can hold; cut the file",
                   (long long)row->line, row->money.currency);
}

static bool same_text(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

/* NULL: the known job has the same content. */
static const char *difference(struct stmt *known, const struct row *row,
                              const struct import *i)
{
    if (!same_text(stmt_text(known, "action"), row->action))
        return "action";
    if (!same_text(stmt_text(known, "on_behalf_of"), row->on_behalf_of))
        return "on_behalf_of";
    if (!same_text(stmt_text(known, "needs"), i->needs.data))
        return "needs";
    if (!same_text(stmt_text(known, "params"), i->params.data))
        return "values";
    return NULL;
}

/* To be freed. NULL: nothing is wrong with it. */
static char *fault_in_file(const struct row *row, struct stmt *known, const char *differs)
{
    long long line = stmt_int(known, "line");
    if (row->share == ROW_OWN)
        return mem_printf(
            "the ref '%s' stands on line %lld already; every job has a ref of its own",
            row->ref, line);
    if (!differs)
        return NULL;
    return mem_printf("the job '%s' is that of line %lld too, which has another content "
                      "(%s); rows that share a job must agree",
                      row->ref, line, differs);
}

static char *fault_with_known(const struct row *row, struct stmt *known,
                              const char *differs)
{
    if (!differs || row->share == ROW_KEPT)
        return NULL;
    return mem_printf("the ref '%s' is known from batch '%s' (line %lld) with another "
                      "content (%s); %s",
                      row->ref, stmt_text(known, "batch"),
                      (long long)stmt_int(known, "line"), differs,
                      row->share == ROW_OWN ? "a new job needs a ref of its own"
                                            : "write here what was written there");
}

/* One line of a recipe is several jobs, and the refs of all of them come from one cell. */
static void complain_of_ref(struct import *i, const struct row *row, const char *text)
{
    const char *column = row->ref_column ? row->ref_column : "ref";
    if (i->told_line == row->line && strcmp(i->told_column, column) == 0)
        return;
    i->told_line = row->line;
    i->told_column = column;
    complain(i, row->line, column, text);
}

static void judge_known(struct import *i, const struct row *row, struct stmt *known)
{
    const char *differs = difference(known, row, i);
    bool same_file = stmt_int(known, "batch_id") == i->result.batch_id;
    char *text = same_file ? fault_in_file(row, known, differs)
                           : fault_with_known(row, known, differs);
    if (text)
        complain_of_ref(i, row, text);
    else if (!same_file)
        i->result.known++;
    if (!text && row->share == ROW_OWN)
        i->known_own++;
    if (!same_file && (row->share == ROW_OWN || !i->known_batch))
        i->known_batch = stmt_int(known, "batch_id");
    free(text);
}

/* 1: the ref is there already, and was judged. */
static int look_at_known(struct store *s, const struct row *row, struct err *err)
{
    struct stmt *q =
        db_stmt(s->db,
                "SELECT j.batch_id, b.name AS batch, j.line, j.action, j.on_behalf_of, "
                "j.needs, j.params FROM job j JOIN batch b ON b.id = j.batch_id "
                "WHERE j.ref = ?",
                err);
    stmt_bind_text(q, row->ref);
    int rc = stmt_step(q, err);
    if (rc == 1)
        judge_known(s->import, row, q);
    stmt_reset(q);
    return rc;
}

static int write_params(struct store *s, const struct row *row, struct err *err)
{
    struct params standing;
    buf_clear(&s->import->params);
    if (row->secrets.count == 0) {
        params_write(&row->params, &s->import->params);
        return 0;
    }
    params_init(&standing);
    int rc = secrets_stand_in(s, row, &standing, err);
    params_write(&standing, &s->import->params);
    params_close(&standing);
    return rc;
}

int store_import_row(struct store *s, const struct row *row, struct err *err)
{
    struct import *i = s->import;
    if (write_params(s, row, err))
        return -1;
    write_needs(&i->needs, row);
    if (i->params.full || i->needs.full) {
        complain(i, row->line, NULL, "the row is too long");
        return 0;
    }
    int known = look_at_known(s, row, err);
    if (known)
        return known < 0 ? -1 : 0;
    if (insert_job(s, row, err))
        return -1;
    digest_row(i, row);
    i->result.jobs++;
    int64_t id = db_last_id(s->db);
    if (secrets_add(s, id, row, err))
        return -1;
    if (row->has_money && add_money(s, row, err))
        return -1;
    return wiring_add(s, id, row, err);
}

/* ---- the end ---- */

static int record_batch(struct store *s, struct err *err)
{
    struct import *i = s->import;
    sha256_end(i->sha, i->result.sha256);
    i->sha = NULL;
    struct stmt *q =
        db_stmt(s->db, "UPDATE batch SET sha256 = ?, jobs = ? WHERE id = ?", err);
    stmt_bind_text(q, i->result.sha256);
    stmt_bind_int(q, i->result.jobs);
    stmt_bind_int(q, i->result.batch_id);
    return stmt_run_one(q, "recording the batch", err);
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
    jsonw_open(&a.w, "totals", '{');
    int rc = tell_totals(s, &a, err);
    jsonw_close(&a.w, '}');
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
    complain(ctx, c->line, c->column, c->text);
}

static void complain_of_mix(struct import *i)
{
    char *text = mem_printf(
        "%lld new job%s and %lld known from an earlier import: with this recipe, "
        "whose steps belong to the batch as one, a file is taken in once: leave out the "
        "rows that are known, and name the rest with --batch",
        (long long)i->result.jobs, i->result.jobs == 1 ? "" : "s",
        (long long)i->known_own);
    complain(i, 0, NULL, text);
    free(text);
}

static int tell_held(struct store *s, struct err *err)
{
    const struct import *i = s->import;
    struct stmt *q = db_stmt(s->db,
                             "SELECT j.line, j.ref, h.reason FROM hold h "
                             "JOIN job j ON j.id = h.job_id WHERE h.released_at IS NULL "
                             "AND j.batch_id = ? ORDER BY j.id",
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
    if (!i->options.catalogue)
        return 0;
    if (payees_fill(s, i->result.batch_id, i->options.catalogue, err))
        return -1;
    if (i->options.duplicate_days == 0)
        return 0;
    db_triggers(s->db, true);
    if (payees_hold_duplicates(s, i->result.batch_id, since, i->now, &i->result.held,
                               err))
        return -1;
    return i->result.held && i->options.held ? tell_held(s, err) : 0;
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
    if (record_batch(s, err) || tell_of_import(s, err) || suspect_the_lost(s, err) ||
        wiring_release(s, i->result.batch_id, i->now, err) || hold_duplicates(s, err))
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
