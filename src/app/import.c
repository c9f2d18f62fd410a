/* remesa_import: a source's rows, judged, into the store: all of them, or none. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/internal.h"
#include "base/clock.h"
#include "intake/source_csv.h"
#include "intake/source_sqlite.h"
#include "store/import.h"

struct intake {
    struct remesa *remesa;
    const struct remesa_import *what;
    int64_t complaints; /* the source's own */
};

static void tell(const struct remesa_import *what, const struct complaint *c)
{
    if (what->complain)
        what->complain(what->ctx, c->line, c->column, c->text);
}

static void on_source_complaint(void *ctx, const struct complaint *c)
{
    struct intake *in = ctx;
    in->complaints++;
    tell(in->what, c);
}

static void on_store_complaint(void *ctx, const struct complaint *c)
{
    const struct intake *in = ctx;
    tell(in->what, c);
}

/* By content, not by name: every SQLite file begins with these bytes
 * (sqlite.org/fileformat.html). */
static bool is_sqlite(const char *path)
{
    static const char magic[] = "SQLite format 3";
    char head[sizeof(magic)] = "";
    FILE *f = strcmp(path, "-") == 0 ? NULL : fopen(path, "rb");
    if (!f)
        return false;
    size_t n = fread(head, 1, sizeof(head), f);
    fclose(f);
    return n == sizeof(head) && memcmp(head, magic, sizeof(magic)) == 0;
}

static int open_source(struct intake *in, struct source *out)
{
    const struct remesa_import *what = in->what;
    struct err *err = &in->remesa->err;
    if (what->table || is_sqlite(what->path))
        return source_sqlite_open(out, what->path, what->table, &in->remesa->catalogue,
                                  on_source_complaint, in, err);
    struct csv_options options = {.delimiter = what->delimiter};
    return source_csv_open(out, what->path, &options, &in->remesa->catalogue,
                           on_source_complaint, in, err);
}

static int pour(struct source *source, struct store *store, struct err *err)
{
    struct row row;
    int rc;
    while ((rc = source->next(source->ctx, &row, err)) == 1) {
        int stored = store_import_row(store, &row, err);
        row_close(&row);
        if (stored)
            return -1;
    }
    return rc;
}

static int import_from(struct intake *in, struct source *source, struct store *store,
                       struct import_result *result)
{
    struct err *err = &in->remesa->err;
    const struct import_options options = {.batch = in->what->batch,
                                           .source = in->what->path,
                                           .complain = on_store_complaint,
                                           .ctx = in};
    if (store_import_begin(store, &options, clock_wall(), err))
        return -1;
    if (pour(source, store, err)) {
        store_import_abort(store);
        return -1;
    }
    /* A check is an import that one more complaint undoes. */
    return store_import_finish(store, in->complaints + in->what->check_only, result, err);
}

static int judge_result(struct intake *in, const struct import_result *result,
                        struct remesa_imported *out)
{
    *out = (struct remesa_imported){.jobs = result->jobs,
                                    .known = result->known,
                                    .complaints = result->complaints + in->complaints};
    snprintf(out->batch, sizeof(out->batch), "%s", result->batch);
    snprintf(out->sha256, sizeof(out->sha256), "%s", result->sha256);
    if (out->complaints == 0 && out->jobs + out->known == 0)
        return err_set(&in->remesa->err, ERR_INPUT, "%s: it has columns and no rows",
                       in->what->path);
    if (out->complaints == 0)
        return 0;
    return err_set(&in->remesa->err, ERR_INPUT,
                   "%s: %lld thing%s to mend; nothing was imported", in->what->path,
                   (long long)out->complaints, out->complaints == 1 ? "" : "s");
}

/* A check needs a database to know refs from; without one it works in memory. */
static int open_target(struct intake *in, struct store **out)
{
    struct err ignored;
    struct store *reader;
    if (!in->what->check_only)
        return app_open_store(in->remesa, STORE_WRITE, out);
    bool exists =
        store_open(&reader, in->remesa->database, STORE_READ, "", &ignored) == 0;
    if (exists)
        store_close(reader);
    if (exists || ignored.code != ERR_NOINPUT)
        return app_open_store(in->remesa, STORE_WRITE, out);
    return store_open(out, STORE_SCRATCH, STORE_WRITE, "", &in->remesa->err);
}

int remesa_import(struct remesa *r, const struct remesa_import *what,
                  struct remesa_imported *out)
{
    struct intake in = {.remesa = r, .what = what};
    struct import_result result = {0};
    struct source source;
    struct store *store;
    if (app_catalogue(r) || open_source(&in, &source))
        return -1;
    int rc = open_target(&in, &store);
    if (rc == 0) {
        rc = import_from(&in, &source, store, &result);
        if (rc == 0 && result.batch_id)
            app_keep_mark(store);
        store_close(store);
    }
    source.close(source.ctx);
    return rc ? -1 : judge_result(&in, &result, out);
}
