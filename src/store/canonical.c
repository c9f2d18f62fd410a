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

/* A walk over the table from its first job to its last: sorting a million rows by id would cost more than
 * their digest. */
static struct stmt *jobs_of(struct store *s, int64_t batch, struct err *err)
{
    struct stmt *q =
        db_stmt(s->db,
                "SELECT ref, action, on_behalf_of, needs, params FROM job "
                "WHERE id BETWEEN (SELECT min(id) FROM job WHERE batch_id = ?1) "
                "AND (SELECT max(id) FROM job WHERE batch_id = ?1) AND +batch_id = ?1 "
                "ORDER BY id",
                err);
    stmt_bind_int(q, batch);
    return q;
}

static int add_jobs(struct stmt *q, struct sha256 *sha, struct err *err)
{
    struct buf line;
    int rc;
    buf_init(&line, ROW_TEXT_MAX);
    while ((rc = stmt_step(q, err)) == 1) {
        const struct canonical row = {.ref = stmt_text(q, "ref"),
                                      .action = stmt_text(q, "action"),
                                      .on_behalf_of = stmt_text(q, "on_behalf_of"),
                                      .needs = stmt_text(q, "needs"),
                                      .params = span_of(stmt_text(q, "params"))};
        buf_clear(&line);
        canonical_write(&row, &line);
        if (line.full) {
            rc =
                err_set(err, ERR_INPUT, "%s: its row is longer than one may be", row.ref);
            break;
        }
        sha256_add(sha, buf_span(&line));
    }
    stmt_reset(q);
    buf_close(&line);
    return rc;
}

int store_batch_digest(struct store *s, int64_t batch, char out[SHA256_HEX_MAX],
                       struct err *err)
{
    struct sha256 *sha = sha256_begin();
    int rc = add_jobs(jobs_of(s, batch, err), sha, err);
    sha256_end(sha, out);
    return rc;
}
