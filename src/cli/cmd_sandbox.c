#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "cli/cli.h"

#define PROGRAM "remesa-sandbox"

/* The one that was built or installed with this program, before any other of that name.
 */
static void exec_neighbour(char **args)
{
    char self[4096];
    ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
    if (n <= 0)
        return;
    self[n] = '\0';
    char *slash = strrchr(self, '/');
    if (!slash)
        return;
    *slash = '\0';
    char *path = mem_printf("%s/" PROGRAM, self);
    execv(path, args);
    free(path);
}

static int run_sandbox(struct cli *cli)
{
    char **args = mem_zero((size_t)cli->arg_count + 2, sizeof(*args));
    args[0] = mem_text(PROGRAM);
    memcpy(args + 1, cli->args, (size_t)cli->arg_count * sizeof(*args));
    exec_neighbour(args);
    execvp(PROGRAM, args);
    log_say(LOG_ERROR, "cannot start " PROGRAM ": %s; it is installed with this program",
            strerror(errno));
    free(args[0]);
    free(args);
    return err_exit_status(ERR_NOINPUT);
}

const struct command command_sandbox = {
    .name = "sandbox",
    .args = "[-- OPTION...]",
    .summary =
        "The API on this machine, for rehearsals: it keeps a ledger of every effect",
    .about = "Its own options come after `--`: remesa sandbox -- --help",
    .options = "",
    .run = run_sandbox,
};
