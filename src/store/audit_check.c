/* Holding the trail against itself, and against what it tells of. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "store/audit.h"
#include "store/balance.h"
#include "store/canonical.h"
#include "store/internal.h"
#include "store/restore.h"

/* How far the database had come before there was a trail. */
#define BEFORE(what)                                                                     \
    "coalesce((SELECT json_extract(detail, '$." what "') FROM audit WHERE id = 1), "     \
    "(SELECT " what " FROM audit_before))"

#define BROKEN "the audit trail does not hold: "

/* ---- against itself ---- */

struct walk {
    int64_t rows;              /* so far: the id of the last one that holds */
    char prev[SHA256_HEX_MAX]; /* its seal */
    bool broken;
    struct err first; /* what is wrong with the first that does not hold */
};

static void break_at(struct walk *w, int64_t id, const char *why)
{
    if (w->broken)
        return;
    w->broken = true;
    err_set(&w->first, ERR_INPUT, BROKEN "row %" PRId64 ": %s", id, why);
}

static void judge_row(struct walk *w, const struct audit_row *row)
{
    char seal[SHA256_HEX_MAX];
    audit_seal(row, seal);
    if (row->id != w->rows + 1)
        break_at(w, w->rows + 1,
                 w->rows ? "it is missing" : "it is missing: the beginning was cut off");
    else if (strcmp(row->hash, seal) != 0)
        break_at(w, row->id, "it was changed: its hash is not that of its content");
    else if (strcmp(row->prev, w->prev) != 0)
        break_at(w, row->id, "it does not follow on the row before it");
    w->rows = row->id;
    snprintf(w->prev, sizeof(w->prev), "%s", row->hash);
}

static int walk_rows(struct store *s, struct walk *w, audit_row_fn *each, void *ctx,
                     struct err *err)
{
    struct stmt *q = db_stmt(s->db,
                             "SELECT id, at, who, what, subject, detail, prev, hash "
                             "FROM audit ORDER BY id",
                             err);
    int rc;
    snprintf(w->prev, sizeof(w->prev), "%s", AUDIT_FIRST_PREV);
    while ((rc = stmt_step(q, err)) == 1) {
        const struct audit_row row = {.id = stmt_int(q, "id"),
                                      .at = {stmt_int(q, "at")},
                                      .who = stmt_text(q, "who"),
                                      .what = stmt_text(q, "what"),
                                      .subject = stmt_text(q, "subject"),
                                      .detail = stmt_text(q, "detail"),
                                      .prev = stmt_text(q, "prev"),
                                      .hash = stmt_text(q, "hash")};
        judge_row(w, &row);
        if (each)
            each(ctx, &row);
    }
    return rc;
}

/* ---- against the mark ---- */

/* A database that was moved has all its rows. */
static int judge_mark(struct store *s, struct err *err)
{
    enum mark_finding finding;
    struct buf found;
    buf_init(&found, ERR_TEXT_MAX);
    int rc = store_mark_look(s, &finding, &found, err);
    if (rc == 0 && finding != MARK_FITS && finding != MARK_MOVED)
        rc = err_set(err, ERR_INPUT, BROKEN "%s", found.data);
    buf_close(&found);
    return rc;
}

/* ---- against what it tells of ---- */

/* Each gives the number of a row of the trail (0: there is none) and what is wrong. The trail itself has
 * been found whole before, so its JSON is what this program wrote. What lies before its first row it
 * cannot tell of. */
