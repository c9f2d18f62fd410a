/* A CSV given back with what was said about each line of it in a last column, `problem`.
 *
 * Everything else stands as it stood, byte for byte (in UTF-8): the accountant mends it
 * there. What was said of the header and of the whole file has no line to stand in. */
#ifndef REMESA_INTAKE_ANNOTATE_H
#define REMESA_INTAKE_ANNOTATE_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/err.h"
#include "intake/csv.h"

/* In the order in which they were said; all zero at first. */
struct annotations {
    struct annotation {
        int64_t line;
        size_t number;
        char *text;
    } * items;
    size_t count, room;
};

void annotations_add(struct annotations *a, int64_t line, const char *text);
void annotations_close(struct annotations *a);

/* `options` as the file was read with. Sorts *a. What is wrong with `out` is its stream's
 * to tell. */
int annotate(const char *path, const struct csv_options *options, struct annotations *a,
             FILE *out, struct err *err);

#endif
