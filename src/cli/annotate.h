/* What a check has told, kept for the file that it gives back (--annotate). */
#ifndef REMESA_CLI_ANNOTATE_H
#define REMESA_CLI_ANNOTATE_H

#include "cli/cli.h"
#include "intake/annotate.h"

/* Each returns an exit status, told when it is not 0. */
int note_check_usage(const struct cli *cli);
int note_write(const struct cli *cli, struct annotations *notes);

/* `kind` stands before it: "" or "warning: ". */
void note_add(struct annotations *notes, const char *kind, int64_t line,
              const char *column, const char *text);

#endif
