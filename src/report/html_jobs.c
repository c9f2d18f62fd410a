/* Every job as a line that can be searched; of very many only those that matter. */
#include <inttypes.h>

#include "report/html_parts.h"

#define IN_BLOCK                                                                         \
    50 /* lines that a browser lays out together, when they come into sight */

struct lines {
    const struct page *page;
    int64_t count, max;
};

static const char *group_of(const char *state)
{
    static const char *const groups[JOB_STATE_COUNT] = {
        [JOB_QUEUED] = "left",      [JOB_SENDING] = "left",   [JOB_FOLLOWING] = "way",
        [JOB_IN_DOUBT] = "unknown", [JOB_SUCCEEDED] = "paid", [JOB_FAILED] = "not",
        [JOB_SKIPPED] = "not",      [JOB_CANCELLED] = "not",
    };
    enum job_state s;
    return job_state_parse(span_of(state), &s) ? groups[s] : "left";
}

static void print_amount(FILE *out, const struct view_row *row)
{
    const char *amount = view_text(row, "amount");
    fputs("<span class=\"n\">", out);
    if (amount) {
        html_number(out, amount);
        fputs(" <small>", out);
        html_text(out, view_text(row, "currency"));
        fputs("</small>", out);
    }
    fputs("</span>", out);
}

static void print_text(FILE *out, const char *css, const char *text)
{
    fprintf(out, "<span class=\"%s\">", css);
    html_text(out, text);
    fputs("</span>", out);
}

static bool print_job(void *ctx, const struct view_row *row)
{
    struct lines *l = ctx;
    FILE *out = l->page->out;
    const char *state = view_text(row, "state"), *error = view_text(row, "error");
    if (l->count % IN_BLOCK == 0)
        fputs(l->count ? "</ol>\n<ol>\n" : "<ol>\n", out);
    l->count++;
    fprintf(out, "<li class=\"%s\"><b>", group_of(state));
    html_text(out, view_text(row, "ref"));
    fputs("</b>", out);
    print_text(out, "a", view_text(row, "action"));
    print_text(out, "o", view_text(row, "on_behalf_of"));
    print_amount(out, row);
    fputs("<span class=\"s\">", out);
    html_words(out, state);
    fputs("</span>", out);
    print_text(out, "r", view_text(row, "remote_id"));
    if (error)
        print_text(out, "e", error);
    fputs("</li>\n", out);
    return true;
}

static int read_lines(struct lines *l, enum digest which)
{
    const struct page *p = l->page;
    int64_t room = l->max - l->count;
    if (room <= 0)
        return 0;
    return digest_read(p->store, which, &p->options->scope, room, print_job, l, p->err);
}

static void print_heading(const struct page *p, int64_t total, int64_t max)
{
    fputs("<section class=\"jobs\">\n<h2>Every job</h2>\n", p->out);
    if (total > max) {
        fputs("<p class=\"more\">There are ", p->out);
        html_count(p->out, total);
        fputs(" jobs. Listed here are those in doubt, held, failed or "
              "skipped, and the newest of the others: ",
              p->out);
        html_count(p->out, max);
        fputs(" in all. The rest is in the view <code>results</code>.</p>\n", p->out);
    }
    fputs("<form id=\"search\" hidden><input id=\"find\" type=\"search\" "
          "autocomplete=\"off\" spellcheck=\"false\" placeholder=\"ref, payee, amount, "
          "id, reason …\" aria-label=\"Search the jobs\">"
          "<select id=\"group\" aria-label=\"Which jobs\"><option value=\"\">all</option>"
          "<option value=\"paid\">done</option><option value=\"way\">accepted, not final"
          "</option><option value=\"not\">not done</option><option value=\"unknown\">"
          "unknown</option><option value=\"left\">left to do</option></select>"
          "<output id=\"found\" aria-live=\"polite\"></output></form>\n"
          "<div id=\"list\">\n<p class=\"heads\"><b>ref</b><span>action</span>"
          "<span>for</span><span class=\"n\">amount</span><span>state</span>"
          "<span>API's id</span></p>\n",
          p->out);
}

int html_jobs(struct page *p)
{
    int64_t max = p->options->listed_max ? p->options->listed_max : HTML_LISTED_MAX;
    int64_t total = page_total(p->jobs);
    struct lines l = {.page = p, .max = max};
    if (total == 0)
        return 0;
    print_heading(p, total, max);
    int rc = total <= max
                 ? read_lines(&l, DIGEST_JOBS)
                 : read_lines(&l, DIGEST_TROUBLE) || read_lines(&l, DIGEST_OTHERS);
    fputs("</ol>\n</div>\n</section>\n", p->out);
    return rc ? -1 : 0;
}
