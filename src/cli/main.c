#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "cli/cli.h"

/* clang-format off */
const struct command *const cli_commands[] = {
    &command_import,
    &command_check,
    &command_plan,
    &command_run,
    &command_status,
    &command_show,
    &command_resolve,
    &command_retry,
    &command_cancel,
    &command_release,
    &command_approve,
    &command_report,
    &command_audit,
    &command_actions,
    &command_recipes,
    &command_doctor,
    &command_sandbox,
    &command_complete,
    NULL,
};
/* clang-format on */

const struct command *cli_find_command(const char *name)
{
    for (const struct command *const *c = cli_commands; *c; c++)
        if (strcmp((*c)->name, name) == 0)
            return *c;
    return NULL;
}

static void print_help(FILE *out)
{
    fputs("remesa carries out a batch of payments against a money API, each once, and "
          "keeps the\n"
          "fate of every one in a SQLite file.\n\n"
          "usage: remesa COMMAND [OPTION...] [ARGUMENT...]\n\n",
          out);
    for (const struct command *const *c = cli_commands; *c; c++)
        if (!(*c)->is_hidden)
            fprintf(out, "  %-8s  %s\n", (*c)->name, (*c)->summary);
    fputs("  help      what a command does and takes: remesa help COMMAND\n"
          "  version   versions of the program and its libraries\n\n"
          "A first rehearsal, with nothing at stake: bash samples/quickstart.sh\n"
          "Manuals: remesa(1), remesa.conf(5), remesa-db(5), remesa-sandbox(1)\n",
          out);
}

static int help(const char *name)
{
    if (!name) {
        print_help(stdout);
        return 0;
    }
    if (strcmp(name, "--json") == 0) {
        options_json();
        return 0;
    }
    const struct command *c = cli_find_command(name);
    if (!c)
        return cli_usage("there is no command '%s'; `remesa help` lists them", name);
    options_help(c);
    return 0;
}

/* No core file and no /proc/PID/mem for others: the key is in this memory (CWE-528). A
 * sanitized build needs to look into itself for leaks, so it stays open there. */
static void keep_memory_private(void)
{
    const struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
#endif
}

/* A reader that has seen enough (`| head`) is no fault. */
static bool is_pipe(int fd)
{
    struct stat st;
    return fstat(fd, &st) == 0 && S_ISFIFO(st.st_mode);
}

static enum log_level least_level(const struct cli *cli)
{
    return cli->quiet ? LOG_WARN : cli->verbose ? LOG_INFO : LOG_NOTE;
}

/* What the settings say of the log is known only now. */
static int start(struct cli *cli, const struct command *command)
{
    bool json = cli->json || strcmp(remesa_get(cli->remesa, "log_format"), "json") == 0;
    log_setup(least_level(cli), json);
    return command->run(cli);
}

static int run_command(const struct command *command, int argc, char **argv)
{
    struct err err;
    struct cli cli = {0};
    if (options_parse(&cli, command, argc, argv))
        return 64;
    log_setup(least_level(&cli), cli.json);
    int status = config_load(&cli, &err) ? cli_fail_with(&err) : start(&cli, command);
    remesa_free(cli.remesa);
    free(cli.owned_database);
    return status;
}

/* A descriptor 0, 1 or 2 that is closed would be given to the next file that is opened: the database,
 * into which talk would then be written. */
static void fill_standard_streams(void)
{
    int fd;
    do
        fd = open("/dev/null", O_RDWR);
    while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd >= 0)
        close(fd);
}

static int print_version(void)
{
    char libraries[512];
    remesa_libraries(libraries, sizeof(libraries));
    printf("remesa %s\n%s\n", remesa_version(), libraries);
    return 0;
}

static int dispatch(int argc, char **argv)
{
    if (argc < 2) {
        print_help(stderr);
        return err_exit_status(ERR_USAGE);
    }
    const char *name = argv[1];
    if (strcmp(name, "help") == 0 || strcmp(name, "--help") == 0 ||
        strcmp(name, "-h") == 0)
        return help(argc > 2 ? argv[2] : NULL);
    if (strcmp(name, "version") == 0 || strcmp(name, "--version") == 0)
        return print_version();
    const struct command *command = cli_find_command(name);
    if (!command)
        return cli_usage("there is no command '%s'; `remesa help` lists them", name);
    return run_command(command, argc - 1, argv + 1);
}

int main(int argc, char **argv)
{
    umask(077);
    fill_standard_streams();
    setvbuf(stdout, NULL, _IOLBF, 0); /* results and talk in their order, in a file too */
    signal(SIGPIPE, SIG_IGN);
    keep_memory_private();
    int status = dispatch(argc, argv);
    if ((fflush(stdout) != 0 || ferror(stdout)) && !is_pipe(STDOUT_FILENO)) {
        log_say(LOG_ERROR, "cannot write the results to standard output");
        return status ? status : err_exit_status(ERR_IO);
    }
    return status;
}

/* ---- what the commands share ---- */

const char *cli_database(const struct cli *cli)
{
    return cli->database ? cli->database : "remesa.db";
}

int cli_fail(const struct cli *cli)
{
    log_say(LOG_ERROR, "%s", remesa_error(cli->remesa));
    return remesa_exit_status(cli->remesa);
}

int cli_fail_with(const struct err *err)
{
    log_say(LOG_ERROR, "%s", err->text);
    return err_exit_status(err->code);
}

int cli_usage(const char *fmt, ...)
{
    char text[ERR_TEXT_MAX];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    log_say(LOG_ERROR, "%s", text);
    return err_exit_status(ERR_USAGE);
}
