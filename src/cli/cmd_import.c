#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "cli/annotate.h"
#include "cli/cli.h"
#include "cli/summary.h"

#define TOLD_MAX 1000 /* complaints that are printed; the rest is counted */
#define HELD_MAX 10   /* the same of held jobs: the view holds has them all */

struct teller {
    const char *path;
    int64_t told, held;
    struct annotations *notes; /* NULL: nobody wants them */
    struct summary *summary;   /* NULL: an import, which has none */
};

static void say(struct teller *t, const char *kind, int64_t line, const char *column,
                const char *text)
{
    if (t->told++ >= TOLD_MAX)
        return;
    fprintf(stderr, "%s:%s", t->path, kind);
    if (line)
        fprintf(stderr, " line %" PRId64 ":", line);
    if (column)
        fprintf(stderr, " %s:", column);
    fprintf(stderr, " %s\n", text);
}

static void tell(void *ctx, int64_t line, const char *column, const char *text)
{
    struct teller *t = ctx;
    if (t->summary)
        summary_complain(t->summary, false, line, column, text);
    if (t->notes)
        note_add(t->notes, "", line, column, text);
    say(t, "", line, column, text);
}

static void warn(void *ctx, int64_t line, const char *column, const char *text)
{
    struct teller *t = ctx;
    if (t->summary)
        summary_complain(t->summary, true, line, column, text);
    if (t->notes)
        note_add(t->notes, "warning: ", line, column, text);
    say(t, " warning:", line, column, text);
}

static void tell_rest(const struct teller *t)
{
    if (t->told > TOLD_MAX)
        fprintf(stderr, "%s: ... and %" PRId64 " more\n", t->path, t->told - TOLD_MAX);
}

static void tell_held(void *ctx, int64_t line, const char *ref, const char *why)
{
    struct teller *t = ctx;
    if (t->held++ < HELD_MAX)
        fprintf(stderr, "%s: line %" PRId64 ": %s is held: %s\n", t->path, line, ref,
                why);
}

static void tell_held_count(const struct remesa_imported *got, bool check_only)
{
    if (got->held > HELD_MAX)
        fprintf(stderr, "... and %" PRId64 " more\n", got->held - HELD_MAX);
    if (got->held && check_only)
        log_say(LOG_NOTE, "%" PRId64 " %s would be held and not sent", got->held,
                text_plural(got->held, "job", "jobs"));
    else if (got->held)
        log_say(LOG_NOTE,
                "%" PRId64
                " of them are held and not sent (view holds); look, and remesa "
                "release REF --reason TEXT lets one go, remesa cancel REF takes it out",
                got->held);
}

static void tell_unapproved(const struct remesa_imported *got, bool check_only)
{
    struct buf batch;
    if (!got->unapproved)
        return;
    buf_init(&batch, 1024);
    text_shell_word(&batch, span_of(got->batch));
    if (check_only)
        log_say(LOG_NOTE,
                "it would wait for the approval of another system user (four_eyes)");
    else
        log_say(LOG_NOTE,
                "nothing of it is sent before another system user has approved it: "
                "remesa approve %s",
                batch.data);
    buf_close(&batch);
}

static void tell_row(void *ctx, const char *table, const struct remesa_cell *cells,
                     int count)
{
    struct teller *t = ctx;
    summary_row(t->summary, table, cells, count);
}

static void tell_warnings(const char *path, const struct remesa_imported *got)
{
    if (got->warnings)
        printf("%s: %" PRId64 " warning%s, which --strict makes errors of\n", path,
               got->warnings, text_plural(got->warnings, "", "s"));
}

static void tell_result(const struct cli *cli, const char *path,
                        const struct remesa_imported *got)
{
    if (cli->json || cli->quiet)
        return;
    if (got->jobs)
        printf("%s: imported %" PRId64 " %s as batch %s (%" PRId64
               " known already), sha256 %s\n",
               path, got->jobs, text_plural(got->jobs, "job", "jobs"), got->batch,
               got->known, got->sha256);
    else
        printf("%s: nothing new: %s%" PRId64 " %s known already (batch %s)\n", path,
               text_plural(got->known, "", "all "), got->known,
               text_plural(got->known, "job is", "jobs are"), got->batch);
    tell_warnings(path, got);
}

static struct remesa_import what_of(const struct cli *cli, const char *path,
                                    struct teller *teller)
{
    return (struct remesa_import){
        .path = path,
        .table = cli->table,
        .batch = cli->batch,
        .delimiter = cli->delimiter,
        .recipe = cli->recipe,
        .sets = cli->sets,
        .expect_rows = cli->expect_rows,
        .expect_totals = cli->expect_totals,
        .check_only = teller->summary != NULL,
        .complain = tell,
        .warn = warn,
        .held = tell_held,
        .survey = teller->summary ? tell_row : NULL,
        .ctx = teller,
    };
}

static int take_one(struct cli *cli, struct teller *teller, struct remesa_imported *got)
{
    const struct remesa_import what = what_of(cli, teller->path, teller);
    *got = (struct remesa_imported){0};
    int rc = remesa_import(cli->remesa, &what, got);
    tell_rest(teller);
    if (rc)
        return cli_fail(cli);
    tell_held_count(got, teller->summary != NULL);
    tell_unapproved(got, teller->summary != NULL);
    return 0;
}

