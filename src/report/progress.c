#include "report/progress.h"

#include "base/text.h"

#include <inttypes.h>

#define SAMPLES                                                                          \
    (int)(sizeof(((struct progress_meter *)0)->past) /                                   \
          sizeof(*((struct progress_meter *)0)->past))

static int64_t done_of(const struct remesa_progress *p)
{
    return p->total - p->waiting - p->in_flight;
}

void progress_sample(struct progress_meter *m, const struct remesa_progress *p)
{
    int newest = (m->next + SAMPLES - 1) % SAMPLES;
    if (m->count > 0 &&
        p->elapsed_ms - m->past[newest].at_ms < PROGRESS_SPAN_MS / SAMPLES)
        return;
    m->past[m->next].at_ms = p->elapsed_ms;
    m->past[m->next].sent = p->sent;
    m->past[m->next].done = done_of(p);
    m->next = (m->next + 1) % SAMPLES;
    if (m->count < SAMPLES)
        m->count++;
}

void progress_time(struct buf *out, int64_t ms)
{
    int64_t s = (ms + 500) / 1000;
    if (s >= 3600)
        buf_printf(out, "%" PRId64 ":%02d:%02d", s / 3600, (int)(s / 60 % 60),
                   (int)(s % 60));
    else
        buf_printf(out, "%d:%02d", (int)(s / 60), (int)(s % 60));
}

static void add_pace(struct buf *out, const struct progress_meter *m,
                     const struct remesa_progress *p)
{
    if (m->count == 0)
        return;
    int oldest = (m->next - m->count + SAMPLES) % SAMPLES;
    int64_t ms = p->elapsed_ms - m->past[oldest].at_ms;
    if (ms <= 0)
        return;
    int64_t tenths = (p->sent - m->past[oldest].sent) * 10000 / ms;
    buf_printf(out, "  %" PRId64 ".%d req/s", tenths / 10, (int)(tenths % 10));
    int64_t done = done_of(p) - m->past[oldest].done;
    if (done <= 0 || p->waiting == 0)
        return;
    buf_add_text(out, "  ETA ");
    progress_time(out, (p->waiting + p->in_flight) * ms / done);
}

static void add_count(struct buf *out, const char *what, int64_t n)
{
    if (n)
        buf_printf(out, "  %s %" PRId64, what, n);
}

void progress_line(struct buf *out, const struct progress_meter *m,
                   const struct remesa_progress *p)
{
    int64_t done = done_of(p);
    if (p->total)
        buf_printf(out, "%" PRId64 "/%" PRId64 "  %d%%", done, p->total,
                   (int)(done * 100 / p->total));
    else
        buf_printf(out, "%" PRId64 " %s", p->sent,
                   text_plural(p->sent, "request", "requests"));
    add_pace(out, m, p);
    add_count(out, "following", p->following);
    add_count(out, "failed", p->failed);
    add_count(out, "skipped", p->skipped);
    add_count(out, "in doubt", p->in_doubt);
}
