/* remesa_import: a source's rows, judged, into the store: all of them, or none. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/internal.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "intake/keep.h"
#include "intake/recipe.h"
#include "intake/source_csv.h"
#include "intake/source_recipe.h"
#include "intake/source_sqlite.h"
#include "store/caps.h"
#include "store/import.h"
#include "store/read.h"

struct intake {
    struct remesa *remesa;
    const struct remesa_import *what;
    int64_t complaints; /* the source's own */
    int64_t warnings;
    struct keep keep; /* the lines as they stood */
    struct recipe_book book;
    struct recipe *recipe;  /* of the book; NULL: none is wanted */
    struct totals declared; /* by the caller, and in the file beside the input */
};

static void tell(const struct remesa_import *what, const struct complaint *c)
{
    if (what->complain)
        what->complain(what->ctx, c->line, c->column, c->text);
}

static void warn(struct intake *in, const struct complaint *c)
{
    in->warnings++;
    if (in->what->warn)
        in->what->warn(in->what->ctx, c->line, c->column, c->text);
}

static void on_source_complaint(void *ctx, const struct complaint *c)
{
    struct intake *in = ctx;
    if (c->is_warning && !in->remesa->settings.strict) {
        warn(in, c);
        return;
    }
    in->complaints++;
    tell(in->what, c);
}

static void on_store_complaint(void *ctx, const struct complaint *c)
{
    const struct intake *in = ctx;
    tell(in->what, c);
}

