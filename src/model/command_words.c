#include "model/command_words.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* The character that a backslash at *at keeps; NULL: there is none to keep. */
static const char *take_kept(const char *at, struct buf *word)
{
    if (!at[1])
        return NULL;
    buf_add_char(word, at[1]);
    return at + 2;
}

static const char *take_quoted(const char *at, struct buf *word)
{
    char quote = *at++;
    while (*at && *at != quote) {
        at += quote == '"' && *at == '\\' && (at[1] == '"' || at[1] == '\\');
        buf_add_char(word, *at++);
    }
    return *at == quote ? at + 1 : NULL;
}

/* From its first character to the blank after it; NULL: it does not end. */
static const char *take_word(const char *at, struct buf *word)
{
    while (at && *at && !is_blank(*at)) {
        if (*at == '\'' || *at == '"')
            at = take_quoted(at, word);
        else if (*at == '\\')
            at = take_kept(at, word);
        else
            buf_add_char(word, *at++);
    }
    return at;
}

static const char *skip_blanks(const char *at)
{
    while (is_blank(*at))
        at++;
    return at;
}

bool command_split(struct command_words *out, const char *text)
{
    const char *at = skip_blanks(text);
    *out = (struct command_words){0};
    while (at && *at && out->count < COMMAND_WORDS_MAX) {
        struct buf word;
        buf_init(&word, strlen(text) + 1);
        at = take_word(at, &word);
        out->words[out->count++] = buf_take(&word);
        if (at)
            at = skip_blanks(at);
    }
    if (at && !*at && out->count)
        return true;
    command_words_close(out);
    return false;
}

void command_words_close(struct command_words *w)
{
    for (int i = 0; i < w->count; i++)
        free(w->words[i]);
    *w = (struct command_words){0};
}
