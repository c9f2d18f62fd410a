#include "store/outgoing.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "store/internal.h"

void outgoing_close(struct outgoing *out)
{
    free(out->totals);
    *out = (struct outgoing){0};
}

static void add_total(struct outgoing *out, struct stmt *q)
{
    out->totals = mem_resize(out->totals, out->total_count + 1, sizeof(*out->totals));
    struct money *m = &out->totals[out->total_count++];
    *m = (struct money){.minor = stmt_int(q, "total")};
    snprintf(m->currency, sizeof(m->currency), "%s", stmt_text(q, "currency"));
}

int store_outgoing(struct store *s, struct outgoing *out, struct err *err)
{
    *out = (struct outgoing){0};
    struct stmt *q =
        db_stmt(s->db,
                "SELECT currency, count(*) AS jobs, sum(minor) AS total "
                "FROM job j WHERE state = 'queued' AND NOT EXISTS (SELECT 1 FROM hold "
                "h WHERE h.job_id = j.id AND h.released_at IS NULL) "
                "GROUP BY currency ORDER BY currency",
                err);
    int rc;
    while ((rc = stmt_step(q, err)) == 1) {
        out->jobs += stmt_int(q, "jobs");
        if (!stmt_is_null(q, "currency"))
            add_total(out, q);
    }
    if (rc)
        return -1;
    return db_one_int(s->db, "SELECT count(*) AS n FROM inbox WHERE problem IS NULL",
                      &out->inbox, err);
}

int outgoing_of_batch(struct store *s, int64_t batch, struct outgoing *out,
                      struct err *err)
{
    struct stmt *q = db_stmt(s->db,
                             "SELECT currency, imported AS total FROM batch_money "
                             "WHERE batch_id = ? ORDER BY currency",
                             err);
    int rc;
    stmt_bind_int(q, batch);
    while ((rc = stmt_step(q, err)) == 1)
        add_total(out, q);
    return rc;
}
