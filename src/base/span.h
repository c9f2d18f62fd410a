/* A borrowed piece of text: pointer and length, not ended by a NUL, owned by somebody
 * else. */
#ifndef REMESA_BASE_SPAN_H
#define REMESA_BASE_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct span {
    const char *ptr;
    size_t len;
};

static inline struct span span_of(const char *text)
{
    return (struct span){text, text ? strlen(text) : 0};
}

static inline bool span_is(struct span s, const char *text)
{
    return s.len == strlen(text) && (s.len == 0 || memcmp(s.ptr, text, s.len) == 0);
}

static inline bool span_equal(struct span a, struct span b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

/* For printf's "%.*s". */
#define SPAN_ARG(s) (int)(s).len, (s).ptr

#endif
