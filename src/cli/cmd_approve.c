#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "base/log.h"
#include "base/text.h"
#include "cli/cli.h"
#include "store/approvals.h"

static void show(FILE *out, const char *batch, const struct approval_look *look)
{
    char amount[DECIMAL_TEXT_MAX];
    fprintf(out, "batch %s: %" PRId64 " %s of %s, imported by %s on %s\n", batch,
            look->sums.jobs, text_plural(look->sums.jobs, "job", "jobs"), look->source,
            look->importer, look->imported_at);
    for (size_t i = 0; i < look->sums.total_count; i++)
        fprintf(out, "  %s %s\n", money_text(look->sums.totals[i], amount),
                look->sums.totals[i].currency);
    fprintf(out, "  sha256 %s\n", look->sha256);
    if (look->duplicates)
        fprintf(out,
                "  %" PRId64 " held for looking like a duplicate: an approval does not "
                "let that go\n",
                look->duplicates);
}

/* 0: go on, with the digest of what was shown. */
static int look_at(struct cli *cli, char sha256[SHA256_HEX_MAX])
{
    struct approval_look look;
    struct store *store;
    struct err err;
    bool at_terminal = isatty(STDIN_FILENO) && isatty(STDERR_FILENO);
    if (store_open(&store, cli_database(cli), STORE_READ, "", &err))
        return cli_fail_with(&err);
    int status = 0;
    if (store_approval_look(store, cli->args[0], &look, &err))
        status = cli_fail_with(&err);
    else if (!cli->quiet)
        show(stderr, cli->args[0], &look);
    if (status == 0 && at_terminal && !cli->yes &&
        !cli_total_is_typed(&look.sums, "approve it")) {
        log_say(LOG_ERROR, "that is not it: nothing was approved");
        status = err_exit_status(ERR_NOPERM);
    }
    if (status == 0)
        snprintf(sha256, SHA256_HEX_MAX, "%s", look.sha256);
    approval_look_close(&look);
    store_close(store);
    return status;
}

static void tell(const char *batch, const struct remesa_approved *got)
{
    if (got->wants_another)
        printf("%s: approved by you; nobody knows who wrote its rows, so it takes one "
               "more: another system user types the same\n",
               batch);
    else if (got->was_already && got->freed == 0)
        printf("%s: it is approved already\n", batch);
    else
        printf("%s: approved, sha256 %s; remesa run sends it\n", batch, got->sha256);
}

static int run_approve(struct cli *cli)
{
    char seen[SHA256_HEX_MAX] = "";
    struct remesa_approved got;
    if (cli->arg_count != 1)
        return cli_usage("name the batch: remesa approve BATCH");
    int status = look_at(cli, seen);
    if (status)
        return status;
    const char *sha256 = cli->sha256 ? cli->sha256 : seen;
    if (remesa_approve(cli->remesa, cli->args[0], sha256, &got))
        return cli_fail(cli);
    if (!cli->quiet)
        tell(cli->args[0], &got);
    return 0;
}

const struct command command_approve = {
    .name = "approve",
    .args = "BATCH",
    .summary = "Lets a batch go that another system user has imported",
    .about =
        "Wanted with four_eyes = required. It shows the batch, and on a terminal has its "
        "total typed in\nunless --yes is given. What is approved is every byte of its "
        "rows, "
        "their money and the totals: once\nanything of it is changed, a run sends "
        "nothing "
        "(exit 65). Its importer is refused (exit 77); rows\nof the inbox have none, and "
        "take "
        "two persons. Who approved what is kept (view approvals).",
    .options = "xy",
    .run = run_approve,
};
