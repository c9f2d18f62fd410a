/* What the table tests share. A table judges every row before it fails, and names each
 * row that was wrong, so that one run tells the whole story.
 *
 *     struct table t = {0};
 *     for (...)
 *         table_want(&t, got == row->want, "%s: %d", row->name, got);
 *     table_end(&t);
 */
#ifndef REMESA_TESTS_LIB_CHECK_H
#define REMESA_TESTS_LIB_CHECK_H

/* cmocka wants these four before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/span.h"

#define COUNT_OF(array) (sizeof(array) / sizeof(*(array)))

/* A span of a literal, NULs inside it too; for initialisers. */
#define LIT(literal)                                                                     \
    {                                                                                    \
        (literal), sizeof(literal) - 1                                                   \
    }

struct table {
    int rows;
    int wrong;
};

__attribute__((format(printf, 3, 4))) static inline void
table_want(struct table *t, bool ok, const char *fmt, ...)
{
    t->rows++;
    if (ok)
        return;
    t->wrong++;
    char row[512];
    va_list args;
    va_start(args, fmt);
    vsnprintf(row, sizeof(row), fmt, args);
    va_end(args);
    print_error("  wrong: %s\n", row);
}

static inline void table_end(const struct table *t)
{
    assert_true(t->rows > 0);
    assert_int_equal(t->wrong, 0);
}

/* A copy that ends where its memory ends: the address sanitizer sees a read past it. */
struct exact {
    char *memory;
    struct span text;
};

static inline struct exact exact_open(struct span from)
{
    size_t room = from.len ? from.len : 1;
    char *memory = malloc(room);
    if (!memory)
        abort();
    if (from.len)
        memcpy(memory, from.ptr, from.len);
    return (struct exact){memory, {memory + (room - from.len), from.len}};
}

static inline void exact_close(struct exact *e)
{
    free(e->memory);
    *e = (struct exact){0};
}

#endif
