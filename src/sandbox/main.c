/* remesa-sandbox: the Bitex API on loopback, as a judge of its clients. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/embed.h"
#include "base/log.h"
#include "base/mem.h"
#include "sandbox/late.h"
#include "sandbox/ledger.h"
#include "sandbox/resource.h"
#include "sandbox/server.h"

extern const struct embed help_text[];

/* Under another name first, so that who reads it never sees half a number. */
static int write_port(const char *file, int port, struct err *err)
{
    if (!file)
        return 0;
    char *temporary = mem_printf("%s.%ld.tmp", file, (long)getpid());
    FILE *f = fopen(temporary, "we");
    bool ok = f && fprintf(f, "%d\n", port) > 0;
    if (f && fclose(f) != 0)
        ok = false;
    if (!ok || rename(temporary, file) != 0)
        err_set(err, ERR_CANTCREATE, "--port-file %s: %s", file, strerror(errno));
    else
        err->code = ERR_NONE;
    free(temporary);
    return err->code == ERR_NONE ? 0 : -1;
}

static void sandbox_begin(struct sandbox *s, struct options *o)
{
    /* The number of requests so far is mixed in, or a sandbox that is started anew would
     * give the same ids and the same luck again. */
    uint64_t seed = o->seed + ((uint64_t)ledger_last_request(&s->sql) << 20);
    s->options = o;
    s->wall_us = clock_wall().ms * MS_US - clock_mono().us;
    s->shift_us = sql_number(&s->sql, sql_use(&s->sql, SQL_SHIFT));
    rng_init(&s->faults, seed);
    rng_init(&s->ids, seed ^ UINT64_C(0x5851f42d4c957f2d));
    rng_init(&s->delays, seed ^ UINT64_C(0x14057b7ef767814f));
    limit_init(&s->limit, options_window_most(o), o->window_ms * MS_US);
    ledger_recall(&s->sql, &s->limit);
    resource_begin(&s->sql, clock_wall().ms * MS_US);
}

static int listen_and_serve(struct sandbox *s, struct err *err)
{
    struct server *server = mem_zero(1, sizeof(*server));
    int port = s->options->port;
    int code = server_open(server, s, &port, err);
    if (code == 0)
        code = write_port(s->options->port_file, port, err);
    if (code == 0) {
        printf("listening on http://127.0.0.1:%d/api\n", port);
        fflush(stdout);
        server_run(server);
    }
    server_close(server);
    free(server);
    return code;
}

static int run(struct options *o, struct err *err)
{
    struct sandbox sandbox = {0};
    log_setup(o->quiet ? LOG_WARN : LOG_NOTE, false);
    if (sql_open(&sandbox.sql, o->ledger, err))
        return -1;
    sandbox_begin(&sandbox, o);
    int code = listen_and_serve(&sandbox, err);
    late_close(&sandbox.late);
    limit_close(&sandbox.limit);
    sql_close(&sandbox.sql);
    return code;
}

static int carry_out(struct options *o, struct err *err)
{
    if (o->want == WANT_RUN)
        return run(o, err);
    if (o->want == WANT_HELP)
        fwrite(help_text[0].text.ptr, 1, help_text[0].text.len, stdout);
    else
        puts("remesa-sandbox " REMESA_VERSION);
    return 0;
}

int main(int argc, char **argv)
{
    struct options options;
    struct err err = {0};
    int code = options_read(&options, argc, argv, &err);
    if (code == 0)
        code = carry_out(&options, &err);
    options_close(&options);
    if (code == 0)
        return 0;
    fprintf(stderr, "remesa-sandbox: %s\n", err.text);
    if (err.code == ERR_USAGE)
        fputs("remesa-sandbox: --help tells what there is\n", stderr);
    return err_exit_status(err.code);
}
