/* From a positive 64-bit id to a pointer: open addressing, grows by doubling. */
#ifndef REMESA_BASE_IDMAP_H
#define REMESA_BASE_IDMAP_H

#include <stddef.h>
#include <stdint.h>

struct idmap_slot {
    int64_t id; /* 0: free */
    void *value;
};

struct idmap {
    struct idmap_slot *slots;
    size_t room; /* a power of two, or 0 before the first put */
    size_t count;
};

void idmap_init(struct idmap *m);
void idmap_close(struct idmap *m); /* the values are the caller's */

void idmap_put(struct idmap *m, int64_t id,
               void *value);                        /* replaces; id > 0, value not NULL */
void *idmap_get(const struct idmap *m, int64_t id); /* NULL: not there */
void *idmap_take(struct idmap *m, int64_t id);      /* removes; NULL: was not there */

#endif
