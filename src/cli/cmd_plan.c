/* remesa plan: what a run with the same arguments would send. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "cli/cli.h"
#include "cli/summary.h"
#include "report/progress.h"

#define LINE_MAX_BYTES (4 * 1024 * 1024)

struct plan_view {
    const struct cli *cli;
    struct summary tables;
    int64_t told; /* requests */
};

/* ---- requests ---- */

static void print_request(struct plan_view *v, const struct remesa_request *q)
{
    printf("# %" PRId64 ", at %" PRId64 ".%03d s: %s of %s (%s)", v->told,
           q->after_ms / 1000, (int)(q->after_ms % 1000), q->kind, q->ref, q->action);
    printf(q->jobs > 1 ? " and %d more\n" : "\n", q->jobs - 1);
    printf("%s %s\n", q->method, q->url);
    for (int i = 0; i < q->header_count; i++)
        printf("%s: %s\n", q->headers[i].name, q->headers[i].value);
    printf("\n%s%s", q->body ? q->body : "", q->body ? "\n\n" : "");
}

static void print_request_json(struct plan_view *v, const struct remesa_request *q)
{
    struct buf line;
    struct jsonw w;
    buf_init(&line, LINE_MAX_BYTES);
    jsonw_init(&w, &line);
    jsonw_open(&w, NULL, '{');
    jsonw_int(&w, "number", v->told);
    jsonw_int(&w, "after_ms", q->after_ms);
    jsonw_text(&w, "kind", q->kind);
    jsonw_text(&w, "ref", q->ref);
    jsonw_text(&w, "action", q->action);
    jsonw_int(&w, "jobs", q->jobs);
    jsonw_text(&w, "method", q->method);
    jsonw_text(&w, "url", q->url);
    jsonw_open(&w, "headers", '{');
    for (int i = 0; i < q->header_count; i++)
        jsonw_text(&w, q->headers[i].name, q->headers[i].value);
    jsonw_close(&w, '}');
    jsonw_text(&w, "body", q->body);
    jsonw_close(&w, '}');
    printf("%s\n", line.data);
    buf_close(&line);
}

static void on_request(void *ctx, const struct remesa_request *q)
{
    struct plan_view *v = ctx;
    v->told++;
    if (v->cli->json)
        print_request_json(v, q);
    else
        print_request(v, q);
}

static void on_row(void *ctx, const char *table, const struct remesa_cell *cells,
                   int count)
{
    struct plan_view *v = ctx;
    summary_row(&v->tables, table, cells, count);
}

/* ---- the end ---- */

/* "03:12", with the day where it is another one than today's. */
static void print_time(int64_t ms)
{
    time_t at = (time_t)(ms / 1000), now = (time_t)(clock_wall().ms / 1000);
    struct tm when, today;
    char text[32];
    localtime_r(&at, &when);
    localtime_r(&now, &today);
    bool is_today = when.tm_yday == today.tm_yday && when.tm_year == today.tm_year;
    strftime(text, sizeof(text), is_today ? "%H:%M:%S" : "%Y-%m-%d %H:%M", &when);
    fputs(text, stdout);
}

static void print_took(int64_t ms)
{
    struct buf text;
    buf_init(&text, 64);
    progress_time(&text, ms);
    fputs(text.data, stdout);
    buf_close(&text);
}

static void print_limit(const struct remesa_planned *p)
{
    if (!p->limit)
        return;
    fputs("; at ", stdout);
    print_time(p->limit_ms);
    printf(" (%s) %" PRId64 " would be left", p->limit, p->left);
    if (p->left == 0)
        return;
    fputs(", for ", stdout);
    print_took(p->left_takes_ms);
    fputs(" more", stdout);
}

static void print_end(const struct remesa_planned *p)
{
    printf("  begins      ");
    print_time(p->begins_ms);
    printf("\n  ends about  ");
    print_time(p->ends_ms);
    fputs(", after ", stdout);
    print_took(p->ends_ms - p->begins_ms);
    print_limit(p);
    putchar('\n');
}

/* Of the starts that the pace would have allowed in that time, in percent. */
static int64_t quota(const struct remesa_planned *p)
{
    int64_t allowed = p->milli_rate * (p->ends_ms - p->begins_ms); /* a millionth each */
    return allowed > 0 ? p->requests * INT64_C(100000000) / allowed : 0;
}

/* 5500 as "5.5". */
static void add_rate(struct buf *out, int64_t milli_rate)
{
    buf_printf(out, "%" PRId64, milli_rate / 1000);
    if (milli_rate % 1000 == 0)
        return;
    char part[8];
    snprintf(part, sizeof(part), ".%03d", (int)(milli_rate % 1000));
    size_t len = strlen(part);
    while (part[len - 1] == '0')
        part[--len] = '\0';
    buf_add_text(out, part);
}

static void print_pace(const struct remesa_planned *p)
{
    struct buf rate;
    buf_init(&rate, 64);
    add_rate(&rate, p->milli_rate);
    if (p->milli_rate)
        printf("  pace        %s a second, %" PRId64 " %% of it used\n", rate.data,
               quota(p));
    else
        printf("  pace        no limit\n");
    buf_close(&rate);
}

