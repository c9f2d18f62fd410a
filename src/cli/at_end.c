#include "cli/at_end.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "model/command_words.h"

/* A file and no pipe: a child that does not read holds nobody up. */
static int open_summary(struct span summary)
{
    int fd = memfd_create("summary", MFD_CLOEXEC);
    if (fd < 0)
        return -1;
    bool whole = write(fd, summary.ptr, summary.len) == (ssize_t)summary.len;
    if (whole && lseek(fd, 0, SEEK_SET) == 0)
        return fd;
    close(fd);
    return -1;
}

/* SIGPIPE is ignored here, and SIGCHLD blocked while we wait: a child that inherits either behaves
 * strangely. */
static void set_attributes(posix_spawnattr_t *a)
{
    sigset_t defaults, none;
    sigemptyset(&none);
    sigfillset(&defaults);
    sigdelset(&defaults, SIGKILL);
    sigdelset(&defaults, SIGSTOP);
    posix_spawnattr_init(a);
    posix_spawnattr_setsigdefault(a, &defaults);
    posix_spawnattr_setsigmask(a, &none);
    posix_spawnattr_setpgroup(a, 0);
    posix_spawnattr_setflags(a, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK |
                                    POSIX_SPAWN_SETPGROUP);
}

static int start(char *const *words, int summary, pid_t *child)
{
    static char path[] = "PATH=/usr/local/bin:/usr/bin:/bin", lang[] = "LANG=C.UTF-8";
    char *const environment[] = {path, lang, NULL};
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    set_attributes(&attributes);
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_adddup2(&files, summary, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&files, STDERR_FILENO, STDOUT_FILENO);
    posix_spawn_file_actions_addclosefrom_np(&files, STDERR_FILENO + 1);
    int rc = posix_spawn(child, words[0], &files, &attributes, words, environment);
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attributes);
    return rc;
}

/* Until the child has ended, or the time is over: then false. SIGCHLD must be blocked. */
static bool wait_for(pid_t child, int seconds, int *status)
{
    sigset_t ended;
    struct mono until = mono_add(clock_mono(), seconds * SEC_US);
    sigemptyset(&ended);
    sigaddset(&ended, SIGCHLD);
    while (waitpid(child, status, WNOHANG) == 0) {
        int64_t left = until.us - clock_mono().us;
        if (left <= 0)
            return false;
        const struct timespec rest = {left / SEC_US, left % SEC_US * 1000};
        sigtimedwait(&ended, NULL, &rest);
    }
    return true;
}

static void wait_or_end(pid_t child, const char *name)
{
    int status = 0;
    if (!wait_for(child, AT_END_SECONDS, &status)) {
        log_say(LOG_WARN, "at_end: %s did not end within %d s: it is ended", name,
                AT_END_SECONDS);
        kill(-child, SIGTERM);
        if (!wait_for(child, AT_END_GRACE, &status)) {
            kill(-child, SIGKILL);
            waitpid(child, &status, 0);
        }
    } else if (WIFSIGNALED(status)) {
        log_say(LOG_WARN, "at_end: %s was ended by signal %d", name, WTERMSIG(status));
    } else if (WEXITSTATUS(status) != 0) {
        log_say(LOG_WARN, "at_end: %s ended with %d", name, WEXITSTATUS(status));
    } else {
        log_say(LOG_INFO, "at_end: %s ended with 0", name);
    }
}

void at_end_run(const char *command, struct span summary)
{
    struct command_words words;
    sigset_t child_ends, before;
    pid_t child;
    int fd = open_summary(summary);
    if (fd < 0 || !command_split(&words, command)) {
        log_say(LOG_WARN, "at_end: no summary can be given: %s", strerror(errno));
        if (fd >= 0)
            close(fd);
        return;
    }
    sigemptyset(&child_ends);
    sigaddset(&child_ends, SIGCHLD);
    sigprocmask(SIG_BLOCK, &child_ends, &before);
    int rc = start(words.words, fd, &child);
    close(fd);
    if (rc)
        log_say(LOG_WARN, "at_end: %s cannot be started: %s", words.words[0],
                strerror(rc));
    else
        wait_or_end(child, words.words[0]);
    sigprocmask(SIG_SETMASK, &before, NULL);
    command_words_close(&words);
}
