/* The command at the end (setting at_end): a program that is told how the run went. It is started
 * without a shell, with the summary on its standard input, with PATH and LANG and nothing else in its
 * environment, with no other descriptor of ours, in a process group of its own. What it prints goes to
 * our stderr. It has AT_END_SECONDS; then the group is ended. What comes of it is logged and changes
 * nothing else. */
#ifndef REMESA_CLI_AT_END_H
#define REMESA_CLI_AT_END_H

#include "base/span.h"

#define AT_END_SECONDS 60
#define AT_END_GRACE   5 /* from SIGTERM to SIGKILL */

void at_end_run(const char *command, struct span summary);

#endif
