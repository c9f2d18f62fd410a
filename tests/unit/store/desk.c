#include "unit/store/desk.h"

#include "store/internal.h"

#define FIRST_LINE 2

static void open_store(struct desk *d)
{
    struct err err;
    if (store_open(&d->store, d->temp.db, STORE_WRITE, "the test", &err))
        fail_msg("%s", err.text);
    d->db = store_db(d->store);
}

static void begin_run(struct desk *d)
{
    struct err err;
    if (store_run_begin(d->store, "http://127.0.0.1", d->now, &d->run, &err))
        fail_msg("%s", err.text);
}

void desk_open(struct desk *d)
{
    *d = (struct desk){.now = {1000000}};
    temp_open(&d->temp);
    buf_init(&d->complaints, 1024 * 1024);
    open_store(d);
    begin_run(d);
}

void desk_close(struct desk *d)
{
    store_close(d->store);
    buf_close(&d->complaints);
    temp_close(&d->temp);
}

void desk_reopen(struct desk *d)
{
    store_close(d->store);
    open_store(d);
    begin_run(d);
}

void desk_sits(struct desk *d, int64_t uid, const char *name, const char *sudo)
{
    d->store->me = person_of(uid, name, sudo);
}

/* ---- importing ---- */

static void hear(void *ctx, const struct complaint *c)
{
    struct desk *d = ctx;
    buf_printf(&d->complaints, "line %lld %s: %s\n", (long long)c->line,
               c->column ? c->column : "-", c->text);
}

static void hear_held(void *ctx, int64_t line, const char *ref, const char *why)
{
    struct desk *d = ctx;
    buf_printf(&d->complaints, "line %lld held %s: %s\n", (long long)line, ref, why);
}

static void add_params(struct params *params, const char *text)
{
    while (*text) {
        size_t name = strcspn(text, "="), word = strcspn(text, " ");
        params_add(params, (struct span){text, name},
                   (struct span){text + name + 1, word - name - 1});
        text += word + (text[word] == ' ');
    }
}

static void fill_row(struct row *row, const struct line *line, int64_t number)
{
    struct span needs = span_of(line->needs ? line->needs : "");
    row_init(row);
    row->line = number;
    row->ref = mem_text(line->ref);
    row->action = mem_text(line->action ? line->action : "create_user");
    row->frees_early = line->frees_early;
    row->on_behalf_of = mem_text(line->on_behalf_of);
    while (needs.len) {
        size_t word = strcspn(needs.ptr, " ");
        bool is_soft = needs.ptr[0] == '?';
        row_add_need(row, (struct span){needs.ptr + is_soft, word - is_soft}, is_soft,
                     "needs");
        needs = span_of(needs.ptr + word + (needs.ptr[word] == ' '));
    }
    if (line->on_behalf_of && line->on_behalf_of[0] != '#')
        row_add_need(row, span_of(line->on_behalf_of), false, "on_behalf_of");
    row->share = line->share;
    row->ref_column = line->share ? "payee" : NULL;
    row->has_money = line->minor > 0;
    row->money.minor = line->minor;
    snprintf(row->money.currency, sizeof(row->money.currency), "%s",
             line->currency ? line->currency : "usd");
    if (line->note)
        params_add(&row->params, span_of("note"), span_of(line->note));
    if (line->params)
        add_params(&row->params, line->params);
}

static int import_lines(struct desk *d, const struct line *lines, size_t count,
                        struct err *err)
{
    int rc = 0;
    for (size_t i = 0; i < count && rc == 0; i++) {
        struct row row;
        fill_row(&row, &lines[i], FIRST_LINE + (int64_t)i);
        rc = store_import_row(d->store, &row, err);
        row_close(&row);
    }
    return rc;
}

int desk_try_import(struct desk *d, const char *batch, const struct line *lines,
                    size_t count, struct import_result *out)
{
    struct err err = {.text = ""};
    struct import_options options = {.batch = batch,
                                     .source = "/home/ana/pay.csv",
                                     .complain = hear,
                                     .ctx = d,
                                     .recipe = d->recipe,
                                     .whole = d->whole,
                                     .catalogue = d->catalogue,
                                     .duplicate_days = d->duplicate_days,
                                     .four_eyes = d->four_eyes,
                                     .by_others = d->by_others,
                                     .held = hear_held,
                                     .declared = d->declared};
    buf_clear(&d->complaints);
    if (store_import_begin(d->store, &options, d->now, &err))
        return -1;
    if (import_lines(d, lines, count, &err) ||
        (d->sums && store_import_sums(d->store, d->sums, &err))) {
        store_import_abort(d->store);
        return -1;
    }
    return store_import_finish(d->store, 0, out, &err);
}

struct import_result desk_import(struct desk *d, const char *batch,
                                 const struct line *lines, size_t count)
{
    struct import_result out;
    if (desk_try_import(d, batch, lines, count, &out))
        fail_msg("the import fails");
    if (out.complaints)
        fail_msg("%s", d->complaints.data);
    return out;
}

