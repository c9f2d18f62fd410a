#include "report/lines.h"

#include <stdlib.h>

#include "base/csv_cell.h"
#include "base/decimal.h"
#include "base/mem.h"
#include "store/lines.h"

#define LINE_MAX_BYTES (8 * 1024 * 1024)

struct printer {
    FILE *out;
    char delimiter;
    struct buf text;

    /* of the line at hand */
    bool has_job, has_money;
    enum job_state state;
    struct buf error, remote_id, amount, currency;
};

/* The worst first: what a person has to look at before all else. */
static int badness(enum job_state state)
{
    static const enum job_state worst_first[] = {
        JOB_FAILED,    JOB_IN_DOUBT, JOB_SKIPPED, JOB_CANCELLED,
        JOB_FOLLOWING, JOB_SENDING,  JOB_QUEUED,  JOB_SUCCEEDED};
    int at = 0;
    while (worst_first[at] != state)
        at++;
    return JOB_STATE_COUNT - at;
}

static void set(struct buf *out, const char *text)
{
    buf_clear(out);
    buf_add_text(out, text ? text : "");
}

static void on_line(void *ctx, struct span cells)
{
    struct printer *p = ctx;
    buf_clear(&p->text);
    buf_add_span(&p->text, cells);
    p->has_job = p->has_money = false;
    set(&p->error, NULL);
    set(&p->remote_id, NULL);
    set(&p->amount, NULL);
    set(&p->currency, NULL);
}

static void join(struct buf *out, const char *text, const char *between)
{
    if (out->len)
        buf_add_text(out, between);
    buf_add_text(out, text);
}

/* A second payment of the line: one sum where it is one currency. */
static void add_amount(struct printer *p, const struct kept_job *job)
{
    struct decimal a, b, sum;
    char text[DECIMAL_TEXT_MAX];
    bool same = strcmp(p->currency.data, job->currency) == 0;
    if (same && decimal_parse_plain(buf_span(&p->amount), &a) &&
        decimal_parse_plain(span_of(job->amount), &b) && decimal_add(a, b, &sum)) {
        set(&p->amount, decimal_text(sum, text));
        return;
    }
    join(&p->amount, job->amount, " + ");
    join(&p->currency, job->currency, " + ");
}

static void take_money(struct printer *p, const struct kept_job *job)
{
    if (!p->has_money) {
        set(&p->remote_id, job->remote_id);
        set(&p->amount, job->amount);
        set(&p->currency, job->currency);
    } else {
        if (job->remote_id)
            join(&p->remote_id, job->remote_id, " ");
        add_amount(p, job);
    }
    p->has_money = true;
}

static void on_job(void *ctx, const struct kept_job *job)
{
    struct printer *p = ctx;
    if (!p->has_job || badness(job->state) > badness(p->state)) {
        p->state = job->state;
        set(&p->error, job->error);
    } else if (job->state == p->state && p->error.len == 0) {
        set(&p->error, job->error);
    }
    if (job->amount)
        take_money(p, job);
    else if (!p->has_money)
        set(&p->remote_id, job->remote_id);
    p->has_job = true;
}

static void add_cell(struct printer *p, struct span text)
{
    buf_add_char(&p->text, p->delimiter);
    csv_cell_write(&p->text, text, p->delimiter, true);
}

static void on_end(void *ctx)
{
    struct printer *p = ctx;
    add_cell(p, span_of(p->has_job ? job_state_name(p->state) : ""));
    add_cell(p, buf_span(&p->remote_id));
    add_cell(p, buf_span(&p->amount));
    add_cell(p, buf_span(&p->currency));
    add_cell(p, buf_span(&p->error));
    buf_add_char(&p->text, '\n');
    fwrite(p->text.data, 1, p->text.len, p->out);
}

static void print_header(struct printer *p, const struct kept_input *in)
{
    static const char *const added[] = {"state", "remote_id", "amount", "currency",
                                        "error"};
    fputs(in->columns, p->out);
    for (size_t i = 0; i < sizeof(added) / sizeof(*added); i++)
        fprintf(p->out, "%c%s", p->delimiter, added[i]);
    fputc('\n', p->out);
}

static int print(struct printer *p, struct store *s, const struct kept_input *in,
                 struct err *err)
{
    struct buf *const bufs[] = {&p->text, &p->error, &p->remote_id, &p->amount,
                                &p->currency};
    const struct kept_reader to = {on_line, on_job, on_end, p};
    for (size_t i = 0; i < sizeof(bufs) / sizeof(*bufs); i++)
        buf_init(bufs[i], LINE_MAX_BYTES);
    print_header(p, in);
    int rc = store_lines_each(s, in, &to, err);
    for (size_t i = 0; i < sizeof(bufs) / sizeof(*bufs); i++)
        buf_close(bufs[i]);
    return rc;
}

int lines_print(FILE *out, struct store *s, const char *batch, struct err *err)
{
    struct kept_input in;
    int rc = store_hold(s, err);
    if (rc == 0)
        rc = store_lines_open(s, batch, &in, err);
    if (rc)
        return -1;
    struct printer p = {.out = out, .delimiter = in.delimiter};
    rc = print(&p, s, &in, err);
    kept_input_close(&in);
    return rc;
}
