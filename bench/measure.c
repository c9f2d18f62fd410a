/* Runs a command and writes what it cost, its children that it waited for included:
 *
 *     measure FILE COMMAND [ARGUMENT...]
 *
 * A program of its own because the kernel counts the memory of whoever starts a process by vfork as the process's own
 * peak: here that is nearly nothing. One line: microseconds since 1970 at the start, of the whole, in user mode and in the
 * kernel, peak memory in KiB. The exit status is the command's; 128 and more: the signal that ended it. */
#include <inttypes.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int64_t clock_us(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static int64_t to_us(struct timeval t)
{
    return (int64_t)t.tv_sec * 1000000 + t.tv_usec;
}

int main(int argc, char **argv)
{
    if (argc < 3) {
        fputs("usage: measure FILE COMMAND [ARGUMENT...]\n", stderr);
        return 64;
    }
    int64_t at = clock_us(CLOCK_REALTIME), from = clock_us(CLOCK_MONOTONIC);
    pid_t child = fork();
    if (child == 0) {
        execvp(argv[2], argv + 2);
        perror(argv[2]);
        _exit(127);
    }
    int status = 0;
    struct rusage used;
    if (child < 0 || wait4(child, &status, 0, &used) != child) {
        perror("measure");
        return 71;
    }
    int64_t took = clock_us(CLOCK_MONOTONIC) - from;
    FILE *out = fopen(argv[1], "w");
    if (!out) {
        perror(argv[1]);
        return 73;
    }
    fprintf(out, "%" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 " %ld\n", at, took,
            to_us(used.ru_utime), to_us(used.ru_stime), used.ru_maxrss);
    fclose(out);
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