static const char *const comparisons[] = {
    /* decisions */
    "SELECT 0 AS row, 'the decision ' || d.id || ' about ' || j.ref || ' (' || d.verb "
    "|| ') has no row that tells of it' AS why "
    "FROM decision d LEFT JOIN job j ON j.id = d.job_id "
    "WHERE d.id > " BEFORE(
        "decision") " "
                    "AND NOT EXISTS (SELECT 1 FROM audited a WHERE a.thing = 'decision' "
                    "AND a.number = d.id AND a.subject = j.ref AND a.at = d.decided_at "
                    "AND json_extract(a.detail, '$.verb') IS d.verb "
                    "AND json_extract(a.detail, '$.reason') IS d.reason "
                    "AND json_extract(a.detail, '$.remote_id') IS d.remote_id) ORDER BY "
                    "d.id LIMIT 1",
    "SELECT a.id AS row, 'the decision about ' || a.subject || ' that it tells of is "
    "not there' AS why FROM audited a WHERE a.thing = 'decision' "
    "AND NOT EXISTS (SELECT 1 FROM decision WHERE id = a.number) ORDER BY a.id LIMIT 1",
    /* releases */
    "SELECT 0 AS row, 'the release of ' || coalesce(j.ref, '?') || ' (' || h.kind || "
    "') has no row that tells of it' AS why "
    "FROM hold h LEFT JOIN job j ON j.id = h.job_id WHERE h.released_at IS NOT NULL "
    "AND h.kind <> 'approval' AND h.id > " BEFORE(
        "hold") " "
                "AND NOT EXISTS (SELECT 1 FROM audited a WHERE a.thing = 'hold' "
                "AND a.number = h.id AND a.subject = j.ref AND a.at = h.released_at "
                "AND json_extract(a.detail, '$.kind') IS h.kind "
                "AND json_extract(a.detail, '$.reason') IS h.release_reason) ORDER BY "
                "h.id LIMIT 1",
    "SELECT a.id AS row, 'the release of ' || a.subject || ' that it tells of is not "
    "there' AS why FROM audited a WHERE a.thing = 'hold' AND NOT EXISTS "
    "(SELECT 1 FROM hold WHERE id = a.number) ORDER BY a.id LIMIT 1",
    /* batches */
    "SELECT 0 AS row, 'the batch ' || b.name || ' has no row that tells of its import' "
    "AS why FROM batch b "
    "WHERE b.id > " BEFORE(
        "batch") " "
                 "AND NOT EXISTS (SELECT 1 FROM audited a WHERE a.thing = 'batch' "
                 "AND a.number = b.id) ORDER BY b.id LIMIT 1",
    "SELECT a.id AS row, 'the batch ' || a.subject || ' is not as it was imported' "
    "AS why FROM audited a WHERE a.thing = 'batch' "
    "AND NOT EXISTS (SELECT 1 FROM batch b WHERE b.id = a.number AND b.name = a.subject "
    "AND b.sha256 = json_extract(a.detail, '$.sha256') "
    "AND b.jobs = json_extract(a.detail, '$.jobs') AND b.imported_at = a.at "
    "AND b.imported_uid IS json_extract(a.detail, '$.uid') "
    "AND b.declared_rows IS json_extract(a.detail, '$.declared_rows')) "
    "ORDER BY a.id LIMIT 1",
    /* approvals, and what was said first of two */
    "SELECT 0 AS row, 'the approval ' || p.id || ' of ' || b.name || ' by ' || "
    "p.approved_by || ' has no row that tells of it' AS why FROM approval p "
    "LEFT JOIN batch b ON b.id = p.batch_id WHERE NOT EXISTS "
    "(SELECT 1 FROM audited a WHERE a.thing = 'approval' AND a.number = p.id "
    "AND a.subject = b.name AND a.at = p.approved_at "
    "AND json_extract(a.detail, '$.sha256') IS p.sha256) ORDER BY p.id LIMIT 1",
    "SELECT a.id AS row, 'the approval of ' || a.subject || ' that it tells of is not "
    "there' AS why FROM audited a WHERE a.thing = 'approval' "
    "AND NOT EXISTS (SELECT 1 FROM approval WHERE id = a.number) ORDER BY a.id LIMIT 1",
    "SELECT 0 AS row, 'what ' || p.proposed_by || ' said of ' || coalesce(j.ref, '?') || "
    "' (' || p.verb || ') has no row that tells of it' AS why FROM proposal p "
    "LEFT JOIN job j ON j.id = p.job_id WHERE NOT EXISTS "
    "(SELECT 1 FROM audited a WHERE a.thing = 'proposal' AND a.number = p.id "
    "AND a.subject = j.ref AND a.at = p.proposed_at "
    "AND json_extract(a.detail, '$.verb') IS p.verb "
    "AND json_extract(a.detail, '$.reason') IS p.reason "
    "AND json_extract(a.detail, '$.remote_id') IS p.remote_id) ORDER BY p.id LIMIT 1",
    "SELECT a.id AS row, 'what it tells was said of ' || a.subject || ' is not there' "
    "AS why FROM audited a WHERE a.thing = 'proposal' "
    "AND NOT EXISTS (SELECT 1 FROM proposal WHERE id = a.number) ORDER BY a.id LIMIT 1",
    /* totals */
    "SELECT a.id AS row, 'the totals of the batch ' || a.subject || ' are not those "
    "of its import' AS why FROM audited a, json_each(a.detail, '$.totals') t "
    "WHERE a.thing = 'batch' AND NOT EXISTS (SELECT 1 FROM batch_money m "
    "WHERE m.batch_id = a.number AND m.currency = t.key AND t.value = "
    "CASE m.places WHEN 0 THEN printf('%d', m.imported) ELSE printf('%d.%0*d', "
    "m.imported / m.unit, m.places, m.imported % m.unit) END) ORDER BY a.id LIMIT 1",
    "SELECT a.id AS row, 'the batch ' || a.subject || ' has a total in ' || m.currency "
    "|| "
    "' that its import had not' AS why FROM batch_money m JOIN audited a "
    "ON a.thing = 'batch' AND a.number = m.batch_id WHERE json_extract(a.detail, "
    "'$.totals.' || m.currency) IS NULL ORDER BY a.id LIMIT 1",
    /* the binding */
    "SELECT coalesce((SELECT max(id) FROM audit WHERE what = 'bind'), 1) AS row, "
    "'it is bound to another API now' AS why WHERE (SELECT api FROM binding) IS NOT "
    "coalesce((SELECT json_extract(detail, '$.api') FROM audit WHERE what = 'bind' "
    "ORDER BY id DESC LIMIT 1), " BEFORE("api") ")",
};

