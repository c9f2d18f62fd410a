#include "sandbox/ledger.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/jsonw.h"
#include "base/mem.h"

int64_t ledger_add_request(struct sql *s, const struct ledger_request *r)
{
    sqlite3_stmt *st = sql_write(s, SQL_ADD_REQUEST);
    sql_bind_int(st, 1, r->at_us);
    sql_bind_text(st, 2, r->method);
    sql_bind_text(st, 3, r->path);
    sql_bind_text(st, 4, r->query);
    sql_bind_text(st, 5, span_of(r->endpoint));
    sql_bind_text(st, 6, r->user);
    sql_bind_text(st, 7, span_of(r->fault));
    sql_bind_text(st, 8, r->body);
    sql_bind_int(st, 9, r->key_ok);
    sql_bind_text(st, 10, span_of(r->x_request_id));
    sql_run(s, st);
    return sqlite3_last_insert_rowid(s->db);
}

void ledger_set_status(struct sql *s, int64_t request_id, int status)
{
    sqlite3_stmt *st = sql_write(s, SQL_SET_STATUS);
    sql_bind_int(st, 1, status);
    sql_bind_int(st, 2, request_id);
    sql_run(s, st);
}

/* Ids are texts in the API, and so they are in the ledger. */
static struct span id_text(int64_t id, char out[24])
{
    snprintf(out, 24, "%" PRId64, id);
    return span_of(out);
}

void ledger_add_effect(struct sql *s, const struct ledger_effect *e)
{
    char id[24], user[24];
    sqlite3_stmt *st = sql_write(s, SQL_ADD_EFFECT);
    sql_bind_int(st, 1, e->request_id);
    sql_bind_text(st, 2, e->kind);
    sql_bind_text(st, 3, id_text(e->resource_id, id));
    if (e->user_id)
        sql_bind_text(st, 4, id_text(e->user_id, user));
    sql_bind_text(st, 5, e->reference);
    sql_bind_text(st, 6, e->amount);
    sql_bind_text(st, 7, e->currency);
    sql_bind_text(st, 8, e->body);
    sql_run(s, st);
}

int64_t ledger_last_request(struct sql *s)
{
    return sql_number(s, sql_use(s, SQL_LAST_REQUEST));
}

void ledger_recall(struct sql *s, struct limit *limit)
{
    sqlite3_stmt *st = sql_use(s, SQL_RECENT);
    sql_bind_int(st, 1, (int64_t)limit->room);
    while (sql_row(s, st))
        limit_take(limit, sqlite3_column_int64(st, 0));
}

/* ---- what it tells ---- */

static void write_text(struct jsonw *w, const char *key, struct span text)
{
    if (text.ptr)
        jsonw_span(w, key, text);
    else
        jsonw_text(w, key, NULL);
}

void ledger_write_effects(struct sql *s, struct buf *out)
{
    static const char *const names[] = {"id",      "request_id", "kind",   "resource_id",
                                        "user_id", "reference",  "amount", "currency"};
    struct jsonw w;
    jsonw_init(&w, out);
    jsonw_open(&w, NULL, '[');
    sqlite3_stmt *st = sql_use(s, SQL_EFFECTS);
    while (sql_row(s, st)) {
        jsonw_open(&w, NULL, '{');
        for (int i = 0; i < 2; i++)
            jsonw_int(&w, names[i], sqlite3_column_int64(st, i));
        for (int i = 2; i < 8; i++)
            write_text(&w, names[i], sql_text(st, i));
        jsonw_raw(&w, "body", sql_text(st, 8));
        jsonw_close(&w, '}');
    }
    jsonw_close(&w, ']');
}

static void write_counts(struct jsonw *w, const char *key, struct sql *s,
                         enum sql_name name)
{
    sqlite3_stmt *st = sql_use(s, name);
    jsonw_open(w, key, '{');
    while (sql_row(s, st)) {
        const char *what = (const char *)sqlite3_column_text(st, 0);
        jsonw_int(w, what, sqlite3_column_int64(st, 1));
    }
    jsonw_close(w, '}');
}

/* Over the whole ledger, so that it also tells what a sandbox before this one saw. */
static void write_peak(struct jsonw *w, const char *key, struct sql *s, bool all)
{
    int64_t *times = NULL;
    size_t count = 0, room = 0;
    sqlite3_stmt *st = sql_use(s, SQL_TIMES);
    sql_bind_int(st, 1, all);
    while (sql_row(s, st)) {
        if (count == room) {
            room = room ? 2 * room : 1024;
            times = mem_resize(times, room, sizeof(*times));
        }
        times[count++] = sqlite3_column_int64(st, 0);
    }
    jsonw_int(w, key, (int64_t)limit_peak(times, count, SEC_US));
    free(times);
}

void ledger_write_stats(struct sql *s, struct buf *out)
{
    struct jsonw w;
    jsonw_init(&w, out);
    jsonw_open(&w, NULL, '{');
    jsonw_int(&w, "requests_total", ledger_last_request(s));
    write_counts(&w, "requests", s, SQL_BY_ENDPOINT);
    write_counts(&w, "statuses", s, SQL_BY_STATUS);
    write_counts(&w, "faults", s, SQL_BY_FAULT);
    write_counts(&w, "effects", s, SQL_BY_KIND);
    write_counts(&w, "states", s, SQL_BY_STATE);
    write_peak(&w, "peak_accepted_per_second", s, false);
    write_peak(&w, "peak_arrivals_per_second", s, true);
    sqlite3_stmt *st = sql_use(s, SQL_COUNT_429);
    if (sql_row(s, st)) {
        jsonw_int(&w, "count_429", sqlite3_column_int64(st, 0));
        jsonw_int(&w, "count_429_by_limit", sqlite3_column_int64(st, 1));
    }
    sqlite3_reset(st);
    jsonw_close(&w, '}');
}
