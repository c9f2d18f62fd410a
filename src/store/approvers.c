#include "store/approvers.h"

#include <stdlib.h>

#include "base/mem.h"
#include "store/internal.h"

void approvers_close(struct approvers *a)
{
    free(a->persons);
    *a = (struct approvers){.persons = NULL};
}

void approvers_count(struct approvers *a, const struct person *p)
{
    a->persons = mem_resize(a->persons, a->count + 1, sizeof(*a->persons));
    a->persons[a->count++] = *p;
}

bool approvers_suffice(const struct approvers *a)
{
    for (size_t i = 0; i < a->count; i++)
        for (size_t k = i + 1; k < a->count; k++)
            if (!person_may_be(&a->persons[i], &a->persons[k]))
                return true;
    return false;
}

int approvers_may_add(const struct approvers *a, const struct person *p, const char *name,
                      struct err *err)
{
    for (size_t i = 0; i < a->count; i++) {
        char who[PERSON_TEXT_MAX];
        if (!person_may_be(&a->persons[i], p))
            continue;
        return err_set(err, ERR_NOPERM,
                       "%s: %s by %s (uid %lld): another system user has to approve it",
                       name, i == 0 && a->knows_importer ? "imported" : "approved",
                       person_text(&a->persons[i], who), (long long)a->persons[i].uid);
    }
    return 0;
}

static int judge_importer(struct approvers *a, struct stmt *q, const char *name,
                          struct err *err)
{
    if (!stmt_int(q, "is_told"))
        return err_set(err, ERR_INPUT,
                       "%s: who imported it is not who the audit trail tells of; nothing "
                       "is sent or approved of it",
                       name);
    a->knows_importer = !stmt_is_null(q, "uid");
    if (!a->knows_importer)
        return 0;
    const struct person p =
        person_of(stmt_int(q, "uid"), stmt_text(q, "name"), stmt_text(q, "sudo"));
    approvers_count(a, &p);
    return 0;
}

/* A batch from before there were approvals has no uid, and no row that would tell of one. */
static int read_importer(struct approvers *a, struct store *s, int64_t batch,
                         const char *name, struct err *err)
{
    struct stmt *q = db_stmt(
        s->db,
        "SELECT imported_by AS name, imported_uid AS uid, imported_sudo AS sudo, "
        "imported_uid IS (SELECT json_extract(t.detail, '$.uid') FROM audit t WHERE "
        "t.what = 'import' AND json_extract(t.detail, '$.batch') = b.id) AS is_told "
        "FROM batch b WHERE id = ?",
        err);
    stmt_bind_int(q, batch);
    int rc = stmt_step(q, err);
    if (rc == 1 && judge_importer(a, q, name, err))
        rc = -1;
    stmt_reset(q);
    return rc < 0 ? -1 : 0;
}

static int judge_approval(struct stmt *q, const char *now, const char *name,
                          struct err *err)
{
    if (strcmp(stmt_text(q, "sha256"), now) != 0)
        return err_set(
            err, ERR_INPUT,
            "%s: it was changed since %s approved it on %s, rows or totals; nothing is "
            "sent. remesa audit tells more; what was approved can be imported anew, "
            "after remesa cancel --batch",
            name, stmt_text(q, "name"), stmt_text(q, "at"));
    if (!stmt_int(q, "is_told"))
        return err_set(err, ERR_INPUT,
                       "%s: the audit trail does not tell of its approval by %s: it was "
                       "not made by remesa approve; nothing is sent",
                       name, stmt_text(q, "name"));
    return 0;
}

static int read_approvals(struct approvers *a, struct store *s, int64_t batch,
                          const char *now, const char *name, struct err *err)
{
    struct stmt *q = db_stmt(
        s->db,
        "SELECT p.sha256, p.approved_by AS name, p.uid, p.sudo, "
        "strftime('%Y-%m-%d %H:%M', p.approved_at / 1000, 'unixepoch', 'localtime') AS "
        "at, "
        "EXISTS (SELECT 1 FROM audit t WHERE t.what = 'approve' "
        "AND t.at = p.approved_at AND json_extract(t.detail, '$.approval') = p.id "
        "AND json_extract(t.detail, '$.sha256') = p.sha256) AS is_told "
        "FROM approval p WHERE p.batch_id = ? ORDER BY p.id",
        err);
    int rc;
    stmt_bind_int(q, batch);
    while ((rc = stmt_step(q, err)) == 1) {
        rc = judge_approval(q, now, name, err);
        if (rc)
            break;
        const struct person p =
            person_of(stmt_int(q, "uid"), stmt_text(q, "name"), stmt_text(q, "sudo"));
        approvers_count(a, &p);
    }
    stmt_reset(q);
    return rc;
}

int approvers_read(struct approvers *a, struct store *s, int64_t batch, const char *now,
                   const char *name, struct err *err)
{
    *a = (struct approvers){.persons = NULL};
    return read_importer(a, s, batch, name, err) ||
                   read_approvals(a, s, batch, now, name, err)
               ? -1
               : 0;
}

int approvers_add(struct store *s, int64_t batch, const char *digest, struct wall now,
                  int64_t *id, struct err *err)
{
    struct stmt *q =
        db_stmt(s->db,
                "INSERT INTO approval (batch_id, sha256, approved_at, approved_by, uid, "
                "sudo) VALUES (?, ?, ?, ?, ?, ?)",
                err);
    stmt_bind_int(q, batch);
    stmt_bind_text(q, digest);
    stmt_bind_int(q, now.ms);
    stmt_bind_text(q, s->me.name);
    stmt_bind_int(q, s->me.uid);
    stmt_bind_text(q, person_sudo(&s->me));
    if (stmt_run(q, err))
        return -1;
    *id = db_last_id(s->db);
    return 0;
}
