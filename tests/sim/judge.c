#include "sim/judge.h"

#include <stdio.h>
#include <string.h>

#include "base/decimal.h"
#include "sim/findings.h"
#include "sim/judge_sql.h"
#include "sim/ledger.h"

static const struct night *night;
static struct judged rows[NIGHT_JOBS_MAX];
static bool imported;

void judge_open(void)
{
    judge_sql_open();
}

void judge_close(void)
{
    judge_sql_close();
}

void judge_begin(const struct night *n)
{
    night = n;
    imported = false;
}

void judge_imported(void)
{
    imported = true;
}

bool judge_was_imported(void)
{
    return imported;
}

/* ---- reading ---- */

static bool has_schema(void)
{
    sqlite3_stmt *q = judge_query(QUERY_SCHEMA, DISK_NOW);
    return judge_row(q) && sqlite3_column_int(q, 0) > 0;
}

static void read_row(sqlite3_stmt *q, int number)
{
    struct judged *r = &rows[number];
    if (strcmp(judge_text(q, 1), night->jobs[number].ref) != 0)
        find(FOUND_WRONG, "job %d is called %s and not %s", number + 1, judge_text(q, 1),
             night->jobs[number].ref);
    snprintf(r->state, sizeof(r->state), "%s", judge_text(q, 2));
    snprintf(r->remote_id, sizeof(r->remote_id), "%s", judge_text(q, 3));
    r->attempts = sqlite3_column_int(q, 5);
    r->open = sqlite3_column_int(q, 6);
    r->taken_and_ended = sqlite3_column_int(q, 7);
    if (r->attempts != sqlite3_column_int(q, 4))
        find(FOUND_WRONG, "%s has %d attempts and says %d", night->jobs[number].ref,
             r->attempts, sqlite3_column_int(q, 4));
}

const struct judged *judge_rows(void)
{
    int count = 0;
    if (night->starts_empty && !imported && !has_schema())
        return NULL;
    sqlite3_stmt *q = judge_query(QUERY_JOBS, DISK_NOW);
    while (judge_row(q) && count < night->job_count)
        read_row(q, count++);
    sqlite3_reset(q);
    if (count && count != night->job_count)
        find(FOUND_LOST, "%d of %d jobs are there", count, night->job_count);
    return count == night->job_count ? rows : NULL;
}

uint64_t judge_digest(void)
{
    uint64_t hash = 1;
    const struct judged *r = judge_rows();
    for (int i = 0; r && i < night->job_count; i++) {
        char text[80];
        snprintf(text, sizeof(text), "%s %s %d %d", r[i].state, r[i].remote_id,
                 r[i].attempts, r[i].open);
        for (const char *p = text; *p; p++)
            hash = (hash ^ (unsigned char)*p) * UINT64_C(0x100000001b3);
    }
    return hash;
}

/* ---- a request leaves ---- */

void judge_send(int job)
{
    const char *ref = night->jobs[job].ref;
    sqlite3_stmt *q = judge_query(QUERY_SEND, DISK_KEPT);
    sqlite3_bind_int(q, 1, job + 1);
    if (!judge_row(q)) {
        find(FOUND_TWICE, "%s leaves, and a power cut would leave no such job", ref);
        return;
    }
    if (sqlite3_column_int(q, 2) != 1 || strcmp(judge_text(q, 0), "sending") != 0 ||
        sqlite3_column_int(q, 1) <= ledger.arrived[job])
        find(FOUND_TWICE,
             "%s leaves, and a power cut would leave it %s with %d attempts, %d open",
             ref, judge_text(q, 0), sqlite3_column_int(q, 1), sqlite3_column_int(q, 2));
    if (sqlite3_column_int(q, 3))
        find(FOUND_WRONG, "%s leaves before what it needs is on disk", ref);
    if (sqlite3_column_int(q, 4))
        find(FOUND_WRONG, "%s leaves beside another job of its user", ref);
    if (sqlite3_column_int(q, 5) > night->concurrency)
        find(FOUND_WRONG, "%d attempts are open, of %d that may be",
             sqlite3_column_int(q, 5), night->concurrency);
    sqlite3_reset(q);
}

/* ---- a job against the ledger ---- */

