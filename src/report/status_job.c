/* One job: its state, what it needs, its attempts. */
#include <inttypes.h>

#include "base/text.h"
#include "report/status_parts.h"
#include "report/table.h"

static bool print_pairs(void *ctx, const struct view_row *row)
{
    struct buf b;
    buf_init(&b, 1024 * 1024);
    for (int i = 0; i < row->count; i++) {
        if (!row->cells[i].text)
            continue;
        buf_printf(&b, "%-13s ", row->cells[i].column);
        text_printable(&b, span_of(row->cells[i].text));
        buf_add_char(&b, '\n');
    }
    fputs(b.data, ctx);
    buf_close(&b);
    return true;
}

static bool count_row(void *ctx, const struct view_row *row)
{
    (void)row;
    ++*(int *)ctx;
    return true;
}

static int job_as_text(FILE *out, struct store *s, const char *ref, struct err *err)
{
    static const char *const attempts[] = {"attempt",    "outcome",   "http_status",
                                           "error",      "sends",     "elapsed_ms",
                                           "request_id", "opened_at", NULL};
    if (store_read(s, VIEW_JOB, ref, 0, print_pairs, out, err))
        return -1;
    fputs("\nneeds\n", out);
    int needs = table_print(out, s, VIEW_NEEDS, ref, 0, NULL, err);
    if (needs == 0)
        fputs("nothing\n", out);
    fputs("\nattempts\n", out);
    int made = needs < 0 ? -1 : table_print(out, s, VIEW_ATTEMPTS, ref, 0, attempts, err);
    if (made == 0)
        fputs("none yet\n", out);
    return made < 0 ? -1 : 0;
}

static int job_as_json(FILE *out, struct store *s, const char *ref, struct err *err)
{
    struct buf b;
    struct jsonw w;
    buf_init(&b, STATUS_JSON_MAX);
    jsonw_init(&w, &b);
    jsonw_open(&w, NULL, '{');
    int rc = table_json(&w, "job", s, VIEW_JOB, ref, 0, err) ||
             table_json(&w, "needs", s, VIEW_NEEDS, ref, 0, err) ||
             table_json(&w, "attempts", s, VIEW_ATTEMPTS, ref, 0, err);
    jsonw_close(&w, '}');
    if (!rc)
        fprintf(out, "%s\n", b.data);
    buf_close(&b);
    return rc ? -1 : 0;
}

int status_print_job(FILE *out, struct store *s, const char *ref, bool json,
                     struct err *err)
{
    int found = 0;
    if (store_read(s, VIEW_JOB, ref, 1, count_row, &found, err))
        return -1;
    if (!found)
        return err_set(err, ERR_NOINPUT, "no job has the ref '%s'", ref);
    return json ? job_as_json(out, s, ref, err) : job_as_text(out, s, ref, err);
}
