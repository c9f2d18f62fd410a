#include "intake/source_recipe.h"

#include <stdlib.h>

#include "base/mem.h"
#include "intake/csv_file.h"
#include "intake/keep.h"

struct source_recipe {
    struct csv_file *file;
    struct expand *expand;
    struct keep *keep;
    struct row *rows; /* made and not handed out yet: from `next` to `made` */
    size_t next, made;
    bool begun, bad, over;
};

static int64_t count_lines(void *ctx)
{
    const struct source_recipe *s = ctx;
    return csv_file_lines(s->file);
}

static void close_source(void *ctx)
{
    struct source_recipe *s = ctx;
    while (s->next < s->made)
        row_close(&s->rows[s->next++]);
    csv_file_close(s->file);
    expand_close(s->expand);
    free(s->rows);
    free(s);
}

static void add_batch(struct source_recipe *s, enum step_scope scope)
{
    size_t made;
    if (!expand_batch(s->expand, scope, s->rows + s->made, &made))
        s->bad = true;
    s->made += made;
}

static void add_record(struct source_recipe *s, const struct csv_record *record)
{
    size_t made;
    if (!s->begun)
        add_batch(s, STEP_BEFORE);
    s->begun = true;
    if (!expand_record(s->expand, record->line, record->fields, record->count,
                       s->rows + s->made, &made))
        s->bad = true;
    else
        keep_line(s->keep, expand_ref(s->expand),
                  expand_public(s->expand, record->fields), record->count);
    s->made += made;
}

static int read_more(struct source_recipe *s, struct err *err)
{
    struct csv_record record;
    s->next = s->made = 0;
    int rc = csv_file_next(s->file, &record, err);
    if (rc < 0)
        return -1;
    s->over = rc == 0;
    if (!s->over)
        add_record(s, &record);
    else if (s->begun && !s->bad)
        add_batch(s, STEP_AFTER);
    return 0;
}

static int next_row(void *ctx, struct row *row, struct err *err)
{
    struct source_recipe *s = ctx;
    while (s->next == s->made) {
        if (s->over)
            return 0;
        if (read_more(s, err))
            return -1;
    }
    *row = s->rows[s->next++];
    return 1;
}

static int open_file(struct source_recipe *s, const char *path,
                     const struct csv_options *csv, struct listener l, struct err *err)
{
    struct csv_record header;
    if (csv_file_open(&s->file, path, csv, l, &header, err))
        return -1;
    keep_header(s->keep, csv_file_delimiter(s->file), header.fields, header.count);
    expand_header(s->expand, header.line, header.fields, header.count);
    return 0;
}

int source_recipe_open(struct source *out, const char *path,
                       const struct csv_options *csv, struct recipe *recipe,
                       const struct expand_options *options, struct err *err)
{
    struct expand_options with = *options;
    with.recipe = recipe;
    with.decimal_comma = csv->decimal_comma;
    if (recipe_check(recipe, options->catalogue, err))
        return -1;
    struct source_recipe *s = mem_zero(1, sizeof(*s));
    s->keep = csv->keep;
    s->rows = mem_zero(recipe->step_count, sizeof(*s->rows));
    if (expand_open(&s->expand, &with, err) ||
        open_file(s, path, csv, options->listener, err)) {
        close_source(s);
        return -1;
    }
    *out = (struct source){s, next_row, count_lines, close_source};
    return 0;
}
