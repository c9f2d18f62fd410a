#include "store/lines.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/scan.h"
#include "store/internal.h"

void kept_input_close(struct kept_input *in)
{
    free(in->columns);
    *in = (struct kept_input){0};
}

int store_lines_open(struct store *s, const char *batch, struct kept_input *out,
                     struct err *err)
{
    *out = (struct kept_input){0};
    struct stmt *q = db_stmt(
        s->db,
        "SELECT b.id, i.columns, i.delimiter, coalesce(i.by_recipe, 0) AS by_recipe "
        "FROM batch b LEFT JOIN batch_input i ON i.batch_id = b.id "
        "WHERE b.name = ?",
        err);
    stmt_bind_text(q, batch);
    int rc = stmt_step(q, err);
    if (rc < 0)
        return -1;
    if (rc == 1 && !stmt_is_null(q, "columns"))
        *out = (struct kept_input){.batch_id = stmt_int(q, "id"),
                                   .columns = mem_text(stmt_text(q, "columns")),
                                   .delimiter = stmt_text(q, "delimiter")[0],
                                   .by_recipe = stmt_int(q, "by_recipe") != 0};
    stmt_reset(q);
    if (rc == 0)
        return err_set(err, ERR_NOINPUT, "there is no batch '%s'", batch);
    if (!out->columns)
        return err_set(err, ERR_NOINPUT,
                       "the batch '%s' has no lines to give back: it did not come from a "
                       "CSV, or before this was kept; the view results has its jobs",
                       batch);
    return 0;
}

/* The jobs by their refs, and not by batch and line: what an earlier batch brought is
 * reported on as well. No blank and no '/' is in a ref, and '/' follows '.'. */
#define JOB                                                                              \
    "SELECT j.state, j.remote_id, j.error, j.currency, "                                 \
    "CASE WHEN j.minor IS NULL THEN NULL WHEN m.places = 0 THEN printf('%d', j.minor) "  \
    "ELSE printf('%d.%0*d', j.minor / m.unit, m.places, j.minor % m.unit) END "          \
    "AS amount FROM job j LEFT JOIN batch_money m "                                      \
    "ON m.batch_id = j.batch_id AND m.currency = j.currency "

static struct stmt *jobs_of(struct store *s, const struct kept_input *in, struct span ref,
                            struct err *err)
{
    struct stmt *q =
        in->by_recipe ? db_stmt(s->db,
                                JOB "WHERE j.ref >= ?1 || '.' AND j.ref < ?1 || '/' "
                                    "AND instr(substr(j.ref, length(?1) + 2), '.') = 0 "
                                    "ORDER BY j.id",
                                err)
                      : db_stmt(s->db, JOB "WHERE j.ref = ?", err);
    stmt_bind_span(q, ref);
    return q;
}

static int tell_jobs(struct store *s, const struct kept_input *in, struct span ref,
                     const struct kept_reader *to, struct err *err)
{
    struct stmt *q = jobs_of(s, in, ref, err);
    int rc;
    while ((rc = stmt_step(q, err)) == 1) {
        struct kept_job job = {.remote_id = stmt_text(q, "remote_id"),
                               .error = stmt_text(q, "error"),
                               .amount = stmt_text(q, "amount"),
                               .currency = stmt_text(q, "currency")};
        if (job_state_parse(span_of(stmt_text(q, "state")), &job.state))
            to->job(to->ctx, &job);
    }
    return rc;
}

static struct span take(struct span *text, size_t len)
{
    struct span taken = {text->ptr, len};
    *text = (struct span){text->ptr + len, text->len - len};
    return taken;
}

/* False: it is none. */
static bool take_line(struct span *lines, struct span *ref, struct span *cells)
{
    struct span head, word;
    int64_t len;
    const char *end = memchr(lines->ptr, '\n', lines->len);
    if (!end)
        return false;
    head = take(lines, (size_t)(end - lines->ptr));
    take(lines, 1);
    if (!scan_word(&head, ref) || !scan_word(&head, &word) ||
        !scan_int(word, 0, (int64_t)lines->len - 1, &len))
        return false;
    *cells = take(lines, (size_t)len);
    take(lines, 1);
    return true;
}

static int tell_lines(struct store *s, const struct kept_input *in, struct span lines,
                      const struct kept_reader *to, struct err *err)
{
    while (lines.len) {
        struct span ref, cells;
        if (!take_line(&lines, &ref, &cells))
            return err_set(err, ERR_SOFTWARE, "the kept lines of the batch are broken");
        to->line(to->ctx, cells);
        if (tell_jobs(s, in, ref, to, err))
            return -1;
        to->end(to->ctx);
    }
    return 0;
}

int store_lines_each(struct store *s, const struct kept_input *in,
                     const struct kept_reader *to, struct err *err)
{
    struct stmt *q = db_stmt(
        s->db, "SELECT lines FROM batch_lines WHERE batch_id = ? ORDER BY id", err);
    int rc;
    stmt_bind_int(q, in->batch_id);
    while ((rc = stmt_step(q, err)) == 1)
        if (tell_lines(s, in, stmt_column_span(q, 0), to, err)) {
            stmt_reset(q);
            return -1;
        }
    return rc;
}
