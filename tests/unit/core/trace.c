#include "unit/core/trace.h"

#include "base/mem.h"
#include "lib/check.h"

#define START_US                                                                         \
    INT64_C(987654321000) /* the moment zero of a trace, on the core's clock */
#define LATE_MAX_US 3000
#define EVENTS_MAX  1000000 /* more means that the core goes round in a circle */

/* ---- writing ---- */

static void put_line(struct trace *t, const char *fmt, va_list args)
{
    char line[256];
    int n = snprintf(line, sizeof(line), "[%5lld] ", (long long)(t->now_us / MS_US));
    vsnprintf(line + n, sizeof(line) - (size_t)n, fmt, args);
    buf_add_text(&t->text, line);
    buf_add_char(&t->text, '\n');
}

__attribute__((format(printf, 2, 3))) static void say(struct trace *t, const char *fmt,
                                                      ...)
{
    if (t->quiet)
        return;
    va_list args;
    va_start(args, fmt);
    put_line(t, fmt, args);
    va_end(args);
}

__attribute__((format(printf, 3, 4))) static void want(struct trace *t, bool ok,
                                                       const char *fmt, ...)
{
    if (ok)
        return;
    char text[200];
    va_list args;
    va_start(args, fmt);
    int n = snprintf(text, sizeof(text), "FAULT ");
    vsnprintf(text + n, sizeof(text) - (size_t)n, fmt, args);
    va_end(args);
    bool quiet = t->quiet;
    t->quiet = false;
    say(t, "%s", text);
    t->quiet = quiet;
    t->faults++;
}

/* ---- setting up ---- */

void trace_init(struct trace *t, const struct core_config *config)
{
    *t = (struct trace){.config = *config, .wake_at_us = -1, .told_sleep_us = -1};
    t->stop_end = CORE_END_STOPPED;
    buf_init(&t->text, 1024 * 1024);
    t->core = core_new(config, (struct mono){START_US});
}

void trace_close(struct trace *t)
{
    core_free(t->core);
    buf_close(&t->text);
    free(t->pending);
}

struct trace_job *trace_add(struct trace *t, int64_t id)
{
    assert_true(t->job_count < TRACE_JOBS_MAX);
    struct trace_job *job = &t->jobs[t->job_count++];
    *job = (struct trace_job){.id = id, .state = JOB_QUEUED};
    return job;
}

void trace_add_many(struct trace *t, int64_t first, int64_t last)
{
    for (int64_t id = first; id <= last; id++)
        trace_add(t, id);
}

void trace_script(struct trace_job *job, struct trace_answer answer)
{
    assert_true(job->scripted < TRACE_SCRIPT_MAX);
    job->script[job->scripted++] = answer;
}

struct trace_answer trace_says(enum outcome outcome, int64_t after_ms)
{
    return (struct trace_answer){.after_us = after_ms * MS_US,
                                 .outcome = outcome,
                                 .accepted_as = JOB_SUCCEEDED,
                                 .retry_after_us = -1};
}

struct trace_answer trace_asks(enum outcome outcome, int64_t after_ms,
                               int64_t retry_after_ms)
{
    struct trace_answer a = trace_says(outcome, after_ms);
    a.retry_after_us = retry_after_ms * MS_US;
    return a;
}

struct trace_answer trace_refuses(enum systemic systemic, int64_t after_ms)
{
    struct trace_answer a = trace_says(OUTCOME_SYSTEMIC, after_ms);
    a.systemic = systemic;
    return a;
}

struct trace_job *trace_job(struct trace *t, int64_t id)
{
    for (int i = 0; i < t->job_count; i++)
        if (t->jobs[i].id == id)
            return &t->jobs[i];
    fail_msg("no job %lld in this trace", (long long)id);
    return NULL;
}

/* ---- the store ---- */

static bool has_left_its_lane(enum job_state state)
{
    return job_state_is_final(state) || state == JOB_FOLLOWING;
}

static bool is_free(struct trace *t, const struct trace_job *job)
{
    return job->state == JOB_QUEUED && job->appears_us <= t->now_us &&
           (!job->needs || trace_job(t, job->needs)->state == JOB_SUCCEEDED) &&
           (!job->after || has_left_its_lane(trace_job(t, job->after)->state));
}

static int64_t next_due(struct trace *t, bool follows)
{
    int64_t next = -1;
    for (int i = 0; i < t->job_count; i++) {
        const struct trace_job *job = &t->jobs[i];
        if (is_free(t, job) && (job->looks > 0) == follows && job->due_us > t->now_us &&
            (next < 0 || job->due_us < next))
            next = job->due_us;
    }
    return next;
}

