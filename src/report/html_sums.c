/* Money and jobs, batch by batch, as the views have them; and what does not add up. */
#include <string.h>

#include "base/decimal.h"
#include "report/html_parts.h"

#define CURRENCIES_MAX 64
#define COLUMNS_MAX    16

/* The parts of `imported`, as the view `money` names them. */
static const char *const parts[] = {"succeeded", "following", "in_doubt", "failed",
                                    "waiting",   "returned",  NULL};

static bool is_key(const char *column)
{
    return strcmp(column, "batch") == 0 || strcmp(column, "currency") == 0;
}

static bool is_part(const char *column)
{
    int i = 0;
    while (parts[i] && strcmp(parts[i], column) != 0)
        i++;
    return parts[i] != NULL;
}

/* ---- sums over batches ---- */

struct sums {
    const struct page *page;
    int rows, wrong, columns;
    struct total {
        char currency[32];
        int rows;
        bool fits;
        struct decimal of[COLUMNS_MAX]; /* by column */
        bool known[COLUMNS_MAX];
    } totals[CURRENCIES_MAX];
    int count;
};

static struct total *total_of(struct sums *s, const char *currency)
{
    for (int i = 0; i < s->count; i++)
        if (strcmp(s->totals[i].currency, currency) == 0)
            return &s->totals[i];
    if (s->count == CURRENCIES_MAX)
        return NULL;
    struct total *t = &s->totals[s->count++];
    *t = (struct total){.fits = true};
    snprintf(t->currency, sizeof(t->currency), "%s", currency);
    return t;
}

static void add(struct total *t, int column, const char *text)
{
    struct decimal d;
    if (!text || column >= COLUMNS_MAX)
        return;
    if (!decimal_parse_plain(span_of(text), &d) ||
        (t->known[column] && !decimal_add(t->of[column], d, &d)))
        t->fits = false;
    else
        t->of[column] = d;
    t->known[column] = true;
}

static void add_row(struct sums *s, const struct view_row *row)
{
    const char *currency = view_text(row, "currency");
    struct total *t = total_of(s, currency ? currency : "");
    if (!t)
        return;
    t->rows++;
    s->columns = row->count;
    for (int i = 0; i < row->count; i++)
        if (!is_key(row->cells[i].column))
            add(t, i, row->cells[i].text);
}

/* imported is the sum of its parts, and what was declared if anything was. */
static bool is_balanced(const struct view_row *row)
{
    struct decimal sum = {0, 0}, d, imported;
    const char *text = view_text(row, "imported"), *declared = view_text(row, "declared");
    if (!text || !decimal_parse_plain(span_of(text), &imported))
        return false;
    for (int i = 0; i < row->count; i++)
        if (is_part(row->cells[i].column) && row->cells[i].text &&
            (!decimal_parse_plain(span_of(row->cells[i].text), &d) ||
             !decimal_add(sum, d, &sum)))
            return false;
    if (declared &&
        (!decimal_parse_plain(span_of(declared), &d) || !decimal_same(d, imported)))
        return false;
    return decimal_same(sum, imported);
}

/* ---- tables ---- */

static void print_heading(const struct page *p, const struct view_row *row,
                          const char *caption, bool judged)
{
    fprintf(p->out,
            "<div class=\"wide\"><table class=\"sums\"><caption>%s</caption>\n"
            "<thead><tr>",
            caption);
    for (int i = 0; i < row->count; i++) {
        fprintf(p->out, "<th scope=\"col\"%s>",
                is_key(row->cells[i].column) ? "" : " class=\"n\"");
        html_words(p->out, row->cells[i].column);
        fputs("</th>", p->out);
    }
    fputs(judged ? "<th scope=\"col\">adds up</th>" : "", p->out);
    fputs("</tr></thead>\n<tbody>\n", p->out);
}

static void print_number(FILE *out, const char *column, const char *text)
{
    bool zero = text && strspn(text, "0.") == strlen(text);
    fprintf(out, "<td class=\"n c-%s%s\">", column, zero ? " zero" : "");
    if (text)
        html_number(out, text);
    else
        fputs("<span class=\"none\">–</span>", out);
    fputs("</td>", out);
}

static void print_cells(const struct page *p, const struct view_row *row)
{
    fputs("<tr>", p->out);
    for (int i = 0; i < row->count; i++) {
        const struct view_cell *cell = &row->cells[i];
        if (!is_key(cell->column)) {
            print_number(p->out, cell->column, cell->text);
            continue;
        }
        fprintf(p->out, "<td class=\"c-%s\">", cell->column);
        html_text(p->out, cell->text);
        fputs("</td>", p->out);
    }
}

static bool print_money(void *ctx, const struct view_row *row)
{
    struct sums *s = ctx;
    if (!page_has(s->page, row))
        return true;
    if (s->rows++ == 0)
        print_heading(s->page, row, "Money, in exact decimals", true);
    add_row(s, row);
    print_cells(s->page, row);
    bool ok = is_balanced(row);
    s->wrong += !ok;
    fprintf(s->page->out, "<td class=\"%s\">%s</td></tr>\n", ok ? "ok" : "bad",
            ok ? "✓ yes" : "✗ no");
    return true;
}

static bool print_progress(void *ctx, const struct view_row *row)
{
    struct sums *s = ctx;
    if (!page_has(s->page, row))
        return true;
    if (s->rows++ == 0)
        print_heading(s->page, row, "Jobs, by state", false);
    print_cells(s->page, row);
    fputs("</tr>\n", s->page->out);
    return true;
}

static void print_total(const struct sums *s, const struct total *t)
{
    FILE *out = s->page->out;
    char text[DECIMAL_TEXT_MAX];
    fputs("<tr><th scope=\"row\">all</th><td class=\"c-currency\">", out);
    html_text(out, t->currency);
    fputs("</td>", out);
    for (int i = 2; i < s->columns && i < COLUMNS_MAX; i++)
        print_number(out, "all", t->known[i] ? decimal_text(t->of[i], text) : NULL);
    fputs(t->fits ? "<td></td></tr>\n" : "<td class=\"bad\">too large</td></tr>\n", out);
}

static void print_end(const struct sums *s)
{
    FILE *out = s->page->out;
    fputs("</tbody>\n<tfoot>\n", out);
    for (int i = 0; i < s->count; i++)
        if (s->totals[i].rows > 1)
            print_total(s, &s->totals[i]);
    fputs("</tfoot></table></div>\n", out);
    if (s->wrong)
        fprintf(out,
                "<p class=\"alarm\">In %d of these rows the parts do not add up: believe "
                "nothing here before <code>remesa audit</code> has looked at the "
                "file.</p>\n",
                s->wrong);
}

int html_sums(struct page *p)
{
    struct sums money = {.page = p}, jobs = {.page = p};
    const char *batch = p->options->scope.batch;
    if (p->batch_count == 0)
        return 0;
    fputs("<section>\n<h2>Totals</h2>\n", p->out);
    if (store_read(p->store, VIEW_MONEY, batch, 0, print_money, &money, p->err))
        return -1;
    if (money.rows)
        print_end(&money);
    if (store_read(p->store, VIEW_PROGRESS, batch, 0, print_progress, &jobs, p->err))
        return -1;
    if (jobs.rows)
        print_end(&jobs);
    fputs("</section>\n", p->out);
    return 0;
}
