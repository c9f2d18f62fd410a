/* Before money moves: somebody at a terminal types the total that is about to go. Where nobody sits (a
 * timer, a script) the setting that says "production" has to be enough. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/scan.h"
#include "base/text.h"
#include "cli/cli.h"
#include "store/outgoing.h"

#define ANSWER_MAX 128

static void show(const struct cli *cli, const struct outgoing *o)
{
    char amount[DECIMAL_TEXT_MAX];
    fprintf(stderr, "This is production: %s\nto be sent: %" PRId64 " %s\n",
            remesa_get(cli->remesa, "base_url"), o->jobs,
            text_plural(o->jobs, "job", "jobs"));
    for (size_t i = 0; i < o->total_count; i++)
        fprintf(stderr, "            %s %s\n", money_text(o->totals[i], amount),
                o->totals[i].currency);
    if (o->inbox)
        fprintf(
            stderr, "            and what %" PRId64 " %s to\n", o->inbox,
            text_plural(o->inbox, "row of the inbox comes", "rows of the inbox come"));
}

static bool read_answer(char out[ANSWER_MAX])
{
    if (!fgets(out, ANSWER_MAX, stdin))
        return false;
    char *end = strchr(out, '\n');
    if (end)
        *end = '\0';
    return end != NULL;
}

/* By value: 7.50 is 7.5. */
static bool is_total(const char *typed, const struct money *total)
{
    struct decimal want = {total->minor, currency_places(total->currency)}, got;
    return decimal_parse_plain(span_of(typed), &got) && decimal_same(want, got);
}

static bool is_count(const char *typed, int64_t jobs)
{
    int64_t n;
    return scan_int(span_of(typed), 0, INT64_MAX, &n) && n == jobs;
}

bool cli_total_is_typed(const struct outgoing *o, const char *to_do)
{
    char typed[ANSWER_MAX];
    if (o->total_count)
        fprintf(stderr, "Type the total in %s to %s: ", o->totals[0].currency, to_do);
    else
        fprintf(stderr, "Type the number of jobs to %s: ", to_do);
    fflush(stderr);
    if (!read_answer(typed))
        return false;
    return o->total_count ? is_total(typed, &o->totals[0]) : is_count(typed, o->jobs);
}

static int confirm(const struct cli *cli, const struct outgoing *o)
{
    if (o->jobs + o->inbox == 0)
        return 0;
    show(cli, o);
    if (cli_total_is_typed(o, "send it"))
        return 0;
    log_say(LOG_ERROR, "that is not it: nothing was sent, everything is kept");
    return err_exit_status(ERR_NOPERM);
}

int cli_confirm_production(struct cli *cli)
{
    struct outgoing o;
    struct store *store;
    struct err err;
    bool production;
    if (remesa_is_production(cli->remesa, &production))
        return cli_fail(cli);
    if (!production || cli->yes || !isatty(STDIN_FILENO) || !isatty(STDERR_FILENO))
        return 0;
    if (store_open(&store, cli_database(cli), STORE_READ, "", &err))
        return err.code == ERR_NOINPUT ? 0 : cli_fail_with(&err); /* nothing is in it */
    int status = store_outgoing(store, &o, &err) ? cli_fail_with(&err) : confirm(cli, &o);
    outgoing_close(&o);
    store_close(store);
    return status;
}
