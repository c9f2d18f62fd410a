#include "sim/disk.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "sim/chance.h"
#include "sim/trace.h"

#define NAMES_MAX  8
#define NAME_BYTES 32
#define SECTOR     512

/* ---- bytes ---- */

struct content {
    uint8_t *bytes;
    size_t size, room;
    uint64_t epoch;
};

/* A write, or with len 0 a truncation to `at`. */
struct change {
    size_t at, len;
    size_t bytes; /* where they begin in the file's heap of them */
};

struct inode {
    struct content now, kept;
    struct change *changes; /* since the last sync */
    int count, room;
    struct content heap; /* the bytes of the changes */
    int handles, names;
};

static uint64_t epochs; /* never the same twice, not even for another file */

static void need_room(struct content *c, size_t size)
{
    if (size <= c->room)
        return;
    c->room = size * 2 > 65536 ? size * 2 : 65536;
    c->bytes = mem_resize(c->bytes, c->room, 1);
}

static void put(struct content *c, const void *bytes, size_t len, size_t at)
{
    if (!len)
        return;
    need_room(c, at + len);
    if (at < c->size)
        c->epoch = ++epochs;
    else
        memset(c->bytes + c->size, 0, at - c->size);
    memcpy(c->bytes + at, bytes, len);
    if (at + len > c->size)
        c->size = at + len;
}

static void cut_to(struct content *c, size_t size)
{
    need_room(c, size);
    if (size > c->size)
        memset(c->bytes + c->size, 0, size - c->size);
    c->size = size;
    c->epoch = ++epochs;
}

static void copy(struct content *to, const struct content *from)
{
    to->size = 0;
    put(to, from->bytes ? from->bytes : (const uint8_t *)"", from->size, 0);
    to->epoch = ++epochs;
}

/* ---- files ---- */

static struct {
    char name[NAME_BYTES]; /* empty: free */
    struct inode *now, *kept;
} folder[NAMES_MAX];

static bool syncs_are_ignored;

static struct inode *inode_new(void)
{
    struct inode *n = mem_zero(1, sizeof(*n));
    n->now.epoch = ++epochs;
    n->kept.epoch = ++epochs;
    return n;
}

static void drop_if_unused(struct inode *n)
{
    if (n->handles || n->names)
        return;
    free(n->now.bytes);
    free(n->kept.bytes);
    free(n->heap.bytes);
    free(n->changes);
    free(n);
}

static int slot_of(const char *name)
{
    for (int i = 0; i < NAMES_MAX; i++)
        if (strcmp(folder[i].name, name) == 0)
            return i;
    return -1;
}

static void point(struct inode **name, struct inode *to)
{
    struct inode *before = *name;
    if (to)
        to->names++;
    *name = to;
    if (before) {
        before->names--;
        drop_if_unused(before);
    }
}

struct inode *disk_look(const char *name)
{
    int i = slot_of(name);
    return i < 0 ? NULL : folder[i].now;
}

struct inode *disk_create(const char *name)
{
    int i = slot_of(name);
    if (i < 0)
        i = slot_of("");
    if (i < 0 || strlen(name) >= NAME_BYTES)
        abort();
    memcpy(folder[i].name, name, strlen(name) + 1);
    point(&folder[i].now, inode_new());
    return folder[i].now;
}

struct inode *disk_temporary(void)
{
    return inode_new();
}

static void forget_name(int i)
{
    if (!folder[i].now && !folder[i].kept)
        folder[i].name[0] = '\0';
}

bool disk_remove(const char *name, bool sync_folder)
{
    int i = slot_of(name);
    if (i < 0 || !folder[i].now)
        return false;
    point(&folder[i].now, NULL);
    forget_name(i);
    if (sync_folder)
        disk_sync_folder();
    return true;
}

void inode_open(struct inode *n)
{
    n->handles++;
}

void inode_close(struct inode *n)
{
    n->handles--;
    drop_if_unused(n);
}

size_t inode_size(const struct inode *n)
{
    return n->now.size;
}

size_t inode_read(const struct inode *n, void *out, size_t len, size_t at)
{
    size_t there = at < n->now.size ? n->now.size - at : 0;
    if (len > there)
        len = there;
    if (len)
        memcpy(out, n->now.bytes + at, len);
    return len;
}

static void note(struct inode *n, size_t at, const void *bytes, size_t len)
{
    if (n->count == n->room) {
        n->room = n->room ? n->room * 2 : 32;
        n->changes = mem_resize(n->changes, (size_t)n->room, sizeof(*n->changes));
    }
    n->changes[n->count++] = (struct change){at, len, n->heap.size};
    if (len)
        put(&n->heap, bytes, len, n->heap.size);
}

void inode_write(struct inode *n, const void *bytes, size_t len, size_t at)
{
    if (!len)
        return;
    note(n, at, bytes, len);
    put(&n->now, bytes, len, at);
}

