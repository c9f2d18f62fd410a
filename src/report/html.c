#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/scan.h"
#include "report/html_parts.h"

bool page_has(const struct page *p, const struct view_row *row)
{
    const char *batch = view_text(row, "batch");
    for (int i = 0; batch && i < p->batch_count; i++)
        if (strcmp(p->batches[i], batch) == 0)
            return true;
    return false;
}

int64_t page_number(const struct view_row *row, const char *column)
{
    int64_t n = 0;
    const char *text = view_text(row, column);
    return text && scan_int(span_of(text), 0, INT64_MAX, &n) ? n : 0;
}

int64_t page_total(const int64_t counts[JOB_STATE_COUNT])
{
    int64_t total = 0;
    for (int i = 0; i < JOB_STATE_COUNT; i++)
        total += counts[i];
    return total;
}

/* ---- what it is about ---- */

static bool keep_batch(void *ctx, const struct view_row *row)
{
    struct page *p = ctx;
    p->batches = mem_resize(p->batches, (size_t)p->batch_count + 1, sizeof(*p->batches));
    p->batches[p->batch_count++] = mem_text(view_text(row, "batch"));
    return true;
}

static bool keep_state(void *ctx, const struct view_row *row)
{
    struct page *p = ctx;
    enum job_state state;
    if (!job_state_parse(span_of(view_text(row, "state")), &state))
        return true;
    p->jobs[state] = page_number(row, "jobs");
    p->payments[state] = page_number(row, "payments");
    return true;
}

static int look(struct page *p)
{
    const struct digest_scope *scope = &p->options->scope;
    if (digest_read(p->store, DIGEST_BATCHES, scope, 0, keep_batch, p, p->err) ||
        digest_read(p->store, DIGEST_STATES, scope, 0, keep_state, p, p->err))
        return -1;
    if (scope->batch && p->batch_count == 0)
        return err_set(p->err, ERR_NOINPUT,
                       "there is no batch '%s'%s; `remesa status` lists them",
                       scope->batch, scope->run ? " of that run" : "");
    return 0;
}

/* ---- the page ---- */

static char *title_of(const struct page *p)
{
    if (p->batch_count == 1)
        return mem_printf("remesa: %s", p->batches[0]);
    return mem_printf("remesa: %d batches", p->batch_count);
}

static void print_foot(const struct page *p)
{
    fputs("<footer><p>Every number is from the views of <code>", p->out);
    html_text(p->out, p->options->database);
    fputs("</code>, all as of one moment. Times are UTC, as in the database.</p>"
          "</footer>\n</main>\n",
          p->out);
}

static int print_page(struct page *p)
{
    char *title = title_of(p);
    html_begin(p, title);
    free(title);
    fputs("<main>\n", p->out);
    if (html_head(p) || html_sums(p) || html_doubts(p) || html_holds(p) ||
        html_persons(p) || html_reasons(p) || html_chart(p) || html_latency(p) ||
        html_jobs(p))
        return -1;
    print_foot(p);
    html_end(p);
    return 0;
}

int html_print(FILE *out, struct store *store, const struct html_options *options,
               struct err *err)
{
    struct page p = {
        .out = out, .store = store, .options = options, .err = err, .batches = NULL};
    int rc = look(&p) || print_page(&p);
    for (int i = 0; i < p.batch_count; i++)
        free(p.batches[i]);
    free(p.batches);
    return rc ? -1 : 0;
}
