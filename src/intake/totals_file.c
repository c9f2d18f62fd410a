#include "intake/totals_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define TOTALS_FILE_MAX (64 * 1024)

static int parse(struct totals *t, struct span text, struct err *err)
{
    struct totals file = {0};
    int rc = totals_parse(&file, text, err) || totals_merge(t, &file, err) ? -1 : 0;
    totals_close(&file);
    return rc;
}

static int read_text(FILE *f, struct totals *t, struct err *err)
{
    char *text = mem_zero(TOTALS_FILE_MAX + 1, 1);
    size_t n = fread(text, 1, TOTALS_FILE_MAX + 1, f);
    int rc;
    if (ferror(f))
        rc = err_set(err, ERR_IO, "cannot be read: %s", strerror(errno));
    else if (n > TOTALS_FILE_MAX)
        rc = err_set(err, ERR_INPUT, "is longer than %d bytes", TOTALS_FILE_MAX);
    else
        rc = parse(t, (struct span){text, n}, err);
    free(text);
    return rc;
}

static int read_path(struct totals *t, const char *path, struct err *err)
{
    FILE *f = fopen(path, "rb");
    if (!f && (errno == ENOENT || errno == ENOTDIR || errno == ENAMETOOLONG))
        return 0;
    if (!f)
        return err_set(err, errno == EACCES ? ERR_NOPERM : ERR_IO,
                       "%s: cannot be opened: %s", path, strerror(errno));
    int rc = read_text(f, t, err);
    fclose(f);
    return rc ? err_wrap(err, "%s", path) : 0;
}

int totals_file_read(struct totals *t, const char *input, struct err *err)
{
    if (strcmp(input, "-") == 0)
        return 0;
    char *path = mem_printf("%s.totals", input);
    int rc = read_path(t, path, err);
    free(path);
    return rc;
}