/* How many jobs can start now that `done` is where it is. */
static int freed_by(struct trace *t, const struct trace_job *done)
{
    int freed = 0;
    for (int i = 0; i < t->job_count; i++) {
        const struct trace_job *job = &t->jobs[i];
        freed += (job->needs == done->id || job->after == done->id) && is_free(t, job);
    }
    return freed;
}

static bool write_record(struct trace *t, const struct core_action *a)
{
    struct trace_job *job = trace_job(t, a->job_id);
    if (a->to == JOB_QUEUED && a->delay_us > 0)
        say(t, "RECORD %lld queued +%lld", (long long)job->id,
            (long long)(a->delay_us / MS_US));
    else
        say(t, "RECORD %lld %s", (long long)job->id, job_state_name(a->to));
    want(t, job->held, "RECORD of a job that is not loaded");
    want(t, job->answered, "RECORD of a job that was not answered");
    want(t, !core_holds(t->core, job->id), "the core holds %lld, which is at rest",
         (long long)job->id);
    job->records++;
    job->held = job->opened = job->committed = job->sent = job->answered = false;
    job->state = a->to;
    job->due_us = a->delay_us > 0 ? t->now_us + a->delay_us : 0;
    return freed_by(t, job) > 0;
}

static void write_open(struct trace *t, const struct core_action *a)
{
    struct trace_job *job = trace_job(t, a->job_id);
    if (job->withheld) {
        say(t, "%lld withheld", (long long)job->id);
        job->state = JOB_CANCELLED; /* for the core: it will not be loaded again */
        job->held = job->opened = false;
        t->withheld[t->withheld_count++] = job->id;
        t->in_flight--;
        return;
    }
    job->state = JOB_SENDING;
    job->committed = true;
}

/* ---- the shell ---- */

static void step(struct trace *t, const struct core_event *e)
{
    struct core_actions got = core_step(t->core, e, (struct mono){START_US + t->now_us});
    want(t, !t->finished || got.count == 0, "an action after FINISH");
    if (t->pending_count + got.count > t->pending_room) {
        t->pending_room = (t->pending_count + got.count) * 2;
        t->pending = mem_resize(t->pending, (size_t)t->pending_room, sizeof(*t->pending));
    }
    for (int i = 0; i < got.count; i++) {
        want(t, !t->finished, "an action after FINISH");
        t->finished = t->finished || got.items[i].type == CORE_FINISH;
        t->pending[t->pending_count++] = got.items[i];
    }
}

static void take_time(struct trace *t)
{
    if (t->jitter)
        t->now_us += (int64_t)rng_below(t->jitter, LATE_MAX_US);
}

/* The request is made before anything is written. False: it cannot be made. */
static bool prepare(struct trace *t, const struct core_action *a)
{
    struct trace_job *job = trace_job(t, a->job_id);
    say(t, "OPEN %lld", (long long)job->id);
    want(t, job->held && core_holds(t->core, job->id), "OPEN of a job not loaded");
    want(t, job->state == JOB_QUEUED && !job->opened, "OPEN of a job that is %s",
         job_state_name(job->state));
    want(t, !t->core_is_stopping, "OPEN after STOP");
    job->opens++;
    job->opened = true;
    if (!job->unsendable) {
        t->in_flight++;
        want(t, t->in_flight <= t->config.concurrency, "%d requests in flight",
             t->in_flight);
        if (t->in_flight > t->most_in_flight)
            t->most_in_flight = t->in_flight;
        return true;
    }
    say(t, "%lld unsendable", (long long)job->id);
    job->answered = true;
    step(t, &(struct core_event){.type = CORE_UNSENDABLE, .job_id = job->id});
    return false;
}

static void choose_answer(struct trace *t, struct trace_job *job)
{
    if (t->send_count < (int)COUNT_OF(t->send_times)) {
        t->send_budgets[t->send_count] = job->budget;
        t->send_times[t->send_count++] = t->now_us;
    }
    if (job->played < job->scripted)
        job->answer = job->script[job->played++];
    else if (t->server)
        job->answer = t->server(t->server_ctx, job);
    else
        job->answer = trace_says(OUTCOME_ACCEPTED, 80);
    job->answer_at_us = t->now_us + job->answer.after_us;
}

