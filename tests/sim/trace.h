/* What happens in a seed, line by line: hashed always, printed on demand. Two plays of a
 * seed are the same play when their hashes are. What the engine logs is part of it. */
#ifndef TESTS_SIM_TRACE_H
#define TESTS_SIM_TRACE_H

#include <stdbool.h>
#include <stdint.h>

void trace_begin(uint64_t seed, bool print);
void trace_say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
uint64_t trace_hash(void);

#endif
