/* Needs that are lost already: jobs of earlier batches that will never succeed by themselves. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "model/ref.h"
#include "store/internal.h"
#include "store/wiring.h"

static char *lost_text(struct stmt *q)
{
    const char *ref = stmt_text(q, "ref"), *batch = stmt_text(q, "batch");
    const char *state = stmt_text(q, "state");
    struct buf word;
    char *text;
    buf_init(&word, 4 * REF_MAX_BYTES);
    text_shell_word(&word, span_of(ref));
    if (strcmp(state, "failed") == 0)
        text = mem_printf("the job '%s', which it needs, has failed in batch '%s' (%s): "
                          "`remesa retry %s` first, or leave the row out",
                          ref, batch, stmt_text(q, "error"), word.data);
    else if (strcmp(state, "skipped") == 0)
        text =
            mem_printf("the job '%s', which it needs, was skipped in batch '%s': "
                       "`remesa show %s` says for what; retry that first, or leave the "
                       "row out",
                       ref, batch, word.data);
    else
        text =
            mem_printf("the job '%s', which it needs, was cancelled in batch '%s', for "
                       "good: leave the row out, or name another job",
                       ref, batch);
    buf_close(&word);
    return text;
}

int wiring_tell_lost(struct store *s, complain_fn *tell, void *ctx, struct err *err)
{
    struct stmt *q =
        db_stmt(s->db,
                "SELECT j.line, n.column_name, o.ref, o.state, b.name AS batch, "
                "coalesce(o.error, 'no reason recorded') AS error "
                "FROM import_need n JOIN job j ON j.id = n.job_id "
                "JOIN job o ON o.ref = n.ref JOIN batch b ON b.id = o.batch_id "
                "WHERE n.soft = 0 AND o.state IN ('failed', 'skipped', 'cancelled') "
                "GROUP BY j.line, o.id ORDER BY n.job_id, n.ref",
                err);
    int rc;
    while ((rc = stmt_step(q, err)) == 1) {
        char *text = lost_text(q);
        tell(ctx, &(struct complaint){.line = stmt_int(q, "line"),
                                      .column = stmt_text(q, "column_name"),
                                      .text = text});
        free(text);
    }
    return rc;
}
