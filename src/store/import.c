#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "model/ref.h"
#include "store/canonical.h"
#include "store/import_parts.h"
#include "store/wiring.h"

#define PARAMS_MAX (4 * 1024 * 1024)
#define NEEDS_MAX  (ROW_NEEDS_MAX * (REF_MAX_BYTES + 2)) /* " ?" before each */

void import_free(struct store *s)
{
    if (!s->import)
        return;
    db_triggers(s->db, true);
    if (s->import->sha)
        sha256_end(s->import->sha, NULL);
    buf_close(&s->import->params);
    buf_close(&s->import->needs);
    totals_close(&s->import->sums);
    totals_close(&s->import->known_sums);
    idmap_close(&s->import->shared);
    free(s->import);
    s->import = NULL;
}

void store_import_abort(struct store *s)
{
    import_free(s);
    store_rollback(s);
}

void import_complain(struct import *i, int64_t line, const char *column, const char *text)
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
        "INSERT INTO batch (name, source, sha256, jobs, imported_at, imported_by, "
        "imported_uid, imported_sudo) VALUES (?, ?, '', 0, ?, ?, ?, ?)",
        err);
    stmt_bind_text(q, i->result.batch);
    stmt_bind_text(q, source);
    stmt_bind_int(q, i->now.ms);
    stmt_bind_text(q, s->me.name);
    if (i->options.by_others)
        stmt_bind_null(q);
    else
        stmt_bind_int(q, s->me.uid);
    stmt_bind_text(q, i->options.by_others ? NULL : person_sudo(&s->me));
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
    idmap_init(&s->import->shared);
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

/* ---- sums ---- */

void import_count(struct import *i, const struct row *row, bool is_known)
{
    if (!row->has_money)
        return;
    if (!totals_add(&i->sums, row->money) ||
        (is_known && !totals_add(&i->known_sums, row->money)))
        snprintf(i->beyond, sizeof(i->beyond), "%s", row->money.currency);
}

int store_import_sums(struct store *s, struct totals *out, struct err *err)
{
    const struct import *i = s->import;
    if (i->beyond[0])
        return err_set(err, ERR_INPUT,
                       "the sum in %s is more than a total can hold; cut the file",
                       i->beyond);
    for (int n = 0; n < i->sums.count; n++)
        totals_add(out, i->sums.sums[n]);
    return 0;
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
        import_complain(i, row->line, NULL, "the row is too long");
        import_count(i, row, false);
        return 0;
    }
    int known = import_look_at_known(s, row, err);
    if (known)
        return known < 0 ? -1 : 0;
    if (insert_job(s, row, err))
        return -1;
    digest_row(i, row);
    import_count(i, row, false);
    i->result.jobs++;
    int64_t id = db_last_id(s->db);
    if (secrets_add(s, id, row, err))
        return -1;
    if (row->has_money && add_money(s, row, err))
        return -1;
    return wiring_add(s, id, row, err);
}
