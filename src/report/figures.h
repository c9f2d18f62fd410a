/* What metrics and summary tell of the database: jobs by state, money by currency and state, over all
 * batches. Taken from the views column by column, so that a state that comes to them comes to these too. */
#ifndef REMESA_REPORT_FIGURES_H
#define REMESA_REPORT_FIGURES_H

#include <stdint.h>

#include "base/buf.h"
#include "base/decimal.h"
#include "remesa/remesa.h"
#include "store/store.h"

struct figure {
    char *currency; /* NULL: a number of jobs */
    char *state;
    struct decimal value;
    bool is_beyond; /* the sum does not fit; there is no value */
};

struct figures {
    struct figure *items;
    int count;
    int64_t last_success_ms; /* 0: no run has gone well */
};

int figures_read(struct figures *f, struct store *s,
                 struct err *err); /* to be closed in any case */
void figures_close(struct figures *f);

/* How a run stands, or has ended. */
struct run_facts {
    const char *version, *database;
    int64_t started_ms, now_ms; /* since 1970 */
    bool has_ended;
    int exit_status;   /* when it has ended */
    const char *error; /* why it could not work, or NULL */
    struct remesa_progress numbers;
};

/* Prometheus text format, for node_exporter's textfile collector (metrics_file). */
void metrics_text(struct buf *out, const struct figures *f, const struct run_facts *run);

/* One JSON object, for the command at the end (at_end). */
void summary_json(struct buf *out, const struct figures *f, const struct run_facts *run);

#endif
