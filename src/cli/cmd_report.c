#include <string.h>

#include "base/aside.h"
#include "cli/cli.h"
#include "report/lines.h"
#include "store/store.h"

typedef int print_fn(FILE *out, struct store *s, const char *batch, struct err *err);

/* From one moment of the database into a file of its own. */
static int write_report(const struct cli *cli, const char *path, print_fn *print)
{
    struct aside aside;
    struct store *store;
    struct err err;
    if (store_open(&store, cli_database(cli), STORE_READ, "", &err))
        return cli_fail_with(&err);
    int rc = aside_open(&aside, path, &err);
    if (rc == 0) {
        rc = print(aside.file, store, cli->batch, &err);
        if (rc)
            aside_drop(&aside);
        else
            rc = aside_keep(&aside, &err);
    }
    store_close(store);
    return rc ? cli_fail_with(&err) : 0;
}

static int run_report(struct cli *cli)
{
    if (cli->arg_count)
        return cli_usage(
            "report takes no argument: remesa report --csv OUT --batch NAME");
    if (!cli->csv)
        return cli_usage("name the file to write: remesa report --csv OUT --batch NAME");
    if (!cli->batch)
        return cli_usage("name the batch: remesa report --csv OUT --batch NAME");
    if (aside_is_same_file(cli->csv, cli_database(cli)))
        return cli_usage("--csv %s: that is the database", cli->csv);
    return write_report(cli, cli->csv, lines_print);
}

const struct command command_report = {
    .name = "report",
    .args = "",
    .summary = "What became of a batch, in a file for others",
    .about =
        "--csv gives every column and line of the batch's CSV back in their order, with "
        "state,\n"
        "remote_id, amount, currency and error. The file is written aside and renamed, "
        "mode 0600.",
    .options = "bC",
    .run = run_report,
};