/* A page of a look-up: nothing is written before it. */
static void look(struct trace *t, int64_t id)
{
    struct trace_job *job = trace_job(t, id);
    say(t, "LOOK %lld", (long long)id);
    want(t, job->held && job->pages + job->looks > 0, "LOOK for a job to send");
    want(t, !job->sent, "LOOK twice for one page");
    want(t, !t->core_is_stopping, "LOOK after STOP");
    job->asked++;
    t->in_flight++;
    want(t, t->in_flight <= t->config.concurrency, "%d requests in flight", t->in_flight);
    job->sent = true;
    job->answered = false;
    choose_answer(t, job);
}

static void write_settle(struct trace *t, int64_t id)
{
    struct trace_job *job = trace_job(t, id);
    bool read = job->answer.outcome == OUTCOME_ACCEPTED;
    bool is_final = job->looks == 0 || (read && ++job->looked >= job->looks);
    say(t, "SETTLE %lld", (long long)id);
    want(t, job->held && job->answered, "SETTLE of what was not looked up");
    job->held = job->sent = job->answered = false;
    job->state = read && is_final ? JOB_SUCCEEDED : JOB_QUEUED;
    job->due_us = read && is_final ? 0 : t->now_us + SEC_US;
}

static void send(struct trace *t, int64_t id)
{
    struct trace_job *job = trace_job(t, id);
    say(t, "SEND %lld", (long long)id);
    want(t, job->committed && job->state == JOB_SENDING, "SEND before its commit");
    want(t, !job->sent, "SEND twice for one OPEN");
    job->sent = true;
    job->sends++;
    choose_answer(t, job);
}

/* Those that wait in memory for their first attempt, and have no budget: a LOAD makes room for them. */
static int held_count(const struct trace *t)
{
    int held = 0;
    for (int i = 0; i < t->job_count; i++) {
        const struct trace_job *job = &t->jobs[i];
        bool has_begun = job->opens > 0 || job->sent || job->pages_read > 0;
        held += job->held && !has_begun && !job->budget;
    }
    return held;
}

static void take_job(struct trace *t, struct trace_job *job, struct core_job *out)
{
    char id[24];
    snprintf(id, sizeof(id), " %lld", (long long)job->id);
    if (!t->quiet)
        buf_add_text(&t->text, id);
    job->held = true;
    *out = (struct core_job){.id = job->id,
                             .doubts = job->doubts,
                             .repeat_safe = job->repeat_safe,
                             .is_repeat = job->opens > 0,
                             .budget = job->budget,
                             .kind = job->looks > 0   ? CORE_JOB_FOLLOW
                                     : job->pages > 0 ? CORE_JOB_LOOK_UP
                                                      : CORE_JOB_SEND};
}

/* The store's part of a LOAD: it passes over what the core has no room for. */
static bool has_room(struct trace *t, const struct trace_job *job,
                     int taken[1 + RATE_BUDGETS_MAX][2])
{
    bool is_repeat = job->opens > 0;
    if (job->pages + job->looks > 0)
        return true;
    if (taken[job->budget][is_repeat] >= core_room(t->core, job->budget, is_repeat)) {
        t->kept_back = true;
        return false;
    }
    taken[job->budget][is_repeat]++;
    return true;
}

static bool may_be_loaded(struct trace *t, const struct trace_job *job)
{
    bool wanted = job->looks == 0 || t->config.follows;
    return wanted && is_free(t, job) && !job->held && job->due_us <= t->now_us;
}

/* The last LOAD: what was never looked at falls due. */
static void hurry(struct trace *t)
{
    for (int i = 0; i < t->job_count; i++)
        if (t->jobs[i].looks > 0 && t->jobs[i].looked == 0)
            t->jobs[i].due_us = 0;
}

static void load(struct trace *t, int count, bool last)
{
    struct core_job jobs[TRACE_JOBS_MAX];
    int n = 0, taken[1 + RATE_BUDGETS_MAX][2] = {0};
    t->kept_back = false;
    say(t, "LOAD %d%s ->", count, last ? " last" : "");
    if (last)
        hurry(t);
    t->text.len -= !t->quiet; /* the ids follow on the same line */
    want(t, count > 0 && count <= t->config.concurrency * 2, "LOAD of %d jobs", count);
    for (int i = 0; i < t->job_count && n < count; i++)
        if (may_be_loaded(t, &t->jobs[i]) && has_room(t, &t->jobs[i], taken))
            take_job(t, &t->jobs[i], &jobs[n++]);
    if (!t->quiet)
        buf_add_text(&t->text, n ? "\n" : " nothing\n");
    want(t, held_count(t) <= t->config.concurrency * 2, "%d jobs wait in memory",
         held_count(t));
    t->loading = false;
    int64_t due = next_due(t, false), follow = next_due(t, true);
    step(t, &(struct core_event){.type = CORE_LOADED,
                                 .jobs = jobs,
                                 .count = n,
                                 .all = n < count,
                                 .kept_back = t->kept_back,
                                 .next_due_us = due < 0 ? -1 : due - t->now_us,
                                 .next_follow_us = follow < 0 ? -1 : follow - t->now_us});
}

