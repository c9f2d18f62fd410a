/* Whether a run would find what it needs, and what to do with a database that is not the one
 * that ran last. */
#include <stdlib.h>

#include "app/doctor.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "net/reach.h"
#include "store/health.h"
#include "store/read.h"
#include "store/restore.h"

#define TEXT_MAX 4096

static void tell(const struct doctor *d, bool well, const char *what, const char *text)
{
    d->tell(d->ctx, well, what, text);
}

static void examine_settings(const struct doctor *d)
{
    struct remesa *r = d->remesa;
    bool well = remesa_check_setup(r) == 0;
    tell(d, well, "settings", well ? r->settings.base_url : r->err.text);
}

/* ---- the database ---- */

static void examine_file(const struct doctor *d, struct store *store)
{
    struct buf broken;
    struct err err;
    buf_init(&broken, TEXT_MAX);
    if (store_examine(store, &broken, &err))
        tell(d, false, "database", err.text);
    else
        tell(d, !broken.len, "database", broken.len ? broken.data : d->remesa->database);
    buf_close(&broken);
}

static void examine_mark(const struct doctor *d, struct store *store)
{
    struct err err;
    bool well = store_mark_check(store, &err) == 0;
    tell(d, well, "mark",
         well ? "the database is where it was, and has come as far" : err.text);
}

static void examine_doubts(const struct doctor *d, struct store *store)
{
    int64_t counts[JOB_STATE_COUNT];
    struct err err;
    if (store_scope_begin(store, &err) || store_scope_counts(store, counts, &err)) {
        tell(d, false, "doubts", err.text);
        return;
    }
    char *text = mem_printf("%lld %s in doubt%s", (long long)counts[JOB_IN_DOUBT],
                            text_plural(counts[JOB_IN_DOUBT], "job is", "jobs are"),
                            counts[JOB_IN_DOUBT] ? ": remesa status" : "");
    tell(d, counts[JOB_IN_DOUBT] == 0, "doubts", text);
    free(text);
}

static void examine_times(const struct doctor *d, struct store *store)
{
    int64_t open, newest_ms;
    struct err err;
    if (store_open_attempts(store, &open, &newest_ms, &err)) {
        tell(d, false, "attempts", err.text);
        return;
    }
    doctor_clock(d, newest_ms);
    doctor_leftovers(d, open);
}

static void examine_database(const struct doctor *d)
{
    struct store *store;
    if (app_open_store(d->remesa, STORE_READ, &store)) {
        tell(d, d->remesa->err.code == ERR_NOINPUT, "database", d->remesa->err.text);
        doctor_clock(d, 0);
        return;
    }
    examine_file(d, store);
    examine_mark(d, store);
    examine_doubts(d, store);
    examine_times(d, store);
    store_close(store);
}

void remesa_examine(struct remesa *r,
                    void (*tell_fn)(void *ctx, bool well, const char *what,
                                    const char *text),
                    void *ctx)
{
    const struct doctor d = {r, tell_fn, ctx};
    char libraries[512];
    remesa_libraries(libraries, sizeof(libraries));
    tell(&d, true, "libraries", libraries);
    examine_settings(&d);
    doctor_key(&d);
    examine_database(&d);
    doctor_sqlite(&d);
    doctor_disk(&d);
}

void remesa_reach(struct remesa *r,
                  void (*tell_fn)(void *ctx, bool well, const char *what,
                                  const char *text),
                  void *ctx)
{
    const struct doctor d = {r, tell_fn, ctx};
    const struct settings *s = &r->settings;
    const struct net_options net = {.base_url = s->base_url,
                                    .ca_file = s->ca_file,
                                    .connect_timeout_ms = s->connect_timeout_ms};
    int64_t took_ms;
    if (net_global_setup(&r->err) || net_check_url(s->base_url, &r->err) ||
        net_reach(&net, &took_ms, &r->err))
        tell(&d, false, "reach", r->err.text);
    else
        doctor_tell(&d, true, "reach", "%s: connected in %lld ms; nothing was sent",
                    s->base_url, (long long)took_ms);
}

/* ---- accepting ---- */

/* A file that is not there must not be made by this. */
static int open_existing(struct remesa *r, struct store **out)
{
    if (app_open_store(r, STORE_READ, out))
        return -1;
    store_close(*out);
    return app_open_store(r, STORE_WRITE, out);
}

int remesa_accept_move(struct remesa *r)
{
    struct store *store;
    if (open_existing(r, &store))
        return -1;
    int rc = store_accept_move(store, clock_wall(), &r->err);
    store_close(store);
    return rc;
}

int remesa_accept_restore(struct remesa *r, struct remesa_restored *out)
{
    struct store *store;
    struct restored restored = {0};
    if (open_existing(r, &store))
        return -1;
    int rc = store_accept_restore(store, clock_wall(), &restored, &r->err);
    store_close(store);
    *out = (struct remesa_restored){restored.suspects, restored.lost_batches};
    return rc;
}
