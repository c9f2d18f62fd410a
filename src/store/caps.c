#include "store/caps.h"

#include <stdio.h>

#include "store/holds.h"
#include "store/internal.h"

/* What counts of a job `j` in the given state: it was sent or may have been. What the API took and ended later
 * counts too. */
#define LAST_OUTCOME(j)                                                                  \
    "(SELECT outcome FROM main.attempt WHERE job_id = " j ".id AND number = " j          \
    ".attempts)"
/* Not IN: for a list of words SQLite makes a table each time it is asked, which took a tenth of a millisecond of each
 * job. */
#define IS_AMONG(words, text)                                                            \
    "coalesce(instr(' " words " ', ' ' || " text " || ' '), 0) > 0"
#define COUNTS(j)                                                                        \
    "(" IS_AMONG("sending following in_doubt succeeded",                                 \
                 j ".state") " OR (" j                                                   \
                             ".state = 'failed' AND " IS_AMONG("accepted in_doubt",      \
                                                               LAST_OUTCOME(j)) "))"

/* One row for each sum that the job `j` is part of; the day is that of its last attempt. */
#define DAY_OF(ms) "strftime('%Y-%m-%d', (" ms ") / 1000, 'unixepoch', 'localtime')"
#define SENT_ON(j)                                                                       \
    DAY_OF("SELECT opened_at FROM main.attempt WHERE job_id = " j ".id AND number = " j  \
           ".attempts")
#define PARTS(j)                                                                         \
    "SELECT 1 AS cap, " j                                                                \
    ".payee || ' ' || " SENT_ON(j) " AS key WHERE " j ".payee IS NOT NULL "              \
                                   "UNION ALL SELECT 2, CAST(" j ".batch_id AS TEXT) "   \
                                   "UNION ALL SELECT 3, " SENT_ON(j)

static int make_tables(struct store *s, struct err *err)
{
    return db_run_script(
        s->db,
        "CREATE TEMP TABLE IF NOT EXISTS cap_sum (cap INTEGER NOT NULL, key TEXT NOT "
        "NULL, currency TEXT NOT NULL, minor INTEGER NOT NULL, "
        "PRIMARY KEY (cap, key, currency)) WITHOUT ROWID;"
        "DELETE FROM cap_sum;"
        "CREATE TEMP TRIGGER IF NOT EXISTS cap_sum_follows "
        "AFTER UPDATE OF state ON main.job "
        "WHEN NEW.currency IS NOT NULL AND " COUNTS("OLD") " <> " COUNTS(
            "NEW") " BEGIN "
                   "INSERT INTO cap_sum (cap, key, currency, minor) "
                   "SELECT p.cap, p.key, NEW.currency, "
                   "CASE WHEN " COUNTS(
                       "NEW") " THEN NEW.minor ELSE -NEW.minor END "
                              "FROM (" PARTS("NEW") ") AS p WHERE true "
                                                    "ON CONFLICT (cap, key, currency) DO "
                                                    "UPDATE SET minor = minor + "
                                                    "excluded.minor; END",
        err);
}

#define FILL(cap, key, more)                                                             \
    "INSERT INTO cap_sum (cap, key, currency, minor) "                                   \
    "SELECT " cap ", " key " AS k, j.currency, sum(j.minor) FROM job j "                 \
    "JOIN attempt a ON a.job_id = j.id AND a.number = j.attempts "                       \
    "WHERE j.currency IS NOT NULL AND " COUNTS("j") " AND k IS NOT NULL AND " more       \
                                                    " GROUP BY k, j.currency"

/* No clock and no time zone sets a day apart by more. */
#define DAYS_WANTED_MS (INT64_C(2) * 24 * 60 * 60 * 1000)
#define OF_THESE_DAYS  "a.opened_at >= ?1"
#define OF_OPEN_BATCHES                                                                  \
    "?1 IS NOT NULL AND j.batch_id IN (SELECT b.id FROM batch b WHERE EXISTS (SELECT 1 " \
    "FROM "                                                                              \
    "job q WHERE q.batch_id = b.id AND q.state IN ('queued', 'in_doubt', "               \
    "'following')))"

static int fill(struct stmt *q, struct wall now, struct err *err)
{
    stmt_bind_int(q, now.ms - DAYS_WANTED_MS);
    return stmt_run(q, err);
}

