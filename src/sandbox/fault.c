#include "sandbox/fault.h"

#include <ctype.h>
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
    {FAULT_404, "404", EFFECT_NEVER, WIRE_ANSWER, ARG_NONE},
    {FAULT_422, "422", EFFECT_NEVER, WIRE_ANSWER, ARG_ATTRIBUTE},
    {FAULT_SLOW, "slow", EFFECT_FIRST, WIRE_ANSWER, ARG_MS},
    {FAULT_SLOW_COMMIT, "slow-commit", EFFECT_LAST, WIRE_ANSWER, ARG_MS},
    {FAULT_LATE_LIST, "late-list", EFFECT_FIRST, WIRE_ANSWER, ARG_MS},
    {FAULT_CUT_LIST, "cut-list", EFFECT_FIRST, WIRE_ANSWER, ARG_ROWS},
    {FAULT_LOST_PAGE, "lost-page", EFFECT_FIRST, WIRE_ANSWER, ARG_PAGE},
    {FAULT_DUP_ROWS, "dup-rows", EFFECT_FIRST, WIRE_ANSWER, ARG_NONE},
    {FAULT_OTHER_USER_ROWS, "other-user-rows", EFFECT_FIRST, WIRE_ANSWER, ARG_NONE},
    {FAULT_LIST_500, "list-500", EFFECT_NEVER, WIRE_ANSWER, ARG_NONE},
    {FAULT_LIST_SLOW, "list-slow", EFFECT_FIRST, WIRE_ANSWER, ARG_MS},
    {FAULT_LATE_APPLY, "late-apply", EFFECT_LATE, WIRE_CLOSE, ARG_MS_HANG},
    {FAULT_LATE_APPLY_AFTER_LIST, "late-apply-after-list", EFFECT_LATE, WIRE_CLOSE,
     ARG_LISTS},
    {FAULT_DUP_EFFECT, "dup-effect", EFFECT_TWICE, WIRE_ANSWER, ARG_CLOSE},
    {FAULT_LIE_200_NO_ID, "lie-200-no-id", EFFECT_FIRST, WIRE_ANSWER, ARG_APPLIED},
    {FAULT_LIE_200_OTHER_AMOUNT, "lie-200-other-amount", EFFECT_FIRST, WIRE_ANSWER,
     ARG_NONE},
    {FAULT_LIE_200_NOT_APPLIED, "lie-200-not-applied", EFFECT_FIRST, WIRE_ANSWER,
     ARG_NONE},
    {FAULT_LIE_404_APPLIED, "lie-404-applied", EFFECT_FIRST, WIRE_ANSWER, ARG_NONE},
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
        {"", ARG_PAGE, WORD_NONE},
        {"hang", ARG_LISTS, WORD_HANG},
        {"", ARG_LISTS, WORD_NONE},
        {"", ARG_CLOSE, WORD_NONE},
        {"close", ARG_CLOSE, WORD_CLOSE},
        {"", ARG_APPLIED, WORD_APPLIED},
        {"applied", ARG_APPLIED, WORD_APPLIED},
        {"not-applied", ARG_APPLIED, WORD_NOT_APPLIED},
    };
    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
        if (f->kind->arg == words[i].arg && span_is(text, words[i].text)) {
            f->word = words[i].word;
            return true;
        }
    return false;
}

/* How an argument with a number is written. */
static const struct form {
    bool number; /* may be there, maybe with ",hang" after it */
    bool hang;
    int64_t least;
    int64_t missing; /* what no number means */
    const char *wanted;
} forms[] = {
    [ARG_NONE] = {.wanted = "takes no argument"},
    [ARG_LENGTH] = {.wanted = "takes short or long"},
    [ARG_RETRY_AFTER] = {.number = true, .wanted = "takes seconds, date or none"},
    [ARG_MS] = {.number = true, .wanted = "needs a number of milliseconds"},
    [ARG_ROWS] = {.number = true, .wanted = "needs a number of rows"},
    [ARG_PAGE] = {.number = true, .least = 1, .wanted = "takes the number of a page"},
    [ARG_MS_HANG] = {.number = true,
                     .hang = true,
                     .wanted = "needs a number of milliseconds, and takes \",hang\""},
    [ARG_LISTS] = {.number = true,
                   .hang = true,
                   .least = 1,
                   .missing = 1,
                   .wanted = "takes a number of lists, and \",hang\""},
    [ARG_CLOSE] = {.wanted = "takes close"},
    [ARG_APPLIED] = {.wanted = "takes applied or not-applied"},
    [ARG_ATTRIBUTE] = {.wanted = "takes the name of an attribute"},
};

static bool read_number(struct fault *f, const struct form *form, struct span text)
{
    struct span whole = text;
    struct span number = cut(&text, ',');
    bool hang = form->hang && span_is(text, "hang");
    if (!form->number || (!hang && number.len != whole.len) ||
        !scan_int(number, form->least, NUMBER_MOST, &f->number))
        return false;
    f->word = hang ? WORD_HANG : WORD_NUMBER;
    return true;
}

/* It goes into the answer as it is. */
static bool read_attribute(struct fault *f, struct span text)
{
    if (f->kind->arg != ARG_ATTRIBUTE || text.len >= sizeof(f->attribute))
        return false;
    for (size_t i = 0; i < text.len; i++)
        if (!isalnum((unsigned char)text.ptr[i]) && text.ptr[i] != '_')
            return false;
    snprintf(f->attribute, sizeof(f->attribute), "%.*s", SPAN_ARG(text));
    if (text.len == 0)
        snprintf(f->attribute, sizeof(f->attribute), "base");
    return true;
}

static int read_arg(struct fault *f, struct span text, struct err *err)
{
    const struct form *form = &forms[f->kind->arg];
    if (read_attribute(f, text) || read_number(f, form, text))
        return 0;
    f->number = form->missing;
    if (read_word(f, text))
        return 0;
    return err_set(err, ERR_USAGE, "%s %s", f->kind->name, form->wanted);
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

static bool is_list(struct span method, struct span path)
{
    return span_is(method, "GET") && path_match(path, "/*", NULL);
}

static bool matches(const struct fault *f, struct span method, struct span path)
{
    bool lists_only =
        f->kind->id >= FAULT_FIRST_OF_LISTS && f->kind->id <= FAULT_LAST_OF_LISTS;
    if (lists_only && !is_list(method, path))
        return false;
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
    if (f->word == WORD_LONG)
        return WIRE_LONG;
    if (f->word == WORD_HANG)
        return WIRE_HANG;
    return f->word == WORD_CLOSE ? WIRE_CLOSE : f->kind->wire;
}

enum fault_effect fault_effect_of(const struct fault *f)
{
    return f ? f->kind->effect : EFFECT_FIRST;
}

bool fault_is(const struct fault *f, enum fault_id id)
{
    return f && f->kind->id == id;
}

bool fault_is_slow(const struct fault *f)
{
    return fault_is(f, FAULT_SLOW) || fault_is(f, FAULT_SLOW_COMMIT) ||
           fault_is(f, FAULT_LIST_SLOW);
}

bool fault_applies(const struct fault *f)
{
    return !fault_is(f, FAULT_LIE_200_NOT_APPLIED) && !(f && f->word == WORD_NOT_APPLIED);
}
