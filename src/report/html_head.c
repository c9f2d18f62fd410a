/* Who was paid, who was not, what is not known, what is left: in a sentence, and in
 * tiles. */
#include <inttypes.h>

#include "base/text.h"
#include "report/html_parts.h"

/* The states in an operator's words. */
static const struct answer {
    const char *css, *title, *words;
    enum job_state states[4]; /* the first `count` */
    int count;
    bool always; /* said when there are none, too */
} answers[] = {
    {"paid", "Paid", "%s made", {JOB_SUCCEEDED}, 1, true},
    {"way",
     "Accepted, not final",
     "%s accepted by the API and not final yet",
     {JOB_FOLLOWING},
     1,
     false},
    {"not", "Not paid", "%s not made", {JOB_FAILED, JOB_SKIPPED, JOB_CANCELLED}, 3, true},
    {"unknown", "Unknown", "%s unknown", {JOB_IN_DOUBT}, 1, true},
    {"left", "Left to do", "%s left to do", {JOB_QUEUED, JOB_SENDING}, 2, true},
};

#define ANSWERS (int)(sizeof(answers) / sizeof(*answers))

static int64_t sum_of(const int64_t counts[JOB_STATE_COUNT], const struct answer *a)
{
    int64_t n = 0;
    for (int i = 0; i < a->count; i++)
        n += counts[a->states[i]];
    return n;
}

static void print_sentence(const struct page *p, const int64_t *counts, bool money)
{
    int64_t total = page_total(counts);
    fputs("<p class=\"lead\">Of ", p->out);
    html_count(p->out, total);
    fprintf(p->out, " %s%s", money ? "payment" : "job", text_plural(total, "", "s"));
    for (int i = 0; i < ANSWERS; i++) {
        int64_t n = sum_of(counts, &answers[i]);
        const char *rest = answers[i].words + 2; /* after the %s */
        if (n == 0 && !answers[i].always)
            continue;
        fputs(i == ANSWERS - 1 ? " and <b>" : ", <b>", p->out);
        html_count(p->out, n);
        fprintf(p->out, "</b> %s%s", text_plural(n, "is", "are"), rest);
    }
    fputs(".</p>\n", p->out);
}

static void print_tiles(const struct page *p, const int64_t *counts)
{
    fputs("<ul class=\"tiles\">\n", p->out);
    for (int i = 0; i < ANSWERS; i++) {
        int64_t n = sum_of(counts, &answers[i]);
        if (n == 0 && !answers[i].always)
            continue;
        fprintf(p->out, "<li class=\"%s%s\"><b>", answers[i].css, n ? "" : " none");
        html_count(p->out, n);
        fprintf(p->out, "</b> %s</li>\n", answers[i].title);
    }
    fputs("</ul>\n", p->out);
}

/* ---- which run ---- */

static bool print_run(void *ctx, const struct view_row *row)
{
    const struct page *p = ctx;
    const char *ended = view_text(row, "ended_at"), *exit = view_text(row, "exit_status");
    fputs(p->options->scope.run ? " · run " : " · last run ", p->out);
    html_text(p->out, view_text(row, "run"));
    fputs(" against ", p->out);
    html_text(p->out, view_text(row, "base_url"));
    fputs(", ", p->out);
    html_moment(p->out, view_text(row, "started_at"));
    fputs(ended ? " to " : ", not ended", p->out);
    html_moment(p->out, ended);
    if (exit)
        fprintf(p->out, ", exit status %s", exit);
    return true;
}

int html_head(struct page *p)
{
    bool money = page_total(p->payments) > 0;
    const int64_t *counts = money ? p->payments : p->jobs;
    char now[WALL_TEXT_MAX];
    fputs("<header><p class=\"what\">Disbursement report</p>\n<h1>", p->out);
    for (int i = 0; i < p->batch_count && i < 3; i++) {
        fputs(i ? ", " : "", p->out);
        html_text(p->out, p->batches[i]);
    }
    if (p->batch_count > 3)
        fprintf(p->out, " and %d more", p->batch_count - 3);
    fputs(p->batch_count ? "" : "Nothing has been imported yet", p->out);
    fputs("</h1>\n<p class=\"when\">As of ", p->out);
    html_moment(p->out, wall_text(p->options->now, now));
    fputs(" UTC", p->out);
    if (digest_run(p->store, p->options->scope.run, print_run, p, p->err))
        return -1;
    fputs("</p></header>\n", p->out);
    if (p->batch_count == 0)
        return 0;
    print_sentence(p, counts, money);
    print_tiles(p, counts);
    return 0;
}
