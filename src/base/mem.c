#include "base/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void mem_gone(void)
{
    fputs("remesa: out of memory; run the same command again to go on\n", stderr);
    _Exit(71); /* EX_OSERR; nothing is flushed: what is not committed did not happen */
}

static void *there(void *p)
{
    if (!p)
        mem_gone();
    return p;
}

void *mem_zero(size_t count, size_t size)
{
    return there(calloc(count ? count : 1, size ? size : 1));
}

void *mem_resize(void *old, size_t count, size_t size)
{
    return there(reallocarray(old, count ? count : 1, size ? size : 1));
}

void *mem_malloc(size_t size)
{
    return mem_resize(NULL, size, 1);
}

void *mem_realloc(void *old, size_t size)
{
    return mem_resize(old, size, 1);
}

char *mem_text(const char *text)
{
    return text ? there(strdup(text)) : NULL;
}

char *mem_span(struct span s)
{
    char *copy = mem_zero(s.len + 1, 1);
    if (s.len)
        memcpy(copy, s.ptr, s.len);
    return copy;
}

char *mem_printf(const char *fmt, ...)
{
    char *text = NULL;
    va_list args;
    va_start(args, fmt);
    int n = vasprintf(&text, fmt, args);
    va_end(args);
    return there(n < 0 ? NULL : text);
}
