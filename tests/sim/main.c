/* remesa-sim: the engine, the store and the database of remesa on a simulated machine, many
 * nights of it. */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "sim/findings.h"
#include "sim/play.h"

#define GUILTY_MAX 8 /* seeds; then there is enough to look at */
#define JOBS_MAX   64

static const char usage[] =
    "usage: remesa-sim [--seed N] [--count N] [--jobs N] [--trace] [--digest] [--lie "
    "WHAT]\n"
    "  --seed N     the first seed (1)\n"
    "  --count N    so many seeds from it on (1000)\n"
    "  --jobs N     in so many processes (1)\n"
    "  --trace      print what happens\n"
    "  --digest     print the digest of all that happened\n"
    "  --lie WHAT   break an assumption, so that violations must be found:\n"
    "               late, sync, refuse, amount\n";

struct given {
    uint64_t seed;
    int64_t count, jobs;
    bool trace, digest;
    enum night_lie lie;
};

static _Noreturn void refuse(void)
{
    fputs(usage, stderr);
    exit(64);
}

static int64_t number(const char *text, int64_t least, int64_t most)
{
    char *end;
    long long value = strtoll(text, &end, 10);
    if (!*text || *end || value < least || value > most)
        refuse();
    return value;
}

static enum night_lie lie_of(const char *text)
{
    for (int i = 1; i < LIE_COUNT; i++)
        if (strcmp(text, night_lie_name((enum night_lie)i)) == 0)
            return (enum night_lie)i;
    refuse();
}

static void read_options(struct given *g, int argc, char **argv)
{
    static const struct option options[] = {
        {"seed", required_argument, NULL, 's'},
        {"count", required_argument, NULL, 'c'},
        {"jobs", required_argument, NULL, 'j'},
        {"trace", no_argument, NULL, 't'},
        {"digest", no_argument, NULL, 'd'},
        {"lie", required_argument, NULL, 'l'},
        {0},
    };
    int c;
    *g = (struct given){.seed = 1, .count = 1000, .jobs = 1};
    while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (c == 's')
            g->seed = (uint64_t)number(optarg, 0, INT64_MAX / 2);
        else if (c == 'c')
            g->count = number(optarg, 1, INT64_MAX / 2);
        else if (c == 'j')
            g->jobs = number(optarg, 1, JOBS_MAX);
        else if (c == 't')
            g->trace = true;
        else if (c == 'd')
            g->digest = true;
        else if (c == 'l')
            g->lie = lie_of(optarg);
        else
            refuse();
    }
    if (optind < argc)
        refuse();
}

/* Every jobs-th seed, from the first-th on. */
static void play_some(const struct given *g, int64_t first)
{
    play_setup();
    memset(&figures, 0, sizeof(figures)); /* without what the setup did */
    for (int64_t i = first; i < g->count && figures.guilty < GUILTY_MAX; i += g->jobs)
        play_seed(g->seed + (uint64_t)i, g->lie, g->trace);
    play_teardown();
}

static void play_apart(const struct given *g, int64_t first, int to)
{
    play_some(g, first);
    if (write(to, &figures, sizeof(figures)) != (ssize_t)sizeof(figures))
        exit(74);
    exit(0);
}

static int gather(const struct given *g)
{
    struct figures part, sum = {0};
    int ends[2], status, failed = 0;
    if (pipe(ends) != 0)
        return -1;
    for (int64_t i = 0; i < g->jobs; i++)
        if (fork() == 0)
            play_apart(g, i, ends[1]);
    for (int64_t i = 0; i < g->jobs; i++)
        if (wait(&status) < 0 || status != 0)
            failed = -1;
        else if (read(ends[0], &part, sizeof(part)) == (ssize_t)sizeof(part))
            figures_add(&sum, &part);
    figures = sum;
    return failed;
}

static void print_figures(const struct given *g, int64_t seconds)
{
    const struct figures *f = &figures;
    printf("S1 simulation: %" PRId64 " seeds, %" PRId64 " simulated hours, %" PRId64
           " crashes, %" PRId64 " power cuts, %" PRId64 " I/O errors, %" PRId64
           " requests, %" PRId64 " of them look-ups, %" PRId64 " doubts, %" PRId64
           " decisions, effects %" PRId64 ", effects twice %" PRId64 ", lost %" PRId64
           ", wrong %" PRId64 ", corrupt %" PRId64 " [%" PRId64 " s, seed %" PRIu64 "]\n",
           f->seeds, f->us / INT64_C(3600000000), f->crashes, f->power_cuts, f->io_errors,
           f->requests, f->look_ups, f->doubts, f->decisions, f->effects,
           f->found[FOUND_TWICE], f->found[FOUND_LOST], f->found[FOUND_WRONG],
           f->found[FOUND_CORRUPT], seconds, g->seed);
    if (g->digest)
        printf("digest %016" PRIx64 "\n", f->digest);
}

int main(int argc, char **argv)
{
    struct given g;
    time_t began = time(NULL);
    int rc = 0;
    read_options(&g, argc, argv);
    if (g.jobs > 1)
        rc = gather(&g);
    else
        play_some(&g, 0);
    print_figures(&g, (int64_t)(time(NULL) - began));
    if (rc)
        fputs("remesa-sim: a process of it did not end well\n", stderr);
    return rc || figures.guilty ? 1 : 0;
}
