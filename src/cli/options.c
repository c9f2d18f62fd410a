/* Long options in the usual GNU way. A command's own options are named by letters; the
 * settings, which are the same for all that take them, come from the one table in
 * model/settings.h. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/jsonw.h"
#include "base/mem.h"
#include "base/scan.h"
#include "cli/cli.h"
#include "model/settings.h"

static const struct cli_option {
    char letter; /* as in command.options; 0: every command has it */
    const char *name;
    const char *metavar; /* NULL: a switch */
    const char *help;    /* NULL: not shown */
} own_options[] = {
    {'t', "table", "NAME", "table of a SQLite file; without it, the only one it has"},
    {'b', "batch", "NAME", "name of the batch; without it, the file's"},
    {'d', "delimiter", "CHAR",
     "of a CSV: , ; or tab; without it, found in the first line"},
    {'p', "recipe", "NAME",
     "a line becomes the jobs of this recipe; `remesa recipes` lists them"},
    {'p', "set", "NAME=VALUE", "a column of the recipe that is the same for all lines"},
    {'e', "expect-rows", "N",
     "the input has so many lines of data, or nothing is taken in"},
    {'e', "expect-total", "CUR=AMOUNT",
     "its money comes to so much, or nothing is taken in; one for each currency"},
    {'A', "annotate", "OUT",
     "the file given back there, with what is wrong in a last column"},
    {'C', "csv", "OUT", "the batch's CSV with what became of each line"},
    {'r', "succeeded", NULL, "it took effect"},
    {'r', "not-sent", NULL, "it did not: it is queued again"},
    {'r', "remote-id", "ID", "the API's id of it"},
    {'x', "sha256", "DIGEST", "only if the batch's is this one, which import printed"},
    {'f', "failed", NULL, "every failed job, of one batch with --batch"},
    {'R', "reason", "TEXT", "why, for the record"},
    {'k', "kind", "KIND", "only what is held for this: duplicate or cap"},
    {'a', "reach", NULL, "connect to the API too; nothing is sent"},
    {'h', "html", "OUT", "the morning's report as one page of HTML"},
    {'h', "run", "N", "of HTML: what this run was about, by its number, or `last`"},
    {'w', "watch", NULL, "again and again, until Ctrl-C"},
    {'a', "accept-move", NULL,
     "it is the same database in another place, and no copy of it is in use"},
    {'a', "accept-restore", NULL,
     "it was put back, or copied: look up what may have been sent since"},
    {'y', "yes", NULL, "on a terminal, too, nothing is asked"},
    {'q', "requests", NULL, "each request as it would go, secrets masked"},
    {'q', "estimate", NULL, "by counts alone, as with more than 100,000 queued jobs"},
    {0, "db", "FILE", "the database (default: remesa.db)"},
    {0, "config", "FILE",
     "settings; without it, remesa.conf in this folder if there is one"},
    {0, "quiet", NULL, "warnings and errors only"},
    {0, "verbose", NULL, "every move of every job"},
    {0, "json", NULL, "results and log as JSON"},
    {0, "help", NULL, "this text"},
    {0, "api-key", "KEY", NULL}, /* or getopt would take it for a short --api-key-file */
};

#define OWN_COUNT     (int)(sizeof(own_options) / sizeof(*own_options))
#define FIRST_OWN     256
#define FIRST_SETTING 512

static bool takes(const struct command *c, const struct cli_option *o)
{
    return o->letter == 0 || strchr(c->options, o->letter) != NULL;
}

/* "base_url" is typed --base-url. */
static char *flag_name(const char *setting)
{
    char *flag = mem_text(setting);
    for (char *c = flag; *c; c++)
        if (*c == '_')
            *c = '-';
    return flag;
}

static struct option *make_table(const struct command *c, size_t *count)
{
    size_t n = 0, settings = 0;
    while (settings_table[settings].name)
        settings++;
    struct option *table = mem_zero((size_t)OWN_COUNT + settings + 1, sizeof(*table));
    for (int i = 0; i < OWN_COUNT; i++)
        if (takes(c, &own_options[i]))
            table[n++] =
                (struct option){mem_text(own_options[i].name),
                                own_options[i].metavar ? required_argument : no_argument,
                                NULL, FIRST_OWN + i};
    for (size_t i = 0; strchr(c->options, 's') && i < settings; i++)
        table[n++] =
            (struct option){flag_name(settings_table[i].name),
                            settings_table[i].metavar ? required_argument : no_argument,
                            NULL, FIRST_SETTING + (int)i};
    *count = n;
    return table;
}

