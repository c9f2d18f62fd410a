#include <stdio.h>
#include <string.h>

#include "base/aside.h"
#include "base/clock.h"
#include "base/scan.h"
#include "cli/cli.h"
#include "report/html.h"
#include "report/lines.h"
#include "store/store.h"

typedef int print_fn(FILE *out, struct store *s, const struct cli *cli, struct err *err);

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
        rc = print(aside.file, store, cli, &err);
        if (rc)
            aside_drop(&aside);
        else
            rc = aside_keep(&aside, &err);
    }
    store_close(store);
    return rc ? cli_fail_with(&err) : 0;
}

/* "last" or a number; 0: none is named. */
static int read_run(const struct cli *cli, struct store *s, int64_t *number,
                    struct err *err)
{
    *number = 0;
    if (!cli->run)
        return 0;
    if (strcmp(cli->run, "last") != 0 &&
        !scan_int(span_of(cli->run), 1, INT64_MAX, number))
        return err_set(err, ERR_USAGE, "--run: '%s' is neither a number nor last",
                       cli->run);
    return digest_find_run(s, number, err);
}

static int print_csv(FILE *out, struct store *s, const struct cli *cli, struct err *err)
{
    return lines_print(out, s, cli->batch, err);
}

static int print_html(FILE *out, struct store *s, const struct cli *cli, struct err *err)
{
    struct html_options o = {
        .database = cli_database(cli), .scope.batch = cli->batch, .now = clock_wall()};
    return store_hold(s, err) || read_run(cli, s, &o.scope.run, err) ||
                   html_print(out, s, &o, err)
               ? -1
               : 0;
}

/* What makes no sense together is said before anything is written. */
static int check_options(const struct cli *cli)
{
    if (cli->arg_count)
        return cli_usage("report takes no argument: remesa report --html OUT.html, or "
                         "remesa report --csv OUT --batch NAME");
    if (!cli->csv && !cli->html)
        return cli_usage("name the file to write: remesa report --html OUT.html, or "
                         "remesa report --csv OUT --batch NAME");
    if (cli->csv && !cli->batch)
        return cli_usage("name the batch: remesa report --csv OUT --batch NAME");
    if (cli->run && !cli->html)
        return cli_usage("--run is of --html: a CSV is of its batch");
    if (cli->csv && aside_is_same_file(cli->csv, cli_database(cli)))
        return cli_usage("--csv %s: that is the database", cli->csv);
    if (cli->html && aside_is_same_file(cli->html, cli_database(cli)))
        return cli_usage("--html %s: that is the database", cli->html);
    if (cli->csv && cli->html && strcmp(cli->csv, cli->html) == 0)
        return cli_usage("%s: two reports do not fit into one file", cli->csv);
    return 0;
}

static int run_report(struct cli *cli)
{
    int status = check_options(cli);
    if (status == 0 && cli->csv)
        status = write_report(cli, cli->csv, print_csv);
    if (status == 0 && cli->html)
        status = write_report(cli, cli->html, print_html);
    return status;
}

const struct command command_report = {
    .name = "report",
    .args = "",
    .summary = "What became of a batch, in a file for others",
    .about =
        "--csv gives every column and line of the batch's CSV back in their order, with "
        "state,\n"
        "remote_id, amount, currency and error.\n"
        "--html gives one page that needs nothing else, for a browser, a phone and "
        "paper: "
        "who was paid, who was\n"
        "not, what is unknown, what is left; the money, the course of the night, and "
        "every job. With --run it is\n"
        "of the batches that this run asked for, and of the requests its own.\n"
        "A file is written aside and renamed, mode 0600.",
    .options = "bCh",
    .run = run_report,
};
