#include "intake/source_csv.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "intake/judge.h"

#define BLOCK (256 * 1024)

struct source_csv {
    char *name; /* for messages */
    int fd;
    bool at_end;
    char *block;
    struct span unread; /* of the block */
    struct csv_reader *reader;
    struct judge *judge;
};

static void close_source(void *ctx)
{
    struct source_csv *s = ctx;
    if (s->fd > STDIN_FILENO)
        close(s->fd);
    csv_reader_close(s->reader);
    judge_close(s->judge);
    free(s->block);
    free(s->name);
    free(s);
}

/* ---- the file ---- */

static int tell_open_error(const struct source_csv *s, struct err *err)
{
    if (errno == ENOENT || errno == ENOTDIR)
        return err_set(err, ERR_NOINPUT, "%s: no such file", s->name);
    if (errno == EACCES)
        return err_set(err, ERR_NOPERM, "%s: not allowed to read it", s->name);
    return err_set(err, ERR_IO, "%s: cannot be opened: %s", s->name, strerror(errno));
}

static int open_file(struct source_csv *s, const char *path, struct err *err)
{
    struct stat what;
    s->fd = strcmp(path, "-") == 0 ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (s->fd < 0 || fstat(s->fd, &what))
        return tell_open_error(s, err);
    if (S_ISDIR(what.st_mode))
        return err_set(err, ERR_INPUT, "%s: is a directory, not a CSV file", s->name);
    return 0;
}

static int read_block(struct source_csv *s, struct err *err)
{
    ssize_t n;
    do
        n = read(s->fd, s->block, BLOCK);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return err_set(err, ERR_IO, "%s: line %lld: cannot be read: %s", s->name,
                       (long long)csv_reader_line(s->reader), strerror(errno));
    s->unread = (struct span){s->block, (size_t)n};
    s->at_end = n == 0;
    return 0;
}

/* ---- records and rows ---- */

/* 1 a record, 0 none is left, -1 an error. */
static int next_record(struct source_csv *s, struct csv_record *record, struct err *err)
{
    while (!s->at_end) {
        if (csv_reader_next(s->reader, &s->unread, record))
            return 1;
        if (read_block(s, err))
            return -1;
        if (s->at_end)
            return csv_reader_end(s->reader, record);
    }
    return 0;
}

static int next_row(void *ctx, struct row *row, struct err *err)
{
    struct source_csv *s = ctx;
    struct csv_record record;
    int rc;
    while ((rc = next_record(s, &record, err)) == 1)
        if (judge_record(s->judge, record.line, record.fields, record.count, row))
            return 1;
    return rc;
}

static int read_header(struct source_csv *s, struct err *err)
{
    struct csv_record header;
    int rc = next_record(s, &header, err);
    if (rc < 0)
        return -1;
    if (csv_reader_faults(s->reader)) /* then a later line would pass for the header */
        return err_set(err, ERR_INPUT,
                       "%s: the first line cannot be read as column names", s->name);
    if (rc == 0)
        return err_set(err, ERR_INPUT, "%s: is empty: the first line names the columns",
                       s->name);
    if (judge_header(s->judge, header.line, header.fields, header.count, err))
        return err_wrap(err, "%s: line %lld", s->name, (long long)header.line);
    return 0;
}

int source_csv_open(struct source *out, const char *path,
                    const struct csv_options *options, const struct catalogue *c,
                    complain_fn *complain, void *ctx, struct err *err)
{
    struct listener l = {complain, ctx};
    struct source_csv *s = mem_zero(1, sizeof(*s));
    s->name = mem_text(strcmp(path, "-") == 0 ? "standard input" : path);
    s->block = mem_zero(BLOCK, 1);
    s->reader = csv_reader_open(options, l);
    s->judge = judge_open(c, l);
    if (open_file(s, path, err) || read_header(s, err)) {
        close_source(s);
        return -1;
    }
    *out = (struct source){s, next_row, close_source};
    return 0;
}