static bool is(const struct judged *r, const char *state)
{
    return strcmp(r->state, state) == 0;
}

static bool same_amount(const char *a, const char *b)
{
    struct decimal x, y;
    return decimal_parse_json(span_of(a), &x) && decimal_parse_json(span_of(b), &y) &&
           decimal_same(x, y);
}

static bool same_user(const struct night_job *job, const struct effect *e)
{
    bool for_master = job->kind == KIND_USER;
    const struct effect *user = job->user < 0 ? NULL : ledger_effect_of(job->user);
    const char *want = for_master      ? ""
                       : job->user < 0 ? NIGHT_STRANGER
                       : user          ? user->id
                                       : "?";
    return strcmp(e->user, want) == 0;
}

static bool same_values(const struct night_job *job, const struct effect *e)
{
    char email[64];
    const struct effect *account =
        job->account < 0 ? NULL : ledger_effect_of(job->account);
    night_email(job, email);
    switch (job->kind) {
    case KIND_USER:
        return strcmp(e->label, email) == 0;
    case KIND_CASH:
        return same_amount(e->amount, job->amount) &&
               strcmp(e->currency, job->currency) == 0 && account &&
               strcmp(e->account, account->id) == 0;
    case KIND_COIN:
        return same_amount(e->amount, job->amount) &&
               strcmp(e->currency, job->currency) == 0 && strcmp(e->label, job->ref) == 0;
    case KIND_ACCOUNT:
    case KIND_OTHER:
        return strcmp(e->label, job->ref) == 0;
    case KIND_READ:
        return true;
    }
    return false;
}

static void judge_effects(int job, int effects)
{
    const char *ref = night->jobs[job].ref;
    if (effects > 1)
        find(FOUND_TWICE, "%s took effect %d times", ref, effects);
    for (int i = 0; i < ledger.count; i++) {
        const struct effect *e = &ledger.effects[i];
        if (e->job == job &&
            !(same_values(&night->jobs[job], e) && same_user(&night->jobs[job], e)))
            find(FOUND_WRONG, "%s took effect as user '%s' '%s' %s %s account %s", ref,
                 e->user, e->label, e->amount, e->currency, e->account);
    }
}

static void judge_done(int job, const struct judged *r, int effects)
{
    const struct effect *e = ledger_effect_of(job);
    const char *ref = night->jobs[job].ref;
    if (!night_has_effect(&night->jobs[job]))
        return;
    if (!effects || !e)
        find(FOUND_WRONG, "%s is %s and took no effect", ref, r->state);
    else if (strcmp(e->id, r->remote_id) != 0 && effects == 1)
        find(FOUND_WRONG, "%s is %s as %s and really is %s", ref, r->state, r->remote_id,
             e->id);
}

static void judge_job(int job, const struct judged *r)
{
    int effects = ledger_done(job) + ledger_coming(job);
    const char *ref = night->jobs[job].ref;
    judge_effects(job, effects);
    if (ledger.arrived[job] > r->attempts)
        find(FOUND_TWICE, "%s arrived %d times, and %d attempts are written down", ref,
             ledger.arrived[job], r->attempts);
    if (r->open > 1 || (r->open == 1) != is(r, "sending"))
        find(FOUND_WRONG, "%s is %s and has %d open attempts", ref, r->state, r->open);
    if (is(r, "succeeded") || is(r, "following"))
        judge_done(job, r, effects);
    else if (effects && !is(r, "sending") && !is(r, "in_doubt") && !r->taken_and_ended)
        find(FOUND_LOST, "%s took effect and is %s", ref, r->state);
}

static void judge_sums(void)
{
    int64_t minor = 0;
    sqlite3_stmt *q = judge_query(QUERY_SUMS, DISK_NOW);
    for (int i = 0; i < night->job_count; i++)
        minor += night->jobs[i].minor;
    if (!judge_row(q))
        return;
    if (sqlite3_column_int(q, 0) != night->job_count ||
        sqlite3_column_int(q, 1) != night->job_count || sqlite3_column_int(q, 2) ||
        sqlite3_column_int64(q, 3) != minor)
        find(FOUND_WRONG, "the sums of the batch do not agree");
    sqlite3_reset(q);
}

