/* A text that is shown again and again: in its place on a terminal, one after the other
 * elsewhere. Ends by SIGINT or SIGTERM, with the cursor as it was. */
#ifndef REMESA_CLI_REDRAW_H
#define REMESA_CLI_REDRAW_H

#include <stdbool.h>
#include <stdio.h>

/* Prints the text of this moment; its return value, when not 0, ends the watch and is
 * returned. */
typedef int redraw_fn(FILE *out, void *ctx);

int redraw_every(int seconds, redraw_fn *print, void *ctx);

#endif
