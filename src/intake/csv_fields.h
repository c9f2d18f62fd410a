/* The fields of the record that is being read, one after the other in one piece of memory that is used again for
 * the next. */
#ifndef REMESA_INTAKE_CSV_FIELDS_H
#define REMESA_INTAKE_CSV_FIELDS_H

#include "base/buf.h"
#include "base/span.h"

struct csv_fields {
    struct buf text;
    struct span *items; /* only their lengths count before csv_fields_stand */
    size_t count, room;
};

void csv_fields_init(struct csv_fields *f, size_t bytes_max);
void csv_fields_close(struct csv_fields *f);
void csv_fields_clear(struct csv_fields *f);
void csv_fields_add(struct csv_fields *f, struct span field);

/* When all are there and the text stands still; good until the next change. */
const struct span *csv_fields_stand(struct csv_fields *f);

#endif
