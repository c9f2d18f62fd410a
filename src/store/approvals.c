#include "store/approvals.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "store/approvers.h"
#include "store/audit.h"
#include "store/balance.h"
#include "store/canonical.h"
#include "store/holds.h"
#include "store/internal.h"

#define REASON "four eyes: it waits for another system user's approval"

/* ---- which batches ---- */

static int concerns(struct store *s, int64_t batch, const struct four_eyes *four_eyes,
                    bool *concerned, struct err *err)
{
    struct stmt *q = db_stmt(
        s->db, "SELECT currency, imported FROM batch_money WHERE batch_id = ?", err);
    int rc;
    *concerned = four_eyes_concern_all(four_eyes);
    stmt_bind_int(q, batch);
    while ((rc = stmt_step(q, err)) == 1) {
        struct money sum = {.minor = stmt_int(q, "imported")};
        snprintf(sum.currency, sizeof(sum.currency), "%s", stmt_text(q, "currency"));
        *concerned = *concerned || four_eyes_concern(four_eyes, sum);
    }
    return rc;
}

#define LIMITS_MAX 4096

/* `four_eyes` NULL: for every sum. */
static int want_approval(struct store *s, int64_t batch,
                         const struct four_eyes *four_eyes, struct err *err)
{
    struct buf limits;
    struct stmt *q = db_stmt(
        s->db, "UPDATE batch SET four_eyes = coalesce(four_eyes, ?) WHERE id = ?", err);
    buf_init(&limits, LIMITS_MAX);
    buf_add_text(&limits, "");
    if (four_eyes)
        cap_list_write(&four_eyes->above, &limits);
    stmt_bind_span(q, buf_span(&limits));
    stmt_bind_int(q, batch);
    int rc = stmt_run_one(q, "holding a batch", err);
    buf_close(&limits);
    return rc;
}

/* What the triggers of the table would do, which are off during an import, for a whole batch in one go: none of its jobs
 * has had a turn yet that another batch could be waiting for. */
static int hold_all_new(struct store *s, int64_t batch, struct wall now, int64_t *held,
                        struct err *err)
{
    int rc = store_hold_batch(s, batch, HOLD_APPROVAL, REASON, now, held, err);
    struct stmt *q = db_stmt(s->db,
                             "UPDATE job SET unmet = unmet + 1, ready = 0 WHERE batch_id "
                             "= ? AND state = 'queued'",
                             err);
    stmt_bind_int(q, batch);
    return rc || stmt_run(q, err) ? -1 : 0;
}

int approvals_hold_new(struct store *s, int64_t batch, const struct four_eyes *four_eyes,
                       struct wall now, int64_t *held, struct err *err)
{
    bool concerned;
    if (concerns(s, batch, four_eyes, &concerned, err))
        return -1;
    if (!concerned)
        return 0;
    return want_approval(s, batch, four_eyes, err) ||
                   hold_all_new(s, batch, now, held, err)
               ? -1
               : 0;
}

/* ---- approving ---- */

struct subject {
    int64_t id, jobs, waiting;
    char sha256[SHA256_HEX_MAX];
    struct batch_digest digest;
    struct approvers approvers;
};

static int find_batch(struct store *s, const char *name, struct subject *out,
                      struct err *err)
{
    struct stmt *q =
        db_stmt(s->db,
                "SELECT id, jobs, sha256, (SELECT count(*) FROM job j WHERE j.batch_id "
                "= b.id AND j.state = 'queued') AS waiting FROM batch b WHERE name = ?",
                err);
    stmt_bind_text(q, name);
    int rc = stmt_step(q, err);
    if (rc == 1) {
        out->id = stmt_int(q, "id");
        out->jobs = stmt_int(q, "jobs");
        out->waiting = stmt_int(q, "waiting");
        snprintf(out->sha256, sizeof(out->sha256), "%s", stmt_text(q, "sha256"));
    }
    stmt_reset(q);
    if (rc == 0)
        return err_set(err, ERR_NOINPUT,
                       "there is no batch '%s'; `remesa status` lists them", name);
    return rc < 0 ? -1 : 0;
}

/* The sums a person is shown are those of the rows. */
static int judge_sums(struct store *s, const char *name, struct err *err)
{
    const struct balance_scope scope = {.everything = true, .batch = name};
    if (store_balance_check(s, &scope, err) == 0)
        return 0;
    return err->code == ERR_INPUT
               ? err_wrap(
                     err,
                     "it was changed since it was imported, and remesa audit tells more")
               : -1;
}

static int judge_rows(struct store *s, const char *name, const char *seen,
                      struct subject *b, struct err *err)
{
    if (seen && strcmp(seen, b->sha256) != 0)
        return err_set(err, ERR_INPUT,
                       "%s: its sha256 is %s, and not %s: look again at what it is", name,
                       b->sha256, seen);
    if (strcmp(b->digest.rows, b->sha256) != 0)
        return err_set(err, ERR_INPUT,
                       "%s: its rows are not those that were imported: their sha256 is "
                       "%s and not %s; remesa audit tells more",
                       name, b->digest.rows, b->sha256);
    return judge_sums(s, name, err);
}

