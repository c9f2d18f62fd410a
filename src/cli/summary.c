#include "cli/summary.h"

#include "base/text.h"

#include <inttypes.h>
#include <string.h>

#define TEXT_MAX (64 * 1024 * 1024)

void summary_open(struct summary *s, bool json)
{
    *s = (struct summary){.json = json};
    buf_init(&s->complaints, TEXT_MAX);
    buf_init(&s->tables, TEXT_MAX);
    jsonw_init(&s->complaint, &s->complaints);
    jsonw_init(&s->row, &s->tables);
}

void summary_close(struct summary *s)
{
    buf_close(&s->complaints);
    buf_close(&s->tables);
}

void summary_complain(struct summary *s, bool is_warning, int64_t line,
                      const char *column, const char *text)
{
    if (!s->json)
        return;
    jsonw_open(&s->complaint, NULL, '{');
    jsonw_int(&s->complaint, "line", line);
    jsonw_text(&s->complaint, "column", column);
    jsonw_text(&s->complaint, "text", text);
    jsonw_bool(&s->complaint, "warning", is_warning);
    jsonw_close(&s->complaint, '}');
}

static bool is_new_table(struct summary *s, const char *table)
{
    bool is_new = !s->table || strcmp(s->table, table) != 0;
    s->table = table;
    return is_new;
}

static void add_json(struct summary *s, const char *table,
                     const struct remesa_cell *cells, int count)
{
    bool is_first = !s->table;
    if (is_new_table(s, table)) {
        if (!is_first)
            jsonw_close(&s->row, ']');
        jsonw_open(&s->row, table, '[');
    }
    jsonw_open(&s->row, NULL, '{');
    for (int i = 0; i < count; i++)
        if (cells[i].is_number && cells[i].text)
            jsonw_raw(&s->row, cells[i].column, span_of(cells[i].text));
        else
            jsonw_text(&s->row, cells[i].column, cells[i].text);
    jsonw_close(&s->row, '}');
}

/* The name of a column that counts is the word for what it counts, of many. */
static void add_counted(struct buf *out, const char *text, const char *column)
{
    size_t len = strlen(column);
    bool is_one = strcmp(text, "1") == 0 && len > 0 && column[len - 1] == 's';
    buf_printf(out, "  %s %.*s", text, (int)(is_one ? len - 1 : len), column);
}

/* "  actions     create_user      200 jobs" */
static void add_line(struct summary *s, const char *table,
                     const struct remesa_cell *cells, int count)
{
    buf_printf(&s->tables, "  %-10s", is_new_table(s, table) ? table : "");
    for (int i = 0; i < count; i++) {
        const char *text = cells[i].text ? cells[i].text : "-";
        if (cells[i].is_number)
            add_counted(&s->tables, text, cells[i].column);
        else
            buf_printf(&s->tables, "  %s", text);
    }
    buf_add_char(&s->tables, '\n');
}

void summary_row(struct summary *s, const char *table, const struct remesa_cell *cells,
                 int count)
{
    if (s->json)
        add_json(s, table, cells, count);
    else
        add_line(s, table, cells, count);
}

static void print_json(FILE *out, struct summary *s, const char *path,
                       const struct remesa_imported *got, int status)
{
    struct buf text;
    struct jsonw w;
    buf_init(&text, 3 * TEXT_MAX);
    jsonw_init(&w, &text);
    jsonw_open(&w, NULL, '{');
    jsonw_text(&w, "file", path);
    jsonw_bool(&w, "fine", status == 0);
    jsonw_int(&w, "new", got->jobs);
    jsonw_int(&w, "known", got->known);
    jsonw_open(&w, "complaints", '[');
    buf_add_span(&text, buf_span(&s->complaints));
    jsonw_close(&w, ']');
    if (s->table)
        buf_printf(&text, ",%s]", s->tables.data);
    jsonw_close(&w, '}');
    fprintf(out, "%s\n", text.data);
    buf_close(&text);
}

void summary_print(FILE *out, struct summary *s, const char *path,
                   const struct remesa_imported *got, int status)
{
    if (s->json) {
        print_json(out, s, path, got, status);
        return;
    }
    if (status)
        return;
    fprintf(out, "%s: fine: %" PRId64 " new %s, %" PRId64 " known already\n", path,
            got->jobs, text_plural(got->jobs, "job", "jobs"), got->known);
    if (s->table)
        fputs(s->tables.data, out);
}
