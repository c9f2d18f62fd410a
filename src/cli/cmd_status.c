#include <stdio.h>

#include "cli/cli.h"
#include "report/status.h"

static int read_with(struct cli *cli, const char *ref)
{
    struct err err;
    struct store *store;
    const struct status_options options = {cli->database, cli->batch, cli->json, -1};
    if (store_open(&store, cli_database(cli), STORE_READ, "", &err))
        return cli_fail_with(&err);
    int rc = ref ? status_print_job(stdout, store, ref, cli->json, &err)
                 : status_print(stdout, store, &options, &err);
    store_close(store);
    return rc ? cli_fail_with(&err) : 0;
}

static int run_status(struct cli *cli)
{
    if (cli->arg_count)
        return cli_usage("status takes no argument; name a batch with --batch, a job "
                         "with `remesa show`");
    return read_with(cli, NULL);
}

static int run_show(struct cli *cli)
{
    if (cli->arg_count != 1)
        return cli_usage("name one job: remesa show REF");
    return read_with(cli, cli->args[0]);
}

const struct command command_status = {
    .name = "status",
    .args = "",
    .summary = "Who was paid, who was not, what is unknown, what is left",
    .options = "b",
    .run = run_status,
};

const struct command command_show = {
    .name = "show",
    .args = "REF",
    .summary = "One job: its state, needs, attempts, what is known",
    .options = "",
    .run = run_show,
};
