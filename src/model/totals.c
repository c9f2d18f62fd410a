#include "model/totals.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/scan.h"
#include "base/text.h"

#define ROWS_WANTED "a number of lines, 1 or more"

void totals_close(struct totals *t)
{
    free(t->sums);
    *t = (struct totals){0};
}

bool totals_are_declared(const struct totals *t)
{
    return t->rows > 0 || t->count > 0;
}

struct money *totals_find(const struct totals *t, const char *currency)
{
    for (int i = 0; i < t->count; i++)
        if (strcmp(t->sums[i].currency, currency) == 0)
            return &t->sums[i];
    return NULL;
}

static void append(struct totals *t, struct money m)
{
    t->sums = mem_resize(t->sums, (size_t)t->count + 1, sizeof(*t->sums));
    t->sums[t->count++] = m;
}

bool totals_add(struct totals *t, struct money m)
{
    struct money *sum = totals_find(t, m.currency);
    if (!sum)
        append(t, m);
    else if (m.minor > INT64_MAX - sum->minor)
        return false;
    else
        sum->minor += m.minor;
    return true;
}

/* ---- what is declared ---- */

/* NULL: taken. Else what is wrong. */
static const char *take_sum(struct totals *t, struct span currency, struct span amount)
{
    struct money m;
    char name[CURRENCY_TEXT_MAX];
    if (!currency_parse(currency, name))
        return "a currency has 2 to 11 letters and digits";
    if (totals_find(t, name))
        return "that currency has a total already";
    enum money_fault fault = money_parse(amount, name, &m);
    if (fault != MONEY_OK)
        return money_fault_text(fault);
    append(t, m);
    return NULL;
}

int totals_take(struct totals *t, const char *text, struct err *err)
{
    const char *equals = strchr(text, '=');
    const char *fault = "wanted a currency and an amount, such as ars=1082998.10";
    if (equals)
        fault = take_sum(t, (struct span){text, (size_t)(equals - text)},
                         span_of(equals + 1));
    return fault ? err_set(err, ERR_USAGE, "--expect-total %s: %s", text, fault) : 0;
}

static const char *read_rows(struct totals *t, struct span value)
{
    if (t->rows)
        return "the rows are told already";
    return scan_int(value, 1, INT64_MAX, &t->rows) ? NULL : "wanted " ROWS_WANTED;
}

static const char *read_total(struct totals *t, struct span value)
{
    struct span currency;
    if (!scan_word(&value, &currency))
        return "wanted a currency and an amount: total = ars 1082998.10";
    return take_sum(t, currency, scan_trim(value));
}

static const char *read_line(struct totals *t, struct span line)
{
    const char *equals = memchr(line.ptr, '=', line.len);
    if (!equals)
        return "wanted rows = NUMBER or total = CURRENCY AMOUNT";
    size_t at = (size_t)(equals - line.ptr);
    struct span name = scan_trim((struct span){line.ptr, at});
    struct span value = scan_trim((struct span){equals + 1, line.len - at - 1});
    if (span_is(name, "rows"))
        return read_rows(t, value);
    if (span_is(name, "total"))
        return read_total(t, value);
    return "it knows rows and total, and no other name";
}

/* Up to the line's end or a comment; CR LF as on another system. */
static struct span strip(struct span line)
{
    const char *hash = line.len ? memchr(line.ptr, '#', line.len) : NULL;
    if (hash)
        line.len = (size_t)(hash - line.ptr);
    if (line.len && line.ptr[line.len - 1] == '\r')
        line.len--;
    return scan_trim(line);
}

static struct span skip_mark(struct span text)
{
    static const char mark[] =
        "\xEF\xBB\xBF"; /* what some editors begin a UTF-8 file with */
    if (text.len < 3 || memcmp(text.ptr, mark, 3) != 0)
        return text;
    return (struct span){text.ptr + 3, text.len - 3};
}

