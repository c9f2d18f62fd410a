#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/jsonw.h"
#include "base/text.h"

#define LINE_MAX_BYTES 4096 /* of a message; a ref and a request id come on top */
#define LINE_ROOM      (12 * LINE_MAX_BYTES)

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

static void write_json(struct buf *line, enum log_level level, const struct log_event *e,
                       const char *message)
{
    char when[WALL_TEXT_MAX];
    struct jsonw w;
    jsonw_init(&w, line);
    jsonw_open(&w, NULL, '{');
    jsonw_text(&w, "time", wall_text(clock_wall(), when));
    jsonw_text(&w, "level", level_names[level]);
    if (e->what)
        jsonw_text(&w, "what", e->what);
    if (e->ref)
        jsonw_text(&w, "ref", e->ref);
    if (e->attempt)
        jsonw_int(&w, "attempt", e->attempt);
    if (e->request_id)
        jsonw_text(&w, "request_id", e->request_id);
    jsonw_text(&w, "message", message);
    jsonw_close(&w, '}');
}

static void write_evidence(struct buf *line, const struct log_event *e)
{
    if (e->attempt)
        buf_printf(line, " (attempt %d", e->attempt);
    if (e->request_id) {
        buf_add_text(line, e->attempt ? ", request " : " (request ");
        text_printable(line, span_of(e->request_id));
    }
    if (e->attempt || e->request_id)
        buf_add_char(line, ')');
}

static void write_text(struct buf *line, enum log_level level, const struct log_event *e,
                       const char *message)
{
    buf_add_text(line, "remesa: ");
    if (level >= LOG_WARN)
        buf_printf(line, "%s: ", level_names[level]);
    if (e->ref) {
        text_printable(line, span_of(e->ref));
        buf_add_text(line, ": ");
    }
    text_printable(line, span_of(message));
    write_evidence(line, e);
}

static void write_line(enum log_level level, const struct log_event *event,
                       const char *fmt, va_list args)
{
    char message[LINE_MAX_BYTES];
    struct buf line;
    vsnprintf(message, sizeof(message), fmt, args);
    buf_init(&line, LINE_ROOM);
    (sink.json ? write_json : write_text)(&line, level, event, message);
    buf_add_char(&line, '\n');
    if (sink.hook)
        sink.hook(sink.hook_ctx);
    fwrite(line.data, 1, line.len, stderr);
    buf_close(&line);
}

void log_say(enum log_level level, const char *fmt, ...)
{
    if (level < sink.least)
        return;
    va_list args;
    va_start(args, fmt);
    write_line(level, &(struct log_event){0}, fmt, args);
    va_end(args);
}

void log_tell(enum log_level level, const struct log_event *event, const char *fmt, ...)
{
    if (level < sink.least)
        return;
    va_list args;
    va_start(args, fmt);
    write_line(level, event, fmt, args);
    va_end(args);
}
