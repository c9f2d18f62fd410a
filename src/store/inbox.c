#include "store/inbox.h"

#include "store/internal.h"

int store_inbox_each(struct store *s, inbox_row_fn *each, void *ctx, struct err *err)
{
    struct stmt *q =
        db_stmt(s->db,
                "SELECT id, ref, action, on_behalf_of, needs, params FROM inbox "
                "WHERE problem IS NULL ORDER BY id",
                err);
    int rc;
    while ((rc = stmt_step(q, err)) == 1) {
        struct inbox_row row = {
            .id = stmt_int(q, "id"),
            .ref = stmt_text(q, "ref"),
            .action = stmt_text(q, "action"),
            .on_behalf_of = stmt_text(q, "on_behalf_of"),
            .needs = stmt_text(q, "needs"),
            .params = stmt_text(q, "params"),
        };
        if (each(ctx, &row, err)) {
            rc = -1;
            break;
        }
    }
    stmt_reset(q);
    return rc;
}

bool store_inbox_has_new(struct store *s)
{
    struct err ignored;
    struct stmt *q =
        db_stmt(s->db, "SELECT id FROM inbox WHERE problem IS NULL LIMIT 1", &ignored);
    bool has = stmt_step(q, &ignored) == 1;
    stmt_reset(q);
    return has;
}

int store_inbox_problem(struct store *s, int64_t id, const char *problem, struct err *err)
{
    struct stmt *q =
        db_stmt(s->db,
                "UPDATE inbox SET problem = CASE WHEN problem IS NULL THEN ?1 "
                "ELSE problem || '; ' || ?1 END WHERE id = ?2",
                err);
    stmt_bind_text(q, problem);
    stmt_bind_int(q, id);
    return stmt_run_one(q, "marking an inbox row", err);
}

int store_inbox_clear(struct store *s, struct err *err)
{
    return stmt_run(db_stmt(s->db, "DELETE FROM inbox WHERE problem IS NULL", err), err);
}
