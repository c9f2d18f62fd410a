/* `remesa check --annotate OUT`: what was told, beside the lines that it was told of. */
#include "cli/annotate.h"

#include <stdlib.h>
#include <string.h>

#include "base/aside.h"
#include "base/mem.h"

void note_add(struct annotations *notes, const char *kind, int64_t line,
              const char *column, const char *text)
{
    char *whole =
        mem_printf("%s%s%s%s", kind, column ? column : "", column ? ": " : "", text);
    annotations_add(notes, line, whole);
    free(whole);
}

int note_check_usage(const struct cli *cli)
{
    if (cli->arg_count != 1 || strcmp(cli->args[0], "-") == 0 || cli->table)
        return cli_usage("--annotate gives one CSV file back: name one");
    if (aside_is_same_file(cli->args[0], cli->annotate))
        return cli_usage("--annotate %s: that is the file that is read; name another one",
                         cli->annotate);
    return 0;
}

int note_write(const struct cli *cli, struct annotations *notes)
{
    const struct csv_options csv = {.delimiter = cli->delimiter,
                                    .encoding = remesa_get(cli->remesa, "encoding")};
    struct aside aside;
    struct err err;
    if (aside_open(&aside, cli->annotate, &err))
        return cli_fail_with(&err);
    if (annotate(cli->args[0], &csv, notes, aside.file, &err)) {
        aside_drop(&aside);
        return cli_fail_with(&err);
    }
    return aside_keep(&aside, &err) ? cli_fail_with(&err) : 0;
}
