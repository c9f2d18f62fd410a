#include <string.h>

#include "base/clock.h"
#include "base/jsonw.h"
#include "report/figures.h"

static void time_of(struct jsonw *w, const char *key, int64_t ms)
{
    char text[WALL_TEXT_MAX];
    jsonw_text(w, key, ms ? wall_text((struct wall){ms}, text) : NULL);
}

static void write_jobs(struct jsonw *w, const struct figures *f)
{
    jsonw_open(w, "jobs", '{');
    for (int i = 0; i < f->count; i++)
        if (!f->items[i].currency)
            jsonw_int(w, f->items[i].state, f->items[i].value.units);
    jsonw_close(w, '}');
}

/* Amounts are texts: a number would be read as a double. */
static void write_states(struct jsonw *w, const struct figures *f, const char *currency)
{
    char text[DECIMAL_TEXT_MAX];
    jsonw_open(w, currency, '{');
    for (int i = 0; i < f->count; i++) {
        const struct figure *each = &f->items[i];
        if (each->currency && strcmp(each->currency, currency) == 0)
            jsonw_text(w, each->state,
                       each->is_beyond ? NULL : decimal_text(each->value, text));
    }
    jsonw_close(w, '}');
}

static bool is_first_of_currency(const struct figures *f, int i)
{
    const char *currency = f->items[i].currency;
    for (int before = 0; currency && before < i; before++)
        if (f->items[before].currency && strcmp(f->items[before].currency, currency) == 0)
            return false;
    return currency != NULL;
}

static void write_money(struct jsonw *w, const struct figures *f)
{
    jsonw_open(w, "money", '{');
    for (int i = 0; i < f->count; i++)
        if (is_first_of_currency(f, i))
            write_states(w, f, f->items[i].currency);
    jsonw_close(w, '}');
}

void summary_json(struct buf *out, const struct figures *f, const struct run_facts *run)
{
    struct jsonw w;
    jsonw_init(&w, out);
    jsonw_open(&w, NULL, '{');
    jsonw_text(&w, "version", run->version);
    jsonw_text(&w, "database", run->database);
    jsonw_int(&w, "exit_status", run->exit_status);
    jsonw_text(&w, "error", run->error);
    time_of(&w, "started_at", run->started_ms);
    time_of(&w, "ended_at", run->now_ms);
    time_of(&w, "last_success_at", f->last_success_ms);
    jsonw_int(&w, "requests", run->numbers.sent);
    jsonw_int(&w, "throttled", run->numbers.throttled);
    jsonw_int(&w, "retries", run->numbers.repeats);
    jsonw_int(&w, "doubts", run->numbers.doubts);
    jsonw_int(&w, "paused_ms", run->numbers.paused_ms);
    write_jobs(&w, f);
    write_money(&w, f);
    jsonw_close(&w, '}');
    buf_add_char(out, '\n');
}