int store_caps_begin(struct store *s, const struct caps *caps, struct wall now,
                     struct err *err)
{
    if (!caps_are_set(caps))
        return 0;
    if (make_tables(s, err))
        return -1;
    if (caps->of[CAP_PAYEE].count &&
        fill(db_stmt(s->db,
                     FILL("1", "j.payee || ' ' || " DAY_OF("a.opened_at"), OF_THESE_DAYS),
                     err),
             now, err))
        return -1;
    if (caps->of[CAP_BATCH].count &&
        fill(db_stmt(s->db, FILL("2", "CAST(j.batch_id AS TEXT)", OF_OPEN_BATCHES), err),
             now, err))
        return -1;
    if (caps->of[CAP_DAY].count &&
        fill(db_stmt(s->db, FILL("3", DAY_OF("a.opened_at"), OF_THESE_DAYS), err), now,
             err))
        return -1;
    return 0;
}

/* ---- asking ---- */

struct payment {
    int64_t job_id;
    struct money money;
    char payee[80]; /* and the day; empty: nobody in particular */
    char batch[24];
    char day[16];
};

/* 1, or 0 for a job that moves no money. */
static int read_payment(struct store *s, int64_t job_id, struct wall now,
                        struct payment *out, struct err *err)
{
    struct stmt *q = db_stmt(s->db,
                             "SELECT currency, minor, payee, batch_id, " DAY_OF(
                                 "?2") " AS day FROM job "
                                       "WHERE id = ?1 AND currency IS NOT NULL",
                             err);
    stmt_bind_int(q, job_id);
    stmt_bind_int(q, now.ms);
    int rc = stmt_step(q, err);
    if (rc == 1) {
        const char *payee = stmt_text(q, "payee");
        *out = (struct payment){.job_id = job_id, .money.minor = stmt_int(q, "minor")};
        snprintf(out->money.currency, sizeof(out->money.currency), "%s",
                 stmt_text(q, "currency"));
        snprintf(out->batch, sizeof(out->batch), "%lld",
                 (long long)stmt_int(q, "batch_id"));
        snprintf(out->day, sizeof(out->day), "%s", stmt_text(q, "day"));
        if (payee)
            snprintf(out->payee, sizeof(out->payee), "%s %s", payee, out->day);
    }
    stmt_reset(q);
    return rc;
}

static int read_sum(struct store *s, enum cap cap, const struct payment *p, int64_t *sum,
                    struct err *err)
{
    const char *const keys[CAP_COUNT] = {
        [CAP_PAYEE] = p->payee, [CAP_BATCH] = p->batch, [CAP_DAY] = p->day};
    *sum = 0;
    if (cap == CAP_JOB)
        return 0;
    struct stmt *q = db_stmt(
        s->db, "SELECT minor FROM cap_sum WHERE cap = ? AND key = ? AND currency = ?",
        err);
    stmt_bind_int(q, cap);
    stmt_bind_text(q, keys[cap]);
    stmt_bind_text(q, p->money.currency);
    int rc = stmt_step(q, err);
    if (rc == 1)
        *sum = stmt_int(q, "minor");
    stmt_reset(q);
    return rc < 0 ? -1 : 0;
}

/* 1: a person has let it pass this cap, and it has not been sent since. */
static int is_released(struct store *s, enum cap cap, int64_t job_id, struct err *err)
{
    struct stmt *q = db_stmt(
        s->db,
        "SELECT 1 AS n FROM hold h WHERE h.job_id = ?1 AND h.kind = '" HOLD_CAP "' "
        "AND h.released_at IS NOT NULL AND h.reason LIKE ?2 || ':%' "
        "AND NOT EXISTS (SELECT 1 FROM attempt a WHERE a.job_id = ?1 "
        "AND a.opened_at >= h.released_at "
        "AND a.outcome IN ('accepted', 'rejected', 'in_doubt'))",
        err);
    stmt_bind_int(q, job_id);
    stmt_bind_text(q, cap_name(cap));
    int rc = stmt_step(q, err);
    stmt_reset(q);
    return rc;
}