int totals_parse(struct totals *t, struct span text, struct err *err)
{
    text = skip_mark(text);
    for (int64_t number = 1; text.len; number++) {
        const char *end = memchr(text.ptr, '\n', text.len);
        size_t len = end ? (size_t)(end - text.ptr) : text.len;
        struct span line = strip((struct span){text.ptr, len});
        const char *fault = line.len ? read_line(t, line) : NULL;
        if (fault)
            return err_set(err, ERR_INPUT, "line %" PRId64 ": %s", number, fault);
        text =
            (struct span){text.ptr + len + (end ? 1 : 0), text.len - len - (end ? 1 : 0)};
    }
    if (totals_are_declared(t))
        return 0;
    return err_set(
        err, ERR_INPUT,
        "it declares nothing: write rows = NUMBER, total = CURRENCY AMOUNT, or "
        "take it away");
}

int totals_merge(struct totals *typed, const struct totals *file, struct err *err)
{
    char said[DECIMAL_TEXT_MAX], other[DECIMAL_TEXT_MAX];
    if (typed->rows && file->rows && typed->rows != file->rows)
        return err_set(err, ERR_INPUT,
                       "it declares %" PRId64 " rows, and --expect-rows %" PRId64,
                       file->rows, typed->rows);
    if (file->rows)
        typed->rows = file->rows;
    for (int i = 0; i < file->count; i++) {
        const struct money *m = &file->sums[i];
        const struct money *have = totals_find(typed, m->currency);
        if (have && have->minor != m->minor)
            return err_set(err, ERR_INPUT, "it declares %s %s, and --expect-total %s=%s",
                           money_text(*m, said), m->currency, m->currency,
                           money_text(*have, other));
        if (!have)
            append(typed, *m);
    }
    return 0;
}

/* ---- what was found ---- */

struct judgement {
    const char *suffix;
    totals_fn *each;
    void *ctx;
};

static void say(const struct judgement *j, char *text)
{
    j->each(j->ctx, text);
    free(text);
}

static void judge_rows(const struct judgement *j, int64_t declared, int64_t got)
{
    int64_t more = got - declared;
    if (declared && more)
        say(j, mem_printf("declared %" PRId64 " row%s, the file has %" PRId64 ": %" PRId64
                          " %s",
                          declared, text_plural(declared, "", "s"), got,
                          more < 0 ? -more : more, more < 0 ? "less" : "more"));
}

static void judge_sum(const struct judgement *j, struct money declared,
                      const struct money *got)
{
    char said[DECIMAL_TEXT_MAX], found[DECIMAL_TEXT_MAX], apart[DECIMAL_TEXT_MAX];
    struct money difference = declared;
    int64_t more = (got ? got->minor : 0) - declared.minor;
    if (more == 0)
        return;
    difference.minor = more < 0 ? -more : more;
    say(j,
        mem_printf("declared %s %s, the file has %s%s: %s %s", money_text(declared, said),
                   declared.currency, got ? money_text(*got, found) : "none", j->suffix,
                   money_text(difference, apart), more < 0 ? "less" : "more"));
}

static void judge_undeclared(const struct judgement *j, struct money got)
{
    char found[DECIMAL_TEXT_MAX];
    say(j, mem_printf("declared no %s, the file has %s%s: %s more", got.currency,
                      money_text(got, found), j->suffix, found));
}

void totals_judge(const struct totals *declared, const struct totals *got,
                  bool is_partial, totals_fn *each, void *ctx)
{
    const struct judgement j = {
        is_partial ? " (without the rows that are complained of)" : "", each, ctx};
    judge_rows(&j, declared->rows, got->rows);
    for (int i = 0; i < declared->count; i++)
        judge_sum(&j, declared->sums[i], totals_find(got, declared->sums[i].currency));
    for (int i = 0; declared->count && i < got->count; i++)
        if (!totals_find(declared, got->sums[i].currency))
            judge_undeclared(&j, got->sums[i]);
}