static int compare(struct store *s, const char *sql, struct err *err)
{
    struct stmt *q = db_stmt(s->db, sql, err);
    int rc = stmt_step(q, err);
    if (rc == 1 && stmt_int(q, "row") == 0)
        rc = err_set(err, ERR_INPUT, BROKEN "%s", stmt_text(q, "why"));
    else if (rc == 1)
        rc = err_set(err, ERR_INPUT, BROKEN "row %" PRId64 ": %s", stmt_int(q, "row"),
                     stmt_text(q, "why"));
    stmt_reset(q);
    return rc;
}

static int judge_things(struct store *s, struct err *err)
{
    if (db_run_script(s->db,
                      "DROP TABLE IF EXISTS temp.audited;"
                      "CREATE TEMP TABLE audited AS SELECT id, at, who, subject, detail, "
                      "CASE what WHEN 'import' THEN 'batch' WHEN 'release' THEN 'hold' "
                      "WHEN 'approve' THEN 'approval' WHEN 'propose' THEN 'proposal' "
                      "ELSE 'decision' END AS thing, "
                      "json_extract(detail, CASE what WHEN 'import' THEN '$.batch' "
                      "WHEN 'release' THEN '$.hold' WHEN 'approve' THEN '$.approval' "
                      "WHEN 'propose' THEN '$.proposal' ELSE '$.decision' END) AS number "
                      "FROM main.audit WHERE what IN ('import', 'resolve', 'retry', "
                      "'cancel', 'release', 'approve', 'propose');"
                      "CREATE INDEX temp.audited_number ON audited (thing, number)",
                      err))
        return -1;
    for (size_t i = 0; i < sizeof(comparisons) / sizeof(*comparisons); i++)
        if (compare(s, comparisons[i], err))
            return -1;
    return 0;
}