/* ---- looking ---- */

static struct stmt *job_row(struct desk *d, const char *ref)
{
    struct err err;
    struct stmt *q = db_stmt(d->db, "SELECT * FROM job WHERE ref = ?", &err);
    stmt_bind_text(q, ref);
    if (stmt_step(q, &err) != 1)
        fail_msg("no job %s", ref);
    return q;
}

int64_t desk_id(struct desk *d, const char *ref)
{
    struct stmt *q = job_row(d, ref);
    int64_t id = stmt_int(q, "id");
    stmt_reset(q);
    return id;
}

enum job_state desk_state(struct desk *d, const char *ref)
{
    enum job_state state = JOB_STATE_COUNT;
    struct stmt *q = job_row(d, ref);
    assert_true(job_state_parse(span_of(stmt_text(q, "state")), &state));
    stmt_reset(q);
    return state;
}

bool desk_is(struct desk *d, const char *ref, enum job_state want)
{
    enum job_state got = desk_state(d, ref);
    if (got != want)
        print_error("  %s is %s and not %s\n", ref, job_state_name(got),
                    job_state_name(want));
    return got == want;
}

bool desk_ready(struct desk *d, const char *ref)
{
    struct stmt *q = job_row(d, ref);
    bool ready = stmt_int(q, "ready") && strcmp(stmt_text(q, "state"), "queued") == 0;
    stmt_reset(q);
    return ready;
}

static bool skip_nothing(void *ctx, const struct queue_candidate *job)
{
    (void)ctx, (void)job;
    return false;
}

const char *desk_load(struct desk *d, int limit, char out[1024])
{
    struct err err;
    struct wall next_due;
    struct queued_job *jobs = mem_zero((size_t)limit, sizeof(*jobs));
    int n =
        store_load(d->store, d->now, limit, skip_nothing, NULL, jobs, &next_due, &err);
    out[0] = '\0';
    for (int i = 0; i < n; i++) {
        size_t len = strlen(out);
        snprintf(out + len, 1024 - len, "%s%s", len ? " " : "", jobs[i].ref);
        queued_job_close(&jobs[i]);
    }
    free(jobs);
    assert_true(n >= 0);
    return out;
}

/* ---- doing ---- */

static void begin(struct desk *d)
{
    struct err err;
    if (store_begin(d->store, &err))
        fail_msg("%s", err.text);
}

static void commit(struct desk *d)
{
    struct err err;
    if (store_commit(d->store, &err))
        fail_msg("%s", err.text);
}

void desk_send(struct desk *d, const char *ref)
{
    struct err err;
    struct stmt *q = job_row(d, ref);
    int64_t id = stmt_int(q, "id");
    int number = (int)stmt_int(q, "attempts") + 1;
    stmt_reset(q);
    begin(d);
    if (store_attempt_open(d->store, d->run, id, number, d->now, &err))
        fail_msg("%s", err.text);
    commit(d);
}

static int move(struct desk *d, const char *ref, enum job_state to, struct err *err)
{
    char remote_id[32];
    snprintf(remote_id, sizeof(remote_id), "r%lld", (long long)desk_id(d, ref));
    struct job_move m = {.id = desk_id(d, ref), .from = desk_state(d, ref), .to = to};
    if (to == JOB_SUCCEEDED || to == JOB_FOLLOWING)
        m.remote_id = remote_id;
    if (to == JOB_FAILED)
        m.error = "the API says no";
    d->effect = (struct move_effect){0};
    return store_move(d->store, &m, d->now, &d->effect, err);
}

void desk_answer(struct desk *d, const char *ref, enum outcome outcome, enum job_state to)
{
    struct err err;
    struct attempt_end end = {.job_id = desk_id(d, ref),
                              .outcome = outcome,
                              .sends = 1,
                              .http_status = outcome == OUTCOME_IN_DOUBT ? 0 : 200,
                              .elapsed_us = 80000,
                              .request_id = "q-1"};
    begin(d);
    if (store_attempt_close(d->store, &end, d->now, &err) || move(d, ref, to, &err))
        fail_msg("%s: %s", ref, err.text);
    commit(d);
}

/* A doubt is left by evidence: here, that a person says so. */
static void give_evidence(struct desk *d, const char *ref, enum job_state to)
{
    char sql[300];
    if (!desk_is(d, ref, JOB_IN_DOUBT))
        return;
    snprintf(sql, sizeof(sql),
             "INSERT INTO decision (job_id, attempt, verb, decided_by, decided_at) "
             "SELECT id, attempts, '%s', 'desk', 1 FROM job WHERE ref = '%s'",
             to == JOB_QUEUED ? "not_sent" : "succeeded", ref);
    sql_run(d->db, sql);
}

int desk_try_move(struct desk *d, const char *ref, enum job_state to, struct err *err)
{
    begin(d);
    give_evidence(d, ref, to);
    if (move(d, ref, to, err)) {
        store_rollback(d->store);
        return -1;
    }
    commit(d);
    return 0;
}