static void print_plan(struct plan_view *v, const struct remesa_planned *p)
{
    printf("plan: %" PRId64 " %s%s\n", p->requests,
           text_plural(p->requests, "request", "requests"),
           p->is_estimate ? ", estimated from counts (every queued job that is not "
                            "held is sent once; polls and look-ups come on top)"
                          : "");
    printf("  now       ");
    for (int i = 0; p->state_names[i]; i++)
        if (p->states[i])
            printf("  %" PRId64 " %s", p->states[i], p->state_names[i]);
    putchar('\n');
    fputs(v->tables.tables.data ? v->tables.tables.data : "", stdout);
    print_pace(p);
    print_end(p);
    printf("  assumed     every answer is good, after %" PRId64
           " ms; what is watched is final when it is asked about first\n",
           p->answer_us / 1000);
}

static void add_time(struct jsonw *w, const char *name, int64_t ms)
{
    char text[WALL_TEXT_MAX];
    jsonw_text(w, name, wall_text((struct wall){ms}, text));
}

static void print_plan_json(struct plan_view *v, const struct remesa_planned *p)
{
    struct buf text;
    struct jsonw w;
    buf_init(&text, LINE_MAX_BYTES);
    jsonw_init(&w, &text);
    jsonw_open(&w, NULL, '{');
    jsonw_bool(&w, "estimate", p->is_estimate);
    jsonw_int(&w, "request_count", p->requests);
    jsonw_open(&w, "now", '{');
    for (int i = 0; p->state_names[i]; i++)
        jsonw_int(&w, p->state_names[i], p->states[i]);
    jsonw_close(&w, '}');
    add_time(&w, "begins_at", p->begins_ms);
    add_time(&w, "ends_at", p->ends_ms);
    jsonw_int(&w, "takes_ms", p->ends_ms - p->begins_ms);
    jsonw_text(&w, "limit", p->limit);
    if (p->limit)
        add_time(&w, "limit_at", p->limit_ms);
    jsonw_int(&w, "left", p->left);
    jsonw_int(&w, "left_takes_ms", p->left_takes_ms);
    jsonw_int(&w, "answer_ms", p->answer_us / 1000);
    jsonw_int(&w, "quota_percent", quota(p));
    buf_add_text(&text, ",\"rate\":");
    add_rate(&text, p->milli_rate);
    if (v->tables.table)
        buf_printf(&text, ",%s]", v->tables.tables.data);
    jsonw_close(&w, '}');
    printf("%s\n", text.data);
    buf_close(&text);
}

/* With --requests --json every line is a request, and nothing else is. */
static void print_all(struct plan_view *v, const struct remesa_planned *p)
{
    if (v->cli->json && !v->cli->requests)
        print_plan_json(v, p);
    else if (!v->cli->json)
        print_plan(v, p);
}

static int plan_with(struct cli *cli, struct plan_view *v,
                     const struct remesa_import *imports)
{
    struct remesa_planned planned;
    const struct remesa_plan what = {.imports = imports,
                                     .import_count = cli->arg_count,
                                     .batch = cli->arg_count ? NULL : cli->batch,
                                     .estimate = cli->estimate,
                                     .request = cli->requests ? on_request : NULL,
                                     .row = on_row,
                                     .ctx = v};
    /* What the run's own code would say of its jobs has not happened. */
    log_setup(LOG_ERROR, cli->json);
    if (remesa_plan(cli->remesa, &what, &planned))
        return cli_fail(cli);
    print_all(v, &planned);
    return 0;
}

static int run_plan(struct cli *cli)
{
    struct plan_view view = {.cli = cli};
    int usage = cli_check_expected(cli);
    if (usage)
        return usage;
    struct remesa_import *imports =
        mem_zero((size_t)cli->arg_count + 1, sizeof(*imports));
    for (int i = 0; i < cli->arg_count; i++)
        imports[i] = cli_import_of(cli, i);
    summary_open(&view.tables, cli->json);
    int status = plan_with(cli, &view, imports);
    summary_close(&view.tables);
    free(imports);
    return status;
}

const struct command command_plan = {
    .name = "plan",
    .args = "[FILE...]",
    .summary =
        "What a run with the same arguments would send; nothing is sent or written",
    .about =
        "The run's own code up to the socket, on a copy of the database in memory and "
        "with a "
        "clock of\n"
        "its own: requests for each action, money per currency, what waits for what, and "
        "when "
        "it would\n"
        "end at the allowed pace. With FILE: as if it were imported first. Beside a run, "
        "too.\n"
        "--requests prints each request in the order of the run, the key masked, and "
        "{REF} "
        "for an id that\n"
        "is not known yet; with --json one object a line.\n"
        "With more than 100,000 queued jobs it counts and divides, unless --requests is "
        "given.",
    .options = "tbdpeqs",
    .run = run_plan,
};
