/* Four severities and one sink, for the program and the shell around the core only: the
 * other floors return errors instead of speaking.
 *
 *   info   what happened                         shown with --verbose
 *   note   what a person wants to see            shown unless --quiet
 *   warn   something is wrong, the run goes on   always shown
 *   error  the run, or a part of it, cannot go on
 */
#ifndef REMESA_BASE_LOG_H
#define REMESA_BASE_LOG_H

#include <stdbool.h>

enum log_level { LOG_INFO, LOG_NOTE, LOG_WARN, LOG_ERROR };

/* Lines go to stderr: text, or one JSON object a line. Control characters in a message
 * are escaped, so that one event stays one line whatever a server put into it. */
void log_setup(enum log_level least, bool json);

/* Called before each line, to take a progress line off the terminal; NULL: nobody. */
void log_before_line(void (*hook)(void *ctx), void *ctx);

void log_say(enum log_level level, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* What an event is about. What is not known stays NULL or 0, and is left out. */
struct log_event {
    const char *what; /* a word for a machine: "move", "found", ... */
    const char *ref;  /* of the job */
    int attempt;
    const char *request_id; /* the server's */
};

/* As text "REF: message (attempt 2, request abc)", as JSON a member for each. */
void log_tell(enum log_level level, const struct log_event *event, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

#endif
