#include "sim/judge_sql.h"

#include <stdio.h>
#include <stdlib.h>

#include "sim/findings.h"
#include "sim/image.h"
#include "sim/vfs.h"

static const char *const texts[QUERY_COUNT] = {
    [QUERY_JOBS] =
        "SELECT j.id, j.ref, j.state, coalesce(j.remote_id, ''), j.attempts,"
        " (SELECT count(*) FROM attempt a WHERE a.job_id = j.id),"
        " (SELECT count(*) FROM attempt a WHERE a.job_id = j.id AND a.closed_at IS NULL),"
        " coalesce(j.error, '') LIKE 'the API took it%' FROM job j ORDER BY j.id",
    [QUERY_SEND] =
        "SELECT state, attempts,"
        " (SELECT count(*) FROM attempt a WHERE a.job_id = j.id AND a.closed_at IS NULL"
        "  AND a.number = j.attempts),"
        " (SELECT count(*) FROM need n JOIN job d ON d.id = n.needed_id"
        "  WHERE n.job_id = j.id AND (d.state <> 'succeeded' OR d.remote_id IS NULL)),"
        " (SELECT count(*) FROM job o WHERE o.on_behalf_of = j.on_behalf_of"
        "  AND o.id <> j.id AND o.state IN ('sending', 'in_doubt')),"
        " (SELECT count(*) FROM attempt a WHERE a.closed_at IS NULL)"
        " FROM job j WHERE id = ?",
    [QUERY_SUMS] =
        "SELECT (SELECT count(*) FROM job), (SELECT sum(jobs) FROM batch),"
        " (SELECT count(*) FROM batch_money m WHERE m.imported <>"
        "  (SELECT coalesce(sum(minor), 0) FROM job j WHERE j.batch_id = m.batch_id"
        "   AND j.currency = m.currency)),"
        " (SELECT coalesce(sum(minor), 0) FROM job)",
    [QUERY_SCHEMA] = "SELECT count(*) FROM sqlite_schema WHERE name = 'look_up'",
    [QUERY_HISTORY] =
        "SELECT job_id, number FROM attempt a WHERE EXISTS (SELECT 1 FROM attempt e"
        " WHERE e.job_id = a.job_id AND e.number < a.number AND (e.outcome IS NULL"
        "  OR e.outcome = 'accepted' OR (e.outcome = 'in_doubt' AND NOT EXISTS"
        "   (SELECT 1 FROM look_up l WHERE l.job_id = e.job_id AND l.attempt = e.number"
        "    AND l.outcome = 'absent') AND NOT EXISTS"
        "   (SELECT 1 FROM decision d WHERE d.job_id = e.job_id AND d.attempt = e.number"
        "    AND d.verb = 'not_sent') AND (SELECT action FROM job WHERE id = e.job_id)"
        "    <> 'get_user'))) LIMIT 1",
    [QUERY_CONTROL] =
        "SELECT l.job_id FROM look_up l JOIN job j ON j.id = l.job_id"
        " JOIN attempt a ON a.job_id = l.job_id AND a.number = l.attempt"
        " WHERE l.outcome = 'absent' AND l.control = 0 AND EXISTS"
        " (SELECT 1 FROM job o JOIN attempt e ON e.job_id = o.id"
        "  WHERE o.id < j.id AND o.action = j.action AND o.on_behalf_of IS j.on_behalf_of"
        "  AND e.outcome = 'accepted' AND e.closed_at < a.opened_at) LIMIT 1",
    [QUERY_DOUBTS] = "SELECT count(*) FROM attempt WHERE outcome = 'in_doubt'",
    [QUERY_INTEGRITY] = "PRAGMA integrity_check",
    [QUERY_FOREIGN_KEYS] = "SELECT count(*) FROM pragma_foreign_key_check",
};

static sqlite3 *db;
static sqlite3_stmt *statements[QUERY_COUNT];

static void must(int rc)
{
    if (rc == SQLITE_OK)
        return;
    fprintf(stderr, "remesa-sim: the judge: %s\n", sqlite3_errmsg(db));
    abort();
}

void judge_sql_open(void)
{
    image_refresh(DISK_NOW);
    must(sqlite3_open_v2(VFS_IMAGE, &db, SQLITE_OPEN_READONLY, NULL));
    for (int i = 0; i < QUERY_COUNT; i++)
        must(sqlite3_prepare_v3(db, texts[i], -1, SQLITE_PREPARE_PERSISTENT,
                                &statements[i], NULL));
}

void judge_sql_close(void)
{
    for (int i = 0; i < QUERY_COUNT; i++)
        sqlite3_finalize(statements[i]);
    sqlite3_close(db);
}

sqlite3_stmt *judge_query(enum judge_query query, enum disk_view view)
{
    for (int i = 0; i < QUERY_COUNT; i++)
        sqlite3_reset(statements[i]); /* or a reader would hold on to an older image */
    image_refresh(view);
    return statements[query];
}

bool judge_row(sqlite3_stmt *q)
{
    int rc = sqlite3_step(q);
    if (rc != SQLITE_ROW && rc != SQLITE_DONE)
        find(FOUND_CORRUPT, "the database cannot be read: %s", sqlite3_errmsg(db));
    return rc == SQLITE_ROW;
}

const char *judge_text(sqlite3_stmt *q, int column)
{
    const char *text = (const char *)sqlite3_column_text(q, column);
    return text ? text : "";
}