static int read_delimiter(struct cli *cli, const char *text)
{
    bool tab =
        strcmp(text, "tab") == 0 || strcmp(text, "\\t") == 0 || strcmp(text, "\t") == 0;
    if (!tab && strcmp(text, ",") != 0 && strcmp(text, ";") != 0) {
        cli_usage("--delimiter: '%s' is not one of , ; tab", text);
        return -1;
    }
    cli->delimiter = tab ? '\t' : text[0];
    return 0;
}

static int keep_set(struct cli *cli, const char *text)
{
    if (cli->set_count == CLI_SETS_MAX) {
        cli_usage("more than %d --set on one command line", CLI_SETS_MAX);
        return -1;
    }
    cli->sets[cli->set_count++] = text;
    return 0;
}

static int keep_expected_rows(struct cli *cli, const char *text)
{
    if (cli->expect_rows == 0 && scan_int(span_of(text), 1, INT64_MAX, &cli->expect_rows))
        return 0;
    if (cli->expect_rows)
        cli_usage("--expect-rows twice: an input has one number of lines");
    else
        cli_usage("--expect-rows %s: wanted a number of lines, 1 or more", text);
    return -1;
}

static int keep_expected_total(struct cli *cli, const char *text)
{
    if (cli->expect_total_count == CLI_SETS_MAX) {
        cli_usage("more than %d --expect-total on one command line", CLI_SETS_MAX);
        return -1;
    }
    cli->expect_totals[cli->expect_total_count++] = text;
    return 0;
}

static int take_own(struct cli *cli, const struct command *command, const char *name,
                    char *value)
{
    if (strcmp(name, "help") == 0) {
        options_help(command);
        exit(0); /* nothing is open yet */
    }
    if (strcmp(name, "api-key") == 0) {
        cli_usage(
            "the API key is never given on a command line, where everybody can read it: "
            "put it into a file and name that with --api-key-file");
        return -1;
    }
    if (strcmp(name, "delimiter") == 0)
        return read_delimiter(cli, value);
    if (strcmp(name, "set") == 0)
        return keep_set(cli, value);
    if (strcmp(name, "expect-rows") == 0)
        return keep_expected_rows(cli, value);
    if (strcmp(name, "expect-total") == 0)
        return keep_expected_total(cli, value);
    const struct {
        const char *name;
        const char **text;
        bool *flag;
    } places[] = {
        {"succeeded", NULL, &cli->succeeded},
        {"not-sent", NULL, &cli->not_sent},
        {"failed", NULL, &cli->failed},
        {"remote-id", &cli->remote_id, NULL},
        {"reason", &cli->reason, NULL},
        {"kind", &cli->kind, NULL},
        {"sha256", &cli->sha256, NULL},
        {"table", &cli->table, NULL},
        {"batch", &cli->batch, NULL},
        {"recipe", &cli->recipe, NULL},
        {"annotate", &cli->annotate, NULL},
        {"csv", &cli->csv, NULL},
        {"html", &cli->html, NULL},
        {"run", &cli->run, NULL},
        {"db", &cli->database, NULL},
        {"accept-move", NULL, &cli->accept_move},
        {"accept-restore", NULL, &cli->accept_restore},
        {"reach", NULL, &cli->reach},
        {"yes", NULL, &cli->yes},
        {"requests", NULL, &cli->requests},
        {"estimate", NULL, &cli->estimate},
        {"config", &cli->config, NULL},
        {"quiet", NULL, &cli->quiet},
        {"verbose", NULL, &cli->verbose},
        {"json", NULL, &cli->json},
        {"watch", NULL, &cli->watch},
    };
    for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
        if (strcmp(places[i].name, name) != 0)
            continue;
        if (places[i].text)
            *places[i].text = value;
        else
            *places[i].flag = true;
    }
    return 0;
}

static int keep_setting(struct cli *cli, const char *name, const char *value)
{
    if (cli->flag_count == CLI_FLAGS_MAX) {
        cli_usage("more than %d settings on one command line", CLI_FLAGS_MAX);
        return -1;
    }
    cli->flags[cli->flag_count++] = (struct cli_flag){name, value};
    return 0;
}

static int take_option(struct cli *cli, const struct command *command, int code)
{
    if (code >= FIRST_SETTING) {
        const struct setting *s = &settings_table[code - FIRST_SETTING];
        return keep_setting(cli, s->name, s->metavar ? optarg : "on");
    }
    if (code >= FIRST_OWN)
        return take_own(cli, command, own_options[code - FIRST_OWN].name, optarg);
    fprintf(stderr, "remesa: `remesa help %s` tells what it takes\n", command->name);
    return -1;
}

