#include "sandbox/fault.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/decimal.h"
#include "base/mem.h"
#include "base/scan.h"
#include "sandbox/target.h"

#define NUMBER_MOST (24 * 3600 * 1000) /* a day in ms */

static const struct fault_kind kinds[] = {
    {FAULT_COMMIT_THEN_CLOSE, "commit-then-close", EFFECT_FIRST, WIRE_CLOSE, ARG_NONE},
    {FAULT_COMMIT_THEN_RESET, "commit-then-reset", EFFECT_FIRST, WIRE_RESET, ARG_NONE},
    {FAULT_COMMIT_THEN_HANG, "commit-then-hang", EFFECT_FIRST, WIRE_HANG, ARG_NONE},
    {FAULT_RESET_BEFORE_COMMIT, "reset-before-commit", EFFECT_NEVER, WIRE_RESET,
     ARG_NONE},
    {FAULT_CLOSE_BEFORE_COMMIT, "close-before-commit", EFFECT_NEVER, WIRE_CLOSE,
     ARG_NONE},
    {FAULT_HALF_ANSWER, "half-answer", EFFECT_FIRST, WIRE_HALF, ARG_NONE},
    {FAULT_WRONG_LENGTH, "wrong-length", EFFECT_FIRST, WIRE_SHORT, ARG_LENGTH},
    {FAULT_500, "500", EFFECT_NEVER, WIRE_ANSWER, ARG_NONE},
    {FAULT_500_AFTER_COMMIT, "500-after-commit", EFFECT_FIRST, WIRE_ANSWER, ARG_NONE},
    {FAULT_502_HTML, "502-html", EFFECT_NEVER, WIRE_ANSWER, ARG_NONE},
    {FAULT_403_HTML, "403-html", EFFECT_NEVER, WIRE_ANSWER, ARG_NONE},
    {FAULT_429, "429", EFFECT_NEVER, WIRE_ANSWER, ARG_RETRY_AFTER},
    {FAULT_401, "401", EFFECT_NEVER, WIRE_ANSWER, ARG_NONE},
    {FAULT_SLOW, "slow", EFFECT_FIRST, WIRE_ANSWER, ARG_MS},
    {FAULT_SLOW_COMMIT, "slow-commit", EFFECT_LAST, WIRE_ANSWER, ARG_MS},
    {FAULT_LATE_LIST, "late-list", EFFECT_FIRST, WIRE_ANSWER, ARG_MS},
    {FAULT_CUT_LIST, "cut-list", EFFECT_FIRST, WIRE_ANSWER, ARG_ROWS},
};

static const struct fault_kind *find_kind(struct span name)
{
    for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
        if (span_is(name, kinds[i].name))
            return &kinds[i];
    return NULL;
}

/* Takes the part up to `mark` off the front of *text. */
static struct span cut(struct span *text, char mark)
{
    const char *end = text->len ? memchr(text->ptr, mark, text->len) : NULL;
    struct span part = {text->ptr, end ? (size_t)(end - text->ptr) : text->len};
    size_t used = part.len + (end != NULL);
    *text = (struct span){text->ptr + used, text->len - used};
    return part;
}

static int read_chance(struct fault *f, struct span text, struct err *err)
{
    struct decimal d;
    f->first = -1;
    if (text.len > 1 && text.ptr[0] == 'x') {
        struct span number = {text.ptr + 1, text.len - 1};
        if (scan_int(number, 1, INT32_MAX, &f->first))
            return 0;
    } else if (decimal_parse_plain(text, &d) && decimal_rescale(d, 6, &d) &&
               d.units <= 1000000) {
        f->millionths = (uint32_t)d.units;
        return 0;
    }
    return err_set(err, ERR_USAGE, "\"%.*s\" is no probability from 0 to 1, nor xN",
                   SPAN_ARG(text));
}

static bool read_word(struct fault *f, struct span text)
{
    static const struct {
        const char *text;
        enum fault_arg arg;
        enum fault_word word;
    } words[] = {
        {"", ARG_NONE, WORD_NONE},
        {"", ARG_LENGTH, WORD_SHORT},
        {"short", ARG_LENGTH, WORD_SHORT},
        {"long", ARG_LENGTH, WORD_LONG},
        {"", ARG_RETRY_AFTER, WORD_NONE},
        {"none", ARG_RETRY_AFTER, WORD_NONE},
        {"date", ARG_RETRY_AFTER, WORD_DATE},
    };
    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
        if (f->kind->arg == words[i].arg && span_is(text, words[i].text)) {
            f->word = words[i].word;
            return true;
        }
    return false;
}

static int read_arg(struct fault *f, struct span text, struct err *err)
{
    static const char *const wanted[] = {
        [ARG_NONE] = "takes no argument",
        [ARG_LENGTH] = "takes short or long",
        [ARG_RETRY_AFTER] = "takes seconds, date or none",
        [ARG_MS] = "needs a number of milliseconds",
        [ARG_ROWS] = "needs a number of rows",
    };
    bool number = f->kind->arg != ARG_NONE && f->kind->arg != ARG_LENGTH;
    f->word = WORD_NUMBER;
    if (number && scan_int(text, 0, NUMBER_MOST, &f->number))
        return 0;
    if (read_word(f, text))
        return 0;
    return err_set(err, ERR_USAGE, "%s %s", f->kind->name, wanted[f->kind->arg]);
}

static int read_rule(struct fault *f, struct span text, struct err *err)
{
    struct span method = cut(&text, ' ');
    struct span path = cut(&text, ':');
    struct span name = cut(&text, ':');
    struct span chance = cut(&text, ':');
    if (method.len == 0 || method.len >= sizeof(f->method) || method.ptr[0] == '/')
        return err_set(err, ERR_USAGE, "no METHOD and blank at the start");
    if (!span_is(path, "*") && (path.len == 0 || path.ptr[0] != '/'))
        return err_set(err, ERR_USAGE, "the path is neither * nor begins with /");
    f->kind = find_kind(name);
    if (!f->kind)
        return err_set(err, ERR_USAGE, "there is no fault \"%.*s\"", SPAN_ARG(name));
    if (read_chance(f, chance, err) || read_arg(f, text, err))
        return -1;
    struct target target = target_of(path);
    snprintf(f->method, sizeof(f->method), "%.*s", SPAN_ARG(method));
    f->path = mem_span(target.path);
    return 0;
}

int fault_read(struct fault *f, const char *text, struct err *err)
{
    *f = (struct fault){0};
    if (read_rule(f, span_of(text), err))
        return err_wrap(err, "--fault \"%s\"", text);
    return 0;
}

void fault_close(struct fault *f)
{
    free(f->path);
    *f = (struct fault){0};
}

static bool matches(const struct fault *f, struct span method, struct span path)
{
    return (strcmp(f->method, "*") == 0 || span_is(method, f->method)) &&
           path_match(path, f->path, NULL);
}

static bool fires(struct fault *f, struct rng *rng)
{
    if (f->first < 0)
        return rng_below(rng, 1000000) < f->millionths;
    return f->first > 0 && f->first-- > 0;
}

const struct fault *fault_pick(struct fault *faults, size_t count, struct span method,
                               struct span path, struct rng *rng)
{
    for (size_t i = 0; i < count; i++)
        if (matches(&faults[i], method, path) && fires(&faults[i], rng))
            return &faults[i];
    return NULL;
}

enum fault_wire fault_wire_of(const struct fault *f)
{
    if (!f)
        return WIRE_ANSWER;
    return f->word == WORD_LONG ? WIRE_LONG : f->kind->wire;
}
