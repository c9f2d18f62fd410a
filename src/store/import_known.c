/* What a ref means that is there already: enum row_share (model/row.h). */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "store/import_parts.h"

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
    import_complain(i, row->line, column, text);
}

/* What rows share is in the sums since the first of them. */
static bool is_counted(struct import *i, const struct row *row, struct stmt *known,
                       bool same_file)
{
    int64_t id = stmt_int(known, "id");
    if (row->share == ROW_OWN)
        return false;
    if (same_file || idmap_get(&i->shared, id))
        return true;
    idmap_put(&i->shared, id, i);
    return false;
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
    if (row->has_money && !is_counted(i, row, known, same_file))
        import_count(i, row, !same_file);
    if (!same_file && (row->share == ROW_OWN || !i->known_batch))
        i->known_batch = stmt_int(known, "batch_id");
    free(text);
}

int import_look_at_known(struct store *s, const struct row *row, struct err *err)
{
    struct stmt *q = db_stmt(
        s->db,
        "SELECT j.id, j.batch_id, b.name AS batch, j.line, j.action, j.on_behalf_of, "
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
