#include "report/outlook.h"

#include <inttypes.h>

#include "base/scan.h"
#include "base/text.h"
#include "report/progress.h"

static int64_t number(const struct view_row *row, const char *column)
{
    int64_t n = 0;
    const char *text = view_text(row, column);
    return text && scan_int(span_of(text), 0, INT64_MAX, &n) ? n : 0;
}

static bool keep_state(void *ctx, const struct view_row *row)
{
    struct outlook *o = ctx;
    enum job_state state;
    if (job_state_parse(span_of(view_text(row, "state")), &state)) {
        o->jobs[state] = number(row, "jobs");
        o->payments[state] = number(row, "payments");
    }
    return true;
}

static bool add_held(void *ctx, const struct view_row *row)
{
    struct outlook *o = ctx;
    o->held += number(row, "held");
    return true;
}

int outlook_read(struct outlook *o, struct store *s, const char *batch, struct wall now,
                 struct err *err)
{
    const struct digest_scope scope = {batch, 0};
    *o = (struct outlook){.now = now};
    if (digest_read(s, DIGEST_STATES, &scope, 0, keep_state, o, err) ||
        store_read(s, VIEW_PROGRESS, batch, 0, add_held, o, err))
        return -1;
    return store_pace(s, now, &o->pace, err);
}

static int64_t total(const int64_t *counts)
{
    int64_t n = 0;
    for (int i = 0; i < JOB_STATE_COUNT; i++)
        n += counts[i];
    return n;
}

/* ---- for a person ---- */

static void print_answer(FILE *out, int64_t n, const char *words)
{
    fprintf(out, ", %" PRId64 " %s", n, words);
}

static void print_answers(FILE *out, const struct outlook *o)
{
    bool money = total(o->payments) > 0;
    const int64_t *n = money ? o->payments : o->jobs;
    fprintf(out, "%" PRId64 " %s%s: %" PRId64 " %s", total(n), money ? "payment" : "job",
            text_plural(total(n), "", "s"), n[JOB_SUCCEEDED], money ? "paid" : "done");
    if (n[JOB_FOLLOWING])
        print_answer(out, n[JOB_FOLLOWING], "not final yet");
    print_answer(out, n[JOB_FAILED] + n[JOB_SKIPPED] + n[JOB_CANCELLED],
                 money ? "not paid" : "not done");
    print_answer(out, n[JOB_IN_DOUBT], "unknown");
    print_answer(out, n[JOB_QUEUED] + n[JOB_SENDING], "left\n");
}

static int64_t time_left(const struct outlook *o)
{
    return pace_time_for(&o->pace, o->jobs[JOB_QUEUED] + o->jobs[JOB_SENDING] - o->held);
}

static void print_end(FILE *out, const struct outlook *o)
{
    struct buf length;
    char end[WALL_TEXT_MAX];
    int64_t ms = time_left(o);
    if (ms < 0)
        return;
    buf_init(&length, 64);
    progress_time(&length, ms);
    wall_text((struct wall){o->now.ms + ms}, end);
    fprintf(out, ", the rest takes about %s: until %.10s %.5s UTC", length.data, end,
            end + 11);
    buf_close(&length);
}

static void print_run(FILE *out, const struct outlook *o)
{
    const struct run_pace *p = &o->pace;
    char since[WALL_TEXT_MAX];
    if (!p->is_running)
        return;
    wall_text(p->started_at, since);
    fprintf(out, "run %" PRId64 " is under way since %.10s %.8s UTC", p->run, since,
            since + 11);
    if (p->over_ms > 0) {
        int64_t tenths = p->requests * 10000 / p->over_ms;
        fprintf(out, ": %" PRId64 ".%d req/s", tenths / 10, (int)(tenths % 10));
        print_end(out, o);
    } else {
        fputs("; no request in the last minute", out);
    }
    fputc('\n', out);
}

void outlook_print(FILE *out, const struct outlook *o)
{
    print_answers(out, o);
    print_run(out, o);
    fputc('\n', out);
}

/* ---- for a program ---- */

static void write_moment(struct jsonw *w, const char *key, struct wall t)
{
    char text[WALL_TEXT_MAX];
    jsonw_text(w, key, t.ms ? wall_text(t, text) : NULL);
}

static void write_run(struct jsonw *w, const struct outlook *o)
{
    const struct run_pace *p = &o->pace;
    int64_t ms = time_left(o);
    if (!p->is_running) {
        jsonw_text(w, "running", NULL);
        return;
    }
    jsonw_open(w, "running", '{');
    jsonw_int(w, "run", p->run);
    write_moment(w, "started_at", p->started_at);
    write_moment(w, "last_request_at", p->left_off);
    jsonw_int(w, "requests", p->requests);
    jsonw_int(w, "over_ms", p->over_ms);
    write_moment(w, "ends_at", (struct wall){ms < 0 ? 0 : o->now.ms + ms});
    jsonw_close(w, '}');
}

static void write_counts(struct jsonw *w, const char *key, const int64_t *counts)
{
    jsonw_open(w, key, '{');
    jsonw_int(w, "total", total(counts));
    for (int i = 0; i < JOB_STATE_COUNT; i++)
        jsonw_int(w, job_state_name((enum job_state)i), counts[i]);
    jsonw_close(w, '}');
}

void outlook_json(struct jsonw *w, const struct outlook *o)
{
    write_moment(w, "as_of", o->now);
    write_run(w, o);
    write_counts(w, "payments", o->payments);
    write_counts(w, "jobs", o->jobs);
}