/* A new attempt only after evidence about every one before it. */
static void judge_history(void)
{
    sqlite3_stmt *q = judge_query(QUERY_HISTORY, DISK_NOW);
    if (judge_row(q))
        find(FOUND_WRONG, "%s: attempt %d was made without evidence about those before",
             night->jobs[sqlite3_column_int(q, 0) - 1].ref, sqlite3_column_int(q, 1));
    sqlite3_reset(q);
}

/* An absence counts only where the list has shown an older row of ours, if there was one. */
static void judge_controls(void)
{
    sqlite3_stmt *q = judge_query(QUERY_CONTROL, DISK_NOW);
    if (judge_row(q))
        find(FOUND_WRONG, "%s is taken for absent by a list that shows none of ours",
             night->jobs[sqlite3_column_int(q, 0) - 1].ref);
    sqlite3_reset(q);
}

void judge_between_lives(bool ended)
{
    const struct judged *r = judge_rows();
    int open = 0;
    if (!r && imported)
        find(FOUND_LOST, "the import was told to be on disk, and is not");
    for (int i = 0; r && i < night->job_count; i++) {
        judge_job(i, &r[i]);
        open += r[i].open;
    }
    if (open > night->concurrency)
        find(FOUND_WRONG, "a death has left %d open attempts, of %d that may be", open,
             night->concurrency);
    if (ended && open)
        find(FOUND_WRONG, "a run that was over has left %d open attempts", open);
    if (!r && ledger.count)
        find(FOUND_LOST, "there are effects and no jobs");
}

void judge_looked_up(void)
{
    const struct judged *r = judge_rows();
    for (int i = 0; r && i < night->job_count; i++) {
        enum job_kind kind = night->jobs[i].kind;
        bool is_harmless = kind == KIND_USER || kind == KIND_ACCOUNT;
        bool is_found = ledger_done(i) > 0 && kind != KIND_OTHER;
        if (is(&r[i], "in_doubt") && (is_harmless || is_found))
            find(FOUND_LOST, "%s is in doubt, and every list would tell",
                 night->jobs[i].ref);
    }
}

static void judge_file(void)
{
    sqlite3_stmt *q = judge_query(QUERY_INTEGRITY, DISK_NOW);
    if (judge_row(q) && strcmp(judge_text(q, 0), "ok") != 0)
        find(FOUND_CORRUPT, "%s", judge_text(q, 0));
    q = judge_query(QUERY_FOREIGN_KEYS, DISK_NOW);
    if (judge_row(q) && sqlite3_column_int(q, 0))
        find(FOUND_CORRUPT, "rows point to nothing");
    q = judge_query(QUERY_DOUBTS, DISK_NOW);
    if (judge_row(q))
        figures.doubts += sqlite3_column_int(q, 0);
    sqlite3_reset(q);
}

void judge_end(void)
{
    const struct judged *r = judge_rows();
    judge_between_lives(false);
    judge_sums();
    judge_history();
    judge_controls();
    judge_file();
    for (int i = 0; r && i < night->job_count; i++)
        if (is(&r[i], "queued") || is(&r[i], "sending") || is(&r[i], "in_doubt"))
            find(FOUND_LOST, "the night is over, and %s is %s", night->jobs[i].ref,
                 r[i].state);
}

/* ---- for the lists ---- */

static bool is_of(int job, enum job_kind kind, const char *user)
{
    const struct effect *e =
        ledger_effect_of(night->jobs[job].user < 0 ? job : night->jobs[job].user);
    if (night->jobs[job].kind != kind)
        return false;
    if (kind == KIND_USER)
        return true;
    if (night->jobs[job].user < 0)
        return strcmp(user, NIGHT_STRANGER) == 0;
    return e && strcmp(e->id, user) == 0;
}

bool judge_sees_blindness(enum job_kind kind, const char *user)
{
    bool has_control = false;
    const struct judged *r = judge_rows();
    for (int i = 0; r && i < night->job_count; i++) {
        if (!is_of(i, kind, user))
            continue;
        bool in_doubt = is(&r[i], "in_doubt") || is(&r[i], "sending");
        if (in_doubt && ledger_done(i) + ledger_coming(i) > 0 && !has_control)
            return false;
        has_control |= r[i].remote_id[0] != '\0';
    }
    return r != NULL;
}
