/* What the parts of the page share. Not for others. */
#ifndef REMESA_REPORT_HTML_PARTS_H
#define REMESA_REPORT_HTML_PARTS_H

#include "report/html.h"

struct page {
    FILE *out;
    struct store *store;
    const struct html_options *options;
    struct err *err;
    char **batches; /* that it is about, ended by NULL */
    int batch_count;
    int64_t jobs[JOB_STATE_COUNT], payments[JOB_STATE_COUNT];
};

/* html_text.c. All that is not ours goes through one of these: markup, control, direction and
 * broken characters lose their power. Good between tags and in a quoted attribute. */
void html_text(FILE *out, const char *text); /* NULL: nothing */
/* Digits in threes, parted by space that is not text: what is copied is the number alone. */
void html_number(FILE *out, const char *digits);
void html_count(FILE *out, int64_t n);
void html_moment(FILE *out, const char *iso); /* "2026-11-24 03:16:07" */
/* "queued" is "queued", "in_doubt" is "in doubt". */
void html_words(FILE *out, const char *name);

/* The page's policy: only the style and the script that stand in it, known by their hash. */
void html_begin(const struct page *p, const char *title);
void html_end(const struct page *p);

bool page_has(const struct page *p, const struct view_row *row); /* its batch */
int64_t page_number(const struct view_row *row, const char *column);
int64_t page_total(const int64_t counts[JOB_STATE_COUNT]);

/* The parts, from top to bottom. -1 with p->err. */
int html_head(struct page *p);
int html_sums(struct page *p);
int html_chart(struct page *p);
int html_latency(struct page *p);
int html_doubts(struct page *p);
int html_holds(struct page *p);
int html_persons(struct page *p);
int html_reasons(struct page *p);
int html_jobs(struct page *p);

#endif
