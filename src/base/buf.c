#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"

#define FIRST_ROOM 64

void buf_init(struct buf *b, size_t max)
{
    *b = (struct buf){.data = mem_zero(FIRST_ROOM, 1), .room = FIRST_ROOM, .max = max};
}

void buf_close(struct buf *b)
{
    free(b->data);
    *b = (struct buf){0};
}

void buf_clear(struct buf *b)
{
    b->len = 0;
    b->full = false;
    b->data[0] = '\0';
}

static bool make_room(struct buf *b, size_t more)
{
    if (more > b->max - b->len) {
        b->full = true;
        return false;
    }
    size_t room = b->room;
    while (room < b->len + more + 1)
        room *= 2;
    if (room != b->room)
        b->data = mem_resize(b->data, room, 1);
    b->room = room;
    return true;
}

bool buf_add(struct buf *b, const void *bytes, size_t len)
{
    if (!make_room(b, len))
        return false;
    if (len)
        memcpy(b->data + b->len, bytes, len);
    b->len += len;
    b->data[b->len] = '\0';
    return true;
}

bool buf_add_text(struct buf *b, const char *text)
{
    return buf_add(b, text, strlen(text));
}

bool buf_add_span(struct buf *b, struct span s)
{
    return buf_add(b, s.ptr, s.len);
}

bool buf_add_char(struct buf *b, char c)
{
    return buf_add(b, &c, 1);
}

bool buf_printf(struct buf *b, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    if (n < 0 || !make_room(b, (size_t)n))
        return false;
    va_start(args, fmt);
    vsnprintf(b->data + b->len, (size_t)n + 1, fmt, args);
    va_end(args);
    b->len += (size_t)n;
    return true;
}

char *buf_take(struct buf *b)
{
    char *bytes = b->data;
    *b = (struct buf){0};
    return bytes;
}
