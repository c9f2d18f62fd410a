/* A command line taken apart without a shell: nothing in it is expanded, and nothing that stands in it
 * can start a second program (CWE-78).
 *
 * Words are separated by blanks. '...' keeps everything, "..." everything but a backslash before " or
 * \; a backslash elsewhere keeps the next character. */
#ifndef REMESA_MODEL_COMMAND_WORDS_H
#define REMESA_MODEL_COMMAND_WORDS_H

#include <stdbool.h>

#define COMMAND_WORDS_MAX 32

struct command_words {
    char *words[COMMAND_WORDS_MAX + 1]; /* ended by NULL; at least one */
    int count;
};

/* false, with nothing to close: no word, too many, or a quote that is not closed. */
bool command_split(struct command_words *out, const char *text);
void command_words_close(struct command_words *w);

#endif
