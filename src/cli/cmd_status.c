#include <stdio.h>

#include "base/clock.h"
#include "base/scan.h"
#include "cli/cli.h"
#include "cli/redraw.h"
#include "report/status.h"

#define WATCH_SECONDS 2

/* Opened anew each time: a reader that stays would keep the log of a run from shrinking. */
static int read_with(FILE *out, struct cli *cli, const char *ref)
{
    struct err err;
    struct store *store;
    const struct status_options options = {cli->database, cli->batch, cli->json, -1,
                                           clock_wall()};
    if (store_open(&store, cli_database(cli), STORE_READ, "", &err))
        return cli_fail_with(&err);
    int rc = ref ? status_print_job(out, store, ref, cli->json, &err)
                 : status_print(out, store, &options, &err);
    store_close(store);
    return rc ? cli_fail_with(&err) : 0;
}

static int print_status(FILE *out, void *ctx)
{
    return read_with(out, ctx, NULL);
}

static int watch(struct cli *cli)
{
    int64_t seconds = WATCH_SECONDS;
    if (cli->arg_count > 1 ||
        (cli->arg_count && !scan_int(span_of(cli->args[0]), 1, 86400, &seconds)))
        return cli_usage("say how many seconds apart: remesa status --watch 5");
    if (cli->json)
        return cli_usage("--watch is for people; a program asks again by itself");
    return redraw_every((int)seconds, print_status, cli);
}

static int run_status(struct cli *cli)
{
    if (cli->watch)
        return watch(cli);
    if (cli->arg_count)
        return cli_usage("status takes no argument; name a batch with --batch, a job "
                         "with `remesa show`");
    return read_with(stdout, cli, NULL);
}

static int run_show(struct cli *cli)
{
    if (cli->arg_count != 1)
        return cli_usage("name one job: remesa show REF");
    return read_with(stdout, cli, cli->args[0]);
}

const struct command command_status = {
    .name = "status",
    .args = "[SECONDS]",
    .summary = "Who was paid, who was not, what is unknown, what is left",
    .about =
        "With --watch it is shown again every so many seconds (2), beside a run too; "
        "Ctrl-C ends it.\n"
        "The shape of --json is in docs/status-json.md.",
    .options = "bw",
    .run = run_status,
};

const struct command command_show = {
    .name = "show",
    .args = "REF",
    .summary = "One job: its state, needs, attempts, what is known",
    .options = "",
    .run = run_show,
};