static int import_one(struct cli *cli, const char *path, char **batch)
{
    struct teller teller = {.path = path};
    struct remesa_imported got;
    int status = take_one(cli, &teller, &got);
    if (status)
        return status;
    tell_result(cli, path, &got);
    *batch = mem_text(got.batch);
    return 0;
}

static int check_one(struct cli *cli, const char *path, struct annotations *notes)
{
    struct summary summary;
    struct teller teller = {.path = path, .summary = &summary, .notes = notes};
    struct remesa_imported got;
    summary_open(&summary, cli->json);
    int status = take_one(cli, &teller, &got);
    if (!cli->quiet || cli->json)
        summary_print(stdout, &summary, path, &got, status);
    if (status == 0 && !cli->quiet && !cli->json)
        tell_warnings(path, &got);
    summary_close(&summary);
    return status;
}

int cli_import_all(struct cli *cli, char ***batches)
{
    char **names = mem_zero((size_t)cli->arg_count + 1, sizeof(*names));
    int status = 0;
    for (int i = 0; i < cli->arg_count && status == 0; i++)
        status = import_one(cli, cli->args[i], &names[i]);
    *batches = names;
    return status;
}

static void tell_path(void *ctx, int64_t line, const char *column, const char *text)
{
    struct teller t = {.path = ctx};
    tell(&t, line, column, text);
}

static void warn_path(void *ctx, int64_t line, const char *column, const char *text)
{
    struct teller t = {.path = ctx};
    warn(&t, line, column, text);
}

struct remesa_import cli_import_of(const struct cli *cli, int index)
{
    struct teller none = {0};
    struct remesa_import what = what_of(cli, cli->args[index], &none);
    what.complain = tell_path;
    what.warn = warn_path;
    what.held = NULL; /* who asks tells of them in a table of its own */
    what.ctx = cli->args[index];
    return what;
}

int cli_check_expected(const struct cli *cli)
{
    if (cli->arg_count == 1 || (!cli->expect_rows && !cli->expect_total_count))
        return 0;
    if (cli->arg_count == 0)
        return cli_usage("--expect-rows and --expect-total are of a file: name it");
    return cli_usage(
        "--expect-rows and --expect-total are of one file; with several write "
        "those of each into a file beside it: %s.totals",
        cli->args[0]);
}

static int run_import(struct cli *cli)
{
    if (cli->arg_count == 0)
        return cli_usage("name the file to import: remesa import FILE");
    int status = cli_check_expected(cli);
    for (int i = 0; i < cli->arg_count && status == 0; i++) {
        char *batch = NULL;
        status = import_one(cli, cli->args[i], &batch);
        free(batch);
    }
    return status;
}

static int check_and_annotate(struct cli *cli)
{
    struct annotations notes = {0};
    int status = note_check_usage(cli);
    if (status)
        return status;
    status = check_one(cli, cli->args[0], &notes);
    int written = status == 0 || notes.count ? note_write(cli, &notes) : 0;
    annotations_close(&notes);
    return status ? status : written;
}

static int run_check(struct cli *cli)
{
    if (cli->arg_count == 0)
        return cli_usage("name the file to check: remesa check FILE");
    int status = cli_check_expected(cli);
    if (status)
        return status;
    if (cli->annotate)
        return check_and_annotate(cli);
    for (int i = 0; i < cli->arg_count && status == 0; i++)
        status = check_one(cli, cli->args[i], NULL);
    return status;
}

#define ABOUT_FILES                                                                      \
    "FILE is a CSV ('-': standard input) or another SQLite file. Its first line names "  \
    "the columns:\n"                                                                     \
    "ref and action, which every row has; on_behalf_of, needs and params (a JSON "       \
    "object); and the\n"                                                                 \
    "columns of the actions, which `remesa actions` lists. An empty cell is absent. "    \
    "'@ref' in a cell\n"                                                                 \
    "stands for the id that the API gives to that job's resource.\n"                     \
    "With --recipe they are the recipe's own columns (`remesa recipes NAME`).\n"         \
    "Everything that is wrong is told in one pass, and then nothing is imported (exit "  \
    "65).\n"                                                                             \
    "Control totals that the input does not come to are wrong, too: --expect-rows, "     \
    "--expect-total,\n"                                                                  \
    "and a file FILE.totals beside it with lines such as `rows = 412` and "              \
    "`total = ars 1082998.10`."

const struct command command_import = {
    .name = "import",
    .args = "FILE...",
    .summary = "Takes a CSV or SQLite file in: all of its rows, or none",
    .about = ABOUT_FILES "\nThe same file again changes nothing.",
    .options = "tbdpes",
    .run = run_import,
};

const struct command command_check = {
    .name = "check",
    .args = "FILE...",
    .summary =
        "The same reading and judging as import; nothing is written, nothing is sent",
    .about = ABOUT_FILES
    "\nThen it tells what the new jobs come to: how many of each action, money per "
    "currency, "
    "payees\n"
    "that the database has never seen. It reads the database as of this moment, beside a "
    "run too.",
    .options = "tbdpesA",
    .run = run_check,
};
