/* The handle of include/remesa/remesa.h: where the floors are put together. */
#ifndef REMESA_APP_INTERNAL_H
#define REMESA_APP_INTERNAL_H

#include "base/err.h"
#include "engine/run/run.h"
#include "model/action.h"
#include "model/settings.h"
#include "remesa/remesa.h"
#include "store/read.h"
#include "store/store.h"

struct work;

struct remesa {
    char *database;
    char *folder; /* the database's; where files that the inbox names lie */
    struct settings settings;
    struct catalogue catalogue; /* read at the first need */
    bool has_catalogue;
    struct err err;
    struct work *work; /* while remesa_run is under way */
};

/* ERR_TEMPFAIL: these are quiet hours. */
int app_check_hours(const struct settings *s, struct err *err);
/* `now`, or when the quiet hours are over in which it lies. */
struct wall app_may_begin(const struct settings *s, struct wall now);

/* What ends a run that began then before its work is done: the setting, and after how long. 0: nothing does. */
struct app_limit {
    const char *name;
    int64_t after_ms;
};
struct app_limit app_limit_of(const struct settings *s, struct wall from);

/* What the settings say; store, catalogue and key are the caller's to fill in. */
struct run_options app_run_options(const struct settings *s, struct wall begins);

int app_catalogue(
    struct remesa *r); /* the built-in actions, and those of the `actions` setting */
char *app_folder_of(const char *path); /* "." when it names none; to be freed */
int app_open_store(struct remesa *r, enum store_access access, struct store **out);

/* binding.c, each ERR_CONFIG: production that nobody has said is meant; a database of another API. The
 * first run binds. */
int app_check_production(struct remesa *r);
int app_check_binding(struct remesa *r); /* beside a run, too */
int app_bind(struct remesa *r, struct store *store);
/* ERR_CONFIG: it was put back, or copied. Beside a run, too. */
int app_check_mark(struct remesa *r);

/* Rows of a view, to a caller of the library. */
int app_tell_view(struct store *store, enum store_view view, const char *key,
                  int64_t limit, remesa_row_fn *each, void *ctx, struct err *err);

/* remesa_import, into a store that is open already (NULL: into the handle's). */
int app_import(struct remesa *r, struct store *given, const struct remesa_import *what,
               struct remesa_imported *out);

/* Nothing but a hand, or a disk, makes it so. */
#define UNBALANCED_TEXT                                                                  \
    "the database was changed beside the program; nothing more is sent from it: remesa " \
    "audit looks what was, and remesa cancel --batch takes a batch out"

/* Of the run's scope: each thing is logged, and counted in *count (0 before). */
int app_tell_unbalanced(struct store *store, int64_t *count, struct err *err);
/* ERR_UNBALANCED. With so many jobs that the first request would have to wait for it nothing is looked at, and *is_large. */
int app_refuse_unbalanced(struct store *store, bool *is_large, struct err *err);

/* totals.c: what the caller and the file beside the input say that it comes to, to be closed in any case; and the
 * same as rows of the table "declared". */
struct totals;
int app_declared_read(const struct remesa_import *what, struct totals *out,
                      struct err *err);
void app_declared_tell(const struct remesa_import *what, const struct totals *t);

/* After an import or a decision: the mark beside the database comes up to date, where it speaks of
 * this file. */
void app_keep_mark(struct store *store);

/* inbox.c: good rows become jobs and leave, bad ones stay with their problem. Returns how
 * many jobs are new, -1 with err. Outside of any transaction. */
int64_t app_take_inbox(struct store *store, const struct catalogue *catalogue,
                       const struct settings *settings, struct err *err);

#endif
