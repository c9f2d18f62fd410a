/* Whether a run would find what it needs, and what to do with a database that is not the one
 * that ran last. */
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "app/internal.h"
#include "base/clock.h"
#include "base/mem.h"
#include "store/health.h"
#include "store/read.h"
#include "store/restore.h"

#define TEXT_MAX       4096
#define FREE_LEAST     (INT64_C(64) * 1024 * 1024)
#define FREE_PER_BYTES 3 /* of the database's size: results, attempts, the log */

struct doctor {
    struct remesa *remesa;
    void (*tell)(void *ctx, bool well, const char *what, const char *text);
    void *ctx;
};

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
    char *text = mem_printf("%lld jobs are in doubt%s", (long long)counts[JOB_IN_DOUBT],
                            counts[JOB_IN_DOUBT] ? ": remesa status" : "");
    tell(d, counts[JOB_IN_DOUBT] == 0, "doubts", text);
    free(text);
}

static void examine_database(const struct doctor *d)
{
    struct store *store;
    if (app_open_store(d->remesa, STORE_READ, &store)) {
        tell(d, d->remesa->err.code == ERR_NOINPUT, "database", d->remesa->err.text);
        return;
    }
    examine_file(d, store);
    examine_mark(d, store);
    examine_doubts(d, store);
    store_close(store);
}

static void examine_disk(const struct doctor *d)
{
    struct statvfs fs;
    struct stat st;
    char *folder = mem_text(d->remesa->database);
    char *slash = strrchr(folder, '/');
    if (slash)
        slash[slash == folder] = '\0';
    if (statvfs(slash ? folder : ".", &fs) == 0) {
        int64_t size = stat(d->remesa->database, &st) == 0 ? st.st_size : 0;
        int64_t left = (int64_t)(fs.f_bavail * fs.f_frsize);
        char *text = mem_printf("%lld MB are free", (long long)(left >> 20));
        tell(d, left >= FREE_LEAST && left / FREE_PER_BYTES >= size, "disk", text);
        free(text);
    }
    free(folder);
}

void remesa_examine(struct remesa *r,
                    void (*tell_fn)(void *ctx, bool well, const char *what,
                                    const char *text),
                    void *ctx)
{
    const struct doctor d = {r, tell_fn, ctx};
    char libraries[256];
    remesa_libraries(libraries, sizeof(libraries));
    tell(&d, true, "libraries", libraries);
    examine_settings(&d);
    examine_database(&d);
    examine_disk(&d);
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
