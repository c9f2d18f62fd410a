#include "sandbox/list.h"

#include <string.h>

#include "base/jsonw.h"
#include "base/scan.h"
#include "sandbox/target.h"
#include "sandbox/view.h"

#define PAGE_MOST 1000000 /* of a number and of a size: their product fits */

static int64_t query_number(const struct call *c, const char *name, int64_t otherwise)
{
    struct buf text;
    int64_t number;
    buf_init(&text, 1 << 16);
    bool good = query_value(c->query, name, &text) &&
                scan_int(buf_span(&text), 1, PAGE_MOST, &number);
    buf_close(&text);
    return good ? number : otherwise;
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* The faults that take rows away. */
static void shorten(const struct fault *fault, int64_t page, struct list_window *w)
{
    bool lost = fault_is(fault, FAULT_LOST_PAGE) &&
                (fault->word == WORD_NONE || fault->number == page);
    if (fault_is(fault, FAULT_CUT_LIST)) {
        int64_t left = fault->number > w->skip ? fault->number - w->skip : 0;
        w->most = w->most < 0 ? left : least(w->most, left);
    }
    if (lost)
        w->most = 0;
}

struct list_window list_window_of(const struct call *c, int64_t total)
{
    const struct options *o = c->sandbox->options;
    struct list_window w = {.most = -1, .full = -1};
    int64_t page = 1;
    if (o->page_size > 0) {
        page = query_number(c, "page[page]", 1);
        w.full = w.most = query_number(c, "page[per_page]", o->page_size);
        int64_t last = total > 0 ? (total + w.full - 1) / w.full : 1;
        w.past = o->repeat_last_page && page > last;
        page = w.past ? last : page;
        w.skip = (page - 1) * w.full;
    }
    shorten(c->fault, page, &w);
    return w;
}

/* ---- resources ---- */

struct listing {
    struct call *call;
    struct jsonw w;
    struct jsonw included;
    int64_t shown;
};

static void write_one(void *ctx, const struct resource *r)
{
    struct listing *l = ctx;
    view_write(l->call, &l->w, NULL, r, &l->included);
}

static void list_one(void *ctx, const struct resource *r)
{
    struct listing *l = ctx;
    write_one(l, r);
    if (fault_is(l->call->fault, FAULT_DUP_ROWS))
        write_one(l, r);
    l->shown++;
}

static void count_one(void *ctx, const struct resource *r)
{
    (void)r;
    ++*(int64_t *)ctx;
}

/* The faults that change which rows there are. */
static void bend(const struct call *c, struct resource_filter *filter)
{
    bool late = fault_is(c->fault, FAULT_LATE_LIST);
    filter->until_us = late ? c->now_us - c->fault->number * MS_US : INT64_MAX;
    if (!fault_is(c->fault, FAULT_OTHER_USER_ROWS))
        return;
    filter->everyone = true;
    filter->from_us = filter->related_id = 0;
    filter->name = (struct span){0};
}

static int64_t count_rows(const struct call *c, struct resource_filter *filter)
{
    int64_t total = 0;
    filter->most = -1;
    if (c->sandbox->options->repeat_last_page)
        resource_each(&c->sandbox->sql, filter, count_one, &total);
    return fault_is(c->fault, FAULT_CUT_LIST) ? least(total, c->fault->number) : total;
}

static void write_list(struct listing *l, const struct resource_filter *filter)
{
    struct call *c = l->call;
    jsonw_init(&l->w, &c->answer->body);
    jsonw_open(&l->w, NULL, '{');
    jsonw_open(&l->w, "data", '[');
    resource_each(&c->sandbox->sql, filter, list_one, l);
    jsonw_close(&l->w, ']');
    if (strcmp(filter->kind, KIND_CASH_WITHDRAWALS) == 0) {
        jsonw_open(&l->w, "included", '[');
        resource_each_related(&c->sandbox->sql, filter->kind, filter->user_id, write_one,
                              l);
        jsonw_close(&l->w, ']');
    }
    if (l->included.out->len > 0) {
        jsonw_open(&l->w, "included", '[');
        buf_add_span(l->w.out, buf_span(l->included.out));
        jsonw_close(&l->w, ']');
    }
    jsonw_close(&l->w, '}');
}

void list_show(struct call *c, struct resource_filter *filter)
{
    struct buf included;
    struct listing l = {.call = c, .included = {.out = &included}};
    buf_init(&included, 1 << 28);
    bend(c, filter);
    struct list_window w = list_window_of(c, count_rows(c, filter));
    filter->skip = w.skip;
    filter->most = w.most;
    write_list(&l, filter);
    c->shown_to_the_end = w.full < 0 || l.shown < w.full || w.past;
    buf_close(&included);
}
