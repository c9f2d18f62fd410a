#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/jsonw.h"
#include "base/text.h"

#define LINE_MAX_BYTES 4096

static struct {
    enum log_level least;
    bool json;
    void (*hook)(void *ctx);
    void *hook_ctx;
} sink = {.least = LOG_NOTE};

static const char *const level_names[] = {"info", "note", "warning", "error"};

void log_setup(enum log_level least, bool json)
{
    sink.least = least;
    sink.json = json;
}

void log_before_line(void (*hook)(void *ctx), void *ctx)
{
    sink.hook = hook;
    sink.hook_ctx = ctx;
}

static void write_json(struct buf *line, enum log_level level, const char *message)
{
    char when[WALL_TEXT_MAX];
    struct jsonw w;
    jsonw_init(&w, line);
    jsonw_open(&w, NULL, '{');
    jsonw_text(&w, "time", wall_text(clock_wall(), when));
    jsonw_text(&w, "level", level_names[level]);
    jsonw_text(&w, "message", message);
    jsonw_close(&w, '}');
}

static void write_text(struct buf *line, enum log_level level, const char *message)
{
    buf_add_text(line, "remesa: ");
    if (level >= LOG_WARN)
        buf_printf(line, "%s: ", level_names[level]);
    text_printable(line, span_of(message));
}

void log_say(enum log_level level, const char *fmt, ...)
{
    if (level < sink.least)
        return;
    char message[LINE_MAX_BYTES];
    va_list args;
    va_start(args, fmt);
    vsnprintf(message, sizeof(message), fmt, args);
    va_end(args);

    struct buf line;
    buf_init(&line, 8 * LINE_MAX_BYTES);
    (sink.json ? write_json : write_text)(&line, level, message);
    buf_add_char(&line, '\n');
    if (sink.hook)
        sink.hook(sink.hook_ctx);
    fwrite(line.data, 1, line.len, stderr);
    buf_close(&line);
}
