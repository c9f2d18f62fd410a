#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cli/cli.h"

static bool print_state(void *ctx, const struct remesa_cell *cells, int count)
{
    const char *ref = ctx, *state = "";
    for (int i = 0; i < count; i++)
        if (strcmp(cells[i].column, "state") == 0 && cells[i].text)
            state = cells[i].text;
    if (strcmp(state, "queued") == 0)
        printf("%s: queued again\n", ref);
    else if (strcmp(state, "following") == 0)
        printf("%s: following: the next run asks whether it is final\n", ref);
    else
        printf("%s: %s\n", ref, state);
    return false;
}

static int tell_resolved(const struct cli *cli, const char *ref)
{
    void *ctx = cli->args[0];
    return remesa_report(cli->remesa, "job", ref, 1, print_state, ctx) ? cli_fail(cli)
                                                                       : 0;
}

static int run_resolve(struct cli *cli)
{
    if (cli->arg_count != 1 || cli->succeeded == cli->not_sent)
        return cli_usage(
            "say what you found out about one job: "
            "remesa resolve REF --succeeded --remote-id ID | --not-sent --reason TEXT");
    if (cli->not_sent && cli->remote_id)
        return cli_usage(
            "--remote-id goes with --succeeded: what was not sent has no id");
    const char *ref = cli->args[0];
    if (remesa_resolve(cli->remesa, ref, cli->succeeded, cli->remote_id, cli->reason))
        return cli_fail(cli);
    return cli->quiet ? 0 : tell_resolved(cli, ref);
}

/* One after the other: a ref that is refused stops it, those before it are done. */
static int retry_each(struct cli *cli, int64_t *queued)
{
    for (int i = 0; i < cli->arg_count; i++)
        if (remesa_retry(cli->remesa, cli->args[i], NULL, cli->reason, queued))
            return cli_fail(cli);
    return 0;
}

static int run_retry(struct cli *cli)
{
    int64_t queued = 0;
    int status = 0;
    if ((cli->arg_count > 0) == cli->failed)
        return cli_usage(
            "name the jobs, or say all: remesa retry REF... | --failed [--batch NAME]");
    if (!cli->failed)
        status = retry_each(cli, &queued);
    else if (remesa_retry(cli->remesa, NULL, cli->batch, cli->reason, &queued))
        status = cli_fail(cli);
    if (!cli->quiet)
        printf("%" PRId64 " %s queued again\n", queued,
               text_plural(queued, "job is", "jobs are"));
    return status;
}

static int cancel_each(struct cli *cli, int64_t *cancelled)
{
    for (int i = 0; i < cli->arg_count; i++)
        if (remesa_cancel(cli->remesa, cli->args[i], NULL, cli->reason, cancelled))
            return cli_fail(cli);
    return 0;
}

static int run_cancel(struct cli *cli)
{
    int64_t cancelled = 0;
    int status = 0;
    if ((cli->arg_count > 0) == (cli->batch != NULL))
        return cli_usage(
            "name the jobs, or a batch: remesa cancel REF... | --batch NAME");
    if (!cli->batch)
        status = cancel_each(cli, &cancelled);
    else if (remesa_cancel(cli->remesa, NULL, cli->batch, cli->reason, &cancelled))
        status = cli_fail(cli);
    if (!cli->quiet)
        printf("%" PRId64 " %s cancelled\n", cancelled,
               text_plural(cancelled, "job is", "jobs are"));
    return status;
}

static int release_each(struct cli *cli, int64_t *released)
{
    for (int i = 0; i < cli->arg_count; i++)
        if (remesa_release(cli->remesa, cli->args[i], NULL, cli->kind, cli->reason,
                           released))
            return cli_fail(cli);
    return 0;
}

static int run_release(struct cli *cli)
{
    int64_t released = 0;
    int status = 0;
    if ((cli->arg_count > 0) == (cli->batch != NULL))
        return cli_usage("name the jobs, or a batch: remesa release REF... | --batch "
                         "NAME, and --reason TEXT");
    if (!cli->batch)
        status = release_each(cli, &released);
    else if (remesa_release(cli->remesa, NULL, cli->batch, cli->kind, cli->reason,
                            &released))
        status = cli_fail(cli);
    if (!cli->quiet)
        printf("%" PRId64 " %s released; remesa run sends what is free now\n", released,
               text_plural(released, "hold is", "holds are"));
    return status;
}

const struct command command_resolve = {
    .name = "resolve",
    .args = "REF",
    .summary = "What you found out about a job in doubt",
    .about =
        "Look on the API's side first. --succeeded: it took effect; --remote-id "
        "says under which id,\nand what the API may still cancel is asked about until "
        "it is final.\n"
        "--not-sent: it did not, and it is sent again; --reason says how you know.\n"
        "Who decided, when and why is kept (view decisions).",
    .options = "rR",
    .run = run_resolve,
};

const struct command command_retry = {
    .name = "retry",
    .args = "[REF...]",
    .summary = "Queues failed jobs again, with what was skipped because of them",
    .options = "fbR",
    .run = run_retry,
};

const struct command command_cancel = {
    .name = "cancel",
    .args = "[REF...]",
    .summary = "Takes queued jobs out; what needs them is skipped",
    .options = "bR",
    .run = run_cancel,
};

const struct command command_release = {
    .name = "release",
    .args = "[REF...]",
    .summary = "Lets held jobs go: you have looked, and they are to be sent",
    .about = "The view holds says which, and why. Who released what, when and why is "
             "kept (view decisions).\n"
             "What is not to be sent is taken out with remesa cancel.",
    .options = "bkR",
    .run = run_release,
};
