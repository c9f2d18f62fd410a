#include "cli/watch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "cli/at_end.h"

#define METRICS_MAX     (4 * 1024 * 1024)
#define STATUS_EVERY_MS 1000
#define READING_MOST_US                                                                  \
    (200 * MS_US) /* for so long a loop with requests in flight may be kept */
#define EXIT_NOT_NOW 75

static const char *setting(const struct watch *w, const char *name)
{
    return remesa_get(w->cli->remesa, name);
}

/* The view of the money goes over every job. With very many the run would be kept waiting, so then the
 * figures are those of its beginning until its end. */
static void read_figures(struct watch *w)
{
    struct store *store;
    struct figures fresh = {0};
    struct err err;
    struct mono start = clock_mono();
    if (store_open(&store, cli_database(w->cli), STORE_READ, "", &err))
        return;
    if (figures_read(&fresh, store, &err) == 0) {
        struct figures old = w->figures;
        w->figures = fresh;
        fresh = old;
    }
    figures_close(&fresh);
    store_close(store);
    w->reading_took_us = clock_mono().us - start.us;
}

/* Aside and renamed: the collector reads a whole file or the one before. Readable for it, though it is
 * another user: there are only sums in it. */
static int write_aside(const char *path, const char *aside, const struct buf *text)
{
    unlink(aside); /* of a program that was killed */
    int fd = open(aside, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
    if (fd < 0)
        return -1;
    bool well =
        write(fd, text->data, text->len) == (ssize_t)text->len && fchmod(fd, 0644) == 0;
    well = close(fd) == 0 && well;
    if (well && rename(aside, path) == 0)
        return 0;
    int why = errno;
    unlink(aside);
    errno = why;
    return -1;
}

static void write_metrics(struct watch *w)
{
    const char *path = setting(w, "metrics_file");
    struct buf text;
    if (!path)
        return;
    w->run.now_ms = clock_wall().ms;
    buf_init(&text, METRICS_MAX);
    metrics_text(&text, &w->figures, &w->run);
    char *aside =
        mem_printf("%s.new", path); /* the collector reads what ends with .prom */
    if (write_aside(path, aside, &text) && !w->told_fault) {
        w->told_fault = true;
        log_say(LOG_WARN, "metrics_file: %s: %s; the run goes on", path, strerror(errno));
    }
    free(aside);
    buf_close(&text);
}

void watch_begin(struct watch *w, struct cli *cli)
{
    *w = (struct watch){.cli = cli, .every_ms = remesa_metrics_every_ms(cli->remesa)};
    w->run = (struct run_facts){.version = remesa_version(),
                                .database = cli_database(cli),
                                .started_ms = clock_wall().ms};
    notify_open(&w->notify);
}

void watch_works(struct watch *w)
{
    if (!setting(w, "metrics_file"))
        return;
    read_figures(w);
}

void watch_progress(struct watch *w, const struct remesa_progress *p, const char *line)
{
    notify_ready(&w->notify);
    notify_alive(&w->notify, clock_mono().us / MS_US);
    if (p->stopping)
        notify_stopping(&w->notify);
    if (p->elapsed_ms - w->notify.status_ms >= STATUS_EVERY_MS) {
        w->notify.status_ms = p->elapsed_ms;
        notify_status(&w->notify, line);
    }
    if (w->written_ms && p->elapsed_ms - w->written_ms < w->every_ms)
        return;
    w->written_ms = p->elapsed_ms ? p->elapsed_ms : 1;
    w->run.numbers = *p;
    if (setting(w, "metrics_file") && w->reading_took_us < READING_MOST_US)
        read_figures(w);
    write_metrics(w);
}

static void run_command(struct watch *w)
{
    const char *command = setting(w, "at_end");
    struct buf summary;
    if (!command)
        return;
    w->run.now_ms = clock_wall().ms;
    buf_init(&summary, METRICS_MAX);
    summary_json(&summary, &w->figures, &w->run);
    at_end_run(command, buf_span(&summary));
    buf_close(&summary);
}

void watch_end(struct watch *w, const struct remesa_progress *numbers, int exit_status)
{
    char text[64];
    /* A program that was never ready and ends with 0 is a failure to the manager. */
    notify_ready(&w->notify);
    notify_stopping(&w->notify);
    snprintf(text, sizeof(text), "ended with %d", exit_status);
    notify_status(&w->notify, text);
    notify_close(&w->notify);
    if (numbers)
        w->run.numbers = *numbers;
    w->run.has_ended = true;
    w->run.exit_status = exit_status;
    if (!numbers && remesa_error(w->cli->remesa)[0])
        w->run.error = remesa_error(w->cli->remesa);
    if (setting(w, "metrics_file") || setting(w, "at_end"))
        read_figures(w);
    /* Another run may hold the database, and writes the same file: it is the one to tell. */
    if (numbers || exit_status != EXIT_NOT_NOW)
        write_metrics(w);
    run_command(w);
    figures_close(&w->figures);
}
