/* What a person is shown of approvals. */
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "store/approvals.h"
#include "store/internal.h"

void approval_look_close(struct approval_look *look)
{
    free(look->source);
    free(look->importer);
    free(look->imported_at);
    outgoing_close(&look->sums);
}

static int read_batch(struct store *s, const char *batch, struct approval_look *out,
                      int64_t *id, struct err *err)
{
    struct stmt *q = db_stmt(
        s->db,
        "SELECT id, source, sha256, jobs, imported_by || coalesce(' (sudo: ' || "
        "imported_sudo || ')', '') AS importer, imported_uid, "
        "strftime('%Y-%m-%d %H:%M', imported_at / 1000, 'unixepoch', 'localtime') AS at, "
        "(SELECT count(*) FROM hold h JOIN job j ON j.id = h.job_id WHERE j.batch_id = "
        "b.id "
        "AND h.kind = 'duplicate' AND h.released_at IS NULL AND j.state = 'queued') "
        "AS duplicates FROM batch b WHERE name = ?",
        err);
    stmt_bind_text(q, batch);
    int rc = stmt_step(q, err);
    if (rc == 1) {
        *id = stmt_int(q, "id");
        out->source = mem_text(stmt_text(q, "source"));
        out->importer = stmt_is_null(q, "imported_uid")
                            ? mem_text("somebody unknown")
                            : mem_text(stmt_text(q, "importer"));
        out->imported_at = mem_text(stmt_text(q, "at"));
        out->sums.jobs = stmt_int(q, "jobs");
        out->duplicates = stmt_int(q, "duplicates");
        snprintf(out->sha256, sizeof(out->sha256), "%s", stmt_text(q, "sha256"));
    }
    stmt_reset(q);
    if (rc == 0)
        return err_set(err, ERR_NOINPUT,
                       "there is no batch '%s'; `remesa status` lists them", batch);
    return rc < 0 ? -1 : 0;
}

int store_approval_look(struct store *s, const char *batch, struct approval_look *out,
                        struct err *err)
{
    int64_t id = 0;
    *out = (struct approval_look){.source = NULL};
    return read_batch(s, batch, out, &id, err) ||
                   outgoing_of_batch(s, id, &out->sums, err)
               ? -1
               : 0;
}

int store_scope_unapproved(struct store *s, int64_t *jobs, unapproved_fn *each, void *ctx,
                           struct err *err)
{
    struct stmt *q =
        db_stmt(s->db,
                "SELECT a.batch, a.held, a.next_command FROM approvals a "
                "JOIN batch b ON b.name = a.batch JOIN run_scope r ON r.batch_id = b.id "
                "WHERE a.held > 0",
                err);
    int rc;
    *jobs = 0;
    while ((rc = stmt_step(q, err)) == 1) {
        *jobs += stmt_int(q, "held");
        each(ctx, stmt_text(q, "batch"), stmt_int(q, "held"),
             stmt_text(q, "next_command"));
    }
    return rc;
}
