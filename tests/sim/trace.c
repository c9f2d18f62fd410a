#include "sim/trace.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/log.h"
#include "sim/hours.h"

#define LINE_BYTES 1200
#define FNV_BASIS  UINT64_C(0xcbf29ce484222325)
#define FNV_PRIME  UINT64_C(0x100000001b3)

static uint64_t hash;
static bool prints;

void trace_begin(uint64_t seed, bool print)
{
    hash = FNV_BASIS ^ seed;
    prints = print;
}

static void add(const char *text)
{
    for (; *text; text++)
        hash = (hash ^ (unsigned char)*text) * FNV_PRIME;
}

static void say(const char *fmt, va_list args)
{
    char line[LINE_BYTES];
    int64_t now = hours_now_us();
    hash = (hash ^ (uint64_t)now) * FNV_PRIME;
    vsnprintf(line, sizeof(line), fmt, args);
    add(line);
    if (prints)
        printf("%10lld.%06lld  %s\n", (long long)(now / 1000000),
               (long long)(now % 1000000), line);
}

void trace_say(const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    say(fmt, args);
    va_end(args);
}

uint64_t trace_hash(void)
{
    return hash;
}

/* In the place of base/log.c, which is not linked. */
void log_say(enum log_level level, const char *fmt, ...)
{
    va_list args;
    (void)level;
    va_start(args, fmt);
    say(fmt, args);
    va_end(args);
}

void log_tell(enum log_level level, const struct log_event *event, const char *fmt, ...)
{
    char message[1024];
    va_list args;
    va_start(args, fmt);
    vsnprintf(message, sizeof(message), fmt, args);
    va_end(args);
    log_say(level, "%s: %s", event->ref, message);
}
