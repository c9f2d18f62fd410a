/* The program's commands: a table of them, one file each.
 *
 * Results go to stdout, talk to stderr. Settings come from flags, then REMESA_* in the
 * environment, then remesa.conf in this folder (or --config FILE), then
 * /etc/remesa/remesa.conf: the first that has one wins. */
#ifndef REMESA_CLI_CLI_H
#define REMESA_CLI_CLI_H

#include <stdbool.h>

#include "base/err.h"
#include "remesa/remesa.h"

#define CLI_FLAGS_MAX 64
#define CLI_SETS_MAX  64

struct cli {
    const char *database; /* NULL: not named, remesa.db then */
    const char *config;   /* NULL: the usual places */
    bool quiet, verbose, json, watch;
    bool succeeded, not_sent, failed;
    bool accept_move, accept_restore, reach;
    bool yes;
    bool requests, estimate;
    const char *remote_id;
    const char *reason;
    const char *table;
    const char *batch;
    const char *kind;
    const char *sha256;
    const char *recipe;
    const char *html;                   /* file to write; NULL: none */
    const char *run;                    /* a number, or "last" */
    const char *csv;                    /* the same */
    const char *annotate;               /* file to write; NULL: none */
    const char *sets[CLI_SETS_MAX + 1]; /* ended by NULL */
    int set_count;
    int64_t expect_rows;                         /* 0: not given */
    const char *expect_totals[CLI_SETS_MAX + 1]; /* ended by NULL */
    int expect_total_count;
    char delimiter;
    char **args; /* what is left after the options, ended by NULL */
    int arg_count;
    struct cli_flag {
        const char *name, *value;
    } flags[CLI_FLAGS_MAX]; /* settings given as flags, in order */
    int flag_count;
    struct remesa *remesa; /* the handle, with all settings in it */
    char *owned_database;  /* when it came from a file or the environment */
};

struct command {
    const char *name;
    const char *args;    /* after the name, for the usage line */
    const char *summary; /* one line */
    const char *about;   /* more, for `remesa help NAME`; may be NULL */
    const char *options; /* its own: letters of cli_option.takes; "s": settings too */
    int (*run)(struct cli *cli); /* returns the exit status */
    bool is_hidden;              /* for programs: not in the list of `remesa help` */
};

extern const struct command *const cli_commands[]; /* ended by NULL */
const struct command *cli_find_command(const char *name);

extern const struct command command_import, command_check, command_run, command_status,
    command_show, command_plan, command_resolve, command_retry, command_cancel,
    command_release, command_approve, command_report, command_audit, command_actions,
    command_recipes, command_doctor, command_sandbox, command_complete;

/* Fills *cli from argv (argv[0] is the command's name). -1: told already, exit with 64.
 */
int options_parse(struct cli *cli, const struct command *command, int argc, char **argv);
void options_help(const struct command *command);
void options_json(void); /* every command, option and setting */

/* Calls `each` with every option of the command as it is typed ("--base-url") and what it wants
 * (NULL: nothing). */
void options_each(const struct command *command,
                  void (*each)(void *ctx, const char *flag, const char *metavar),
                  void *ctx);

/* Everything but the flags, which options_parse has kept: lays the settings over each
 * other and makes the handle. -1 with err. */
int config_load(struct cli *cli, struct err *err);
void config_keep_flag(const char *name,
                      const char *value); /* a setting given as a flag */

const char *cli_database(const struct cli *cli);
int cli_fail(const struct cli *cli);      /* tells remesa_error; its exit status */
int cli_fail_with(const struct err *err); /* the same of an error of ours */
int cli_usage(const char *fmt, ...) __attribute__((format(printf, 1, 2))); /* 64 */

/* Imports each of the arguments; the names of their batches go to `batches` when it is
 * (freed by the caller, ended by NULL). The exit status. */
int cli_import_all(struct cli *cli, char ***batches);

/* Totals on the command line are of one file: 64, told, when there are several, or none. */
int cli_check_expected(const struct cli *cli);

/* On a terminal, and unless --yes was given: shows what would go to production and has its total typed
 * in. 0: go on; else the exit status, 77 when it was another. */
int cli_confirm_production(struct cli *cli);

/* Has the total of what is shown typed in at the terminal, or the number of jobs. */
struct outgoing;
bool cli_total_is_typed(const struct outgoing *o, const char *to_do);

/* The `index`-th argument as a file to import; complaints and warnings go to stderr. */
struct remesa_import cli_import_of(const struct cli *cli, int index);

/* The catalogue again, for reading: the handle keeps its own to itself. */
struct catalogue;
int cli_read_catalogue(const struct cli *cli, struct catalogue *c, struct err *err);

#endif