static void finish(struct trace *t, const struct core_action *a)
{
    static const char *const ends[] = {"done", "stopped", "unavailable",
                                       "key",  "funds",   "conflict"};
    say(t, "FINISH %s", ends[a->end]);
    want(t, t->in_flight == 0, "FINISH with %d in flight", t->in_flight);
    t->end = a->end;
    t->wake_at_us = -1;
}

static void carry_out(struct trace *t, const struct core_action *a)
{
    switch (a->type) {
    case CORE_SEND:
        send(t, a->job_id);
        return;
    case CORE_LOAD:
        load(t, a->count, a->last);
        return;
    case CORE_LOOK:
        look(t, a->job_id);
        return;
    case CORE_SLEEP:
        want(t, a->until.us >= START_US, "SLEEP until a time before the start");
        t->wake_at_us = a->until.us - START_US;
        return;
    case CORE_FINISH:
        finish(t, a);
        return;
    case CORE_OPEN:
    case CORE_RECORD:
    case CORE_SETTLE:
        return;
    }
}

/* What an unsendable job brings out is of the same round: the list grows meanwhile. */
static void prepare_all(struct trace *t)
{
    for (int i = 0; i < t->pending_count; i++) {
        struct core_action open = t->pending[i];
        if (open.type == CORE_OPEN && !prepare(t, &open))
            t->pending[i].count = -1;
    }
}

/* Requests, then one transaction, then the rest: the order of engine/run. */
static void round_of(struct trace *t)
{
    bool writes = false, freed = false;
    prepare_all(t);
    struct core_action *a = t->pending;
    int count = t->pending_count;
    t->pending = NULL;
    t->pending_count = t->pending_room = 0;
    take_time(t);
    t->withheld_count = 0;
    for (int i = 0; i < count; i++) {
        if (a[i].type == CORE_RECORD)
            freed |= write_record(t, &a[i]);
        if (a[i].type == CORE_SETTLE)
            write_settle(t, a[i].job_id);
        if (a[i].type == CORE_OPEN && a[i].count == 0)
            write_open(t, &a[i]);
        writes |= a[i].type == CORE_RECORD || a[i].type == CORE_SETTLE ||
                  (a[i].type == CORE_OPEN && !a[i].count);
    }
    if (writes) {
        say(t, "COMMIT");
        step(t, &(struct core_event){.type = CORE_COMMITTED,
                                     .freed = freed,
                                     .withheld = t->withheld,
                                     .withheld_count = t->withheld_count});
        for (int i = 0; i < t->withheld_count; i++)
            want(t, !core_holds(t->core, t->withheld[i]), "a withheld job is kept");
    }
    for (int i = 0; i < count; i++) {
        want(t, !writes || a[i].type != CORE_FINISH, "FINISH before all is written");
        carry_out(t, &a[i]);
    }
    free(a);
}

static void turn(struct trace *t)
{
    while (t->pending_count > 0)
        round_of(t);
    if (t->wake_at_us >= 0 && t->wake_at_us != t->told_sleep_us)
        say(t, "SLEEP until %lld", (long long)(t->wake_at_us / MS_US));
    t->told_sleep_us = t->wake_at_us;
}

/* ---- time ---- */

static void sooner(int64_t *next, int64_t at)
{
    if (at >= 0 && (*next < 0 || at < *next))
        *next = at;
}

static int64_t next_event(const struct trace *t)
{
    int64_t next = -1;
    sooner(&next, t->wake_at_us);
    if (t->stop_at_us > 0 && !t->stopped)
        sooner(&next, t->stop_at_us);
    for (int i = 0; i < t->job_count; i++) {
        const struct trace_job *job = &t->jobs[i];
        if (job->sent && !job->answered)
            sooner(&next, job->answer_at_us);
        if (job->appears_us > t->now_us)
            sooner(&next, job->appears_us);
    }
    return next;
}

static void hand_in(struct trace *t, const struct core_event *e)
{
    step(t, e);
    if (!t->turn_late)
        turn(t);
}

