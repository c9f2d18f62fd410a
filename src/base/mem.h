/* Memory that is there. These never return NULL: when there is none, the program says so
 * and ends.
 *
 * That is safe here, and simpler than a thousand untested branches: whatever was on the
 * wire is an open attempt on disk, and the next start treats this death like any other
 * (ARCHITECTURE.md, "After a crash"). Free with free(). */
#ifndef REMESA_BASE_MEM_H
#define REMESA_BASE_MEM_H

#include <stddef.h>

#include "base/span.h"

void *mem_zero(size_t count, size_t size);              /* calloc */
void *mem_resize(void *old, size_t count, size_t size); /* reallocarray */
char *mem_text(const char *text);                       /* strdup; NULL stays NULL */
char *mem_span(struct span s);                          /* a NUL-ended copy */
char *mem_printf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
