/* https://prometheus.io/docs/instrumenting/exposition_formats: HELP, TYPE, then the samples, each name
 * in one piece. */
#include <inttypes.h>

#include "report/figures.h"

static void head(struct buf *out, const char *name, const char *type, const char *help)
{
    buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void label(struct buf *out, char before, const char *name, const char *value)
{
    buf_printf(out, "%c%s=\"", before, name);
    for (const char *c = value; *c; c++) {
        if (*c == '\n')
            buf_add_text(out, "\\n");
        else if (*c == '"' || *c == '\\')
            buf_printf(out, "\\%c", *c);
        else
            buf_add_char(out, *c);
    }
    buf_add_char(out, '"');
}

static void number(struct buf *out, const char *name, const char *type, const char *help,
                   int64_t value)
{
    head(out, name, type, help);
    buf_printf(out, "%s %" PRId64 "\n", name, value);
}

static void seconds(struct buf *out, const char *name, const char *type, const char *help,
                    int64_t ms)
{
    head(out, name, type, help);
    buf_printf(out, "%s %" PRId64 ".%03d\n", name, ms / 1000, (int)(ms % 1000));
}

static void jobs(struct buf *out, const struct figures *f)
{
    head(out, "remesa_jobs", "gauge",
         "Jobs of the database by state; held ones are queued too.");
    for (int i = 0; i < f->count; i++) {
        if (f->items[i].currency)
            continue;
        buf_add_text(out, "remesa_jobs");
        label(out, '{', "state", f->items[i].state);
        buf_printf(out, "} %" PRId64 "\n", f->items[i].value.units);
    }
}

static void money(struct buf *out, const struct figures *f)
{
    char text[DECIMAL_TEXT_MAX];
    head(out, "remesa_money", "gauge",
         "Money by currency and state, over all batches; held is a part of waiting. The "
         "view money is exact.");
    for (int i = 0; i < f->count; i++) {
        const struct figure *each = &f->items[i];
        if (!each->currency || each->is_beyond)
            continue;
        buf_add_text(out, "remesa_money");
        label(out, '{', "currency", each->currency);
        label(out, ',', "state", each->state);
        buf_printf(out, "} %s\n", decimal_text(each->value, text));
    }
}

static void info(struct buf *out, const struct run_facts *run)
{
    head(out, "remesa_info", "gauge", "The program and its database.");
    buf_add_text(out, "remesa_info");
    label(out, '{', "version", run->version);
    label(out, ',', "database", run->database);
    buf_add_text(out, "} 1\n");
}

static void counters(struct buf *out, const struct remesa_progress *n)
{
    const struct {
        const char *name, *help;
        int64_t value;
    } rows[] = {
        {"remesa_run_requests_total", "Requests of this run.", n->sent},
        {"remesa_run_throttled_total", "Answers 429.", n->throttled},
        {"remesa_run_retries_total", "Requests for jobs that had one before.",
         n->repeats},
        {"remesa_run_doubts_total", "Jobs that came into doubt, found since or not.",
         n->doubts},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        number(out, rows[i].name, "counter", rows[i].help, rows[i].value);
    seconds(out, "remesa_run_paused_seconds_total", "counter",
            "Time in which nothing could start.", n->paused_ms);
}

void metrics_text(struct buf *out, const struct figures *f, const struct run_facts *run)
{
    info(out, run);
    jobs(out, f);
    money(out, f);
    counters(out, &run->numbers);
    seconds(out, "remesa_run_start_timestamp_seconds", "gauge", "Start of this run.",
            run->started_ms);
    seconds(out, "remesa_run_seen_timestamp_seconds", "gauge", "When this was written.",
            run->now_ms);
    number(out, "remesa_run_active", "gauge",
           "1 while the run works; 1 with an old seen_timestamp: it was killed.",
           !run->has_ended);
    if (run->has_ended)
        number(out, "remesa_run_exit_status", "gauge", "How the last run ended.",
               run->exit_status);
    if (f->last_success_ms)
        seconds(out, "remesa_last_success_timestamp_seconds", "gauge",
                "End of the last run with exit status 0 or 3.", f->last_success_ms);
}
