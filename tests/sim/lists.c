#include "sim/lists.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "sim/chance.h"
#include "sim/hours.h"
#include "sim/judge.h"
#include "sim/ledger.h"
#include "sim/rows.h"
#include "sim/trace.h"

#define ROWS_MAX    (EFFECTS_MAX + 16)
#define HALF_DAY_MS INT64_C(43200000)

static const struct night *night;
static bool blind[NIGHT_JOBS_MAX]; /* the list that a job is reading */

struct list {
    const struct effect *rows[ROWS_MAX];
    int count;
    struct effect others[16];
};

void lists_begin(const struct night *n)
{
    night = n;
    memset(blind, 0, sizeof(blind));
}

/* ---- which rows ---- */

static void add(struct list *l, const struct effect *e)
{
    l->rows[l->count++] = e;
}

static bool is_in_scope(const struct effect *e, enum job_kind kind, const char *user)
{
    return night->jobs[e->job].kind == kind && strcmp(e->user, user) == 0;
}

/* One that looks like one of ours and is none: older by half a day, where that can be seen;
 * of an amount or a label next to it. */
static void make_other(struct effect *e, int number, enum job_kind kind,
                       const struct effect *like)
{
    bool is_twin = number % 3 == 0 && kind == KIND_CASH && night->keeps_date;
    if (like)
        *e = *like;
    else
        *e = (struct effect){.amount = "10.00", .currency = "ars", .account = "9"};
    snprintf(e->id, sizeof(e->id), "%d", 100 + number);
    e->status = "received";
    e->made_ms = HOURS_FIRST_MS + night->server_skew_ms - HALF_DAY_MS * (1 + number % 9);
    if (is_twin)
        return;
    snprintf(e->label, sizeof(e->label), "%s-%d",
             like ? night->jobs[like->job].ref : "old", number);
    snprintf(e->amount, sizeof(e->amount), "%d.%02d", 3 + number, number);
}

static void add_others(struct list *l, enum job_kind kind, const char *user)
{
    const struct effect *like = NULL;
    for (int i = 0; i < ledger.count && !like; i++)
        if (is_in_scope(&ledger.effects[i], kind, user))
            like = &ledger.effects[i];
    for (int i = 0; i < night->foreign_rows; i++) {
        make_other(&l->others[i], i, kind, like);
        add(l, &l->others[i]);
    }
}

static void add_ours(struct list *l, enum job_kind kind, const char *user)
{
    for (int i = 0; i < ledger.count; i++) {
        const struct effect *e = &ledger.effects[i];
        if (is_in_scope(e, kind, user) && e->visible_us <= hours_now_us())
            add(l, e);
    }
}

static int by_age(const void *a, const void *b)
{
    const struct effect *x = *(const struct effect *const *)a,
                        *y = *(const struct effect *const *)b;
    if (x->made_ms != y->made_ms)
        return x->made_ms < y->made_ms ? -1 : 1;
    return strcmp(x->id, y->id);
}

/* filter[from]=2026-11-24 */
static void filter(struct list *l, const char *path)
{
    const char *at = strstr(path, "filter[from]=");
    int kept = 0;
    if (!at || !night->filters)
        return;
    at += strlen("filter[from]=");
    for (int i = 0; i < l->count; i++) {
        char when[WALL_TEXT_MAX];
        wall_text((struct wall){l->rows[i]->made_ms}, when);
        if (strncmp(when, at, 10) >= 0)
            l->rows[kept++] = l->rows[i];
    }
    l->count = kept;
}

/* ---- writing ---- */

static void order(struct list *l)
{
    if (l->count)
        qsort(l->rows, (size_t)l->count, sizeof(*l->rows), by_age);
    for (int i = 0; night->newest_first && i < l->count / 2; i++) {
        const struct effect *e = l->rows[i];
        l->rows[i] = l->rows[l->count - 1 - i];
        l->rows[l->count - 1 - i] = e;
    }
}

static int page_of(const char *path)
{
    const char *at = strstr(path, "page[page]=");
    return at ? (int)strtol(at + strlen("page[page]="), NULL, 10) : 1;
}

static void write_page(struct buf *out, const struct list *l, int page,
                       enum job_kind kind)
{
    int first = night->page ? (page - 1) * night->page : 0;
    int end = night->page ? first + night->page : l->count;
    buf_add_text(out, "{\"data\":[");
    for (int i = first; i < end && i < l->count; i++) {
        if (i > first)
            buf_add_char(out, ',');
        row_write(out, kind, l->rows[i], ROW_GOOD, night->keeps_date);
    }
    buf_add_text(out, "]}");
}

/* A list is blind from its first page to its last. */
static bool is_blind(int job, int page, const char *user, struct rng *dice)
{
    if (page == 1)
        blind[job] = chance_in_100(dice, night->blind) &&
                     judge_sees_blindness(night->jobs[job].kind, user);
    return blind[job];
}

void lists_write(struct buf *out, const char *path, int job, const char *user,
                 bool is_truthful, struct rng *dice)
{
    static struct list l;
    enum job_kind kind = night->jobs[job].kind;
    int page = page_of(path);
    bool shows_ours = is_truthful || !is_blind(job, page, user, dice);
    l.count = 0;
    add_others(&l, kind, user);
    if (shows_ours)
        add_ours(&l, kind, user);
    filter(&l, path);
    order(&l);
    write_page(out, &l, page, kind);
    trace_say("list: %d rows%s", l.count, shows_ours ? "" : ", none of ours");
}
