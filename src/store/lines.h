/* The lines of a batch's input, as they stood, with what became of the jobs of each. */
#ifndef REMESA_STORE_LINES_H
#define REMESA_STORE_LINES_H

#include <stdbool.h>

#include "base/span.h"
#include "model/job.h"
#include "store/store.h"

struct kept_input {
    int64_t batch_id;
    char *columns; /* the header, CSV */
    char delimiter;
    bool by_recipe;
};

/* ERR_NOINPUT: there is no such batch, or it kept none. kept_input_close in any case. */
int store_lines_open(struct store *s, const char *batch, struct kept_input *out,
                     struct err *err);
void kept_input_close(struct kept_input *in);

struct kept_job {
    enum job_state state;
    const char *remote_id, *error; /* NULL: none */
    const char *amount, *currency; /* exact; NULL: it moves no money */
};

struct kept_reader {
    void (*line)(void *ctx, struct span cells); /* CSV; then each of its jobs, then: */
    void (*job)(void *ctx, const struct kept_job *job);
    void (*end)(void *ctx);
    void *ctx;
};

/* In the order of the input. */
int store_lines_each(struct store *s, const struct kept_input *in,
                     const struct kept_reader *to, struct err *err);

#endif
