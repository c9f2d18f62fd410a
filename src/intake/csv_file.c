#include "intake/csv_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "intake/decode.h"

#define BLOCK (256 * 1024)

struct csv_file {
    char *name; /* for messages */
    int fd;
    bool at_end;  /* of the file */
    bool is_over; /* the last record was handed out */
    char *block;
    struct decode *decode;
    struct buf text;    /* the block as UTF-8 */
    struct span unread; /* of the text */
    bool is_broken;     /* behind the text, by `fault` */
    struct err fault;
    struct csv_reader *reader;
    int64_t records; /* handed out; the first is the header */
};

void csv_file_close(struct csv_file *f)
{
    if (!f)
        return;
    if (f->fd > STDIN_FILENO)
        close(f->fd);
    csv_reader_close(f->reader);
    decode_close(f->decode);
    buf_close(&f->text);
    free(f->block);
    free(f->name);
    free(f);
}

char csv_file_delimiter(const struct csv_file *f)
{
    return csv_reader_delimiter(f->reader);
}

const char *csv_file_name(const struct csv_file *f)
{
    return f->name;
}

static int tell_open_error(const struct csv_file *f, struct err *err)
{
    if (errno == ENOENT || errno == ENOTDIR)
        return err_set(err, ERR_NOINPUT, "%s: no such file", f->name);
    if (errno == EACCES)
        return err_set(err, ERR_NOPERM, "%s: not allowed to read it", f->name);
    return err_set(err, ERR_IO, "%s: cannot be opened: %s", f->name, strerror(errno));
}

static int open_file(struct csv_file *f, const char *path, struct err *err)
{
    struct stat what;
    f->fd = strcmp(path, "-") == 0 ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (f->fd < 0 || fstat(f->fd, &what))
        return tell_open_error(f, err);
    if (S_ISDIR(what.st_mode))
        return err_set(err, ERR_INPUT, "%s: is a directory, not a CSV file", f->name);
    return 0;
}

static int fail_reading(const struct csv_file *f, enum err_code code, const char *why,
                        struct err *err)
{
    return err_set(err, code, "%s: line %lld: %s", f->name,
                   (long long)csv_reader_line(f->reader), why);
}

/* What stands before a fault of the encoding is read first, and has its line. */
static int read_block(struct csv_file *f, struct err *err)
{
    ssize_t n;
    if (f->is_broken)
        return fail_reading(f, f->fault.code, f->fault.text, err);
    do
        n = read(f->fd, f->block, BLOCK);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return err_set(err, ERR_IO, "%s: line %lld: cannot be read: %s", f->name,
                       (long long)csv_reader_line(f->reader), strerror(errno));
    buf_clear(&f->text);
    f->is_broken = decode_add(f->decode, (struct span){f->block, (size_t)n}, n == 0,
                              &f->text, &f->fault) != 0;
    f->unread = buf_span(&f->text);
    f->at_end = n == 0 && !f->is_broken;
    return 0;
}

int csv_file_next(struct csv_file *f, struct csv_record *record, struct err *err)
{
    while (!f->is_over) {
        bool found = csv_reader_next(f->reader, &f->unread, record);
        if (!found && f->at_end) {
            f->is_over = true;
            found = csv_reader_end(f->reader, record);
        }
        f->records += found;
        if (found || f->is_over)
            return found;
        if (read_block(f, err))
            return -1;
    }
    return 0;
}

int64_t csv_file_lines(const struct csv_file *f)
{
    return f->records - 1 + csv_reader_faults(f->reader);
}

static int read_header(struct csv_file *f, struct csv_record *header, struct err *err)
{
    int rc = csv_file_next(f, header, err);
    if (rc < 0)
        return -1;
    if (csv_reader_faults(f->reader)) /* then a later line would pass for the header */
        return err_set(err, ERR_INPUT,
                       "%s: the first line cannot be read as column names", f->name);
    if (rc == 0)
        return err_set(err, ERR_INPUT, "%s: is empty: the first line names the columns",
                       f->name);
    return 0;
}

int csv_file_open(struct csv_file **out, const char *path,
                  const struct csv_options *options, struct listener l,
                  struct csv_record *header, struct err *err)
{
    struct csv_file *f = mem_zero(1, sizeof(*f));
    f->name = mem_text(strcmp(path, "-") == 0 ? "standard input" : path);
    f->block = mem_zero(BLOCK, 1);
    f->reader = csv_reader_open(options, l);
    f->decode = decode_open(options->encoding);
    buf_init(&f->text, BLOCK * 3 + 16);
    if (open_file(f, path, err) || read_header(f, header, err)) {
        csv_file_close(f);
        return -1;
    }
    *out = f;
    return 0;
}
