/* A disk in memory that forgets what was not synced.
 *
 * Every file has two contents: `now`, what programs see, and `kept`, what outlives a power
 * cut, with the list of writes between them. A cut keeps of that list nothing, a prefix, a
 * random part, or random sectors of 512 bytes of a random part. That a name exists or is
 * gone is certain only after a sync of the folder, or, for a new name, of its file. */
#ifndef TESTS_SIM_DISK_H
#define TESTS_SIM_DISK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/rng.h"

struct inode;

/* ---- names ---- */

struct inode *disk_look(const char *name); /* NULL: there is none */
struct inode *disk_create(const char *name);
struct inode *disk_temporary(void); /* without a name: gone with its last handle */
bool disk_remove(const char *name, bool sync_folder); /* false: there is none */
void disk_sync_folder(void);

void inode_open(struct inode *n); /* counts handles */
void inode_close(struct inode *n);

/* ---- contents ---- */

size_t inode_size(const struct inode *n);
size_t inode_read(const struct inode *n, void *out, size_t len,
                  size_t at); /* bytes got */
void inode_write(struct inode *n, const void *bytes, size_t len, size_t at);
void inode_truncate(struct inode *n, size_t size);
void inode_sync(struct inode *n);

/* For whoever looks from outside. `epoch` changes with every change that is not an
 * addition at the end. No such file: size 0. */
enum disk_view { DISK_NOW, DISK_KEPT };
struct disk_bytes {
    const uint8_t *bytes;
    size_t size;
    uint64_t epoch;
};
struct disk_bytes disk_view(const char *name, enum disk_view view);

/* ---- what happens to it ---- */

void disk_begin(const void *database, size_t size); /* one durable file, DISK_DB; NULL: an
                                                        empty disk */
void disk_cut_power(struct rng *rng);
bool disk_ignore_syncs(bool ignore); /* a disk that lies; returns what it was */

#define DISK_DB  "night.db"
#define DISK_WAL "night.db-wal"

/* ---- errors instead of the n-th call ---- */

enum disk_call {
    DISK_OPEN,
    DISK_READ,
    DISK_WRITE,
    DISK_TRUNCATE,
    DISK_SYNC,
    DISK_CALL_COUNT
};
struct disk_error {
    enum disk_call call;
    int64_t number; /* 1: the first one; 0: there is no error */
    bool for_good;  /* that one and all after it */
    bool is_full;   /* no room, instead of a failing device: for writes */
};
void disk_plan_error(const struct disk_error *error);
/* True: this call fails, and *is_full says how. */
bool disk_fails(enum disk_call call, bool *is_full);
int64_t disk_errors(void); /* since disk_plan_error */

#endif
