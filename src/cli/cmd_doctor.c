#include <inttypes.h>
#include <stdio.h>

#include "base/log.h"
#include "base/text.h"
#include "cli/cli.h"

struct findings {
    bool quiet;
    int faults;
};

static void tell(void *ctx, bool well, const char *what, const char *text)
{
    struct findings *f = ctx;
    f->faults += !well;
    if (!well || !f->quiet)
        printf("%-4s  %-9s  %s\n", well ? "ok" : "BAD", what, text);
}

static int examine(struct cli *cli)
{
    struct findings f = {.quiet = cli->quiet};
    remesa_examine(cli->remesa, tell, &f);
    if (cli->reach)
        remesa_reach(cli->remesa, tell, &f);
    return f.faults > 0;
}

static bool tell_batch(void *ctx, const struct remesa_cell *cells, int count)
{
    (void)ctx;
    if (count)
        printf("  %s\n", cells[0].text);
    return true;
}

static void tell_restored(struct cli *cli, const struct remesa_restored *restored)
{
    printf(
        "accepted: %" PRId64
        " %s may have been sent by what was lost; each is looked up before it is sent\n",
        restored->suspects, text_plural(restored->suspects, "job", "jobs"));
    if (!restored->lost_batches)
        return;
    puts("These batches were taken in meanwhile, and this file does not know them. Until "
         "each is imported again,\nor struck off the table lost_batch, new imports are "
         "looked up first too:");
    remesa_report(cli->remesa, "lost_batches", NULL, 0, tell_batch, NULL);
}

static int look_up(struct cli *cli)
{
    const struct remesa_run how = {.look_only = true, .handle_signals = true};
    struct remesa_ran ran;
    if (remesa_run(cli->remesa, &how, &ran))
        return cli_fail(cli);
    printf("found: %" PRId64 " had been taken; %" PRId64 " %s in doubt; %" PRId64
           " %s, for `remesa run`\n",
           ran.last.succeeded + ran.last.following, ran.last.in_doubt,
           text_plural(ran.last.in_doubt, "is", "are"), ran.last.waiting,
           text_plural(ran.last.waiting, "waits", "wait"));
    return ran.exit_status;
}

static int accept_restore(struct cli *cli)
{
    struct remesa_restored restored;
    if (remesa_check_setup(cli->remesa)) /* or nothing could be looked up */
        return cli_fail(cli);
    if (remesa_accept_restore(cli->remesa, &restored))
        return cli_fail(cli);
    if (!cli->quiet)
        tell_restored(cli, &restored);
    return look_up(cli);
}

static int accept_move(struct cli *cli)
{
    if (remesa_accept_move(cli->remesa))
        return cli_fail(cli);
    if (!cli->quiet)
        puts("accepted: the next run goes on from here");
    return 0;
}

static int run_doctor(struct cli *cli)
{
    if (cli->arg_count || (cli->accept_move && cli->accept_restore))
        return cli_usage("doctor takes no argument, and one of --accept-move, "
                         "--accept-restore at most");
    if (cli->accept_move)
        return accept_move(cli);
    return cli->accept_restore ? accept_restore(cli) : examine(cli);
}

const struct command command_doctor = {
    .name = "doctor",
    .args = "",
    .summary =
        "Whether a run would find all it needs; and what if the database was put back",
    .about =
        "A database that was put back from a backup, or copied, does not know what was "
        "sent "
        "since, and would\nsend it again. The mark beside it (FILE-mark) tells, and a "
        "run "
        "refuses such a file. Then either the\nright file is put back, or one of the two "
        "options is given: --accept-move changes nothing but the mark;\n--accept-restore "
        "keeps every job that is not known to be accepted from being sent until the "
        "API's "
        "lists,\nor a person, say that it was not.\n\n"
        "exit status: 0 all is well; 1 something is not; with --accept-restore that of a "
        "run",
    .options = "as",
    .run = run_doctor,
};