int options_parse(struct cli *cli, const struct command *command, int argc, char **argv)
{
    size_t count;
    struct option *table = make_table(command, &count);
    char *whole_name = mem_printf("remesa %s", command->name);
    char *given_name = argv[0];
    int code, rc = 0;
    argv[0] = whole_name; /* getopt begins its complaints with it */
    while (rc == 0 && (code = getopt_long(argc, argv, "", table, NULL)) != -1)
        rc = take_option(cli, command, code);
    for (size_t i = 0; i < count; i++)
        free((char *)table[i].name);
    free(table);
    free(whole_name);
    argv[0] = given_name;
    cli->args = argv + optind;
    cli->arg_count = argc - optind;
    return rc;
}

/* ---- help ---- */

static void print_option(const char *name, const char *metavar, const char *help,
                         const char *initial)
{
    char *flag = flag_name(name);
    char left[64];
    snprintf(left, sizeof(left), "--%s%s%s", flag, metavar ? " " : "",
             metavar ? metavar : "");
    printf("  %-24s  %s", left, help);
    if (initial)
        printf(" (default: %s)", initial);
    putchar('\n');
    free(flag);
}

void options_help(const struct command *command)
{
    printf("usage: remesa %s [OPTION...]%s%s\n\n%s.\n", command->name,
           command->args[0] ? " " : "", command->args, command->summary);
    if (command->about)
        printf("\n%s\n", command->about);
    puts("\noptions");
    for (int i = 0; i < OWN_COUNT; i++)
        if (takes(command, &own_options[i]) && own_options[i].help)
            print_option(own_options[i].name, own_options[i].metavar, own_options[i].help,
                         NULL);
    if (!strchr(command->options, 's'))
        return;
    puts("\nsettings (also as REMESA_NAME in the environment and as a line of "
         "remesa.conf)");
    for (const struct setting *s = settings_table; s->name; s++)
        print_option(s->name, s->metavar, s->help, s->initial);
}

/* ---- for programs ---- */

static void write_option(struct jsonw *w, const char *name, const char *metavar,
                         const char *initial, const char *help)
{
    char *flag = flag_name(name);
    jsonw_open(w, NULL, '{');
    jsonw_text(w, "name", name);
    jsonw_text(w, "flag", flag);
    jsonw_text(w, "metavar", metavar);
    jsonw_text(w, "default", initial);
    jsonw_text(w, "help", help);
    jsonw_close(w, '}');
    free(flag);
}

static void write_command(struct jsonw *w, const struct command *c)
{
    jsonw_open(w, NULL, '{');
    jsonw_text(w, "name", c->name);
    jsonw_text(w, "args", c->args);
    jsonw_text(w, "summary", c->summary);
    jsonw_bool(w, "hidden", c->is_hidden);
    jsonw_bool(w, "settings", strchr(c->options, 's') != NULL);
    jsonw_open(w, "options", '[');
    for (int i = 0; i < OWN_COUNT; i++)
        if (takes(c, &own_options[i]) && own_options[i].help)
            write_option(w, own_options[i].name, own_options[i].metavar, NULL,
                         own_options[i].help);
    jsonw_close(w, ']');
    jsonw_close(w, '}');
}

void options_json(void)
{
    struct buf b;
    struct jsonw w;
    buf_init(&b, 1024 * 1024);
    jsonw_init(&w, &b);
    jsonw_open(&w, NULL, '{');
    jsonw_open(&w, "commands", '[');
    for (const struct command *const *c = cli_commands; *c; c++)
        write_command(&w, *c);
    jsonw_close(&w, ']');
    jsonw_open(&w, "settings", '[');
    for (const struct setting *s = settings_table; s->name; s++)
        write_option(&w, s->name, s->metavar, s->initial, s->help);
    jsonw_close(&w, ']');
    jsonw_close(&w, '}');
    puts(b.data);
    buf_close(&b);
}

static void hand_over(void (*each)(void *ctx, const char *flag, const char *metavar),
                      void *ctx, const char *name, const char *metavar)
{
    char *dashed = flag_name(name), *flag = mem_printf("--%s", dashed);
    each(ctx, flag, metavar);
    free(flag);
    free(dashed);
}

void options_each(const struct command *command,
                  void (*each)(void *ctx, const char *flag, const char *metavar),
                  void *ctx)
{
    for (int i = 0; i < OWN_COUNT; i++)
        if (takes(command, &own_options[i]) && own_options[i].help)
            hand_over(each, ctx, own_options[i].name, own_options[i].metavar);
    for (const struct setting *s = settings_table;
         strchr(command->options, 's') && s->name; s++)
        hand_over(each, ctx, s->name, s->metavar);
}
