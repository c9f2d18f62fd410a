#include "store/canonical.h"

#include "base/jsonw.h"
#include "store/internal.h"

#define ROW_TEXT_MAX (8 * 1024 * 1024)

void canonical_write(const struct canonical *row, struct buf *out)
{
    struct jsonw w;
    jsonw_init(&w, out);
    jsonw_open(&w, NULL, '[');
    jsonw_text(&w, NULL, row->ref);
    jsonw_text(&w, NULL, row->action);
    jsonw_text(&w, NULL, row->on_behalf_of);
    jsonw_text(&w, NULL, row->needs);
    jsonw_raw(&w, NULL, row->params);
    jsonw_close(&w, ']');
    buf_add_char(out, '\n');
}

/* ---- of what is there ---- */

struct walk {
    struct sha256 *rows, *all;
    struct buf line;
};

static void add_money(struct walk *w, struct stmt *q)
{
    struct jsonw j;
    buf_clear(&w->line);
    jsonw_init(&j, &w->line);
    jsonw_open(&j, NULL, '[');
    jsonw_text(&j, NULL, stmt_text(q, "currency"));
    jsonw_int(&j, NULL, stmt_int(q, "minor"));
    jsonw_text(&j, NULL, stmt_text(q, "payee"));
    jsonw_close(&j, ']');
    buf_add_char(&w->line, '\n');
    sha256_add(w->all, buf_span(&w->line));
}

static int add_job(struct walk *w, struct stmt *q, struct err *err)
{
    const struct canonical row = {.ref = stmt_text(q, "ref"),
                                  .action = stmt_text(q, "action"),
                                  .on_behalf_of = stmt_text(q, "on_behalf_of"),
                                  .needs = stmt_text(q, "needs"),
                                  .params = span_of(stmt_text(q, "params"))};
    buf_clear(&w->line);
    canonical_write(&row, &w->line);
    if (w->line.full)
        return err_set(err, ERR_INPUT, "%s: its row is longer than one may be", row.ref);
    sha256_add(w->rows, buf_span(&w->line));
    sha256_add(w->all, buf_span(&w->line));
    add_money(w, q);
    return 0;
}

/* A walk over the table from its first job to its last: sorting a million rows by id would cost more than
 * their digest. */
static int add_jobs(struct walk *w, struct store *s, int64_t batch, struct err *err)
{
    struct stmt *q =
        db_stmt(s->db,
                "SELECT ref, action, on_behalf_of, needs, params, currency, "
                "coalesce(minor, 0) AS minor, payee FROM job "
                "WHERE id BETWEEN (SELECT min(id) FROM job WHERE batch_id = ?1) "
                "AND (SELECT max(id) FROM job WHERE batch_id = ?1) AND +batch_id = ?1 "
                "ORDER BY id",
                err);
    int rc;
    stmt_bind_int(q, batch);
    while ((rc = stmt_step(q, err)) == 1) {
        rc = add_job(w, q, err);
        if (rc)
            break;
    }
    stmt_reset(q);
    return rc;
}

static int add_totals(struct walk *w, struct store *s, int64_t batch, struct err *err)
{
    struct stmt *q =
        db_stmt(s->db,
                "SELECT json_array(currency, places, unit, declared, imported) AS line "
                "FROM batch_money WHERE batch_id = ? ORDER BY currency",
                err);
    int rc;
    stmt_bind_int(q, batch);
    while ((rc = stmt_step(q, err)) == 1) {
        sha256_add(w->all, span_of(stmt_text(q, "line")));
        sha256_add(w->all, span_of("\n"));
    }
    return rc;
}

int store_batch_digest(struct store *s, int64_t batch, struct batch_digest *out,
                       struct err *err)
{
    struct walk w = {.rows = sha256_begin(), .all = sha256_begin()};
    buf_init(&w.line, ROW_TEXT_MAX);
    int rc = add_jobs(&w, s, batch, err) || add_totals(&w, s, batch, err) ? -1 : 0;
    sha256_end(w.rows, out->rows);
    sha256_end(w.all, out->all);
    buf_close(&w.line);
    return rc;
}
