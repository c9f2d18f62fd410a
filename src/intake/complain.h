/* How this floor says what is wrong with the input: one complaint at a time, ready to be
 * read. Whatever came from the input stands in a complaint shortened and printable
 * (base/text.h), so a text may go to a terminal, a log or a table as it is. */
#ifndef REMESA_INTAKE_COMPLAIN_H
#define REMESA_INTAKE_COMPLAIN_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "model/row.h"

/* Who listens. */
struct listener {
    complain_fn *complain;
    void *ctx;
};

void complain_say(const struct listener *l, int64_t line, const char *column,
                  const char *fmt, ...) __attribute__((format(printf, 4, 5)));
void complain_vsay(const struct listener *l, bool is_warning, int64_t line,
                   const char *column, const char *fmt, va_list args)
    __attribute__((format(printf, 5, 0)));
/* Says `c` in other words: a warning stays one. */
void complain_again(const struct listener *l, const struct complaint *c, int64_t line,
                    const char *column, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));

/* Has a record as many fields as the header has columns? Tells when it has not. */
bool complain_of_count(const struct listener *l, int64_t line, size_t fields,
                       size_t columns);

#define SHOWN_CHARACTERS 40
#define SHOWN_MAX        (SHOWN_CHARACTERS * 10 + 8) /* "\u{10ffff}" is the longest */

/* "'value'", its first SHOWN_CHARACTERS characters and "..." when there are more. Returns
 * `out`. */
const char *complain_show(struct span value, char out[SHOWN_MAX]);

#endif
