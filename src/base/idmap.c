#include "base/idmap.h"

#include <stdlib.h>

#include "base/mem.h"

void idmap_init(struct idmap *m)
{
    *m = (struct idmap){0};
}

void idmap_close(struct idmap *m)
{
    free(m->slots);
    *m = (struct idmap){0};
}

static size_t home(const struct idmap *m, int64_t id)
{
    return (size_t)(((uint64_t)id * UINT64_C(0x9e3779b97f4a7c15)) >> 32) & (m->room - 1);
}

static struct idmap_slot *find(const struct idmap *m, int64_t id)
{
    size_t at = home(m, id);
    while (m->slots[at].id != 0 && m->slots[at].id != id)
        at = (at + 1) & (m->room - 1);
    return &m->slots[at];
}

static void grow(struct idmap *m)
{
    struct idmap bigger = {.room = m->room ? m->room * 2 : 16};
    bigger.slots = mem_zero(bigger.room, sizeof(*bigger.slots));
    for (size_t i = 0; i < m->room; i++)
        if (m->slots[i].id != 0)
            idmap_put(&bigger, m->slots[i].id, m->slots[i].value);
    free(m->slots);
    *m = bigger;
}

void idmap_put(struct idmap *m, int64_t id, void *value)
{
    if ((m->count + 1) * 4 > m->room * 3)
        grow(m);
    struct idmap_slot *slot = find(m, id);
    if (slot->id == 0)
        m->count++;
    *slot = (struct idmap_slot){id, value};
}

void *idmap_get(const struct idmap *m, int64_t id)
{
    return m->count ? find(m, id)->value : NULL;
}

/* Later slots of the same run move up into the hole, so that no probe stops short at it.
 */
static void close_hole(struct idmap *m, size_t hole)
{
    size_t mask = m->room - 1;
    for (size_t at = (hole + 1) & mask; m->slots[at].id != 0; at = (at + 1) & mask) {
        size_t from_home = (at - home(m, m->slots[at].id)) & mask;
        size_t from_hole = (at - hole) & mask;
        if (from_home < from_hole)
            continue;
        m->slots[hole] = m->slots[at];
        hole = at;
    }
    m->slots[hole] = (struct idmap_slot){0};
}

void *idmap_take(struct idmap *m, int64_t id)
{
    if (!m->count)
        return NULL;
    struct idmap_slot *slot = find(m, id);
    if (slot->id == 0)
        return NULL;
    void *value = slot->value;
    close_hole(m, (size_t)(slot - m->slots));
    m->count--;
    return value;
}
