#include "intake/source_csv.h"

#include <stdlib.h>

#include "base/mem.h"
#include "intake/csv_file.h"
#include "intake/judge.h"
#include "intake/keep.h"

struct source_csv {
    struct csv_file *file;
    struct judge *judge;
    struct keep *keep;
};

static int64_t count_lines(void *ctx)
{
    const struct source_csv *s = ctx;
    return csv_file_lines(s->file);
}

static void close_source(void *ctx)
{
    struct source_csv *s = ctx;
    csv_file_close(s->file);
    judge_close(s->judge);
    free(s);
}

static int next_row(void *ctx, struct row *row, struct err *err)
{
    struct source_csv *s = ctx;
    struct csv_record record;
    int rc;
    while ((rc = csv_file_next(s->file, &record, err)) == 1)
        if (judge_record(s->judge, record.line, record.fields, record.count, row)) {
            keep_line(s->keep, span_of(row->ref),
                      judge_public(s->judge, row, record.fields), record.count);
            return 1;
        }
    return rc;
}

static int open_file(struct source_csv *s, const char *path,
                     const struct csv_options *options, struct listener l,
                     struct err *err)
{
    struct csv_record header;
    if (csv_file_open(&s->file, path, options, l, &header, err))
        return -1;
    keep_header(s->keep, csv_file_delimiter(s->file), header.fields, header.count);
    if (judge_header(s->judge, header.line, header.fields, header.count, err))
        return err_wrap(err, "%s: line %lld", csv_file_name(s->file),
                        (long long)header.line);
    return 0;
}

int source_csv_open(struct source *out, const char *path,
                    const struct csv_options *options, const struct catalogue *c,
                    complain_fn *complain, void *ctx, struct err *err)
{
    struct listener l = {complain, ctx};
    struct source_csv *s = mem_zero(1, sizeof(*s));
    s->judge = judge_open(c, l);
    s->keep = options->keep;
    if (options->decimal_comma)
        judge_with_comma(s->judge);
    if (open_file(s, path, options, l, err)) {
        close_source(s);
        return -1;
    }
    *out = (struct source){s, next_row, count_lines, close_source};
    return 0;
}