static void answer(struct trace *t, struct trace_job *job)
{
    say(t, "%lld %s", (long long)job->id, outcome_name(job->answer.outcome));
    job->answered = true;
    job->doubts += job->answer.outcome == OUTCOME_IN_DOUBT;
    t->in_flight--;
    bool asks = job->pages + job->looks > 0;
    bool read = job->pages > 0 && job->answer.outcome == OUTCOME_ACCEPTED;
    job->pages_read += read;
    if (asks)
        job->sent = false;
    if (job->answer.hold_us > 0)
        hand_in(t, &(struct core_event){.type = CORE_HOLD,
                                        .retry_after_us = job->answer.hold_us});
    hand_in(t, &(struct core_event){.type = asks ? CORE_LOOKED : CORE_ANSWERED,
                                    .more = read && job->pages_read < job->pages,
                                    .job_id = job->id,
                                    .outcome = job->answer.outcome,
                                    .systemic = job->answer.systemic,
                                    .accepted_as = job->answer.accepted_as,
                                    .retry_after_us = job->answer.retry_after_us});
}

static void answers_of_now(struct trace *t)
{
    for (int i = 0; i < t->job_count; i++) {
        struct trace_job *job = &t->jobs[i];
        if (job->sent && !job->answered && job->answer_at_us <= t->now_us)
            answer(t, job);
    }
}

static void happen(struct trace *t, int64_t before_us)
{
    answers_of_now(t);
    for (int i = 0; i < t->job_count; i++)
        if (t->jobs[i].appears_us > before_us && t->jobs[i].appears_us <= t->now_us) {
            say(t, "ARRIVED");
            hand_in(t, &(struct core_event){.type = CORE_ARRIVED});
        }
    if (t->stop_at_us > 0 && !t->stopped && t->stop_at_us <= t->now_us) {
        t->stopped = t->core_is_stopping = true;
        say(t, "STOP");
        hand_in(t, &(struct core_event){.type = CORE_STOP, .end = t->stop_end});
    }
    if (t->wake_at_us >= 0 && t->wake_at_us <= t->now_us) {
        t->wake_at_us = t->told_sleep_us = -1;
        hand_in(t, &(struct core_event){.type = CORE_WOKEN});
    }
}

void trace_play(struct trace *t)
{
    hand_in(t, &(struct core_event){.type = CORE_START});
    turn(t);
    for (int events = 0; !t->finished; events++) {
        int64_t before = t->now_us, next = next_event(t);
        want(t, next >= 0, "nothing can happen any more, and no FINISH came");
        want(t, events < EVENTS_MAX, "no end in sight");
        if (t->faults > 0 && (next < 0 || events >= EVENTS_MAX))
            return;
        t->now_us = next > before ? next : before;
        take_time(t);
        happen(t, before);
        turn(t);
    }
    want(t, core_in_flight(t->core) == 0, "the core says that %d are in flight",
         core_in_flight(t->core));
}

/* ---- looking at it ---- */

int trace_count(const struct trace *t, enum job_state state)
{
    int count = 0;
    for (int i = 0; i < t->job_count; i++)
        count += t->jobs[i].state == state;
    return count;
}

static int count_of(const struct trace *t, int from, int to, int budget)
{
    int count = 0;
    for (int i = from; i <= to; i++)
        count += budget < 0 || t->send_budgets[i] == budget;
    return count;
}

int trace_most_in_a_second(const struct trace *t, int budget)
{
    int most = 0, from = 0;
    for (int i = 0; i < t->send_count; i++) {
        while (t->send_times[i] - t->send_times[from] >= SEC_US)
            from++;
        int count = count_of(t, from, i, budget);
        if (count > most)
            most = count;
    }
    return most;
}

static bool has_any(struct span line, const char *const *words)
{
    if (!words || memmem(line.ptr, line.len, "FAULT", 5))
        return true;
    for (; *words; words++)
        if (memmem(line.ptr, line.len, *words, strlen(*words)))
            return true;
    return false;
}

void trace_is(struct trace *t, const char *const *words, const char *want,
              const char *file, int line)
{
    struct buf got;
    buf_init(&got, t->text.max);
    for (const char *at = t->text.data; *at;) {
        struct span text = {at, strcspn(at, "\n") + 1};
        if (has_any(text, words))
            buf_add_span(&got, text);
        at += text.len;
    }
    bool same = strcmp(got.data, want) == 0;
    if (!same)
        print_error("the trace reads\n%sand not\n%s", got.data, want);
    buf_close(&got);
    if (!same)
        _fail(file, line);
}
