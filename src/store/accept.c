/* A person accepts a database that is not the one that ran last. */
#include <stdlib.h>

#include "base/mem.h"
#include "store/audit.h"
#include "store/internal.h"
#include "store/look.h"
#include "store/restore.h"

static int nothing_to_accept(struct store *s, struct err *err)
{
    return err_set(
        err, ERR_USAGE,
        "%s: it is where its mark says, and as far: there is nothing to accept",
        db_path(s->db));
}

static int tell_of(struct store *s, const char *what, const char *found, int64_t lost,
                   struct wall now, struct err *err)
{
    struct audit a;
    audit_open(&a);
    jsonw_text(&a.w, "found", found);
    jsonw_int(&a.w, "last_known_row", lost);
    return audit_add(&a, s, what, db_path(s->db), now, err);
}

static int record_move(struct store *s, struct wall now, struct err *err)
{
    struct look l;
    struct buf found;
    buf_init(&found, ERR_TEXT_MAX);
    int rc = look_init(&l, s, err);
    if (rc == 0)
        look_describe(&l, db_path(s->db), &found);
    if (rc == 0)
        rc = store_begin(s, err);
    if (rc == 0 &&
        (tell_of(s, "accept_move", found.len ? found.data : "", l.mark.audit, now, err) ||
         store_commit(s, err))) {
        store_rollback(s);
        rc = -1;
    }
    look_close(&l);
    buf_close(&found);
    return rc;
}

int store_accept_move(struct store *s, struct wall now, struct err *err)
{
    enum mark_finding finding;
    if (store_mark_look(s, &finding, NULL, err))
        return -1;
    if (finding == MARK_FITS)
        return nothing_to_accept(s, err);
    if (finding == MARK_BEHIND || finding == MARK_OTHER || finding == MARK_CUT)
        return store_mark_check(s, err);
    if (record_move(s, now, err))
        return -1;
    mark_close(&s->kept); /* it is not there any more */
    return store_mark_keep(s, now, err);
}

/* The last thing that the file knows of; before that, where it is a suspect already. */
static int known_until(struct store *s, int64_t *ms, struct err *err)
{
    return db_one_int(
        s->db,
        "SELECT min(coalesce((SELECT min(r.since) FROM restore r "
        " JOIN job j ON j.suspect = r.id), 9223372036854775807), max("
        " coalesce((SELECT max(max(started_at, coalesce(ended_at, 0))) FROM run), 0),"
        " coalesce((SELECT max(max(opened_at, coalesce(closed_at, 0))) FROM attempt), 0),"
        " coalesce((SELECT max(decided_at) FROM decision), 0),"
        " coalesce((SELECT max(looked_at) FROM look_up), 0))) AS n",
        ms, err);
}

static int record_restore(struct store *s, const struct look *l, const char *found,
                          struct wall now, struct restored *out, int64_t *id,
                          struct err *err)
{
    if (l->finding != MARK_OTHER && known_until(s, &out->since.ms, err))
        return -1;
    bool knows_end = l->finding == MARK_BEHIND || l->finding == MARK_OTHER;
    out->until = knows_end ? l->mark.at : now;
    struct stmt *q =
        db_stmt(s->db,
                "INSERT INTO restore (found, since, until, accepted_by, accepted_at) "
                "VALUES (?, ?, ?, ?, ?)",
                err);
    stmt_bind_text(q, found);
    stmt_bind_int(q, out->since.ms);
    stmt_bind_int(q, out->until.ms);
    stmt_bind_text(q, s->me.name);
    stmt_bind_int(q, now.ms);
    if (stmt_run(q, err))
        return -1;
    *id = db_last_id(s->db);
    return 0;
}

/* In doubt and sending too: a later attempt of them may be lost. */
static int suspect_all(struct store *s, int64_t restore, int64_t *suspects,
                       struct err *err)
{
    struct stmt *q = db_stmt(s->db,
                             "UPDATE job SET suspect = ? "
                             "WHERE state NOT IN ('succeeded', 'following')",
                             err);
    stmt_bind_int(q, restore);
    if (stmt_run(q, err))
        return -1;
    *suspects = db_changes(s->db);
    return 0;
}

static int lose(struct store *s, const char *name, int64_t restore, struct err *err)
{
    struct stmt *q = db_stmt(s->db,
                             "INSERT INTO lost_batch (name, restore_id) SELECT ?1, ?2 "
                             "WHERE NOT EXISTS (SELECT 1 FROM batch WHERE name = ?1) "
                             "ON CONFLICT (name) DO NOTHING",
                             err);
    stmt_bind_text(q, name);
    stmt_bind_int(q, restore);
    return stmt_run(q, err);
}

/* Of those before the names that a mark keeps only the number is known. */
static int lose_batches(struct store *s, const struct look *l, int64_t restore,
                        int64_t *lost, struct err *err)
{
    int64_t known = l->finding == MARK_OTHER ? 0 : l->now.batch;
    int64_t nameless = l->mark.batch - known - l->mark.batch_count;
    for (int i = 0; i < l->mark.batch_count; i++)
        if (lose(s, l->mark.batches[i], restore, err))
            return -1;
    if (nameless > 0) {
        char *name =
            mem_printf("(%lld more, whose names are not known)", (long long)nameless);
        int rc = lose(s, name, restore, err);
        free(name);
        if (rc)
            return -1;
    }
    return db_one_int(s->db, "SELECT count(*) AS n FROM lost_batches", lost, err);
}

/* The one that it is a copy of keeps its own name, and its mark. */
static int become_another(struct store *s, struct err *err)
{
    return stmt_run(
        db_stmt(s->db,
                "UPDATE identity SET uuid = lower(hex(randomblob(16))), marked = 0", err),
        err);
}

static int accept_inside(struct store *s, const struct look *l, const char *found,
                         struct wall now, struct restored *out, struct err *err)
{
    int64_t id;
    if (store_begin(s, err) || record_restore(s, l, found, now, out, &id, err) ||
        suspect_all(s, id, &out->suspects, err) ||
        lose_batches(s, l, id, &out->lost_batches, err) || become_another(s, err) ||
        tell_of(s, "accept_restore", found, l->mark.audit, now, err) ||
        store_commit(s, err)) {
        store_rollback(s);
        return -1;
    }
    return store_mark_keep(s, now, err);
}

int store_accept_restore(struct store *s, struct wall now, struct restored *out,
                         struct err *err)
{
    struct look l;
    struct buf found;
    *out = (struct restored){0};
    buf_init(&found, ERR_TEXT_MAX);
    int rc = look_init(&l, s, err);
    if (rc == 0 && l.finding == MARK_FITS)
        rc = nothing_to_accept(s, err);
    if (rc == 0) {
        look_describe(&l, db_path(s->db), &found);
        rc = accept_inside(s, &l, found.data, now, out, err);
    }
    look_close(&l);
    buf_close(&found);
    return rc;
}