/* ---- the rows of the batches ---- */

struct batch {
    int64_t id;
    char name[256], sha256[SHA256_HEX_MAX];
};

static int next_batch(struct store *s, struct batch *b, struct err *err)
{
    struct stmt *q = db_stmt(
        s->db, "SELECT id, name, sha256 FROM batch WHERE id > ? ORDER BY id LIMIT 1",
        err);
    stmt_bind_int(q, b->id);
    int rc = stmt_step(q, err);
    if (rc == 1) {
        b->id = stmt_int(q, "id");
        snprintf(b->name, sizeof(b->name), "%s", stmt_text(q, "name"));
        snprintf(b->sha256, sizeof(b->sha256), "%s", stmt_text(q, "sha256"));
    }
    stmt_reset(q);
    return rc;
}

static int judge_approvals(struct store *s, const struct batch *b, const char *now,
                           struct err *err)
{
    struct stmt *q = db_stmt(s->db,
                             "SELECT approved_by FROM approval "
                             "WHERE batch_id = ? AND sha256 <> ? ORDER BY id LIMIT 1",
                             err);
    stmt_bind_int(q, b->id);
    stmt_bind_text(q, now);
    int rc = stmt_step(q, err);
    if (rc == 1)
        err_set(err, ERR_INPUT,
                BROKEN "the batch %s is not what %s approved: its money or its totals "
                       "were changed",
                b->name, stmt_text(q, "approved_by"));
    stmt_reset(q);
    return rc ? -1 : 0;
}

static int judge_batches(struct store *s, struct err *err)
{
    struct batch b = {0};
    struct batch_digest now;
    int rc;
    while ((rc = next_batch(s, &b, err)) == 1) {
        if (store_batch_digest(s, b.id, &now, err))
            return -1;
        if (strcmp(now.rows, b.sha256) != 0)
            return err_set(err, ERR_INPUT,
                           BROKEN "the rows of the batch %s are not those that were "
                                  "imported: their sha256 is %s and not %s",
                           b.name, now.rows, b.sha256);
        if (judge_approvals(s, &b, now.all, err))
            return -1;
    }
    return rc;
}

/* ---- their money ---- */

static void keep_first(void *ctx, const struct imbalance *i)
{
    struct err *first = ctx;
    struct buf text;
    if (first->code != ERR_NONE)
        return;
    buf_init(&text, ERR_TEXT_MAX);
    imbalance_describe(&text, i);
    err_set(first, ERR_INPUT, BROKEN "%s", text.data);
    buf_close(&text);
}

static int judge_balance(struct store *s, struct err *err)
{
    struct err first = {.code = ERR_NONE};
    const struct balance_scope scope = {.everything = true};
    if (store_balance(s, &scope, keep_first, &first, err))
        return -1;
    if (first.code == ERR_NONE)
        return 0;
    *err = first;
    return -1;
}

static int judge_all(struct store *s, audit_row_fn *each, void *ctx, int64_t *rows,
                     const struct err *mark, struct err *err)
{
    struct walk w = {0};
    int rc = walk_rows(s, &w, each, ctx, err);
    *rows = w.rows;
    if (rc)
        return -1;
    if (w.broken || mark->code != ERR_NONE) {
        *err = w.broken ? w.first : *mark;
        return -1;
    }
    return judge_things(s, err) || judge_batches(s, err) || judge_balance(s, err) ? -1
                                                                                  : 0;
}

/* The mark before the moment that all the rest is of: a run beside this writes rows before it marks
 * them. */
int store_audit(struct store *s, audit_row_fn *each, void *ctx, int64_t *rows,
                struct err *err)
{
    struct err mark = {.code = ERR_NONE};
    *rows = 0;
    judge_mark(s, &mark);
    if (store_hold(s, err))
        return -1;
    int rc = judge_all(s, each, ctx, rows, &mark, err);
    store_rollback(s);
    return rc;
}
