/* What asks for a person: what is in doubt, what is held, and why jobs failed. */
#include <inttypes.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/scan.h"
#include "report/html_parts.h"

#define ROWS_SHOWN    200 /* of doubts, of holds */
#define REASONS_SHOWN 50

struct rows {
    const struct page *page;
    int64_t shown, left_out;
};

/* ---- doubts and holds ---- */

static const char doubts_heading[] =
    "<section>\n<h2>Unknown: look at these first</h2>\n"
    "<p>Each of these may have taken effect, and none is sent again before that is "
    "known. Find it on the API's side, then type what was found.</p>\n";

static const char holds_heading[] =
    "<section>\n<h2>Held: not sent before somebody lets it go</h2>\n";

/* False: not to be shown. */
static bool next_row(struct rows *r, const struct view_row *row, const char *heading)
{
    if (!page_has(r->page, row))
        return false;
    if (r->shown == ROWS_SHOWN) {
        r->left_out++;
        return false;
    }
    if (r->shown++ == 0)
        fputs(heading, r->page->out);
    return true;
}

static void end_rows(const struct rows *r, const char *view)
{
    if (r->left_out)
        fprintf(r->page->out,
                "<p class=\"more\">%" PRId64 " more are in the view <code>%s</code>."
                "</p>\n",
                r->left_out, view);
    if (r->shown)
        fputs("</section>\n", r->page->out);
}

static void begin_case(FILE *out, const struct view_row *row, const char *css)
{
    fprintf(out, "<article class=\"case %s\"><h3>", css);
    html_text(out, view_text(row, "ref"));
    fputs(" <small>", out);
    html_text(out, view_text(row, "action"));
}

static void print_line(FILE *out, const char *title, const char *text)
{
    if (!text)
        return;
    fprintf(out, "<dt>%s</dt><dd>", title);
    html_text(out, text);
    fputs("</dd>", out);
}

static void end_case(FILE *out, const struct view_row *row)
{
    fputs("</dl>\n<pre>", out);
    html_text(out, view_text(row, "next_command"));
    fputs("</pre></article>\n", out);
}

static bool print_doubt(void *ctx, const struct view_row *row)
{
    struct rows *r = ctx;
    FILE *out = r->page->out;
    if (!next_row(r, row, doubts_heading))
        return true;
    begin_case(out, row, "unknown");
    fputs(", sent ", out);
    html_moment(out, view_text(row, "sent_at"));
    fputs("</small></h3>\n<dl>", out);
    print_line(out, "batch", view_text(row, "batch"));
    print_line(out, "for", view_text(row, "on_behalf_of"));
    print_line(out, "known", view_text(row, "known"));
    print_line(out, "last look-up", view_text(row, "last_look_up"));
    print_line(out, "request", view_text(row, "request_id"));
    end_case(out, row);
    return true;
}

static bool print_hold(void *ctx, const struct view_row *row)
{
    struct rows *r = ctx;
    FILE *out = r->page->out;
    const char *amount = view_text(row, "amount");
    if (!next_row(r, row, holds_heading))
        return true;
    begin_case(out, row, "held");
    if (amount) {
        fputs(", ", out);
        html_number(out, amount);
        fputs(" ", out);
        html_text(out, view_text(row, "currency"));
    }
    fputs("</small></h3>\n<dl>", out);
    print_line(out, "batch", view_text(row, "batch"));
    print_line(out, "reason", view_text(row, "reason"));
    end_case(out, row);
    return true;
}

int html_doubts(struct page *p)
{
    struct rows r = {.page = p};
    if (p->jobs[JOB_IN_DOUBT] == 0)
        return 0;
    int rc = store_read(p->store, VIEW_DOUBTS, p->options->scope.batch, 0, print_doubt,
                        &r, p->err);
    end_rows(&r, "doubts");
    return rc;
}

int html_holds(struct page *p)
{
    struct rows r = {.page = p};
    int rc = store_read(p->store, VIEW_RELEASABLE, p->options->scope.batch, 0, print_hold,
                        &r, p->err);
    end_rows(&r, "holds");
    return rc;
}

/* ---- reasons ---- */

static void reasons_heading(FILE *out)
{
    fputs("<section>\n<h2>Not done, by reason</h2>\n<div class=\"wide\">"
          "<table class=\"reasons\">\n<thead><tr><th scope=\"col\" class=\"n\">jobs</th>"
          "<th scope=\"col\">action</th><th scope=\"col\">state</th>"
          "<th scope=\"col\" class=\"n\">HTTP</th><th scope=\"col\">reason</th>"
          "<th scope=\"col\">refs</th></tr></thead>\n<tbody>\n",
          out);
}

/* No blank stands in a ref. */
static void print_refs(FILE *out, const char *refs, int64_t jobs)
{
    struct span rest = span_of(refs ? refs : ""), ref;
    while (scan_word(&rest, &ref)) {
        char *text = mem_span(ref);
        fputs("<code>", out);
        html_text(out, text);
        fputs("</code> ", out);
        free(text);
    }
    if (jobs > DIGEST_REFS)
        fprintf(out, "and %" PRId64 " more", jobs - DIGEST_REFS);
}

static bool print_reason(void *ctx, const struct view_row *row)
{
    struct rows *r = ctx;
    FILE *out = r->page->out;
    int64_t jobs = page_number(row, "jobs");
    if (r->shown == REASONS_SHOWN) {
        r->left_out++;
        return true;
    }
    if (r->shown++ == 0)
        reasons_heading(out);
    fputs("<tr><td class=\"n\">", out);
    html_count(out, jobs);
    fputs("</td><td>", out);
    html_text(out, view_text(row, "action"));
    fputs("</td><td>", out);
    html_words(out, view_text(row, "state"));
    fputs("</td><td class=\"n\">", out);
    html_text(out, view_text(row, "http_status"));
    fputs("</td><td class=\"why\">", out);
    html_text(out, view_text(row, "reason"));
    fputs("</td><td class=\"refs\">", out);
    print_refs(out, view_text(row, "refs"), jobs);
    fputs("</td></tr>\n", out);
    return true;
}

int html_reasons(struct page *p)
{
    struct rows r = {.page = p};
    if (p->jobs[JOB_FAILED] + p->jobs[JOB_SKIPPED] == 0)
        return 0;
    if (digest_read(p->store, DIGEST_REASONS, &p->options->scope, 0, print_reason, &r,
                    p->err))
        return -1;
    fputs("</tbody>\n</table></div>\n", p->out);
    if (r.left_out)
        fprintf(p->out,
                "<p class=\"more\">%" PRId64
                " rarer reasons are in the view <code>failures</code>.</p>\n",
                r.left_out);
    fputs("</section>\n", p->out);
    return 0;
}
