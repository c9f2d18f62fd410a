/* How long answers took: exact percentiles (nearest rank), per action. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "report/html_parts.h"

struct latency {
    const struct page *page;
    char *action; /* whose values are gathered now */
    int64_t attempts;
    struct value {
        int64_t ms, upto; /* so many attempts took so long or less */
    } * values;
    size_t count, room;
    int rows;
};

/* The least time that `percent` of the attempts did not pass. */
static int64_t percentile(const struct latency *l, int percent)
{
    int64_t rank = (l->attempts * percent + 99) / 100;
    size_t i = 0;
    while (i + 1 < l->count && l->values[i].upto < rank)
        i++;
    return l->values[i].ms;
}

static void print_ms(FILE *out, int64_t ms)
{
    fputs("<td class=\"n\">", out);
    html_count(out, ms);
    fputs("</td>", out);
}

static void heading(FILE *out)
{
    fputs("<section>\n<h2>How long answers took</h2>\n<div class=\"wide\"><table>"
          "<caption>Milliseconds from sending to the end of the answer; p90: nine of ten "
          "took no longer</caption>\n<thead><tr><th scope=\"col\">action</th>"
          "<th scope=\"col\" class=\"n\">requests</th><th scope=\"col\" class=\"n\">p50"
          "</th><th scope=\"col\" class=\"n\">p90</th><th scope=\"col\" class=\"n\">p99"
          "</th><th scope=\"col\" class=\"n\">longest</th></tr></thead>\n<tbody>\n",
          out);
}

static void print_action(struct latency *l)
{
    FILE *out = l->page->out;
    if (l->count == 0)
        return;
    if (l->rows++ == 0)
        heading(out);
    fputs("<tr><td>", out);
    html_text(out, l->action);
    fputs("</td><td class=\"n\">", out);
    html_count(out, l->attempts);
    fputs("</td>", out);
    print_ms(out, percentile(l, 50));
    print_ms(out, percentile(l, 90));
    print_ms(out, percentile(l, 99));
    print_ms(out, l->values[l->count - 1].ms);
    fputs("</tr>\n", out);
}

static void begin_action(struct latency *l, const char *action)
{
    print_action(l);
    free(l->action);
    l->action = mem_text(action);
    l->attempts = 0;
    l->count = 0;
}

static bool add_value(void *ctx, const struct view_row *row)
{
    struct latency *l = ctx;
    const char *action = view_text(row, "action");
    if (!l->action || strcmp(l->action, action) != 0)
        begin_action(l, action);
    if (l->count == l->room) {
        l->room = l->room ? l->room * 2 : 256;
        l->values = mem_resize(l->values, l->room, sizeof(*l->values));
    }
    l->attempts += page_number(row, "attempts");
    l->values[l->count++] = (struct value){page_number(row, "elapsed_ms"), l->attempts};
    return true;
}

int html_latency(struct page *p)
{
    struct latency l = {.page = p};
    int rc = digest_read(p->store, DIGEST_LATENCY, &p->options->scope, 0, add_value, &l,
                         p->err);
    if (rc == 0) {
        print_action(&l);
        if (l.rows)
            fputs("</tbody>\n</table></div>\n</section>\n", p->out);
    }
    free(l.values);
    free(l.action);
    return rc;
}