static void on_held(void *ctx, int64_t line, const char *ref, const char *why)
{
    const struct intake *in = ctx;
    if (in->what->held)
        in->what->held(in->what->ctx, line, ref, why);
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

/* What {batch} stands for: not the name that is made unique, or the same file again would
 * make other refs. */
static const char *batch_of(const struct remesa_import *what)
{
    const char *slash = strrchr(what->path, '/');
    if (what->batch)
        return what->batch;
    if (strcmp(what->path, "-") == 0)
        return NULL;
    return slash ? slash + 1 : what->path;
}

static struct csv_options csv_options_of(struct intake *in)
{
    const struct settings *s = &in->remesa->settings;
    return (struct csv_options){.delimiter = in->what->delimiter,
                                .encoding = s->encoding,
                                .keep = &in->keep,
                                .decimal_comma = s->decimal_comma};
}

static int open_recipe_source(struct intake *in, struct source *out)
{
    const struct remesa_import *what = in->what;
    const struct csv_options csv = csv_options_of(in);
    const struct expand_options options = {.catalogue = &in->remesa->catalogue,
                                           .batch = batch_of(what),
                                           .sets = what->sets,
                                           .listener = {on_source_complaint, in}};
    struct err *err = &in->remesa->err;
    if (what->table || is_sqlite(what->path))
        return err_set(err, ERR_USAGE, "%s: a recipe reads a CSV file, not SQLite",
                       what->path);
    if (recipe_book_open(&in->book, in->remesa->settings.recipes, err) ||
        recipe_find(&in->book, what->recipe, &in->recipe, err))
        return -1;
    return source_recipe_open(out, what->path, &csv, in->recipe, &options, err);
}

static int open_source(struct intake *in, struct source *out)
{
    const struct remesa_import *what = in->what;
    struct err *err = &in->remesa->err;
    if (what->recipe)
        return open_recipe_source(in, out);
    if (what->sets && what->sets[0])
        return err_set(err, ERR_USAGE, "--set goes with --recipe");
    if (what->table || is_sqlite(what->path))
        return source_sqlite_open(out, what->path, what->table, &in->remesa->catalogue,
                                  on_source_complaint, in, err);
    const struct csv_options options = csv_options_of(in);
    return source_csv_open(out, what->path, &options, &in->remesa->catalogue,
                           on_source_complaint, in, err);
}

/* ---- control totals ---- */

static void on_mismatch(void *ctx, const char *text)
{
    struct intake *in = ctx;
    in->complaints++;
    tell(in->what, &(struct complaint){.text = text});
}

static int judge_totals(struct intake *in, struct source *source, struct store *store)
{
    struct totals got = {0};
    if (!totals_are_declared(&in->declared))
        return 0;
    int rc = store_import_sums(store, &got, &in->remesa->err);
    got.rows = source->lines(source->ctx);
    if (rc == 0)
        totals_judge(&in->declared, &got, in->complaints > 0, on_mismatch, in);
    totals_close(&got);
    return rc;
}

/* ---- pouring ---- */

#define LINES_AT_ONCE (256 * 1024) /* bytes */

static int pour_lines(struct keep *keep, size_t at_least, struct store *store,
                      struct err *err)
{
    if (keep->lines.len < at_least)
        return 0;
    int rc = store_import_lines(store, buf_span(&keep->lines), err);
    buf_clear(&keep->lines);
    return rc;
}

static int pour(struct intake *in, struct source *source, struct store *store,
                struct err *err)
{
    struct row row;
    int rc;
    while ((rc = source->next(source->ctx, &row, err)) == 1) {
        int stored = store_import_row(store, &row, err);
        row_close(&row);
        if (stored || pour_lines(&in->keep, LINES_AT_ONCE, store, err))
            return -1;
    }
    return rc ? rc : pour_lines(&in->keep, 1, store, err);
}

/* Steps that stand for all rows were made for those that were there. */
static bool is_whole(const struct recipe *r)
{
    for (size_t i = 0; r && i < r->step_count; i++)
        if (r->steps[i].scope != STEP_ROW)
            return true;
    return false;
}

static int pour_all(struct intake *in, struct source *source, struct store *store,
                    const char *recipe, struct import_result *result)
{
    struct err *err = &in->remesa->err;
    const struct import_input input = {in->keep.columns.data, in->keep.delimiter,
                                       in->recipe != NULL};
    const struct import_options options = {.batch = in->what->batch,
                                           .source = in->what->path,
                                           .complain = on_store_complaint,
                                           .ctx = in,
                                           .recipe = recipe,
                                           .input = in->keep.columns.len ? &input : NULL,
                                           .whole = is_whole(in->recipe),
                                           .catalogue = &in->remesa->catalogue,
                                           .duplicate_days =
                                               in->remesa->settings.duplicate_days,
                                           .four_eyes = &in->remesa->settings.four_eyes,
                                           .held = on_held,
                                           .declared = &in->declared};
    if (store_import_begin(store, &options, clock_wall(), err))
        return -1;
    if (pour(in, source, store, err) || judge_totals(in, source, store)) {
        store_import_abort(store);
        return -1;
    }
    return store_import_finish(store, in->complaints, result, err);
}

static int import_from(struct intake *in, struct source *source, struct store *store,
                       struct import_result *result)
{
    const struct recipe *r = in->recipe;
    char *recipe = r ? mem_printf("%s %s", r->name, r->digest) : NULL;
    int rc = pour_all(in, source, store, recipe, result);
    free(recipe);
    return rc;
}

static int judge_result(struct intake *in, const struct import_result *result,
                        struct remesa_imported *out)
{
    *out = (struct remesa_imported){.jobs = result->jobs,
                                    .known = result->known,
                                    .held = result->held,
                                    .unapproved = result->unapproved,
                                    .complaints = result->complaints + in->complaints,
                                    .warnings = in->warnings};
    snprintf(out->batch, sizeof(out->batch), "%s", result->batch);
    snprintf(out->sha256, sizeof(out->sha256), "%s", result->sha256);
    if (out->complaints == 0 && out->jobs + out->known == 0)
        return err_set(&in->remesa->err, ERR_INPUT, "%s: it has columns and no rows",
                       in->what->path);
    if (out->complaints == 0)
        return 0;
    return err_set(&in->remesa->err, ERR_INPUT,
                   "%s: %lld thing%s to mend; nothing was imported", in->what->path,
                   (long long)out->complaints, text_plural(out->complaints, "", "s"));
}

/* ---- what a check tells beside its complaints ---- */

static const struct {
    const char *name;
    enum store_view view;
} surveyed[] = {
    {"actions", VIEW_BATCH_ACTIONS},
    {"money", VIEW_BATCH_MONEY},
    {"payees", VIEW_BATCH_PAYEES},
    {"held", VIEW_PLAN_HELD}, /* after store_caps_foresee */
};

struct survey {
    const struct remesa_import *what;
    const char *table;
};

static bool tell_survey(void *ctx, const struct remesa_cell *cells, int count)
{
    const struct survey *s = ctx;
    s->what->survey(s->what->ctx, s->table, cells, count);
    return true;
}

static int survey(struct intake *in, struct store *store, const char *batch)
{
    struct survey s = {in->what, NULL};
    struct remesa *r = in->remesa;
    if (store_caps_foresee(store, &r->settings.caps, clock_wall(), &r->err))
        return -1;
    for (size_t i = 0; i < sizeof(surveyed) / sizeof(*surveyed); i++) {
        s.table = surveyed[i].name;
        if (app_tell_view(store, surveyed[i].view, batch, 0, tell_survey, &s, &r->err))
            return -1;
    }
    return 0;
}

/* ---- into a store ---- */

static int import_opened(struct intake *in, struct source *source, struct store *store,
                         struct remesa_imported *out)
{
    struct import_result result = {0};
    if (import_from(in, source, store, &result) || judge_result(in, &result, out))
        return -1;
    if (result.batch_id && !in->what->check_only)
        app_keep_mark(store);
    if (!in->what->survey)
        return 0;
    app_declared_tell(in->what, &in->declared);
    return result.batch_id ? survey(in, store, result.batch) : 0;
}

/* A check takes everything in, of a copy: so it is judged as by an import, and no run is in its way. */
static int open_target(const struct intake *in, struct store **out)
{
    struct remesa *r = in->remesa;
    return in->what->check_only ? store_open_copy(out, r->database, &r->err)
                                : app_open_store(r, STORE_WRITE, out);
}

static int import_source(struct intake *in, struct source *source, struct store *given,
                         struct remesa_imported *out)
{
    struct store *own = NULL;
    if (!given && open_target(in, &own))
        return -1;
    int rc = import_opened(in, source, given ? given : own, out);
    store_close(own);
    return rc;
}

int app_import(struct remesa *r, struct store *given, const struct remesa_import *what,
               struct remesa_imported *out)
{
    struct intake in = {.remesa = r, .what = what};
    struct source source;
    char *folder = app_folder_of(what->path);
    int rc = -1;
    keep_init(&in.keep);
    if (app_catalogue(r) == 0 && app_declared_read(what, &in.declared, &r->err) == 0) {
        r->catalogue.folder = folder;
        if (open_source(&in, &source) == 0) {
            rc = import_source(&in, &source, given, out);
            source.close(source.ctx);
        }
        r->catalogue.folder = r->folder;
    }
    recipe_book_close(&in.book);
    keep_close(&in.keep);
    totals_close(&in.declared);
    free(folder);
    return rc;
}

int remesa_import(struct remesa *r, const struct remesa_import *what,
                  struct remesa_imported *out)
{
    return app_import(r, NULL, what, out);
}
