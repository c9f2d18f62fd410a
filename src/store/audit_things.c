/* The trail against what it tells of: nothing happened that it does not know, and what it knows is there. */
#include <inttypes.h>

#include "store/audit_parts.h"
#include "store/internal.h"

/* How far the database had come before there was a trail. */
#define BEFORE(what)                                                                     \
    "coalesce((SELECT json_extract(detail, '$." what "') FROM audit WHERE id = 1), "     \
    "(SELECT " what " FROM audit_before))"

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
        rc = err_set(err, ERR_INPUT, AUDIT_BROKEN "%s", stmt_text(q, "why"));
    else if (rc == 1)
        rc = err_set(err, ERR_INPUT, AUDIT_BROKEN "row %" PRId64 ": %s",
                     stmt_int(q, "row"), stmt_text(q, "why"));
    stmt_reset(q);
    return rc;
}

int audit_judge_things(struct store *s, struct err *err)
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