static int record(struct store *s, const char *name, const struct subject *b,
                  struct wall now, struct err *err)
{
    struct audit a;
    int64_t id;
    if (approvers_add(s, b->id, b->digest.all, now, &id, err))
        return -1;
    audit_open(&a);
    jsonw_int(&a.w, "approval", id);
    jsonw_int(&a.w, "batch", b->id);
    jsonw_text(&a.w, "sha256", b->digest.all);
    jsonw_text(&a.w, "rows", b->sha256);
    jsonw_int(&a.w, "jobs", b->jobs);
    return audit_add(&a, s, "approve", name, now, err);
}

static int approve_subject(struct store *s, const char *name, const char *seen,
                           struct subject *b, struct wall now, struct approved *out,
                           struct err *err)
{
    if (find_batch(s, name, b, err) || store_batch_digest(s, b->id, &b->digest, err) ||
        judge_rows(s, name, seen, b, err) ||
        approvers_read(&b->approvers, s, b->id, b->digest.all, name, err))
        return -1;
    snprintf(out->sha256, sizeof(out->sha256), "%s", b->sha256);
    out->was_already = approvers_suffice(&b->approvers);
    if (out->was_already) /* what was skipped then, and came back by a retry, is held still */
        return store_lift_approval(s, name, now, &out->freed, err);
    if (b->waiting == 0)
        return err_set(err, ERR_USAGE, "%s: nothing of it waits to be sent", name);
    if (approvers_may_add(&b->approvers, &s->me, name, err) ||
        record(s, name, b, now, err))
        return -1;
    approvers_count(&b->approvers, &s->me);
    out->wants_another = !approvers_suffice(&b->approvers);
    return out->wants_another ? want_approval(s, b->id, NULL, err)
                              : store_lift_approval(s, name, now, &out->freed, err);
}

int store_approve(struct store *s, const char *batch, const char *sha256, struct wall now,
                  struct approved *out, struct err *err)
{
    struct subject b = {0};
    *out = (struct approved){.freed = 0};
    if (store_begin(s, err))
        return -1;
    int rc = approve_subject(s, batch, sha256, &b, now, out, err) || store_commit(s, err)
                 ? -1
                 : 0;
    if (rc)
        store_rollback(s);
    approvers_close(&b.approvers);
    return rc;
}

/* ---- before a run ---- */

struct candidate {
    int64_t id;
    char name[256];
    bool wants_approval, has_approvals;
};

/* The next batch of which something may still be sent. */
static int next_candidate(struct store *s, struct candidate *c, struct err *err)
{
    struct stmt *q = db_stmt(
        s->db,
        "SELECT id, name, four_eyes IS NOT NULL AS wants_approval, EXISTS (SELECT 1 FROM "
        "approval a WHERE "
        "a.batch_id = b.id) AS has_approvals FROM batch b WHERE id > ? AND EXISTS "
        "(SELECT 1 FROM job j WHERE j.batch_id = b.id AND j.state IN "
        "('queued', 'sending', 'in_doubt')) ORDER BY id LIMIT 1",
        err);
    stmt_bind_int(q, c->id);
    int rc = stmt_step(q, err);
    if (rc == 1) {
        c->id = stmt_int(q, "id");
        snprintf(c->name, sizeof(c->name), "%s", stmt_text(q, "name"));
        c->wants_approval = stmt_int(q, "wants_approval") != 0;
        c->has_approvals = stmt_int(q, "has_approvals") != 0;
    }
    stmt_reset(q);
    return rc;
}

static int are_enough(struct store *s, const struct candidate *c, bool *enough,
                      struct err *err)
{
    struct approvers approvers = {0};
    struct batch_digest now = {.all = ""};
    if (c->has_approvals && store_batch_digest(s, c->id, &now, err))
        return -1;
    int rc = approvers_read(&approvers, s, c->id, now.all, c->name, err);
    *enough = rc == 0 && approvers_suffice(&approvers);
    approvers_close(&approvers);
    return rc;
}

static int enforce_one(struct store *s, const struct candidate *c,
                       const struct four_eyes *four_eyes, struct wall now,
                       struct err *err)
{
    bool enough, concerned = false;
    int64_t held = 0;
    if (are_enough(s, c, &enough, err))
        return -1;
    if (enough)
        return 0;
    if (!c->wants_approval && concerns(s, c->id, four_eyes, &concerned, err))
        return -1;
    if (!c->wants_approval && !concerned)
        return 0;
    return want_approval(s, c->id, four_eyes, err) ||
                   store_hold_batch(s, c->id, HOLD_APPROVAL, REASON, now, &held, err)
               ? -1
               : 0;
}

int store_approvals_enforce(struct store *s, const struct four_eyes *four_eyes,
                            struct wall now, struct err *err)
{
    struct candidate c = {0};
    int rc;
    if (store_begin(s, err))
        return -1;
    while ((rc = next_candidate(s, &c, err)) == 1)
        if (enforce_one(s, &c, four_eyes, now, err))
            break;
    if (rc == 0 && store_commit(s, err) == 0)
        return 0;
    store_rollback(s);
    return -1;
}