void inode_truncate(struct inode *n, size_t size)
{
    note(n, size, NULL, 0);
    cut_to(&n->now, size);
}

/* ---- keeping ---- */

static void keep(struct inode *n, const struct change *c)
{
    if (c->len)
        put(&n->kept, n->heap.bytes + c->bytes, c->len, c->at);
    else
        cut_to(&n->kept, c->at);
}

static void forget_changes(struct inode *n)
{
    n->count = 0;
    n->heap.size = 0;
}

void inode_sync(struct inode *n)
{
    if (syncs_are_ignored)
        return;
    for (int i = 0; i < n->count; i++)
        keep(n, &n->changes[i]);
    forget_changes(n);
    for (int i = 0; i < NAMES_MAX; i++)
        if (folder[i].now == n)
            point(&folder[i].kept, n);
}

void disk_sync_folder(void)
{
    for (int i = 0; i < NAMES_MAX && !syncs_are_ignored; i++) {
        point(&folder[i].kept, folder[i].now);
        forget_name(i);
    }
}

static void keep_sectors(struct inode *n, const struct change *c, struct rng *rng)
{
    for (size_t done = 0; done < c->len; done += SECTOR) {
        struct change part = {c->at + done, c->len - done, c->bytes + done};
        if (part.len > SECTOR)
            part.len = SECTOR;
        if (chance_in_100(rng, 50))
            keep(n, &part);
    }
}

enum cut { CUT_NOTHING, CUT_PREFIX, CUT_PART, CUT_SECTORS, CUT_COUNT };

static void cut_file(struct inode *n, const char *name, struct rng *rng)
{
    enum cut how = (enum cut)rng_below(rng, CUT_COUNT);
    int prefix = (int)rng_below(rng, (uint64_t)n->count + 1);
    int percent = (int)chance_between(rng, 5, 95);
    int count = how == CUT_NOTHING ? 0 : how == CUT_PREFIX ? prefix : n->count;
    if (n->count)
        trace_say("cut %s: way %d of %d changes", name, (int)how, n->count);
    for (int i = 0; i < count; i++) {
        const struct change *c = &n->changes[i];
        if (how != CUT_PREFIX && !chance_in_100(rng, percent))
            continue;
        if (how == CUT_SECTORS && c->len)
            keep_sectors(n, c, rng);
        else
            keep(n, c);
    }
    forget_changes(n);
    copy(&n->now, &n->kept);
}

void disk_cut_power(struct rng *rng)
{
    for (int i = 0; i < NAMES_MAX; i++) {
        if (folder[i].now != folder[i].kept) {
            bool forwards = chance_in_100(rng, 50);
            trace_say("cut %s: its name is %s", folder[i].name,
                      forwards ? "as it was" : "as it was before");
            struct inode *left = forwards ? folder[i].now : folder[i].kept;
            point(&folder[i].now, left);
            point(&folder[i].kept, left);
        }
        if (folder[i].now)
            cut_file(folder[i].now, folder[i].name, rng);
        forget_name(i);
    }
}

bool disk_ignore_syncs(bool ignore)
{
    bool before = syncs_are_ignored;
    syncs_are_ignored = ignore;
    return before;
}

struct disk_bytes disk_view(const char *name, enum disk_view view)
{
    int i = slot_of(name);
    const struct inode *n = i < 0              ? NULL
                            : view == DISK_NOW ? folder[i].now
                                               : folder[i].kept;
    if (!n)
        return (struct disk_bytes){0};
    const struct content *c = view == DISK_NOW ? &n->now : &n->kept;
    return (struct disk_bytes){c->bytes, c->size, c->epoch};
}

void disk_begin(const void *database, size_t size)
{
    for (int i = 0; i < NAMES_MAX; i++) {
        point(&folder[i].now, NULL);
        point(&folder[i].kept, NULL);
        folder[i].name[0] = '\0';
    }
    epochs = 0;
    disk_plan_error(&(struct disk_error){0});
    if (!database)
        return;
    struct inode *n = disk_create(DISK_DB);
    put(&n->now, database, size, 0);
    put(&n->kept, database, size, 0);
    point(&folder[slot_of(DISK_DB)].kept, n);
}

/* ---- errors ---- */

static struct disk_error planned;
static int64_t calls;
static int64_t errors;

void disk_plan_error(const struct disk_error *error)
{
    planned = *error;
    calls = errors = 0;
}

bool disk_fails(enum disk_call call, bool *is_full)
{
    if (!planned.number || call != planned.call)
        return false;
    calls++;
    if (calls != planned.number && !(planned.for_good && calls > planned.number))
        return false;
    *is_full = planned.is_full && call == DISK_WRITE;
    errors++;
    trace_say("disk: call %d fails%s", (int)call, *is_full ? ": it is full" : "");
    return true;
}

int64_t disk_errors(void)
{
    return errors;
}
