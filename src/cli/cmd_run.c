#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "cli/cli.h"
#include "cli/watch.h"
#include "report/progress.h"
#include "report/status.h"

#define LINE_EVERY_MS 60000 /* where there is no terminal */

struct screen {
    struct watch *watch;
    bool terminal, silent;
    struct progress_meter meter;
    int64_t told_at_ms;
    bool line_is_up;
};

static void wipe_line(void *ctx)
{
    struct screen *s = ctx;
    if (s->line_is_up)
        fputs("\r\033[K", stderr);
    s->line_is_up = false;
}

static size_t terminal_width(void)
{
    struct winsize size;
    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col < 20)
        return 80;
    return size.ws_col;
}

static void draw_line(struct screen *s, const char *line)
{
    size_t width = terminal_width() - 1;
    fprintf(stderr, "\r%.*s\033[K", (int)width, line);
    fflush(stderr);
    s->line_is_up = true;
}

static void show_line(struct screen *s, const struct remesa_progress *p, const char *line)
{
    bool due = s->terminal || p->elapsed_ms - s->told_at_ms >= LINE_EVERY_MS;
    if (s->silent || !due)
        return;
    s->told_at_ms = p->elapsed_ms;
    if (s->terminal)
        draw_line(s, line);
    else
        log_say(LOG_NOTE, "%s", line);
}

static void on_progress(void *ctx, const struct remesa_progress *p)
{
    struct screen *s = ctx;
    struct buf line;
    progress_sample(&s->meter, p);
    buf_init(&line, 1024);
    progress_line(&line, &s->meter, p);
    watch_progress(s->watch, p, line.data);
    show_line(s, p, line.data);
    buf_close(&line);
}

/* What the exit status means, where the table of results does not tell. */
static void tell_end(const struct cli *cli, const struct remesa_ran *ran)
{
    struct buf took;
    buf_init(&took, 64);
    progress_time(&took, ran->last.elapsed_ms);
    log_say(LOG_NOTE, "%lld %s in %s", (long long)ran->last.sent,
            text_plural(ran->last.sent, "request", "requests"), took.data);
    buf_close(&took);
    if (ran->exit_status == 69)
        log_say(
            LOG_ERROR,
            "the API cannot be reached or does not answer well; everything is kept, the "
            "same command goes on");
    if (ran->exit_status == 75)
        log_say(LOG_WARN, "stopped with work left; the same command goes on");
    if (ran->key_refused)
        log_say(
            LOG_ERROR,
            "the API refuses the key, or it lacks a permission; everything is kept: mend "
            "the key and run the same command again");
    (void)cli;
}

static int report(const struct cli *cli, int exit_status)
{
    struct err err;
    struct store *store;
    if (cli->quiet && !cli->json)
        return exit_status;
    const struct status_options options = {cli->database, NULL, cli->json, exit_status,
                                           clock_wall()};
    if (store_open(&store, cli_database(cli), STORE_READ, "", &err))
        return cli_fail_with(&err);
    int rc = status_print(stdout, store, &options, &err);
    store_close(store);
    return rc ? cli_fail_with(&err) : exit_status;
}

static int work(struct cli *cli, char **batches, struct watch *watch,
                struct remesa_ran *ran)
{
    struct screen screen = {.watch = watch,
                            .terminal = isatty(STDERR_FILENO) && !cli->json,
                            .silent = cli->quiet};
    struct remesa_run how = {.batches = (const char *const *)batches,
                             .handle_signals = true,
                             .progress = on_progress,
                             .ctx = &screen};
    watch_works(watch);
    log_before_line(wipe_line, &screen);
    int rc = remesa_run(cli->remesa, &how, ran);
    wipe_line(&screen);
    log_before_line(NULL, NULL);
    if (rc)
        return cli_fail(cli);
    watch->has_worked = true;
    tell_end(cli, ran);
    return report(cli, ran->exit_status);
}

static int import_and_work(struct cli *cli, struct watch *watch, struct remesa_ran *ran)
{
    char **batches;
    if (remesa_check_setup(cli->remesa)) /* before a file is taken in for nothing */
        return cli_fail(cli);
    int status = cli_import_all(cli, &batches);
    if (status == 0)
        status = cli_confirm_production(cli);
    if (status == 0)
        status = work(cli, batches, watch, ran);
    for (int i = 0; i < cli->arg_count; i++)
        free(batches[i]);
    free(batches);
    return status;
}

static int run_run(struct cli *cli)
{
    struct watch watch;
    struct remesa_ran ran = {0};
    if (cli->arg_count == 0 && (cli->recipe || cli->set_count))
        return cli_usage("name the file to import: remesa run --recipe NAME FILE");
    int usage = cli_check_expected(cli);
    if (usage)
        return usage;
    watch_begin(&watch, cli);
    int status = import_and_work(cli, &watch, &ran);
    watch_end(&watch, watch.has_worked ? &ran.last : NULL, status);
    return status;
}

const struct command command_run = {
    .name = "run",
    .args = "[FILE...]",
    .summary = "Imports what is named, then works until nothing is left that could start",
    .about =
        "Killed at any moment, the same command goes on. The first SIGINT or "
        "SIGTERM: no new requests,\n"
        "the answers are waited for; the second: at once, and what is in flight is "
        "in doubt.\n\n"
        "Production (any host but this machine and sandbox.*) needs --production; on a "
        "terminal the total\nthat is about to be sent has to be typed in, unless "
        "--yes is given. A database goes only to the API\nof its first run.\n\n"
        "exit status: 0 every job succeeded; 1 some failed, were skipped or are held; "
        "2 some are in doubt;\n"
        "3 all accepted, some not final yet; 4 the money does not balance; 65 bad input, "
        "or "
        "not what was\n"
        "approved; 69 API unreachable; 74 disk; 75 stopped with work left, or another "
        "run "
        "holds the database;\n"
        "77 key refused, another total was typed in, or a batch waits for its approval; "
        "78 bad configuration,\n"
        "or a database of another API",
    .options = "tbdpesy",
    .run = run_run,
};
