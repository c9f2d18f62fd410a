#include "report/html_count.h"

#include <string.h>

#define SPAN_MAX (INT64_C(24) * 3600 * 1000)

static int64_t width_for(int64_t span_ms)
{
    static const int seconds[] = {1,   2,   5,   10,   15,   30,   60, 120,
                                  300, 600, 900, 1800, 3600, 7200, 0};
    int i = 0;
    while (seconds[i + 1] && span_ms / seconds[i] / 1000 >= SLOTS_MAX)
        i++;
    return (int64_t)seconds[i] * 1000;
}

static enum series series_of(const char *outcome)
{
    if (strcmp(outcome, "accepted") == 0)
        return DONE;
    if (strncmp(outcome, "rejected", 8) == 0)
        return REFUSED;
    return strcmp(outcome, "in_doubt") == 0 ? DOUBTED : PUT_OFF;
}

static bool keep(void *ctx, const struct view_row *row)
{
    struct chart *c = ctx;
    const char *what = view_text(row, "what");
    int64_t slot = page_number(row, "slot"), n = page_number(row, "n");
    if (slot >= c->count)
        return true;
    if (strcmp(what, "asked") == 0)
        c->slots[slot].asked += n;
    else
        c->slots[slot].answers[series_of(what)] += n;
    return true;
}

static int64_t answered(const struct slot *s)
{
    int64_t n = 0;
    for (int i = 0; i < SERIES; i++)
        n += s->answers[i];
    return n;
}

/* A round number that is not less: 1, 2 or 5 with zeros. */
static int64_t round_up(int64_t n)
{
    int64_t step = 1;
    for (;; step *= 10) {
        if (n <= step)
            return step;
        if (n <= 2 * step)
            return 2 * step;
        if (n <= 5 * step)
            return 5 * step;
    }
}

static void set_steps(struct chart *c, const struct digest_span *span)
{
    int64_t first = span->first.ms;
    if (span->last.ms - first > SPAN_MAX)
        first = span->last.ms - SPAN_MAX;
    c->steps.width_ms = width_for(span->last.ms - first);
    c->steps.from.ms = first - first % c->steps.width_ms;
    c->count = (int)((span->last.ms - c->steps.from.ms) / c->steps.width_ms) + 1;
    if (c->count > SLOTS_MAX + 1)
        c->count = SLOTS_MAX + 1;
}

static void find_most(struct chart *c)
{
    int64_t most = 1;
    for (int i = 0; i < c->count; i++) {
        int64_t n = answered(&c->slots[i]);
        n = n > c->slots[i].asked ? n : c->slots[i].asked;
        most = n > most ? n : most;
    }
    c->most = round_up(most);
}

bool slot_is_quiet(const struct slot *s)
{
    return s->asked == 0 && answered(s) == 0;
}

int chart_pause(const struct chart *c, int *begin)
{
    int longest = 0, length = 0;
    for (int i = 0; i < c->count; i++) {
        length = slot_is_quiet(&c->slots[i]) ? length + 1 : 0;
        if (length > longest) {
            longest = length;
            *begin = i - length + 1;
        }
    }
    return longest;
}

int chart_count(struct chart *c, struct page *p)
{
    struct digest_span span;
    const struct digest_scope *scope = &p->options->scope;
    *c = (struct chart){0};
    if (digest_span(p->store, scope, &span, p->err))
        return -1;
    if (!span.any)
        return 0;
    set_steps(c, &span);
    int rc = digest_tempo(p->store, scope, &c->steps, keep, c, p->err);
    find_most(c);
    return rc;
}
