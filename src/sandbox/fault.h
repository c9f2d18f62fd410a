/* What goes wrong on purpose: a list of rules, read from texts, and the choice for one
 * request, made with a seeded generator so that a bad night can be played again. Pure.
 *
 *   METHOD /path:KIND:PROBABILITY[:ARG]
 *
 * METHOD or path may be "*", and so may one segment of the path. PROBABILITY is a decimal
 * from 0 to 1, or "xN": the first N requests that match. The first rule that matches and
 * fires wins. */
#ifndef REMESA_SANDBOX_FAULT_H
#define REMESA_SANDBOX_FAULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/rng.h"
#include "base/span.h"

/* When the request takes its effect. */
enum fault_effect { EFFECT_NEVER, EFFECT_FIRST, EFFECT_LAST };

/* What the client sees of the answer. */
enum fault_wire {
    WIRE_ANSWER,
    WIRE_CLOSE, /* nothing, then the end of the connection */
    WIRE_RESET, /* nothing, then RST */
    WIRE_HANG,  /* nothing, and the connection stays */
    WIRE_HALF,  /* the full Content-Length, half the body, the end */
    WIRE_SHORT, /* half the body, and a Content-Length that says that is all */
    WIRE_LONG,  /* the body, a Content-Length that wants more, and silence */
};

enum fault_id {
    FAULT_COMMIT_THEN_CLOSE,
    FAULT_COMMIT_THEN_RESET,
    FAULT_COMMIT_THEN_HANG,
    FAULT_RESET_BEFORE_COMMIT,
    FAULT_CLOSE_BEFORE_COMMIT,
    FAULT_HALF_ANSWER,
    FAULT_WRONG_LENGTH,
    FAULT_500,
    FAULT_500_AFTER_COMMIT,
    FAULT_502_HTML,
    FAULT_403_HTML,
    FAULT_429,
    FAULT_401,
    FAULT_SLOW,
    FAULT_SLOW_COMMIT,
    FAULT_LATE_LIST,
    FAULT_CUT_LIST,
};

enum fault_arg {
    ARG_NONE,
    ARG_LENGTH,      /* "short" or "long"; default short */
    ARG_RETRY_AFTER, /* seconds, "date" or "none"; default none */
    ARG_MS,
    ARG_ROWS,
};

struct fault_kind {
    enum fault_id id;
    const char *name;
    enum fault_effect effect;
    enum fault_wire wire;
    enum fault_arg arg;
};

enum fault_word { WORD_NONE, WORD_NUMBER, WORD_DATE, WORD_SHORT, WORD_LONG };

struct fault {
    const struct fault_kind *kind;
    char method[16];
    char *path;
    uint32_t millionths; /* probability */
    int64_t first;       /* how many more fire for sure; -1: by probability */
    enum fault_word word;
    int64_t number; /* ms, seconds or rows, as the kind has it */
};

/* `f->path` is freed by fault_close. ERR_USAGE with what is wrong. */
int fault_read(struct fault *f, const char *text, struct err *err);
void fault_close(struct fault *f);

/* NULL: nothing goes wrong. `path` is without "/api". */
const struct fault *fault_pick(struct fault *faults, size_t count, struct span method,
                               struct span path, struct rng *rng);

enum fault_wire fault_wire_of(const struct fault *f);

#endif