void desk_move(struct desk *d, const char *ref, enum job_state to)
{
    struct err err;
    if (desk_try_move(d, ref, to, &err))
        fail_msg("%s to %s: %s", ref, job_state_name(to), err.text);
}

void desk_done(struct desk *d, const char *ref, enum job_state to)
{
    desk_send(d, ref);
    desk_answer(d, ref,
                to == JOB_IN_DOUBT ? OUTCOME_IN_DOUBT
                : to == JOB_FAILED ? OUTCOME_REJECTED
                : to == JOB_QUEUED ? OUTCOME_NOT_PROCESSED
                                   : OUTCOME_ACCEPTED,
                to);
}

/* ---- what must always hold ---- */

static const struct {
    const char *says, *sql; /* must give 0 */
} promises[] = {
    {"imported money is the sum of its parts",
     "SELECT count(*) AS n FROM money WHERE abs(imported - (succeeded + following + "
     "in_doubt + failed + returned + waiting)) > 1e-9"},
    {"the imported money is that of the jobs",
     "SELECT count(*) AS n FROM batch_money m WHERE imported <> (SELECT sum(minor) FROM "
     "job j WHERE j.batch_id = m.batch_id AND j.currency = m.currency)"},
    {"one of a lane has its turn",
     "SELECT count(*) AS n FROM (SELECT 1 FROM job WHERE ready = 1 AND on_behalf_of IS "
     "NOT NULL GROUP BY on_behalf_of HAVING count(*) > 1)"},
    {"unmet is the number of needs and holds that keep it back",
     "SELECT count(*) AS n FROM job j WHERE state = 'queued' AND unmet <> (SELECT "
     "count(*) FROM need JOIN job d ON d.id = needed_id WHERE job_id = j.id AND NOT "
     "(d.state = 'succeeded' OR (d.state = 'following' AND d.frees_early) OR "
     "(soft AND d.state IN ('failed', 'skipped', 'cancelled')))) + (SELECT count(*) FROM "
     "hold WHERE job_id = j.id AND released_at IS NULL)"},
    {"nothing is under way or done that is held",
     "SELECT count(*) AS n FROM hold h JOIN job j ON j.id = h.job_id WHERE h.released_at "
     "IS NULL AND j.state IN ('sending', 'following', 'in_doubt', 'succeeded')"},
    {"held is a part of what waits",
     "SELECT (SELECT count(*) FROM money WHERE held + 0 > waiting + 0) + "
     "(SELECT count(*) FROM progress WHERE held > queued) AS n"},
    {"nothing starts before what it needs",
     "SELECT count(*) AS n FROM job WHERE ready = 1 AND unmet > 0"},
    {"a turn is held by what is queued, sending or in doubt",
     "SELECT count(*) AS n FROM job WHERE ready = 1 AND state NOT IN ('queued', "
     "'sending', 'in_doubt')"},
    {"what is sending or in doubt holds its turn",
     "SELECT count(*) AS n FROM job WHERE ready = 0 AND state IN ('sending', "
     "'in_doubt')"},
    {"what could start without a lane may start",
     "SELECT count(*) AS n FROM job WHERE state = 'queued' AND unmet = 0 AND ready = 0 "
     "AND on_behalf_of IS NULL"},
    {"no lane stands still",
     "SELECT count(*) AS n FROM job j WHERE state = 'queued' AND unmet = 0 AND ready = 0 "
     "AND NOT EXISTS (SELECT 1 FROM job t WHERE t.on_behalf_of = j.on_behalf_of AND "
     "t.ready = 1)"},
    {"an attempt is open while its job is sending, and only then",
     "SELECT count(*) AS n FROM job j WHERE (state = 'sending') <> (SELECT count(*) FROM "
     "attempt WHERE job_id = j.id AND closed_at IS NULL)"},
    {"attempts are numbered 1, 2, ...",
     "SELECT count(*) AS n FROM job j WHERE attempts <> (SELECT count(*) FROM attempt "
     "WHERE job_id = j.id) OR attempts <> (SELECT coalesce(max(number), 0) FROM attempt "
     "WHERE job_id = j.id)"},
    {"finished jobs, and no others, have the time of it",
     "SELECT count(*) AS n FROM job WHERE (state IN ('succeeded', 'failed', 'skipped', "
     "'cancelled')) <> (finished_at IS NOT NULL)"},
    {"progress counts every job once",
     "SELECT count(*) AS n FROM progress WHERE total <> queued + sending + following + "
     "in_doubt + succeeded + failed + skipped + cancelled"},
};

bool desk_is_sound(struct desk *d)
{
    bool sound = true;
    for (size_t i = 0; i < COUNT_OF(promises); i++) {
        int64_t n = sql_int(d->db, promises[i].sql);
        if (n == 0)
            continue;
        print_error("  does not hold: %s (%lld)\n", promises[i].says, (long long)n);
        sound = false;
    }
    return sound;
}
