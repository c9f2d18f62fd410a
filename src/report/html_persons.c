/* Who let what go, and what waits for a second person. */
#include <inttypes.h>

#include "report/html_parts.h"

static void heading(FILE *out, const char *title, const char *caption,
                    const char *const *columns)
{
    fprintf(out,
            "<section>\n<h2>%s</h2>\n<div class=\"wide\"><table class=\"persons\">"
            "<caption>%s</caption>\n<thead><tr>",
            title, caption);
    for (; *columns; columns++)
        fprintf(out, "<th scope=\"col\">%s</th>", *columns);
    fputs("</tr></thead>\n<tbody>\n", out);
}

static void print_text(FILE *out, const char *text)
{
    fputs("<td>", out);
    if (text)
        html_text(out, text);
    else
        fputs("<span class=\"none\">–</span>", out);
    fputs("</td>", out);
}

static void print_moment(FILE *out, const char *iso)
{
    fputs("<td>", out);
    html_moment(out, iso);
    fputs("</td>", out);
}

static void print_command(FILE *out, const char *command)
{
    fputs("<td><code>", out);
    html_text(out, command);
    fputs("</code></td></tr>\n", out);
}

struct table {
    const struct page *page;
    int64_t rows;
};

static void end(const struct table *t)
{
    if (t->rows)
        fputs("</tbody>\n</table></div>\n</section>\n", t->page->out);
}

static bool print_approval(void *ctx, const struct view_row *row)
{
    static const char *const columns[] = {"batch", "state", "imported by", "approved by",
                                          "when",  "next",  NULL};
    struct table *t = ctx;
    FILE *out = t->page->out;
    if (!page_has(t->page, row))
        return true;
    if (t->rows++ == 0)
        heading(out, "Approvals",
                "Nothing of a batch that waits is sent before another person than its "
                "importer has approved it.",
                columns);
    fputs("<tr>", out);
    print_text(out, view_text(row, "batch"));
    print_text(out, view_text(row, "state"));
    print_text(out, view_text(row, "imported_by"));
    print_text(out, view_text(row, "approved_by"));
    print_moment(out, view_text(row, "approved_at"));
    print_command(out, view_text(row, "next_command"));
    return true;
}

static bool print_proposal(void *ctx, const struct view_row *row)
{
    static const char *const columns[] = {"ref",  "amount", "said", "by",
                                          "when", "next",   NULL};
    struct table *t = ctx;
    FILE *out = t->page->out;
    if (!page_has(t->page, row))
        return true;
    if (t->rows++ == 0)
        heading(out, "Said by one person",
                "It is carried out when another one says the same.", columns);
    fputs("<tr>", out);
    print_text(out, view_text(row, "ref"));
    fputs("<td>", out);
    html_number(out, view_text(row, "amount"));
    fputs(" ", out);
    html_text(out, view_text(row, "currency"));
    fputs("</td><td>", out);
    html_words(out, view_text(row, "verb"));
    fputs("</td>", out);
    print_text(out, view_text(row, "proposed_by"));
    print_moment(out, view_text(row, "proposed_at"));
    print_command(out, view_text(row, "next_command"));
    return true;
}

int html_persons(struct page *p)
{
    struct table approvals = {.page = p}, proposals = {.page = p};
    const char *batch = p->options->scope.batch;
    if (store_read(p->store, VIEW_APPROVALS, batch, 0, print_approval, &approvals,
                   p->err))
        return -1;
    end(&approvals);
    if (store_read(p->store, VIEW_PROPOSALS, batch, 0, print_proposal, &proposals,
                   p->err))
        return -1;
    end(&proposals);
    return 0;
}
