/* Memory that is there. These never return NULL: when there is none, the program says so
 * and ends.
 *
 * That is safe here, and simpler than a thousand untested branches: whatever was on the
 * wire is an open attempt on disk, and the next start treats this death like any other
 * (ARCHITECTURE.md, "After a crash"). Free with free().
 *
 * The libraries that take their memory from functions of ours get these (sha256_setup,
 * net_global_setup, csv_reader_open); where one says by itself that there was none, its
 * floor calls mem_gone. */
#ifndef REMESA_BASE_MEM_H
#define REMESA_BASE_MEM_H

#include <stddef.h>

#include "base/span.h"

void *mem_zero(size_t count, size_t size);              /* calloc */
void *mem_resize(void *old, size_t count, size_t size); /* reallocarray */
char *mem_text(const char *text);                       /* strdup; NULL stays NULL */
char *mem_span(struct span s);                          /* a NUL-ended copy */
void *mem_malloc(size_t size);                          /* as malloc is called */
void *mem_realloc(void *old, size_t size);              /* as realloc is called */
char *mem_printf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

_Noreturn void mem_gone(void); /* the same line, the same end */

#endif
