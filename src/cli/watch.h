/* Those who watch a run from outside: the service manager, the metrics file, the command at the end. */
#ifndef REMESA_CLI_WATCH_H
#define REMESA_CLI_WATCH_H

#include "cli/cli.h"
#include "cli/notify.h"
#include "report/figures.h"

struct watch {
    struct cli *cli;
    struct notify notify;
    struct figures figures;
    struct run_facts run;
    int64_t every_ms;
    int64_t written_ms;      /* on the run's own clock */
    int64_t reading_took_us; /* the last reading of the figures */
    bool has_worked;         /* the run came to its end */
    bool told_fault;         /* a metrics file that cannot be written is told of once */
};

void watch_begin(struct watch *w, struct cli *cli);
void watch_works(struct watch *w); /* before the first request */
void watch_progress(struct watch *w, const struct remesa_progress *p, const char *line);
/* With the command's exit status; numbers NULL: it never came to working. */
void watch_end(struct watch *w, const struct remesa_progress *numbers, int exit_status);

#endif
