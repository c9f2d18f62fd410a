#include "store/health.h"

#include "store/internal.h"

#define TOLD_MAX 5

int store_examine(struct store *s, struct buf *broken, struct err *err)
{
    struct stmt *q =
        db_stmt(s->db,
                "SELECT integrity_check AS fault FROM pragma_integrity_check "
                "WHERE integrity_check <> 'ok' UNION ALL "
                "SELECT 'a row of ' || \"table\" || ' names one of ' || "
                "\"parent\" || ' that is not there' "
                "FROM pragma_foreign_key_check LIMIT ?",
                err);
    int rc;
    stmt_bind_int(q, TOLD_MAX);
    while ((rc = stmt_step(q, err)) == 1)
        buf_printf(broken, "%s%s", broken->len ? "; " : "", stmt_text(q, "fault"));
    return rc;
}

int store_last_success(struct store *s, int64_t *ended_ms, struct err *err)
{
    struct stmt *q = db_stmt(
        s->db,
        "SELECT coalesce(max(ended_at), 0) AS at FROM run WHERE exit_status IN (0, 3)",
        err);
    int rc = stmt_step(q, err);
    *ended_ms = rc == 1 ? stmt_int(q, "at") : 0;
    stmt_reset(q);
    return rc < 0 ? -1 : 0;
}

int store_open_attempts(struct store *s, int64_t *open, int64_t *newest_ms,
                        struct err *err)
{
    struct stmt *q =
        db_stmt(s->db,
                "SELECT (SELECT count(*) FROM attempt WHERE closed_at IS NULL) AS open, "
                "max((SELECT coalesce(max(started_at), 0) FROM run), "
                "(SELECT coalesce(max(ended_at), 0) FROM run), "
                "coalesce((SELECT opened_at FROM attempt ORDER BY id DESC LIMIT 1), 0)) "
                "AS newest",
                err);
    int rc = stmt_step(q, err);
    *open = rc == 1 ? stmt_int(q, "open") : 0;
    *newest_ms = rc == 1 ? stmt_int(q, "newest") : 0;
    stmt_reset(q);
    return rc < 0 ? -1 : 0;
}