/* 1: within it, or let pass. */
static int allow_one(struct store *s, enum cap cap, const struct money *limit,
                     const struct payment *p, struct buf *why, struct err *err)
{
    struct money sent = *limit;
    bool is_nobody = cap == CAP_PAYEE && !p->payee[0];
    if (is_nobody)
        return 1;
    if (read_sum(s, cap, p, &sent.minor, err))
        return -1;
    if (p->money.minor <= limit->minor - sent.minor)
        return 1;
    int released = is_released(s, cap, p->job_id, err);
    if (released == 0)
        cap_describe(why, cap, sent, p->money, *limit);
    return released;
}

int store_caps_allow(struct store *s, const struct caps *caps, int64_t job_id,
                     struct wall now, struct buf *why, struct err *err)
{
    struct payment p;
    int rc = read_payment(s, job_id, now, &p, err);
    if (rc < 1)
        return rc < 0 ? -1 : 1;
    for (int cap = 0; cap < CAP_COUNT && rc == 1; cap++) {
        const struct money *limit = cap_list_find(&caps->of[cap], p.money.currency);
        if (limit)
            rc = allow_one(s, (enum cap)cap, limit, &p, why, err);
    }
    return rc;
}

/* ---- without a run ---- */

static int add_sum(struct store *s, enum cap cap, const char *key,
                   const struct payment *p, struct err *err)
{
    struct stmt *q = db_stmt(
        s->db,
        "INSERT INTO cap_sum (cap, key, currency, minor) VALUES (?, ?, ?, ?) "
        "ON CONFLICT (cap, key, currency) DO UPDATE SET minor = minor + excluded.minor",
        err);
    stmt_bind_int(q, cap);
    stmt_bind_text(q, key);
    stmt_bind_text(q, p->money.currency);
    stmt_bind_int(q, p->money.minor);
    return stmt_run(q, err);
}

/* As the trigger would when it is sent. */
static int count_as_sent(struct store *s, const struct payment *p, struct err *err)
{
    if (p->payee[0] && add_sum(s, CAP_PAYEE, p->payee, p, err))
        return -1;
    return add_sum(s, CAP_BATCH, p->batch, p, err) || add_sum(s, CAP_DAY, p->day, p, err)
               ? -1
               : 0;
}

static int hold_soon(struct store *s, int64_t job_id, const char *why, struct err *err)
{
    struct stmt *q =
        db_stmt(s->db, "INSERT INTO held_soon (job_id, reason) VALUES (?, ?)", err);
    stmt_bind_int(q, job_id);
    stmt_bind_text(q, why);
    return stmt_run(q, err);
}

static int foresee_one(struct store *s, const struct caps *caps, int64_t job_id,
                       struct wall now, struct buf *why, struct err *err)
{
    struct payment p;
    buf_clear(why);
    int rc = store_caps_allow(s, caps, job_id, now, why, err);
    if (rc == 0)
        return hold_soon(s, job_id, why->data, err);
    if (rc == 1)
        rc = read_payment(s, job_id, now, &p, err);
    return rc == 1 ? count_as_sent(s, &p, err) : rc;
}

static int foresee_all(struct store *s, const struct caps *caps, struct wall now,
                       struct buf *why, struct err *err)
{
    struct stmt *q = db_stmt(s->db,
                             "SELECT id FROM job j WHERE state = 'queued' AND currency "
                             "IS NOT NULL AND NOT EXISTS (SELECT 1 FROM hold WHERE "
                             "job_id = j.id AND released_at IS NULL) ORDER BY id",
                             err);
    int rc;
    while ((rc = stmt_step(q, err)) == 1)
        if (foresee_one(s, caps, stmt_int(q, "id"), now, why, err)) {
            rc = -1;
            break;
        }
    stmt_reset(q);
    return rc;
}

int store_caps_foresee(struct store *s, const struct caps *caps, struct wall now,
                       struct err *err)
{
    struct buf why;
    if (db_run_script(s->db,
                      "CREATE TEMP TABLE IF NOT EXISTS held_soon (job_id INTEGER PRIMARY "
                      "KEY, reason TEXT NOT NULL); DELETE FROM held_soon",
                      err))
        return -1;
    if (!caps_are_set(caps))
        return 0;
    if (store_caps_begin(s, caps, now, err))
        return -1;
    buf_init(&why, ERR_TEXT_MAX);
    int rc = foresee_all(s, caps, now, &why, err);
    buf_close(&why);
    return rc;
}
