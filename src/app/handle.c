#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api/catalogue.h"
#include "app/internal.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/sha256.h"
#include "db/db.h"
#include "net/net.h"
#include "store/read.h"
#include "store/restore.h"

const char *remesa_version(void)
{
    return REMESA_VERSION;
}

void remesa_libraries(char *out, size_t room)
{
    char net[256];
    snprintf(out, room, "%s, %s, %s", net_libraries(net, sizeof(net)), db_library(),
             catalogue_library());
}

struct remesa *remesa_new(const char *database)
{
    sha256_setup();
    struct remesa *r = mem_zero(1, sizeof(*r));
    r->database = mem_text(database);
    settings_init(&r->settings);
    return r;
}

void remesa_free(struct remesa *r)
{
    if (!r)
        return;
    catalogue_close(&r->catalogue);
    settings_close(&r->settings);
    free(r->database);
    free(r->folder);
    free(r);
}

const char *remesa_error(const struct remesa *r)
{
    return r->err.text;
}

int remesa_exit_status(const struct remesa *r)
{
    return err_exit_status(r->err.code);
}

int remesa_set(struct remesa *r, const char *name, const char *value)
{
    if (strcmp(name, "db") != 0)
        return settings_set(&r->settings, name, value, &r->err);
    free(r->database);
    r->database = mem_text(value);
    return 0;
}

const char *remesa_get(const struct remesa *r, const char *name)
{
    return strcmp(name, "db") == 0 ? r->database : settings_get(&r->settings, name);
}

int64_t remesa_metrics_every_ms(const struct remesa *r)
{
    return r->settings.metrics_every_ms;
}

static int read_catalogue(struct remesa *r)
{
    catalogue_close(&r->catalogue);
    for (const struct embed *file = catalogue_builtin(); file->name; file++)
        if (catalogue_read(&r->catalogue, file->text, file->name, &r->err))
            return -1;
    if (r->settings.actions &&
        catalogue_read_file(&r->catalogue, r->settings.actions, &r->err))
        return -1;
    r->has_catalogue = true;
    return 0;
}

char *app_folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    if (!slash)
        return mem_text(".");
    return mem_span((struct span){path, slash == path ? 1 : (size_t)(slash - path)});
}

int app_catalogue(struct remesa *r)
{
    if (!r->has_catalogue && read_catalogue(r))
        return -1;
    r->catalogue.tag_email = r->settings.tag_email;
    free(r->folder);
    r->catalogue.folder = r->folder = app_folder_of(r->database);
    return 0;
}

int app_open_store(struct remesa *r, enum store_access access, struct store **out)
{
    char who[64];
    snprintf(who, sizeof(who), "remesa, process %d", (int)getpid());
    return store_open(out, r->database, access, who, &r->err);
}

/* What goes wrong here is told by the next run, which does not begin without a mark. */
void app_keep_mark(struct store *store)
{
    struct err ignored;
    if (store_mark_check(store, &ignored) == 0)
        store_mark_keep(store, clock_wall(), &ignored);
}

/* What keeps the file from being read is told by who needs it. */
int app_check_mark(struct remesa *r)
{
    struct store *store;
    struct err ignored;
    if (store_open(&store, r->database, STORE_READ, "", &ignored))
        return 0;
    int rc = store_mark_check(store, &r->err);
    store_close(store);
    return rc;
}

/* ---- reading ---- */

static const char *const view_names[] = {
    [VIEW_PROGRESS] = "progress",
    [VIEW_MONEY] = "money",
    [VIEW_RESULTS] = "results",
    [VIEW_FAILURES] = "failures",
    [VIEW_DOUBTS] = "doubts",
    [VIEW_JOB] = "job",
    [VIEW_NEEDS] = "needs",
    [VIEW_ATTEMPTS] = "attempts",
    [VIEW_HOLDS] = "holds",
    [VIEW_APPROVALS] = "approvals",
    [VIEW_PROPOSALS] = "proposals",
    [VIEW_INBOX] = "inbox",
    [VIEW_LOST_BATCHES] = "lost_batches",
};

#define VIEW_COUNT (int)(sizeof(view_names) / sizeof(*view_names))

static int find_view(const char *name)
{
    int view = 0;
    while (view < VIEW_COUNT && strcmp(view_names[view], name) != 0)
        view++;
    return view;
}

struct row_teller {
    remesa_row_fn *each;
    void *ctx;
};

/* The public cell and the store's are the same three members; the copy keeps either free
 * to change. */
static bool tell_row(void *ctx, const struct view_row *row)
{
    const struct row_teller *t = ctx;
    struct remesa_cell *cells = mem_zero((size_t)row->count, sizeof(*cells));
    for (int i = 0; i < row->count; i++)
        cells[i] = (struct remesa_cell){row->cells[i].column, row->cells[i].text,
                                        row->cells[i].is_number};
    bool go_on = t->each(t->ctx, cells, row->count);
    free(cells);
    return go_on;
}

int app_tell_view(struct store *store, enum store_view view, const char *key,
                  int64_t limit, remesa_row_fn *each, void *ctx, struct err *err)
{
    struct row_teller teller = {each, ctx};
    return store_read(store, view, key, limit, tell_row, &teller, err);
}

int remesa_report(struct remesa *r, const char *view, const char *key, int64_t limit,
                  remesa_row_fn *each, void *ctx)
{
    struct store *store;
    int number = find_view(view);
    if (number == VIEW_COUNT)
        return err_set(&r->err, ERR_USAGE, "there is no view '%s'", view);
    if (app_open_store(r, STORE_READ, &store))
        return -1;
    int rc =
        app_tell_view(store, (enum store_view)number, key, limit, each, ctx, &r->err);
    store_close(store);
    return rc;
}
