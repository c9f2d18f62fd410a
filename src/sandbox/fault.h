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
enum fault_effect {
    EFFECT_NEVER,
    EFFECT_FIRST,
    EFFECT_LAST,  /* just before the answer */
    EFFECT_TWICE, /* and the answer tells of the first */
    EFFECT_LATE,  /* some time after the client was left without an answer */
};

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
    FAULT_404,
    FAULT_422,
    FAULT_SLOW,
    FAULT_SLOW_COMMIT,
    FAULT_FIRST_OF_LISTS, /* from here on for the GET of a collection only */
    FAULT_LATE_LIST = FAULT_FIRST_OF_LISTS,
    FAULT_CUT_LIST,
    FAULT_LOST_PAGE,
    FAULT_DUP_ROWS,
    FAULT_OTHER_USER_ROWS,
    FAULT_LIST_500,
    FAULT_LIST_SLOW,
    FAULT_LAST_OF_LISTS = FAULT_LIST_SLOW,
    FAULT_LATE_APPLY,
    FAULT_LATE_APPLY_AFTER_LIST,
    FAULT_DUP_EFFECT,
    FAULT_LIE_200_NO_ID,
    FAULT_LIE_200_OTHER_AMOUNT,
    FAULT_LIE_200_NOT_APPLIED,
    FAULT_LIE_404_APPLIED,
};

enum fault_arg {
    ARG_NONE,
    ARG_LENGTH,      /* "short" or "long"; default short */
    ARG_RETRY_AFTER, /* seconds, "date" or "none"; default none */
    ARG_MS,
    ARG_ROWS,
    ARG_PAGE,      /* a page's number; default the page that is asked for */
    ARG_MS_HANG,   /* milliseconds, and ",hang" to keep the connection */
    ARG_LISTS,     /* how many lists come first, default 1, and ",hang" */
    ARG_CLOSE,     /* "close": no answer */
    ARG_APPLIED,   /* "applied" or "not-applied"; default applied */
    ARG_ATTRIBUTE, /* the attribute that is refused; default "base" */
};

struct fault_kind {
    enum fault_id id;
    const char *name;
    enum fault_effect effect;
    enum fault_wire wire;
    enum fault_arg arg;
};

enum fault_word {
    WORD_NONE,
    WORD_NUMBER,
    WORD_DATE,
    WORD_SHORT,
    WORD_LONG,
    WORD_HANG,
    WORD_CLOSE,
    WORD_APPLIED,
    WORD_NOT_APPLIED,
};

struct fault {
    const struct fault_kind *kind;
    char method[16];
    char *path;
    uint32_t millionths; /* probability */
    int64_t first;       /* how many more fire for sure; -1: by probability */
    enum fault_word word;
    int64_t number;     /* ms, seconds, rows, lists or a page, as the kind has it */
    char attribute[64]; /* that a 422 points at; else "" */
};

/* `f->path` is freed by fault_close. ERR_USAGE with what is wrong. */
int fault_read(struct fault *f, const char *text, struct err *err);
void fault_close(struct fault *f);

/* NULL: nothing goes wrong. `path` is without "/api". */
const struct fault *fault_pick(struct fault *faults, size_t count, struct span method,
                               struct span path, struct rng *rng);

/* What a fault (NULL: none) does. */
enum fault_wire fault_wire_of(const struct fault *f);
enum fault_effect fault_effect_of(const struct fault *f);
bool fault_is(const struct fault *f, enum fault_id id);
bool fault_is_slow(const struct fault *f); /* answers `number` milliseconds later */
/* False: answered as if it had taken effect, and it takes none. */
bool fault_applies(const struct fault *f);

#endif
